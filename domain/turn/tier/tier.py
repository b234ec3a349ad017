"""
How much a text speaks of danger, and of which kind, weighed over everything it is made of.

Where a rule knows a wording, the tier knows how wordings of danger are built: from words and their
parts, and from the concepts of `domain.turn.concepts`.  It is a linear separator: each feature has
a weight learnt from the phrases kept with the tests (`make tier`), the score is their sum, and the
words behind a score can be named.  The weights are integers, so a text scores the same everywhere.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import pairwise
from math import sqrt

from domain.turn.reading import DangerKind
from domain.turn.tier.features import GROUPS, open_form, parts, pieces

VERSION = "tier-2"
KINDS: tuple[DangerKind, ...] = (
    "self", "means", "other_harm", "third_party", "medical", "abuse", "passive", "escape", "alone",
)  # fmt: skip
# How many words are quoted, and how many words' sums are kept at hand.
_QUOTED = 5
_REMEMBERED = 50_000
# How many bits of a packed number belong to one kind: the sums of a text stay far below.
_WIDE = 32
_FIELD, _MIDDLE = (1 << _WIDE) - 1, 1 << (_WIDE - 1)
_MIDDLE_OF_ALL = sum(_MIDDLE << (_WIDE * at) for at in range(len(KINDS)))

Table = dict[str, int]


@dataclass(frozen=True, slots=True)
class Weights:
    """
    What was learnt: for each group what a feature says, the constant, kinds, and the limits.

    What the features of a group say together is divided by the root of how many there are.
    """

    groups: tuple[Table, ...]
    constant: int
    kinds: Table
    limits: dict[str, int]
    _pieces: Table = field(default_factory=dict[str, int])

    def piece(self, word: str) -> int:
        """Return the sum over the parts of a word; remembered, since words come again."""
        known = self._pieces.get(word)
        if known is None:
            if len(self._pieces) >= _REMEMBERED:
                self._pieces.clear()
            known = sum(filter(None, map(self.groups[2].get, parts(word))))
            self._pieces[word] = known
        return known


@dataclass(frozen=True, slots=True)
class Features:
    """What is weighed of a text: its words, what they make, their concepts, the marks of rules."""

    words: Sequence[str]
    made: Collection[str]
    alike: Collection[str]
    named: Collection[str]
    marks: Collection[str]


def score(text: Features, weights: Weights) -> float:
    """Return how far a text is on the side of danger, in thousandths."""
    told, alike, _, named, left = weights.groups
    words = dict.fromkeys(text.words)
    return weights.constant + (
        sum(filter(None, map(told.get, text.made))) / sqrt(len(text.made) or 1)
        + sum(filter(None, map(alike.get, text.alike))) / sqrt(len(text.alike) or 1)
        + sum(map(weights.piece, words)) / sqrt(sum(map(pieces, words)) or 1)
        + sum(filter(None, map(named.get, text.named))) / sqrt(len(text.named) or 1)
        + sum(filter(None, map(left.get, text.marks))) / sqrt(len(text.marks) or 1)
    )


def kind_of(text: Features, weights: Weights) -> DangerKind:
    """Return the likeliest kind of the danger in a text that is on its side."""
    said = weights.kinds.get
    groups = (text.made, text.alike, text.named, text.marks)
    sums = unpacked(sum(sum(filter(None, map(said, found))) for found in groups))
    return KINDS[max(range(len(KINDS)), key=lambda at: (sums[at], -at))]


def packed(numbers: Iterable[int]) -> int:
    """Return what a feature says for each kind as one number, so that all are summed at once."""
    return sum(number << (_WIDE * at) for at, number in enumerate(numbers))


def unpacked(number: int) -> list[int]:
    """Return the numbers of the kinds out of a sum of `packed` ones."""
    number += _MIDDLE_OF_ALL
    return [((number >> (_WIDE * at)) & _FIELD) - _MIDDLE for at in range(len(KINDS))]


def telling(words: Sequence[str], weights: Weights) -> list[int]:
    """Return the places of the words that say most of danger, by themselves and in pairs."""
    told = weights.groups[0]
    line = [open_form(word) for word in words]
    says = [
        told.get(word, 0) + weights.piece(as_said) // 4
        for word, as_said in zip(line, words, strict=True)
    ]
    for at, (left, right) in enumerate(pairwise(line)):
        pair = told.get(f"{left} {right}", 0)
        says[at] += pair
        says[at + 1] += pair
    order = sorted(range(len(line)), key=lambda at: (-says[at], at))[:_QUOTED]
    return sorted(at for at in order if says[at] > 0)


def parsed(lines: Iterable[str]) -> Weights:
    """
    Return the weights of the files' lines.

    A line is a tag and fields parted by tabs: `constant`, a named `limit`, `kind` with one weight
    a kind, or a group's name with what a feature says.
    """
    groups: dict[str, Table] = {name: {} for name in GROUPS}
    kinds: Table = {}
    limits: dict[str, int] = {}
    constant = 0
    for line in lines:
        tag, feature, *numbers = line.rstrip("\n").split("\t")
        if tag in groups:
            groups[tag][feature] = int(numbers[0])
        elif tag == "kind":
            kinds[feature] = packed(map(int, numbers))
        elif tag == "limit":
            limits[feature] = int(numbers[0])
        elif tag == "constant":
            constant = int(numbers[0])
    return Weights(tuple(groups[name] for name in GROUPS), constant, kinds, limits)


def shipped() -> Weights:
    """Return the weights that come with the program."""
    folder = files("domain.turn.tier")
    return parsed(
        line
        for name in ("weights.txt", "kinds.txt")
        if (folder / name).is_file()
        for line in (folder / name).read_text("utf-8").splitlines()
    )
