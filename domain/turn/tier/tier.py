"""
How much a text speaks of danger, and of which kind, weighed over everything it is made of.

Where a rule knows a wording, the tier knows how wordings of danger are built.  It is a linear
separator: each feature has a weight learnt from the phrases kept with the tests (`make tier`),
the score is their sum, and the words behind a score can be named.  The weights are integers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import pairwise
from math import sqrt

from domain.turn.reading import DangerKind
from domain.turn.tier.features import (
    GROUPS,
    class_features,
    classes,
    features,
    parts,
    word_features,
    words_of,
)

VERSION = "tier-1"
KINDS: tuple[DangerKind, ...] = (
    "self", "means", "other_harm", "third_party", "medical", "abuse", "passive", "escape", "alone",
)  # fmt: skip
# A word is quoted that carries at least this share of what the strongest one carries.
_SHARE = 0.4
_QUOTED = 5
_NOTHING = (0, 0)
# How many words' sums are kept at hand.
_REMEMBERED = 50_000

Table = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Weights:
    """Per group: feature to weight and squared rarity; the constant; and the same for kinds."""

    groups: tuple[Table, ...]
    constant: int
    kinds: dict[str, tuple[int, ...]]
    limits: dict[str, int]
    _pieces: Table = field(default_factory=dict[str, tuple[int, int]])

    def piece(self, word: str) -> tuple[int, int]:
        """Return the sums over the parts of a word; remembered, since words come again."""
        known = self._pieces.get(word)
        if known is None:
            if len(self._pieces) >= _REMEMBERED:
                self._pieces.clear()
            table = self.groups[1]
            pairs = [table[part] for part in parts(word) if part in table]
            known = (sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs))
            self._pieces[word] = known
        return known


def parsed(lines: Iterable[str]) -> Weights:
    """
    Return the weights of a file's lines.

    A line is a tag and fields parted by tabs: `constant`, a named `limit`, `kind` with one weight
    a kind, or a group's name with a feature's weight and squared rarity.
    """
    groups: dict[str, Table] = {name: {} for name in GROUPS}
    kinds: dict[str, tuple[int, ...]] = {}
    limits: dict[str, int] = {}
    constant = 0
    for line in lines:
        tag, feature, *numbers = line.rstrip("\n").split("\t")
        if tag in groups:
            groups[tag][feature] = (int(numbers[0]), int(numbers[1]))
        elif tag == "kind":
            kinds[feature] = tuple(map(int, numbers))
        elif tag == "limit":
            limits[feature] = int(numbers[0])
        elif tag == "constant":
            constant = int(numbers[0])
    return Weights(tuple(groups[name] for name in GROUPS), constant, kinds, limits)


def _shipped() -> Weights:
    folder = files("domain.turn.tier")
    lines = [
        line
        for name in ("weights.txt", "kinds.txt")
        if (folder / name).is_file()
        for line in (folder / name).read_text("utf-8").splitlines()
    ]
    return parsed(lines)


WEIGHTS = _shipped()


def score(words: str, marks: Iterable[str], weights: Weights = WEIGHTS) -> float:
    """Return how far a text in plain spelling is on the side of danger, in thousandths."""
    line = words_of(words)
    told, _, built, left = weights.groups
    pieces = [weights.piece(word) for word in dict.fromkeys(line)]
    total = float(weights.constant)
    for pairs in (
        map(told.get, word_features(line)),
        pieces,
        map(built.get, class_features(line)),
        map(left.get, marks),
    ):
        weight = rare = 0
        for pair in pairs:
            if pair is not None:
                weight += pair[0]
                rare += pair[1]
        if rare:
            total += weight / sqrt(rare)
    return total


def kind_of(words: str, marks: Iterable[str], weights: Weights = WEIGHTS) -> DangerKind:
    """Return the likeliest kind of the danger in a text that is on its side."""
    told, _, classes = features(words)
    sums = [0] * len(KINDS)
    for row in map(weights.kinds.get, (*told, *classes, *marks)):
        if row is not None:
            sums = [have + more for have, more in zip(sums, row, strict=True)]
    return KINDS[max(range(len(KINDS)), key=lambda at: (sums[at], -at))]


def telling(words: str, weights: Weights = WEIGHTS) -> tuple[int, ...]:
    """Return the places of the words that say most of danger, by themselves and in pairs."""
    told, _, built, _ = weights.groups
    line = words_of(words)
    says = [told.get(word, _NOTHING)[0] + weights.piece(word)[0] // 4 for word in line]
    for at, word in enumerate(line):
        says[at] += sum(built.get(name, _NOTHING)[0] for name in classes(word))
    for at, (left, right) in enumerate(pairwise(line)):
        pair = told.get(f"{left} {right}", _NOTHING)[0]
        says[at] += pair
        says[at + 1] += pair
    least = max(_SHARE * max(says, default=0), 1)
    order = sorted(range(len(line)), key=lambda at: (-says[at], at))[:_QUOTED]
    return tuple(sorted(at for at in order if says[at] >= least))
