"""
What a text is made of, as the separator of the tier sees it: words, their parts, and concepts.

In words it is left open who and how many (`@kin`, `@num`); words that are used alike are also seen
as one (`alike.txt`); concepts are seen with who is spoken of
in their sentence, whether it is denied or asked, and what else the text speaks of.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import combinations

from domain.turn.concepts.finding import Hit, classes, found

# How long the parts of a word are.
_PARTS = (3, 4, 5)
EDGE_LEFT, EDGE_RIGHT = "^", "$"
# The groups of features: what is made of words, pairs of words with one or two between them, both
# again of words used alike, parts of each different word, concepts, and what rules have marked.
GROUPS = ("word", "near", "like", "like_near", "part", "concept", "mark")
_ENDS = frozenset(".!?")
_EITHER = {"he": "@she", "she": "@she", "he's": "@she's", "she's": "@she's", "his": "@her"}
_BEFORE = 4
# An answer so short lives on what was asked.
_SHORT = 12
_LONGEST_PHRASE = 4
_ONESELF, _ANOTHER, _ASKED = 1, 2, 4
_WHO = _ONESELF | _ANOTHER

# A word, or words one behind the other.
Gram = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Features:
    """What is weighed of a text: its words, and group by group what they make."""

    words: Sequence[str]
    made: Collection[Gram]
    near: Collection[Gram]
    alike: Collection[Gram]
    alike_near: Collection[Gram]
    named: Collection[str]
    marks: Collection[str]


def _alike() -> dict[str, str]:
    text = (files("domain.turn.tier") / "alike.txt").read_text("utf-8")
    lines = (line.split() for line in text.splitlines() if line[0] != "#")
    return {word: f"~{words[0]}" for words in lines for word in words}


_ALIKE = _alike()


@lru_cache(maxsize=50_000)
def open_form(word: str) -> str:
    """Return a word with whom or how many left open."""
    if word[0] == "<":
        return "@num"
    if "KIN" in classes(word) or (word.endswith("'s") and "KIN" in classes(word[:-2])):
        return "@kin"
    return _EITHER.get(word, word)


@lru_cache(maxsize=50_000)
def _alike_form(word: str) -> str:
    opened = open_form(word)
    return _ALIKE.get(opened, opened)


@lru_cache(maxsize=50_000)
def parts(word: str) -> tuple[str, ...]:
    """Return the pieces of a word, its edges marked, each of three to five letters."""
    marked = f"_{word}_"
    return tuple(marked[at : at + size] for size in _PARTS for at in range(len(marked) - size + 1))


@lru_cache(maxsize=50_000)
def pieces(word: str) -> int:
    """Return how many parts a word has."""
    return len(parts(word))


def made(line: Sequence[str]) -> set[Gram]:
    """Return words, neighbours and runs of three, each once."""
    second = line[1:]
    return {*line, *zip(line, second, strict=False), *zip(line, second, line[2:], strict=False)}


def near(line: Sequence[str]) -> set[Gram]:
    """Return pairs of words with one or two between them, each once."""
    return {*zip(line, line[2:], strict=False), *zip(line, line[3:], strict=False)}


def concept_features(words: Sequence[str], hits: Sequence[Hit]) -> set[str]:
    """Return the concepts of a text by themselves, in their sentence, and in pairs."""
    if not hits:
        return set()
    around = _sentences(words)
    seen: set[str] = set()
    for hit in hits:
        name, where = hit.concept, around[hit.start]
        seen.update((name, f"{name}|{where & _WHO}"))
        if where & _ASKED:
            seen.add(f"{name}|?")
        if hit.end - hit.start <= _LONGEST_PHRASE:
            seen.add(f"{name}#{' '.join(words[hit.start : hit.end])}")
        if any(map(_denies, words[max(0, hit.start - _BEFORE) : hit.start])):
            seen.add(f"{name}|not")
    names = sorted({hit.concept for hit in hits})
    seen.update(f"{left}&{right}" for left, right in combinations(names, 2))
    families = {name.partition(".")[0] for name in names} - {"frame"}
    frames = [name for name in names if name.startswith("frame.")] or ["plain"]
    seen.update(f"{family}&{frame}" for family in families for frame in frames)
    seen.add(f"families {min(len(families), 4)}")
    return seen


@lru_cache(maxsize=50_000)
def _denies(word: str) -> bool:
    return "DENIAL" in classes(word)


def _sentences(words: Sequence[str]) -> list[int]:
    """Return for each word what its sentence speaks of: oneself, others, a question."""
    around: list[int] = []
    begun, told = 0, 0
    last = len(words) - 1
    for at, word in enumerate(words):
        told |= _told(word)
        if word in _ENDS or at == last:
            around += [told] * (at + 1 - begun)
            begun, told = at + 1, 0
    return around


@lru_cache(maxsize=50_000)
def _told(word: str) -> int:
    names = classes(word)
    if "SELF" in names:
        return _ONESELF
    if "OTHERS" in names or open_form(word) == "@kin":
        return _ANOTHER
    return _ASKED if word == "?" else 0


def features(
    words: Sequence[str], before: Sequence[str], hits: Sequence[Hit], marks: Collection[str]
) -> Features:
    """Return what a text is made of; its concepts are also those of what was asked before it."""
    named = concept_features(words, hits)
    if before:
        named.update(f"before {word}" for word in before)
        named.update(f"before {hit.concept}" for hit in found(before))
        if len(words) <= _SHORT:
            named.update(f"then {word}" for word in words)
    line = [EDGE_LEFT, *map(open_form, words), EDGE_RIGHT]
    alike = [EDGE_LEFT, *map(_alike_form, words), EDGE_RIGHT]
    return Features(words, made(line), near(line), made(alike), near(alike), named, marks)
