"""A long conversation made short: by rules, from its own lines, recorded as a fact."""

import re

from contracts.conversation import HistoryCondensed
from domain.conversation.state import Conversation, Line
from domain.turn.write_filter import unfit

# Twelve exchanges are read as they were said; the oldest half of them is then made short.
LINES_READ = 24
LINES_LEFT = 12
LONGEST = 1_500
_BETWEEN = " / "
_CLIPPED = {"person": 110, "agent": 70}
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_ADDRESS = re.compile(r"^Parley(?:, automated| \(automated\))?:\s*")


def condense(conversation: Conversation) -> tuple[HistoryCondensed, ...]:
    """Return what the oldest lines came to, once more were said than a context holds."""
    fresh = [line for line in conversation.lines if line.place > conversation.condensed_through]
    if len(fresh) <= LINES_READ:
        return ()
    old = fresh[:-LINES_LEFT]
    text = shortened(conversation.condensed, old)
    return (HistoryCondensed(through=old[-1].place, text=text),)


def shortened(before: str, lines: list[Line]) -> str:
    """
    Return what was said, one clipped sentence a line, behind what was short already.

    The oldest entries go when it is full.  A line with an identifier, or one that gives orders to
    a model, is left out: what is read again and again should hold neither.
    """
    entries = before.split(_BETWEEN) if before else []
    entries += [entry for line in lines if (entry := _entry(line))]
    while len(_BETWEEN.join(entries)) > LONGEST:
        entries.pop(0)
    return _BETWEEN.join(entries)


def _entry(line: Line) -> str:
    said = _ADDRESS.sub("", " ".join(line.text.replace(_BETWEEN, " ").split()))
    if line.author == "person" and unfit(said) in ("identifier", "instruction"):
        return ""
    first = _SENTENCE.split(said, maxsplit=1)[0]
    longest = _CLIPPED[line.author]
    if len(first) > longest:
        first = f"{first[:longest].rpartition(' ')[0] or first[:longest]}.."
    who = "They" if line.author == "person" else "You"
    return f"{who}: {first}" if first else ""
