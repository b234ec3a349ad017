"""
What a text must have for a rule to be worth trying: beginnings of words, read off its patterns.

Writes `domain/turn/rules/beginnings.txt` (`make tier`): for each rule up to three letters that some
word must begin with wherever the rule matches.  A rule for which nothing can be said is left out
and always tried.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from re import _constants as kinds  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]

from domain.turn.rules import danger, signs

FILE = Path(danger.__file__).parent / "beginnings.txt"
_LETTERS = 3
_MOST = 120
# With these something begins in most texts: a rule that asks for one is tried nearly always.
_COMMON = frozenset(
    [
        "the",
        "to",
        "in",
        "on",
        "of",
        "a",
        "and",
        "i",
        "my",
        "he",
        "she",
        "her",
        "him",
        "is",
        "it",
        "for",
        "you",
        "not",
        "can",
        "don",
        "was",
        "wit",
        "hav",
        "are",
        "me",
        "jus",
        "all",
        "no",
        "one",
        "get",
        "got",
        "go",
        "so",
        "que",
        "de",
        "la",
        "el",
        "en",
        "un",
        "una",
        "es",
        "lo",
        "se",
        "por",
        "con",
        "est",
        "mi",
        "ha",
        "wha",
        "how",
        "thi",
        "tha",
        "be",
        "too",
        "wan",
        "whe",
        "did",
        "fro",
        "out",
        "abo",
    ]
)


def beginnings(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """Return what some word of every match begins with, if that can be said."""
    found, _ = _of(list(parser.parse(pattern.pattern)), None)
    return found if found is None or len(found) <= _MOST else None


def _better(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other, key=lambda each: (sum(map(_cost, each)), sorted(each)))


def _cost(word: str) -> float:
    return 1.0 if word in _COMMON or len(word) < 2 else 0.03 * 8 ** (_LETTERS - len(word))


# `begun` is what the word at hand has begun with, None where that is unknown.
def _of(items: Iterable, begun: str | None) -> tuple[frozenset[str] | None, str | None]:
    best: frozenset[str] | None = None
    for kind, what in items:
        if kind is kinds.LITERAL:
            letter = chr(what)
            if letter == " ":
                best = _better(best, _word(begun))
                begun = ""
            elif begun is not None and len(begun) < _LETTERS:
                begun += letter
        elif kind is kinds.AT:
            best = _better(best, _word(begun))
            begun = "" if begun in (None, "") else begun
            if what is kinds.AT_BOUNDARY and begun:
                begun = None
        elif kind is kinds.BRANCH:
            best, begun = _branch([_of(list(each), begun) for each in what[1]], best, begun)
        elif kind is kinds.SUBPATTERN:
            found, begun = _of(list(what[3]), begun)
            best = _better(best, found)
        elif kind in {kinds.MAX_REPEAT, kinds.MIN_REPEAT}:
            least, _, inner = what
            found, after = _of(list(inner), begun)
            if least:
                best = _better(best, found)
                begun = after
            else:
                best = _better(best, _word(begun))
                begun = begun if begun == after == "" else (_shared(begun, after))
        elif kind in {kinds.ASSERT, kinds.ASSERT_NOT}:
            continue
        else:
            best = _better(best, _word(begun))
            begun = None
    return _better(best, _word(begun)), begun


def _branch(found, best, begun):
    sets = [each for each, _ in found]
    if all(each is not None for each in sets):
        best = _better(best, frozenset().union(*sets))
    ends = {end for _, end in found}
    return best, ends.pop() if len(ends) == 1 else None


def _shared(one: str | None, other: str | None) -> str | None:
    return one if one == other else None


def _word(begun: str | None) -> frozenset[str] | None:
    return frozenset({begun}) if begun else None


def lines() -> list[str]:
    """Return the lines of the file."""
    known = {rule.rule: beginnings(rule.pattern) for rule in danger.RULES}
    known |= {f"sign {name}": beginnings(pattern) for name, pattern in signs.SIGNS}
    return [f"{rule}: {' '.join(sorted(words))}" for rule, words in known.items() if words]


if __name__ == "__main__":
    FILE.write_text(
        "# Written by `make tier`: what some word must begin with for a rule to match.\n"
        + "\n".join(lines()) + "\n",
        "utf-8",
    )  # fmt: skip
