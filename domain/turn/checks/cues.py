"""
Which letters a pattern cannot match without.

Two hundred patterns over every reply would take a millisecond; nine of ten cannot match because
a word they need is not there.  The words are read off the pattern itself, so that they are never
out of step with it.
"""

import importlib
from collections.abc import Iterable, Sequence
from typing import Any

_parser: Any = importlib.import_module("re._parser")
_MOST_STRINGS = 48
_LONG_ENOUGH = 6
_ANY = 10**6

Strings = frozenset[str]
_EMPTY: Strings = frozenset({""})


class CueIndex:
    """
    Which of many patterns a text could match at all, found in one pass over the text.

    A cue is looked for only where its rarest four letters in a row stand.
    """

    def __init__(self) -> None:
        self._cues: dict[str, dict[str, frozenset[str]]] = {}
        self._short: dict[str, frozenset[str]] = {}
        self._always: frozenset[str] = frozenset()

    def add(self, name: str, strings: Iterable[str]) -> None:
        """Make a pattern known by the strings of which it needs one."""
        wanted = tuple(strings)
        if not wanted or any(len(string) < _SHORT for string in wanted):
            self._always |= {name}
            return
        for string in wanted:
            short = len(string) < _LONG
            known = self._short if short else self._cues.setdefault(_rarest(string), {})
            known[string] = known.get(string, frozenset()) | {name}

    def possible(self, text: str) -> frozenset[str]:
        """Return the names of the patterns that a folded text could match."""
        known = self._cues
        rows = {text[place : place + _LONG] for place in range(len(text))}
        names = [
            names
            for row in known.keys() & rows
            for string, names in known[row].items()
            if string in text
        ]
        names += [names for string, names in self._short.items() if string in text]
        return self._always.union(*names)


_SHORT, _LONG = 3, 4
_USUAL = (
    " you your you're you can could would should with that this what have has will for the and her his is are not to of in "
    "it's i'm don't be about going help call make take want need know feel been being other another there their when where "
    "from some something more right now here just like them they than then thing day time "
)


def _rarest(string: str) -> str:
    """Return the letters in a row of a cue that are seldom in any text."""
    rows = [string[place : place + _LONG] for place in range(len(string) - _LONG + 1)]
    return min(rows, key=lambda row: (_USUAL.count(row), _USUAL.count(row[:_SHORT])))


def cues(pattern: str) -> tuple[str, ...]:
    """
    Return strings of which every match of a pattern contains at least one.

    Empty where no such set is known: the pattern has to be tried.
    """
    _, found = _sequence(_parser.parse(pattern))
    return tuple(sorted(found)) if found is not None else ()


def _sequence(items: Sequence[Any]) -> tuple[Strings | None, Strings | None]:
    """Return the exact strings of a sequence, if they are few, and the best set it needs."""
    best: Strings | None = None
    run: Strings = _EMPTY
    whole = True
    for operator, argument in items:
        exact, needed = _item(str(operator), argument)
        best = _better(best, needed)
        if exact is not None and len(run) * len(exact) <= _MOST_STRINGS:
            run = frozenset(left + right for left in run for right in exact)
            continue
        best = _better(best, run)
        whole = False
        run = exact if exact is not None and len(exact) <= _MOST_STRINGS else _EMPTY
    best = _better(best, run)
    return (run if whole else None), best


def _item(operator: str, argument: Any) -> tuple[Strings | None, Strings | None]:
    if operator == "LITERAL":
        return frozenset({chr(argument)}), None
    if operator == "IN":
        return _letters(argument), None
    if operator in ("AT", "ASSERT", "ASSERT_NOT"):
        return _EMPTY, None
    if operator == "SUBPATTERN":
        return _sequence(argument[3])
    if operator == "BRANCH":
        return _branches([_sequence(branch) for branch in argument[1]])
    if operator in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, most, inner = argument
        exact, needed = _sequence(inner)
        if least == 0:
            once = most == 1 and exact is not None
            return (exact | _EMPTY if once and exact is not None else None), None
        return (exact if (least, most) == (1, 1) else None), _better(needed, exact)
    return None, None


def _letters(members: Sequence[Any]) -> Strings | None:
    if all(str(operator) == "LITERAL" for operator, _ in members):
        return frozenset(chr(code) for _, code in members)
    return None


def _branches(
    branches: Sequence[tuple[Strings | None, Strings | None]],
) -> tuple[Strings | None, Strings | None]:
    exact: Strings | None = frozenset()
    needed: Strings | None = frozenset()
    for strings, needs in branches:
        exact = None if exact is None or strings is None else exact | strings
        one = _better(needs, strings)
        needed = None if needed is None or one is None else needed | one
    if exact is not None and len(exact) > _MOST_STRINGS:
        exact = None
    return exact, needed


def _better(left: Strings | None, right: Strings | None) -> Strings | None:
    return max(left, right, key=_worth)


def _worth(strings: Strings | None) -> tuple[int, int]:
    if not strings or "" in strings:
        return (0, -_ANY)
    return (min(_LONG_ENOUGH, *(len(string) for string in strings)), -len(strings))
