"""Two programs that answer each other: by their own words coming back, and by their pace."""

from datetime import datetime, timedelta

from domain.conversation.state import Conversation, Line
from domain.turn.disclosure import NAME
from domain.turn.words import collapsed

_LATELY = timedelta(hours=1)
# How many of the last texts bear a sign.  A person may quote us, forward our invitation or paste
# a letter; nobody does so over and over.
_LOOKED_AT = 4
_SIGNED_BY_WORDS = 3
# A letter that is typed, or even dictated, takes longer than a program needs: 14 characters a
# second, after reading what was said at 50 and picking up the telephone.
_LONG = 100
_TYPED_A_SECOND, _READ_A_SECOND, _PICKED_UP_S = 14, 50, 2.0
# A program that said what it is answers within a model's time, and in sentences.
_PROMPT = timedelta(minutes=2)
_SENTENCE = 20
# The fixed wordings begin so, and so does the first reply of every conversation.
_OURS = (NAME.lower(), "parley: ", "parley (automated)")


def loops(conversation: Conversation, text: str, at: datetime) -> bool:
    """Return whether the text is one more of a program's: then silence ends it."""
    now = Line("person", text, at)
    lines = [line for line in conversation.lines if line.at > at - _LATELY]
    if not (_our_words(now, lines) or _automated(now, lines) or _too_fast(now, lines)):
        return False  # whatever the texts before it were: nearly every text ends here
    heard = [line for line in lines if line.author == "person"] + [now]
    last = heard[-_LOOKED_AT:]
    by_words = [line for line in last if _our_words(line, lines) or _automated(line, lines)]
    if now in by_words and len(by_words) >= _SIGNED_BY_WORDS:
        return True
    signed = [line for line in last if line in by_words or _too_fast(line, lines)]
    return now in signed and len(signed) >= _LOOKED_AT


def _our_words(line: Line, lines: list[Line]) -> bool:
    """Return whether a text is ours come back: our mark in front, or our very words."""
    if line.text.strip().lower().startswith(_OURS):
        return True
    words = collapsed(line.text)
    return len(words) >= _SENTENCE and any(
        words in collapsed(other.text)
        for other in lines
        if other.author == "agent" and other.at <= line.at
    )


def _automated(line: Line, lines: list[Line]) -> bool:
    """Return whether a text came promptly from somebody who said to be a program like us."""
    marked = any(
        other.author == "person"
        and other.at < line.at
        and other.text.strip().lower().startswith(_OURS)
        for other in lines
    )
    ours = _before(line, lines)
    prompt = ours is not None and line.at - ours.at < _PROMPT
    return marked and prompt and len(line.text) >= _SENTENCE


def _too_fast(line: Line, lines: list[Line]) -> bool:
    """Return whether nobody could have read what we said and typed so much since."""
    ours = _before(line, lines)
    if ours is None or len(line.text) < _LONG:
        return False
    needed = len(ours.text) / _READ_A_SECOND + len(line.text) / _TYPED_A_SECOND + _PICKED_UP_S
    return (line.at - ours.at).total_seconds() < needed


def _before(line: Line, lines: list[Line]) -> Line | None:
    """Return what we said directly before a text; None if another text of theirs came between."""
    earlier = [other for other in lines if other.at <= line.at and other is not line]
    last = max(earlier, key=lambda other: other.at, default=None)
    return last if last is not None and last.author == "agent" else None
