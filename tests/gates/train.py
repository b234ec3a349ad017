"""
Train the tier on the phrases, and set its limits by cross-validation: `make tier`.

Cross-validation is by writer: the phrases of each are judged by weights that never saw one of
theirs, for that is what a person's text is to the service.  The limits are set where no more than a share
of the harmless phrases would be taken for danger.  Writes `domain/turn/tier/weights.txt`, and what
each phrase scored to `tests/corpus/crossed.txt`; from the same phrases the same every time.
"""

import json
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack

from domain.turn.classifier import look
from domain.turn.tier import tier
from domain.turn.tier.features import GROUPS, Features, Gram, parts
from domain.turn.words import collapsed
from tests.gates.crossed import BRIEF_TAKES, CERTAIN_ADDS, Crossed, write
from tests.gates.learning import Learnt, Recipe, learn
from tests.gates.phrases import Phrase, tuned

FOLDER = Path(tier.__file__).parent
RECIPE = Recipe(rounds=8, left_out=0.5)
# In how many parts all phrases are judged, each by what was learnt of the others.
PARTS = 6
# How often a feature of a group must be seen to be kept; how much one of a written weight is.
SEEN = dict(zip(GROUPS, (3, 3, 3, 3, 3, 2, 2), strict=True))
STEP = 0.06
# What part of the harmless phrases may be gated, may be held to continue a danger told of just
# before, and may be watched: of those whose writers wrote down what people text, and not only what
# is hard to tell apart.
FALSE, CONTINUED, WATCHED = 0.0125, 0.05, 0.1
USUAL = frozenset({"first", "second", "third", "fifth", "seventh", "short"})
_KINDS_OF = {"exploitation": "abuse", "aggression": "abuse", "unsafe_now": "escape"}
_KIND_OF_CLASS = {"passive_death": "passive", "burnout_escape": "escape", "isolation": "alone"}
# Files that were written first, each of one kind only: together they are as good as one writer.
_EARLIEST = frozenset({"danger_en", "mixed_en", "spanish", "danger_tune", "danger_held"})
_ARE_DANGERS = [label in tier.KINDS for label in tier.LABELS]


@dataclass(frozen=True)
class Seen:
    """A phrase as the tier sees it, its label, whether a rule is certain, whether it is brief."""

    phrase: Phrase
    groups: tuple[tuple[Gram, ...], ...]
    label: int
    certain: bool
    brief: bool


@dataclass(frozen=True)
class Space:
    """The features of one group that are kept, and how rare each is."""

    index: dict[Gram, int]
    rarity: list[float]


def see(phrase: Phrase) -> Seen:
    """Return a phrase with everything that is looked at."""
    looked = look(phrase.text, collapsed(phrase.text), phrase.earlier)
    groups = _groups(looked.features)
    label = tier.LABELS.index(_kind(phrase, looked.features.marks))
    return Seen(phrase, groups, label, looked.certain is not None, looked.brief)


def _groups(seen: Features) -> tuple[tuple[Gram, ...], ...]:
    pieces = [part for word in dict.fromkeys(seen.words) for part in parts(word)]
    sets = (seen.made, seen.near, seen.alike, seen.alike_near, pieces, seen.named, seen.marks)
    return tuple(tuple(sorted(each, key=_as_text)) for each in sets)


def _as_text(gram: Gram) -> str:
    return gram if isinstance(gram, str) else " ".join(gram)


def _kind(phrase: Phrase, marks: Collection[str]) -> str:
    if not phrase.danger:
        return phrase.about if phrase.about in tier.HARMLESS else tier.HARMLESS[-1]
    if phrase.about in tier.KINDS:
        return phrase.about
    if phrase.safety in _KIND_OF_CLASS:
        return _KIND_OF_CLASS[phrase.safety]
    kind = next((mark[5:] for mark in marks if mark.startswith("kind ")), "self")
    kind = _KINDS_OF.get(kind, kind)
    return "self" if kind in _KIND_OF_CLASS.values() else kind


def space(texts: Sequence[Collection[Gram]], least: int) -> Space:
    """Return the features found in at least so many texts."""
    seen = Counter(feature for text in texts for feature in set(text))
    kept = sorted((feature for feature, count in seen.items() if count >= least), key=_as_text)
    return Space(
        {feature: at for at, feature in enumerate(kept)},
        [log(len(texts) / seen[feature]) + 1 for feature in kept],
    )


def matrix(texts: Sequence[Collection[Gram]], counts: Sequence[int], known: Space) -> csr_matrix:
    """Return texts as rows: a feature weighs as it is rare, less where there are many."""
    places: list[int] = []
    values: list[float] = []
    ends = [0]
    for text, count in zip(texts, counts, strict=True):
        found = Counter(known.index[feature] for feature in text if feature in known.index)
        share = (count or 1) ** -0.5
        places += found
        values += [times * known.rarity[at] * share for at, times in found.items()]
        ends.append(len(places))
    return csr_matrix(
        (np.array(values, np.float32), np.array(places), np.array(ends)),
        (len(texts), len(known.index)),
    )


def spaces(phrases: Sequence[Seen]) -> list[Space]:
    """Return the features of each group."""
    return [
        space([seen.groups[at] for seen in phrases], SEEN[name]) for at, name in enumerate(GROUPS)
    ]


# Words and what is near them count as one when what they say is divided, as at run time.
_TOGETHER = {0: (0, 1), 1: (0, 1), 2: (2, 3), 3: (2, 3)}


def rows(phrases: Sequence[Seen], known: Sequence[Space]) -> csr_matrix:
    """Return phrases as rows of all groups side by side."""
    columns = [
        matrix(
            [seen.groups[at] for seen in phrases],
            [sum(len(seen.groups[each]) for each in _TOGETHER.get(at, (at,))) for seen in phrases],
            one,
        )
        for at, one in enumerate(known)
    ]
    return csr_matrix(hstack(columns))


def parts_of(phrases: Sequence[Seen]) -> list[list[int]]:
    """Return the phrases in parts of about one size, those of a writer all in one part."""
    of: dict[str, list[int]] = {}
    for at, seen in enumerate(phrases):
        source = seen.phrase.source
        of.setdefault("earliest" if source in _EARLIEST else source, []).append(at)
    parts: list[list[int]] = [[] for _ in range(PARTS)]
    for name in sorted(of, key=lambda name: (-len(of[name]), name)):
        min(parts, key=len).extend(of[name])
    return parts


def learnt(phrases: Sequence[Seen], found: csr_matrix, part: Sequence[int]) -> Learnt:
    """Return what is learnt of a part of the phrases."""
    return learn(found[list(part)], [phrases[at].label for at in part], _ARE_DANGERS, RECIPE)


def crossed_one(phrases: Sequence[Seen], found: csr_matrix, part: Sequence[int]) -> list[int]:
    """Return the scores of one part's phrases by weights that saw only the others'."""
    out = set(part)
    machine = learnt(phrases, found, [at for at in range(len(phrases)) if at not in out])
    said = (found[list(part)] @ machine.weights + machine.constants).astype(np.float64)
    first = len(tier.KINDS)
    scores = np.logaddexp.reduce(said[:, :first], 1) - np.logaddexp.reduce(said[:, first:], 1)
    return [round(float(score) * 1000) for score in scores]


def limit(lines: Sequence[Crossed], false: float) -> int:
    """Return the score that no more than a share of the usual harmless phrases reach."""
    usual = (line for line in lines if line.phrase.source in USUAL)
    harmless = sorted((line.counted for line in usual if not line.phrase.danger), reverse=True)
    return harmless[int(false * len(harmless))] + 1


def written(machine: Learnt, known: Sequence[Space], limits: dict[str, int]) -> list[str]:
    """Return the lines of the tier's file, as `domain.turn.tier.tier.parsed` reads them."""
    constants = [str(round(float(each) / STEP * tier.FRACTION)) for each in machine.constants]
    lines = [f"step\t{STEP}", "\t".join(("constant", *constants))]
    lines += [f"limit\t{name}\t{number}" for name, number in sorted(limits.items())]
    first = 0
    for name, each in zip(GROUPS, known, strict=True):
        said = machine.weights[first : first + len(each.index)]
        first += len(each.index)
        said = said * np.array(each.rarity, np.float32)[:, None]
        told = np.round(said / np.float32(STEP)).astype(int)
        lines.append(f"= {name}")
        lines += [
            f"{tier.as_written(map(int, numbers))} {_as_text(feature)}"
            for feature, numbers in zip(each.index, told, strict=True)
            if numbers.any()
        ]
    return lines


def limits_of(lines: Sequence[Crossed]) -> dict[str, int]:
    """Return the limits that the scores of cross-validation set."""
    gate = limit(lines, FALSE)
    return {
        "gate": gate,
        "ruled": gate - CERTAIN_ADDS,
        "brief": gate + BRIEF_TAKES,
        "continue": limit(lines, CONTINUED),
        "watch": limit(lines, WATCHED),
    }


def main() -> None:
    """Train, and write what was learnt."""
    phrases = [see(phrase) for phrase in tuned()]
    known = spaces(phrases)
    found = rows(phrases, known)
    scores = [0] * len(phrases)
    for part in parts_of(phrases):
        for at, score in zip(part, crossed_one(phrases, found, part), strict=True):
            scores[at] = score
        print(f"judged {len(part)} of {len(phrases)} phrases", file=sys.stderr)
    lines = [
        Crossed(seen.phrase, seen.certain, seen.brief, score)
        for seen, score in zip(phrases, scores, strict=True)
    ]
    limits = limits_of(lines)
    print(json.dumps(limits), file=sys.stderr)
    write(lines)
    machine = learnt(phrases, found, range(len(phrases)))
    (FOLDER / "weights.txt").write_text("\n".join(written(machine, known, limits)) + "\n", "utf-8")


if __name__ == "__main__":
    main()
