"""A rule of the evaluator as a row: what it looks for, and what takes the meaning back."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from contracts.conversation import Flag
from contracts.failure_taxonomy import FLAGS
from domain.turn.checks.cues import CueIndex, ways_of
from domain.turn.checks.reply import Reply

HEDGE_WINDOW = 80
_LONGEST_SPAN = 120


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One pattern, and the context in which it means nothing.

    `unless` is looked for in the whole sentence, `unless_before` in the part of the sentence
    before the match, `unless_near` within 80 characters on either side.  `mode` is the failure
    mode where it is not the flag's first; `ways` are its bits in the index of cues.
    """

    rule: str
    flag: str
    pattern: re.Pattern[str]
    ways: int
    unless: re.Pattern[str] | None = None
    unless_before: re.Pattern[str] | None = None
    unless_near: re.Pattern[str] | None = None
    mode: str | None = None


# Every rule is a row of a table made on import, and is known here by its id.
_INDEX = CueIndex()


class Cued:
    """
    A pattern of its own that is tried only on texts in which a cue of it stands: in one of `ways`.

    `needs` is as for a rule.
    """

    def __init__(self, pattern: str, *, needs: str | None = None) -> None:
        self.pattern = re.compile(pattern)
        self.ways = _INDEX.add(ways_of(needs or pattern))

    def search(self, text: Reply) -> re.Match[str] | None:
        """Return the first match in a text."""
        return self.pattern.search(text.folded) if self.possible(text) else None

    def possible(self, text: Reply) -> bool:
        """Return whether a text could match at all."""
        return (text.ways or text.possible(_INDEX)) & self.ways != 0


def possible_ways(text: Reply) -> int:
    """Return the bits of everything that could match a text."""
    return text.ways or text.possible(_INDEX)


_TABLES: dict[int, tuple[tuple[Rule, ...], int, dict[int, Rule]]] = {}


def rule(
    name: str,
    flag: str,
    pattern: str,
    *,
    unless: str | None = None,
    unless_before: str | None = None,
    unless_near: str | None = None,
    mode: str | None = None,
    needs: str | None = None,
) -> Rule:
    """
    Return a rule; `{flag}.{name}` is its id.

    `needs` is a part that every match contains, where the cues read off the whole are too common.
    """
    return Rule(
        f"{flag}.{name}",
        flag,
        re.compile(pattern),
        _INDEX.add(ways_of(needs or pattern)),
        None if unless is None else re.compile(unless),
        None if unless_before is None else re.compile(unless_before),
        None if unless_near is None else re.compile(unless_near),
        mode,
    )


def matches(rules: tuple[Rule, ...], reply: Reply) -> Iterable[tuple[Rule, re.Match[str]]]:
    """Return each rule that holds for a reply, once, with its first match that stands."""
    table = _TABLES.get(id(rules)) or _table(rules)
    possible = (reply.ways or reply.possible(_INDEX)) & table[1]
    return _standing(table[2], possible, reply) if possible else ()


def _standing(
    rows: dict[int, Rule], possible: int, reply: Reply
) -> Iterator[tuple[Rule, re.Match[str]]]:
    """Yield the rules that hold of those whose bits are set, in the order they were written."""
    while possible:
        row = rows[possible & -possible]
        possible &= ~row.ways
        for match in row.pattern.finditer(reply.folded):
            if _stands(row, match, reply):
                yield row, match
                break


def _table(rules: tuple[Rule, ...]) -> tuple[tuple[Rule, ...], int, dict[int, Rule]]:
    """Return a table with the bits of its rules; tables live for ever, so its address is its name."""
    rows = {way: row for row in rules for way in _bits(row.ways)}
    table = _TABLES[id(rules)] = rules, sum(rows), rows
    return table


def _bits(number: int) -> Iterator[int]:
    while number:
        yield number & -number
        number &= number - 1


def _stands(row: Rule, match: re.Match[str], reply: Reply) -> bool:
    if row.unless is None and row.unless_before is None and row.unless_near is None:
        return True
    text = reply.folded
    begin, end = reply.bounds(match.start())
    if row.unless_before is not None and row.unless_before.search(text, begin, match.start()):
        return False
    if row.unless is not None and row.unless.search(text, begin, max(end, match.end())):
        return False
    if row.unless_near is None:
        return True
    window = max(0, match.start() - HEDGE_WINDOW), match.end() + HEDGE_WINDOW
    return row.unless_near.search(text, *window) is None


def found(rules: tuple[Rule, ...], reply: Reply) -> list[Flag]:
    """Return a flag for each rule that holds."""
    table = _TABLES.get(id(rules)) or _table(rules)
    possible = (reply.ways or reply.possible(_INDEX)) & table[1]
    if not possible:
        return []
    return [
        flagged(row.flag, row.rule, reply.text[match.start() : match.end()], row.mode)
        for row, match in _standing(table[2], possible, reply)
    ]


def flagged(flag: str, name: str, span: str, mode: str | None = None) -> Flag:
    """Return a flag with the act and the failure mode of the taxonomy."""
    kind = FLAGS[flag]
    return Flag(
        flag=flag,
        failure_mode=mode or kind.modes[0],
        rule=name if name.startswith(flag) else f"{flag}.{name}",
        span=span.strip()[:_LONGEST_SPAN],
        act=kind.act,
    )
