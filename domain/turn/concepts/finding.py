"""
Finds the concepts in a text: `self.txt`, `medical.txt` and so on hold the phrases, one list each.

A phrase is words; `NAME` in capitals stands for any word of that class in `words.txt`, `word*` for
all words that begin so, `..` for up to three words of any kind, `?word` for a word that may be
missing, `a|b` for either.  All phrases together are one tree, so a text is read once.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from itertools import product

from domain.turn.rules.spelling import plain

FAMILIES = (
    "self", "passive", "means", "others", "medical", "abuse", "escape", "alone", "frames",
)  # fmt: skip
_GAP = ".."
# What hangs on a class does not count: `HE's asleep` is `HE asleep`.
_SUFFIX = re.compile(r"(?<=[A-Z])'(?:s|ll|d)\b")
_FARTHEST = 3
_SHORTEST_STEM = 3


@dataclass(slots=True)
class _Node:
    """One step of the tree: what may follow, and which concepts end here."""

    then: dict[str, "_Node"] = field(default_factory=dict[str, "_Node"])
    after_gap: "_Node | None" = None
    ends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A concept and the places of its first word and behind its last."""

    concept: str
    start: int
    end: int


def _lines(name: str) -> Iterator[str]:
    text = (files("domain.turn.concepts") / f"{name}.txt").read_text("utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))


def _classes() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    whole: dict[str, list[str]] = {}
    stems: dict[str, list[str]] = {}
    for line in _lines("words"):
        name, _, words = line.partition(": ")
        for word in dict.fromkeys(words.split()):
            table, key = (stems, word[:-1]) if word.endswith("*") else (whole, word)
            table.setdefault(key, []).append(name)
    return (
        {word: tuple(names) for word, names in whole.items()},
        {stem: tuple(names) for stem, names in stems.items()},
    )


def phrases() -> Iterator[tuple[str, str]]:
    """Return every concept with each of its phrases, as they are written in the files."""
    for family in FAMILIES:
        for line in _lines(family):
            concept, _, listed = line.partition("] ")
            for phrase in listed.split("; "):
                yield concept[1:], phrase.strip()


def _readings(phrase: str) -> Iterator[tuple[str, ...]]:
    choices: list[list[tuple[str, ...]]] = []
    for part in _SUFFIX.sub("", phrase).split():
        found = [plain(word) for word in part.removeprefix("?").split("|")]
        choices.append([*found, ()] if part.startswith("?") else found)
    for chosen in product(*choices):
        yield tuple(word for words in chosen for word in words)


def _tree() -> _Node:
    root = _Node()
    for concept, phrase in phrases():
        for words in _readings(phrase):
            node = root
            for word in words:
                if word == _GAP:
                    node.after_gap = node.after_gap or _Node()
                    node = node.after_gap
                else:
                    node = node.then.setdefault(word, _Node())
            node.ends = tuple(dict.fromkeys((*node.ends, concept)))
    return root


_WHOLE, _BEGINS = _classes()
_ROOT = _tree()


def _known(node: _Node) -> Iterator[str]:
    yield from node.then
    for after in (*node.then.values(), *([node.after_gap] if node.after_gap else ())):
        yield from _known(after)


_KEYS = frozenset(_known(_ROOT))


@lru_cache(maxsize=50_000)
def classes(word: str) -> frozenset[str]:
    """Return the classes of `words.txt` that a word is in."""
    stems = (word[:size] for size in range(_SHORTEST_STEM, len(word) + 1))
    return frozenset(
        (*_WHOLE.get(word, ()), *(name for stem in stems for name in _BEGINS.get(stem, ())))
    )


@lru_cache(maxsize=50_000)
def keys(word: str) -> tuple[str, ...]:
    """Return what a word may stand for in a phrase: itself, its classes, its beginnings."""
    stems = [word[:size] for size in range(_SHORTEST_STEM, len(word) + 1)]
    names = [*_WHOLE.get(word, ()), *(name for stem in stems for name in _BEGINS.get(stem, ()))]
    found = (word, *names, *(f"{stem}*" for stem in stems))
    return tuple(key for key in dict.fromkeys(found) if key in _KEYS)


def found(words: Sequence[str]) -> list[Hit]:
    """Return the concepts in words of plain spelling, in the order they begin."""
    spelt = [keys(word) for word in words]
    hits: dict[tuple[str, int], int] = {}
    for start, names in enumerate(spelt):
        for name in names:
            node = _ROOT.then.get(name)
            if node is not None:
                for concept, end in _ends(node, spelt, start + 1):
                    known = hits.get((concept, start), 0)
                    hits[concept, start] = max(end, known)
    return [Hit(concept, start, end) for (concept, start), end in hits.items()]


def _ends(node: _Node, spelt: Sequence[tuple[str, ...]], at: int) -> Iterable[tuple[str, int]]:
    found_here = [(concept, at) for concept in node.ends]
    if at < len(spelt):
        for name in spelt[at]:
            after = node.then.get(name)
            if after is not None:
                found_here += _ends(after, spelt, at + 1)
    if node.after_gap is not None:
        for skipped in range(min(_FARTHEST, len(spelt) - at) + 1):
            found_here += _ends(node.after_gap, spelt, at + skipped)
    return found_here
