"""A rule of the evaluator as a row: what it looks for, and what takes the meaning back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from contracts.conversation import Flag
from contracts.failure_taxonomy import FLAGS
from domain.turn.checks.cues import CueIndex, cues
from domain.turn.checks.reply import Reply

HEDGE_WINDOW = 80
_LONGEST_SPAN = 120


@dataclass(frozen=True, slots=True)
class Rule:
    """
    One pattern, and the context in which it means nothing.

    `unless` is looked for in the whole sentence, `unless_before` in the part of the sentence
    before the match, `unless_near` within 80 characters on either side.  `mode` is the failure
    mode where it is not the flag's first.
    """

    rule: str
    flag: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    unless_before: re.Pattern[str] | None = None
    unless_near: re.Pattern[str] | None = None
    mode: str | None = None


# Every rule is a row of a table made on import, and is known here by its id.
_INDEX = CueIndex()


class Cued:
    """
    A pattern of its own that is tried only on texts in which a cue of it stands.

    `name` is any word that no other pattern has, `needs` as for a rule.
    """

    def __init__(self, name: str, pattern: str, *, needs: str | None = None) -> None:
        self._name = name
        self.pattern = re.compile(pattern)
        _INDEX.add(name, cues(needs or pattern))

    def search(self, text: Reply) -> re.Match[str] | None:
        """Return the first match in a text."""
        return self.pattern.search(text.folded) if self.possible(text) else None

    def possible(self, text: Reply) -> bool:
        """Return whether a text could match at all."""
        return self._name in text.possible(_INDEX)


_NAMES: dict[int, tuple[tuple[Rule, ...], frozenset[str]]] = {}


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
    _INDEX.add(f"{flag}.{name}", cues(needs or pattern))
    return Rule(
        f"{flag}.{name}",
        flag,
        re.compile(pattern),
        None if unless is None else re.compile(unless),
        None if unless_before is None else re.compile(unless_before),
        None if unless_near is None else re.compile(unless_near),
        mode,
    )


def matches(rules: tuple[Rule, ...], reply: Reply) -> Iterator[tuple[Rule, re.Match[str]]]:
    """Yield each rule that holds for a reply, once, with its first match that stands."""
    possible = reply.possible(_INDEX)
    if possible.isdisjoint(_names(rules)):
        return
    for row in rules:
        if row.rule not in possible:
            continue
        for match in row.pattern.finditer(reply.folded):
            if _stands(row, match, reply):
                yield row, match
                break


def _names(rules: tuple[Rule, ...]) -> frozenset[str]:
    """Return the ids of a table's rules; tables are made once, so one is known by its address."""
    known = _NAMES.get(id(rules))
    if known is None or known[0] is not rules:
        known = _NAMES[id(rules)] = rules, frozenset(row.rule for row in rules)
    return known[1]


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
    if reply.possible(_INDEX).isdisjoint(_names(rules)):
        return []
    return [
        flagged(row.flag, row.rule, reply.text[match.start() : match.end()], row.mode)
        for row, match in matches(rules, reply)
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
