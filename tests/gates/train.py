"""
Train the tier on the phrases, and set its limits by cross-validation: `make tier`.

Cross-validation is by writer: the phrases of each are judged by weights that saw only the others',
for that is what a person's text is to the service.  The limits are set where no more than a share
of the harmless phrases would be taken for danger.  Writes `domain/turn/tier/weights.txt` and
`kinds.txt`, and what each phrase scored to `tests/corpus/crossed.txt`.

The separator is the linear support vector machine of scikit-learn: squared hinge loss, L2 penalty,
the same every time.
"""

import json
import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import starmap
from math import log
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.svm import LinearSVC

from domain.turn.classifier import look
from domain.turn.tier import tier
from domain.turn.tier.features import GROUPS, parts
from domain.turn.words import collapsed
from tests.gates.crossed import CROSSED, Crossed, write
from tests.gates.phrases import Phrase, tuned

FOLDER = Path(tier.__file__).parent
COST, COST_OF_KINDS = 0.5, 0.5
# How often a feature of a group must be seen to be kept, and what is too small to be written.
SEEN = dict(zip(GROUPS, (2, 3, 3, 2, 2), strict=True))
SEEN_OF_KIND, LEAST, LEAST_OF_KIND = 4, 12, 62
# What part of the harmless phrases may be gated, may be where a danger is named, may be held to continue a danger told of just
# before, and may be watched.  The phrases are chosen to be hard: they share words with dangers as
# few texts on the wire do, of which a quarter as many are gated (`held`).
FALSE, NAMED, CONTINUED, WATCHED = 0.0275, 0.0463, 0.07, 0.13
_KINDS_OF = {"exploitation": "abuse", "aggression": "abuse", "unsafe_now": "escape"}
_KIND_OF_CLASS = {"passive_death": "passive", "burnout_escape": "escape", "isolation": "alone"}
# Files that were written first, each of one kind only: together they are as good as one writer.
_EARLIEST = frozenset({"danger_en", "mixed_en", "spanish", "danger_tune", "danger_held"})


@dataclass(frozen=True)
class Seen:
    """A phrase as the tier sees it, group by group, and whether a rule is certain of it."""

    phrase: Phrase
    groups: tuple[tuple[str, ...], ...]
    certain: bool


@dataclass(frozen=True)
class Space:
    """The features of one group that are kept, and how rare each is."""

    index: dict[str, int]
    rarity: list[float]


def see(phrase: Phrase) -> Seen:
    """Return a phrase with everything that is looked at."""
    looked = look(phrase.text, collapsed(phrase.text), phrase.earlier)
    seen = looked.features
    pieces = [part for word in dict.fromkeys(seen.words) for part in parts(word)]
    groups = (sorted(seen.made), sorted(seen.alike), pieces, sorted(seen.named), seen.marks)
    return Seen(phrase, tuple(map(tuple, groups)), looked.certain is not None)


def space(texts: Sequence[Collection[str]], least: int) -> Space:
    """Return the features found in at least so many texts."""
    seen = Counter(feature for text in texts for feature in set(text))
    kept = sorted(feature for feature, count in seen.items() if count >= least)
    return Space(
        {feature: at for at, feature in enumerate(kept)},
        [log(len(texts) / seen[feature]) + 1 for feature in kept],
    )


def matrix(texts: Sequence[Collection[str]], known: Space) -> csr_matrix:
    """Return texts as rows: a feature weighs as it is rare, less where there are many."""
    places: list[int] = []
    values: list[float] = []
    ends = [0]
    for text in texts:
        found = Counter(known.index[feature] for feature in text if feature in known.index)
        share = (len(text) or 1) ** -0.5
        places += found
        values += [count * known.rarity[at] * share for at, count in found.items()]
        ends.append(len(places))
    return csr_matrix(
        (np.array(values), np.array(places), np.array(ends)), (len(texts), len(known.index))
    )


def spaces(phrases: Sequence[Seen]) -> list[Space]:
    """Return the features of each group."""
    return [
        space([seen.groups[at] for seen in phrases], SEEN[name]) for at, name in enumerate(GROUPS)
    ]


def rows(phrases: Sequence[Seen], known: Sequence[Space]) -> csr_matrix:
    """Return phrases as rows of all groups side by side."""
    columns = [
        matrix([seen.groups[at] for seen in phrases], each) for at, each in enumerate(known)
    ]
    return csr_matrix(hstack(columns))


def separate(found: csr_matrix, danger: Sequence[bool]) -> LinearSVC:
    """Return what tells danger from the rest."""
    return LinearSVC(C=COST, tol=1e-2, random_state=1).fit(found, danger)


def writers_of(phrases: Sequence[Seen]) -> list[list[int]]:
    """Return the phrases of each writer."""
    of: dict[str, list[int]] = {}
    for at, seen in enumerate(phrases):
        source = seen.phrase.source
        of.setdefault("earliest" if source in _EARLIEST else source, []).append(at)
    return [of[name] for name in sorted(of)]


def crossed_one(phrases: Sequence[Seen], found: csr_matrix, part: Sequence[int]) -> list[float]:
    """Return the scores of one writer's phrases by weights that saw only the others'."""
    out = set(part)
    rest = [at for at in range(len(phrases)) if at not in out]
    machine = separate(found[rest], [phrases[at].phrase.danger for at in rest])
    return [float(each) * 1000 for each in machine.decision_function(found[list(part)])]


def limit(phrases: Sequence[Seen], scores: Sequence[float], false: float) -> int:
    """Return the score that no more than a share of the harmless phrases reach, rules counted."""
    harmless = [at for at, seen in enumerate(phrases) if not seen.phrase.danger]
    open_ = sorted((scores[at] for at in harmless if not phrases[at].certain), reverse=True)
    taken = len(harmless) - len(open_)
    return int(open_[max(int(false * len(harmless)) - taken, 0)]) + 1


def written(machine: LinearSVC, known: Sequence[Space], limits: dict[str, int]) -> list[str]:
    """Return the lines of the separator's file."""
    lines = [f"constant\t\t{round(float(machine.intercept_[0]) * 1000)}"]
    lines += [f"limit\t{name}\t{number}" for name, number in sorted(limits.items())]
    said = machine.coef_[0]
    first = 0
    for name, each in zip(GROUPS, known, strict=True):
        for feature, at in each.index.items():
            number = round(float(said[first + at]) * each.rarity[at] * 1000)
            if abs(number) >= LEAST:
                lines.append(f"{name}\t{feature}\t{number}")
        first += len(each.index)
    return lines


def kinds(phrases: Sequence[Seen]) -> list[str]:
    """Return the lines that say for each feature what it says for each kind of danger."""
    dangers = [seen for seen in phrases if seen.phrase.danger]
    merged = [[each for at in (0, 1, 3, 4) for each in seen.groups[at]] for seen in dangers]
    known = space(merged, SEEN_OF_KIND)
    machine = LinearSVC(C=COST_OF_KINDS, tol=1e-2, random_state=1)
    machine.fit(matrix(merged, known), [tier.KINDS.index(_kind(seen)) for seen in dangers])
    lines: list[str] = []
    for feature, at in known.index.items():
        numbers = [round(float(each) * known.rarity[at] * 100) for each in machine.coef_[:, at]]
        if max(map(abs, numbers)) >= LEAST_OF_KIND:
            lines.append("\t".join(("kind", feature, *map(str, numbers))))
    return lines


def _kind(seen: Seen) -> str:
    if seen.phrase.about in tier.KINDS:
        return seen.phrase.about
    if seen.phrase.safety in _KIND_OF_CLASS:
        return _KIND_OF_CLASS[seen.phrase.safety]
    kind = next((mark[5:] for mark in seen.groups[4] if mark.startswith("kind ")), "self")
    kind = _KINDS_OF.get(kind, kind)
    return "self" if kind in _KIND_OF_CLASS.values() else kind


def save(
    phrases: Sequence[Seen], scores: Sequence[float], found: csr_matrix, known: Sequence[Space]
) -> None:
    """Set the limits, learn from all phrases, and write what was learnt."""
    limits = {
        name: limit(phrases, scores, share)
        for name, share in (
            ("gate", FALSE),
            ("named", NAMED),
            ("continue", CONTINUED),
            ("watch", WATCHED),
        )
    }
    print(json.dumps(limits), file=sys.stderr)
    machine = separate(found, [seen.phrase.danger for seen in phrases])
    for name, lines in (
        ("weights.txt", written(machine, known, limits)),
        ("kinds.txt", kinds(phrases)),
    ):
        (FOLDER / name).write_text("\n".join(lines) + "\n", "utf-8")
    write(CROSSED, list(starmap(_judged, zip(phrases, scores, strict=True))))


def main() -> None:
    """Train, and write what was learnt."""
    phrases = [see(phrase) for phrase in tuned()]
    known = spaces(phrases)
    found = rows(phrases, known)
    scores = [0.0] * len(phrases)
    for part in writers_of(phrases):
        for at, score in zip(part, crossed_one(phrases, found, part), strict=True):
            scores[at] = score
        print(f"{len(part)} phrases like {phrases[part[0]].phrase.source}", file=sys.stderr)
    save(phrases, scores, found, known)


def _judged(seen: Seen, score: float) -> Crossed:
    phrase = seen.phrase
    return Crossed(
        phrase.safety, phrase.about, phrase.lang, phrase.source, seen.certain, round(score)
    )


if __name__ == "__main__":
    main()
