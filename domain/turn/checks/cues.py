"""
Which letters a pattern cannot match without.

Two hundred patterns over every reply would take a millisecond; nine of ten cannot match because
a word they need is not there.  The words are read off the pattern itself, so that they are never
out of step with it.
"""

import importlib
import re
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

    All cues are one pattern, a tree of letters, that is tried at every place of a text and gives
    the longest cue there; the shorter ones that it begins with are there as well.
    """

    def __init__(self) -> None:
        self._named: dict[str, frozenset[str]] = {}
        self._always: frozenset[str] = frozenset()
        self._tree: re.Pattern[str] | None = None
        self._here: dict[str, frozenset[str]] = {}

    def add(self, name: str, strings: Iterable[str]) -> None:
        """Make a pattern known by the strings of which it needs one."""
        wanted = _fewest(strings)
        self._tree = None
        if not wanted or any(len(string) < _SHORTEST for string in wanted):
            self._always |= {name}
            return
        for string in wanted:
            self._named[string] = self._named.get(string, frozenset()) | {name}

    def possible(self, text: str) -> frozenset[str]:
        """Return the names of the patterns that a folded text could match."""
        tree = self._tree or self._grown()
        here = self._here
        return self._always.union(*[here[string] for string in tree.findall(text)])

    def _grown(self) -> re.Pattern[str]:
        """Return the tree of all cues; it takes a tenth of a second, once."""
        root: _Branch = {}
        for string in self._named:
            branch = root
            for letter in string:
                branch = branch.setdefault(letter, {})
            branch[_END] = {}
        self._here = {
            string: frozenset[str]().union(
                *(self._named.get(string[:size], ()) for size in range(1, len(string) + 1))
            )
            for string in self._named
        }
        self._tree = re.compile(f"(?=({_written(root)}))")
        return self._tree


_Branch = dict[str, Any]
_END = ""
_SHORTEST = 3


def _written(branch: _Branch) -> str:
    """Return a tree as a pattern that takes the longest way through it."""
    ways = [re.escape(letter) + _written(on) for letter, on in branch.items() if letter != _END]
    if not ways:
        return ""
    body = f"(?:{'|'.join(ways)})"
    return f"{body}?" if _END in branch else body


def _fewest(strings: Iterable[str]) -> list[str]:
    """Return strings without those that contain another: they say nothing more."""
    kept: list[str] = []
    for string in sorted(strings, key=len):
        if not any(shorter in string for shorter in kept):
            kept.append(string)
    return kept


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
