"""
Which letters a pattern cannot match without.

Over a hundred patterns for every reply would take a millisecond; most cannot match because a word
they need is not there.  The words are read off the pattern itself, so that they are never out of
step with it.
"""

import importlib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

_parser: Any = importlib.import_module("re._parser")
_MOST_STRINGS = 48
_MOST_WAYS = 12
_LONG_ENOUGH = 6
_SHORTEST = 3

Strings = frozenset[str]
_EMPTY: Strings = frozenset({""})
_EXACTLY_ONE = (1, 1)
_SETS = 3


class CueIndex:
    """
    Which of many patterns a text could match at all, as a number with bits for each pattern.

    A pattern matches in one of several ways.  Of each way up to three sets of strings are known,
    its cues, and a text that it matches holds one of each: neighbouring bits, of which the lowest
    names the way.

    A cue stands within one word of a text, or it has a space and two of its words stand side by
    side.  So every cue can be told from words and their neighbours; what a word tells is
    remembered, because people use the same words again and again.
    """

    def __init__(self) -> None:
        self._size = 0
        self._ways = 0
        self._given = 0
        self._places = _Places()
        self._words: dict[str, _Told] = {}

    def add(self, ways: Iterable[Sequence[Strings]]) -> int:
        """Make a pattern known by its ways to match; return their bits."""
        added = 0
        for way in ways:
            added |= 1 << self._size
            for at in range(_SETS):
                bit = 1 << self._size + at
                if at >= len(way) or not self._places.put(way[at], bit):
                    self._given |= bit
            self._size += _SETS
        self._ways |= added
        self._words.clear()
        return added

    @property
    def everything(self) -> int:
        """The bits of all patterns."""
        return self._ways

    def possible(self, text: str) -> int:
        """Return the bits of the ways in which patterns could match a folded text."""
        words = self._words
        found = self._given
        before = 0
        for word in text.split():
            whole, left, right = words.get(word) or self._told(word)
            found |= whole | before & right
            before = left
        return found & found >> 1 & found >> 2 & self._ways

    def _told(self, word: str) -> "_Told":
        """Return what a word tells, and remember it if it is one that may come again."""
        told = self._places.told(word)
        if len(word) <= _LONGEST_WORD:
            if len(self._words) >= _MOST_WORDS:
                self._words.clear()
            self._words[word] = told
        return told


# The bits of the cues within a word, and of those whose left and right part it can be.
_Told = tuple[int, int, int]


class _Places:
    """Bits by where in a word, and on which side of another, the strings stand that tell them."""

    def __init__(self) -> None:
        self._alone = _Drawer()
        self._left = _Drawer()
        self._right = _Drawer()

    def put(self, cues: Strings, bit: int) -> bool:
        """Put a bit where one of some cues stands; not if one is so short that it tells nothing."""
        fewest = _fewest(cues)
        if not fewest or any(len(cue) < _SHORTEST or cue.isspace() for cue in fewest):
            return False
        for cue in fewest:
            parts = cue.split()
            open_, close = cue[0].isspace(), cue[-1].isspace()
            if len(parts) == 1:
                self._alone.put(parts[0], bit, begins=open_, ends=close)
                continue
            pairs = range(len(parts) - 1)
            at = max(pairs, key=lambda at: _rarity(parts[at]) + _rarity(parts[at + 1]))
            last = at + 2 == len(parts)
            self._left.put(parts[at], bit, begins=at > 0 or open_, ends=True)
            self._right.put(parts[at + 1], bit, begins=True, ends=not last or close)
        return True

    def told(self, word: str) -> _Told:
        """Return what a word tells."""
        return self._alone.told(word), self._left.told(word), self._right.told(word)


class _Drawer:
    """Bits by the strings that tell them: a whole word, its beginning, its end, or any part."""

    def __init__(self) -> None:
        self._begins: dict[str, int] = {}
        self._ends: dict[str, int] = {}
        self._wholly: dict[str, int] = {}
        self._within: dict[str, int] = {}
        self._tree: re.Pattern[str] | None = None
        self._here: dict[str, int] = {}
        self._longest = 0

    def put(self, part: str, bit: int, *, begins: bool, ends: bool) -> None:
        """Put a bit beside a string; a word must begin or end with it where that is said."""
        fixed = self._wholly if ends else self._begins
        drawer = fixed if begins else self._ends if ends else self._within
        drawer[part] = drawer.get(part, 0) | bit
        self._longest = max(self._longest, len(part))
        self._tree = None

    def told(self, word: str) -> int:
        """Return the bits of everything that stands in a word."""
        tree = self._tree or self._grown()
        told = self._wholly.get(word, 0)
        if self._within:
            for part in tree.findall(word):
                told |= self._here[part]
        for size in range(1, min(len(word), self._longest) + 1):
            told |= self._begins.get(word[:size], 0) | self._ends.get(word[-size:], 0)
        return told

    def _grown(self) -> re.Pattern[str]:
        """Return the tree of what may stand anywhere in a word; it takes some time, once."""
        self._here = {part: _begun_by(self._within, part) for part in self._within}
        self._tree = re.compile(f"(?=({_written(_tree(self._within))}))")
        return self._tree


_Branch = dict[str, Any]
_END = ""
_LONGEST_WORD = 24
_MOST_WORDS = 20_000
# Words that stand in many texts, the most common first.
_COMMON_TEXT = (
    "for you and the not that what your can have call don't her are there this with i'll i'm "
    "text right help someone could would care about be was will it's you're that's what's one some "
    "something all his him she he they them their when need needs get gets take going ask tell want "
    "just can't but i've before know feel like been from sounds anything today now here how "
    "who look should through another come"
)
_RANK = {word: rank for rank, word in enumerate(_COMMON_TEXT.split())}


def _begun_by(within: Mapping[str, int], cue: str) -> int:
    """Return the bits of a cue and of the shorter ones that it begins with."""
    whole = 0
    for size in range(1, len(cue) + 1):
        whole |= within.get(cue[:size], 0)
    return whole


def _rarity(word: str) -> int:
    """Return how seldom a word stands in a text, as far as can be told without any."""
    return _RANK.get(word, 0 if len(word) < _SHORTEST else len(_RANK) + len(word))


def _tree(strings: Iterable[str]) -> _Branch:
    root: _Branch = {}
    for string in strings:
        branch = root
        for letter in string:
            branch = branch.setdefault(letter, {})
        branch[_END] = {}
    return root


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


def ways_of(pattern: str) -> tuple[tuple[Strings, ...], ...]:
    """
    Return the ways in which a pattern can match, each with the sets of strings it needs.

    Every match in a way contains at least one string of each of its sets, the most telling
    first.  A way without sets has to be tried.
    """
    waiting: list[list[Any]] = [list(_parser.parse(pattern))]
    ways: list[list[Any]] = []
    while waiting:
        items = waiting.pop(0)
        branched = _branched(items, _MOST_WAYS - len(waiting) - len(ways))
        if branched:
            waiting += branched
        else:
            ways.append(items)
    return tuple(_best(_sequence(items)[1]) for items in ways)


def _branched(items: Sequence[Any], most: int) -> list[list[Any]]:
    """
    Return a sequence once for each branch of the first part of it that has several.

    The branches that are but a few words stay together.
    """
    for at, (operator, argument) in enumerate(items):
        inner, kind = argument, str(operator)
        if kind == "SUBPATTERN" and len(argument[3]) == 1:
            kind, inner = str(argument[3][0][0]), argument[3][0][1]
        if kind != "BRANCH":
            continue
        branches = [(list(branch), _sequence(branch)[0] is not None) for branch in inner[1]]
        longer = [branch for branch, exact in branches if not exact]
        if not longer or len(longer) >= most:
            continue
        words = [branch for branch, exact in branches if exact]
        if words:
            longer.append([("BRANCH", (None, words))])
        if len(longer) > 1:
            return [[*items[:at], *branch, *items[at + 1 :]] for branch in longer]
    return []


def _best(sets: Sequence[Strings]) -> tuple[Strings, ...]:
    telling = sorted((one for one in sets if _worth(one)[0]), key=_worth, reverse=True)
    return tuple(telling[:_SETS])


def _sequence(items: Iterable[Any]) -> tuple[Strings | None, list[Strings]]:
    """Return the exact strings of a sequence, if they are few, and the sets that it needs."""
    return _remembered(items) if isinstance(items, _parser.SubPattern) else _read(items)


@lru_cache(512)
def _remembered(part: Any) -> tuple[Strings | None, list[Strings]]:
    """Return the same of a part of a pattern, which is asked for once for each way it stands in."""
    return _read(part)


def _read(items: Iterable[Any]) -> tuple[Strings | None, list[Strings]]:
    sets: list[Strings] = []
    run: Strings = _EMPTY
    whole = True
    for operator, argument in items:
        exact, needed = _item(str(operator), argument)
        sets += needed
        if exact is not None and len(run) * len(exact) <= _MOST_STRINGS:
            run = frozenset(left + right for left in run for right in exact)
            continue
        sets.append(run)
        whole = False
        run = exact if exact is not None and len(exact) <= _MOST_STRINGS else _EMPTY
    sets.append(run)
    return (run if whole else None), sets


def _item(operator: str, argument: Any) -> tuple[Strings | None, list[Strings]]:
    if operator == "LITERAL":
        return frozenset({chr(argument)}), []
    if operator == "IN":
        return _letters(argument), []
    if operator in ("AT", "ASSERT", "ASSERT_NOT"):
        return _EMPTY, []
    if operator == "SUBPATTERN":
        exact, sets = _sequence(argument[3])
        return exact, ([] if exact is not None else sets)
    if operator == "BRANCH":
        return _branches([_sequence(branch) for branch in argument[1]])
    if operator in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        least, most, inner = argument
        exact, sets = _sequence(inner)
        if (least, most) == _EXACTLY_ONE:
            return exact, sets
        if least == 0:
            return (exact | _EMPTY if most == 1 and exact is not None else None), []
        return None, sets
    return None, []


def _letters(members: Sequence[Any]) -> Strings | None:
    if all(str(operator) == "LITERAL" for operator, _ in members):
        return frozenset(chr(code) for _, code in members)
    return None


def _branches(
    branches: Sequence[tuple[Strings | None, list[Strings]]],
) -> tuple[Strings | None, list[Strings]]:
    exact: Strings | None = frozenset()
    needed: Strings | None = frozenset()
    for strings, sets in branches:
        exact = None if exact is None or strings is None else exact | strings
        known: list[Strings] = [*sets, _EMPTY if strings is None else strings]
        best = max(known, key=_worth)
        needed = None if needed is None or not _worth(best)[0] else needed | best
    if exact is not None and len(exact) <= _MOST_STRINGS:
        return exact, []
    return None, ([] if needed is None else [needed])


def _worth(strings: Strings) -> tuple[int, int]:
    """Return how telling a set is: by its shortest string, then by how few they are."""
    if not strings or "" in strings:
        return (0, 0)
    return (min(_LONG_ENOUGH, *(len(string) for string in strings)), -len(strings))
