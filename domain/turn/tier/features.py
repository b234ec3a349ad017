"""What a text is made of, as the tier sees it: words, pairs with a gap, parts, classes."""

from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

# How far apart two words may stand and still be one feature; how long the parts of a word are.
_GAP = 4
_PARTS = (3, 4, 5)
_LONGEST = 70
_WINDOW = 6
EDGE_LEFT, EDGE_RIGHT = "^", "$"
# The groups, in the order of `features`; the last are the marks that rules have left.
GROUPS = ("word", "part", "class", "mark")


def _lexicon() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    whole: dict[str, list[str]] = {}
    begins: dict[str, list[str]] = {}
    for line in (files("domain.turn.tier") / "lexicon.txt").read_text("utf-8").splitlines():
        name, _, words = line.partition(": ")
        if line.startswith("#") or not words:
            continue
        for word in dict.fromkeys(words.split()):
            table, key = (begins, word[:-1]) if word.endswith("*") else (whole, word)
            table.setdefault(key, []).append(name)
    return (
        {word: tuple(names) for word, names in whole.items()},
        {stem: tuple(names) for stem, names in begins.items()},
    )


WHOLE, BEGINS = _lexicon()


@lru_cache(maxsize=50_000)
def classes(word: str) -> tuple[str, ...]:
    """Return the classes of a word; one that is unknown has those of a stem it begins with."""
    known = WHOLE.get(word)
    if known is not None:
        return known
    for size in range(len(word), 3, -1):
        known = BEGINS.get(word[:size])
        if known is not None:
            return known
    return ()


def parts(word: str) -> tuple[str, ...]:
    """Return the pieces of a word, its edges marked, each of three to five letters."""
    marked = f"_{word}_"
    return tuple(marked[at : at + size] for size in _PARTS for at in range(len(marked) - size + 1))


def word_features(words: list[str]) -> set[str]:
    """Return words, neighbours, pairs with a gap and runs of three, each once."""
    line = [EDGE_LEFT, *words, EDGE_RIGHT]
    found = {*line}
    found.update(f"{left} {right}" for left, right in pairwise(line))
    for gap in range(2, _GAP + 1):
        found.update(f"{left}~{right}" for left, right in zip(line, line[gap:], strict=False))
    found.update(map(" ".join, zip(line, line[1:], line[2:], strict=False)))
    return found


def class_features(words: list[str]) -> set[str]:
    """Return classes, ordered pairs of them within a window, and words beside one, each once."""
    named = [classes(word) for word in words]
    found: set[str] = set()
    for at, names in enumerate(named):
        if not names:
            continue
        near = [other for others in named[at + 1 : at + _WINDOW] for other in others]
        found.update(names)
        for name in names:
            if at:
                found.add(f"{words[at - 1]}>{name}")
            if at + 1 < len(words):
                found.add(f"{name}>{words[at + 1]}")
            found.update([f"{name}>{other}" for other in near])
    return found


def features(plain: str) -> tuple[list[str], list[str], list[str]]:
    """
    Return the three groups of features of a text in plain spelling.

    Parts are counted once for each different word they are part of, the others once a text.
    """
    words = words_of(plain)
    return (
        sorted(word_features(words)),
        [part for word in dict.fromkeys(words) for part in parts(word)],
        sorted(class_features(words)),
    )


def words_of(plain: str) -> list[str]:
    """Return the words that are looked at: the first of a very long text."""
    return plain.split()[:_LONGEST]
