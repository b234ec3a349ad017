"""
How much a text speaks of danger, and of which kind, weighed over everything it is made of.

Where a rule knows a wording, the tier knows how wordings of danger are built: from words, their
parts and the concepts of `domain.turn.concepts`.  Each feature has a weight for every kind of
danger and every kind of harmless text, learnt from the phrases kept with the tests (`make tier`);
the weights of a text are summed kind by kind.  How far the dangers together outweigh the harmless
is its score, the strongest danger is its kind, and the words behind it can be named.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from math import exp, log, sqrt
from struct import Struct
from sys import intern
from typing import Literal

from domain.turn.reading import DangerKind
from domain.turn.tier.features import GROUPS, Features, Gram, open_form, parts, pieces

VERSION = "tier-3"
KINDS: tuple[DangerKind, ...] = (
    "self", "means", "other_harm", "third_party", "medical", "abuse", "passive", "escape", "alone",
)  # fmt: skip
# What harmless texts tell of; the last is for all that is none of these.
HARMLESS = (
    "idiom", "humour", "vent", "grief", "dying", "ordinary", "past", "denied", "quoted",
    "question", "medical_mild", "leave", "lonely_mild", "harm_words", "other",
)  # fmt: skip
LABELS = (*KINDS, *HARMLESS)
# How many words are quoted, and how many words' sums are kept at hand.
_QUOTED = 5
_REMEMBERED = 50_000
# What the features of a group say is divided by the root of how many there are, in such fractions.
FRACTION = 4096
# A weight is written as one character; this one is nothing.
_NOTHING = 79
_LEAST, _MOST = 33 - _NOTHING, 126 - _NOTHING


class Packing:
    """
    One number a label, each in so many bits of one integer: all are summed at once.

    Sixteen bits are enough for what is made of words, of which a text has five hundred at most; of
    parts and concepts it may have more.
    """

    def __init__(self, bits: Literal[16, 32]) -> None:
        self._bits = bits
        self._mask = (1 << bits) - 1
        self._encoding = f"utf-{bits}-le"
        self._size = len(LABELS) * bits // 8
        self._fields = Struct(f"<{len(LABELS)}{'H' if bits == 16 else 'I'}")
        self._middle = 1 << (bits - 1)
        self._middles = self._all(self._middle)
        self._nothings = self._all(_NOTHING)

    def _all(self, number: int) -> int:
        return int.from_bytes(self._fields.pack(*(number,) * len(LABELS)), "little")

    def packed(self, written: str) -> int:
        """Return the numbers of the labels as one, from how they are written: a character each."""
        return int.from_bytes(written.encode(self._encoding), "little") - self._nothings

    def unpacked(self, total: int) -> list[int]:
        """Return the numbers of the labels out of a sum of packed ones."""
        middle = self._middle
        found = self._fields.unpack((total + self._middles).to_bytes(self._size, "little"))
        return [each - middle for each in found]

    def one(self, total: int, place: int) -> int:
        """Return the number of one label out of a sum of packed ones, at its place in `LABELS`."""
        return (total + self._middles >> self._bits * place & self._mask) - self._middle


_NARROW, _WIDE = Packing(16), Packing(32)
_OF_WORDS = frozenset({"word", "near", "like", "like_near"})

Table = dict[Gram, int]


@dataclass(frozen=True, slots=True)
class Weights:
    """
    What was learnt: for each group what a feature says of the labels, the constants, the limits.

    `step` is how much one of a weight is, in thousandths.
    """

    groups: Mapping[str, Table]
    constants: Sequence[int]
    step: float
    limits: Mapping[str, int]
    _pieces: dict[str, int] = field(default_factory=dict[str, int])

    def piece(self, word: str) -> int:
        """Return the sum over the parts of a word; remembered, since words come again."""
        known = self._pieces.get(word)
        if known is None:
            if len(self._pieces) >= _REMEMBERED:
                self._pieces.clear()
            known = sum(filter(None, map(self.groups["part"].get, parts(word))))
            self._pieces[word] = known
        return known


@dataclass(frozen=True, slots=True)
class Weighed:
    """How far a text is on the side of danger, in thousandths, and the likeliest kind of it."""

    score: int
    kind: DangerKind


def weigh(text: Features, weights: Weights) -> Weighed:
    """Return what a text weighs."""
    of = weights.groups
    words = dict.fromkeys(text.words)
    sums = weights.constants
    for packing, said, count in (
        (
            _NARROW,
            sum(filter(None, map(of["word"].get, text.made)))
            + sum(filter(None, map(of["near"].get, text.near))),
            len(text.made) + len(text.near),
        ),
        (
            _NARROW,
            sum(filter(None, map(of["like"].get, text.alike)))
            + sum(filter(None, map(of["like_near"].get, text.alike_near))),
            len(text.alike) + len(text.alike_near),
        ),
        (_WIDE, sum(map(weights.piece, words)), sum(map(pieces, words))),
        (_WIDE, sum(filter(None, map(of["concept"].get, text.named))), len(text.named)),
        (_WIDE, sum(filter(None, map(of["mark"].get, text.marks))), len(text.marks)),
    ):
        if said:
            share = round(FRACTION / sqrt(count))
            more = packing.unpacked(said)
            sums = [each + share * one for each, one in zip(sums, more, strict=True)]
    step = weights.step / FRACTION
    dangers, harmless = sums[: len(KINDS)], sums[len(KINDS) :]
    score = _together(dangers, step) - _together(harmless, step)
    return Weighed(round(1000 * score), KINDS[dangers.index(max(dangers))])


def _together(sums: Sequence[int], step: float) -> float:
    """Return the logarithm of the summed exponentials of numbers."""
    most = max(sums)
    return most * step + log(sum(exp((each - most) * step) for each in sums))


def as_written(numbers: Iterable[int]) -> str:
    """Return the numbers of all labels a character each, as the file of weights has them."""
    return "".join(chr(_NOTHING + min(max(number, _LEAST), _MOST)) for number in numbers)


def telling(words: Sequence[str], kind: DangerKind, weights: Weights) -> list[int]:
    """Return the places of the words that say most of a kind of danger, alone and in pairs."""
    told = weights.groups["word"]
    place = KINDS.index(kind)

    def says(feature: Gram) -> int:
        total = told.get(feature)
        return _NARROW.one(total, place) if total else 0

    line = [open_form(word) for word in words]
    said = [
        says(word) + _WIDE.one(weights.piece(as_said), place) // 4
        for word, as_said in zip(line, words, strict=True)
    ]
    for at, pair in enumerate(pairwise(line)):
        both = says(pair)
        said[at] += both
        said[at + 1] += both
    order = sorted(range(len(line)), key=lambda at: (-said[at], at))[:_QUOTED]
    return sorted(at for at in order if said[at] > 0)


@lru_cache(maxsize=1)
def shipped() -> Weights:
    """Return the weights that come with the program, read when they are first asked for."""
    file = files("domain.turn.tier") / "weights.txt"
    if not file.is_file():
        return parsed(())
    with file.open(encoding="utf-8") as lines:
        return parsed(lines)


def parsed(lines: Iterable[str]) -> Weights:
    """
    Return the weights of a file's lines, which are many: none is kept.

    First the `step`, the `constant`s and the `limit`s, tabs between their fields; then each group
    under a line `= group`: a line a feature, what it says of the labels in front, a character
    each.
    """
    rows = iter(lines)
    limits: dict[str, int] = {}
    constants, step = [0] * len(LABELS), 1.0
    group = ""
    for line in rows:
        name, *fields = line.rstrip("\n").split("\t")
        if name == "limit":
            limits[fields[0]] = int(fields[1])
        elif name == "step":
            step = float(fields[0])
        elif name == "constant":
            constants = [*map(int, fields)]
        else:
            group = name
            break
    groups: dict[str, Table] = {name: {} for name in GROUPS}
    while group:
        packing = _NARROW if group[2:] in _OF_WORDS else _WIDE
        group = _read(rows, groups[group[2:]], packing)
    return Weights(groups, constants, step, limits)


def _read(rows: Iterator[str], into: Table, packing: Packing) -> str:
    """Read the features of a group, and return the line that the next begins with."""
    packed, of_words, front = packing.packed, packing is _NARROW, len(LABELS)
    for row in rows:
        if row[1] == " ":
            return row[:-1]
        feature = row[front + 1 : -1]
        if of_words:
            # Each word is kept once, in however many features it is.
            words = [*map(intern, feature.split(" "))]
            into[tuple(words) if len(words) > 1 else words[0]] = packed(row[:front])
        else:
            into[feature] = packed(row[:front])
    return ""
