"""
Train the tier on the phrases, and set its limits by cross-validation: `make tier`.

The limits are set where no more than a share of the harmless phrases, each judged by weights that
never saw it, would be taken for danger.  Writes `domain/turn/tier/weights.txt` and `kinds.txt`.
"""

import json
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from domain.turn.classifier import marks_of, ruled_danger
from domain.turn.rules.spelling import spelt
from domain.turn.tier import tier
from domain.turn.tier.features import GROUPS, features
from domain.turn.words import collapsed
from tests.gates.linear import Row, Space, row, space, train
from tests.gates.phrases import CORPUS, Phrase, tuned

FOLDER = Path(tier.__file__).parent
# What each phrase scored by weights that never saw it, line by line as `tuned` reads them.
CROSSED = CORPUS / "crossed.jsonl"
FOLDS = 5
COST, ROUNDS = 0.25, 8
# What part of the harmless phrases may be gated, and what part watched.
FALSE = 0.007
WATCHED = 0.1
_KINDS_OF = {"exploitation": "abuse", "aggression": "abuse", "unsafe_now": "escape"}

Groups = tuple[list[str], ...]


def groups_of(phrase: Phrase) -> Groups:
    """Return the features of a phrase, group by group, the marks of rules last."""
    text = spelt(collapsed(phrase.text))
    return (*features(text.words), marks_of(text.words))


def parts_of(phrases: Sequence[Phrase], folds: int = FOLDS) -> list[list[int]]:
    """Return a partition into equal parts, drawn from a fixed seed."""
    order = list(range(len(phrases)))
    random.Random(7).shuffle(order)
    return [order[part::folds] for part in range(folds)]


def weigh(groups: Sequence[Groups], danger: Sequence[bool]) -> tier.Weights:
    """Return the weights that tell danger from the rest, as they are written to the file."""
    spaces: list[Space] = []
    size = 0
    for at in range(len(GROUPS)):
        spaces.append(space([group[at] for group in groups], 2, size))
        size += len(spaces[-1].index)
    rows = [row(group, spaces) for group in groups]
    learnt = train(rows, danger, size, cost=COST, rounds=ROUNDS)
    tables: list[tier.Table] = []
    for known in spaces:
        # A weight meets its feature as rare as it is: one number for both, and one for the length.
        tables.append(
            {
                feature: (
                    round(learnt[place] * known.rarity[place - known.first] * 10_000),
                    round(known.rarity[place - known.first] ** 2 * 100),
                )
                for feature, place in known.index.items()
            }
        )
    return tier.Weights(tuple(tables), round(learnt[-1] * 1000), {}, {})


def weigh_kinds(groups: Sequence[Groups], kinds: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return for each word and class what it says for each kind of danger."""
    merged = [[*group[0], *group[2], *group[3]] for group in groups]
    known = space(merged, 3)
    rows: list[Row] = [row((each,), (known,)) for each in merged]
    learnt = [
        train(rows, [kind == wanted for kind in kinds], len(known.index), cost=COST, rounds=6)
        for wanted in tier.KINDS
    ]
    return {
        feature: tuple(round(each[place] * known.rarity[place] * 100) for each in learnt)
        for feature, place in known.index.items()
    }


def kind_of(phrase: Phrase) -> str:
    """Return the kind of a phrase in danger: as its writer named it, else as the rules do."""
    if phrase.about in tier.KINDS:
        return phrase.about
    marks = marks_of(spelt(collapsed(phrase.text)).words)
    kind = next((mark[5:] for mark in marks if mark.startswith("kind ")), "self")
    return _KINDS_OF.get(kind, kind)


def crossed(phrases: Sequence[Phrase], groups: Sequence[Groups]) -> list[float]:
    """Return the score of each phrase by weights that never saw it."""
    scores = [0.0] * len(phrases)
    for part in parts_of(phrases):
        out = set(part)
        rest = [at for at in range(len(phrases)) if at not in out]
        weights = weigh([groups[at] for at in rest], [phrases[at].danger for at in rest])
        for at in part:
            text = spelt(collapsed(phrases[at].text)).words
            scores[at] = tier.score(text, groups[at][3], weights)
    return scores


def limits_of(
    phrases: Sequence[Phrase], scores: Sequence[float], ruled: Sequence[bool]
) -> dict[str, int]:
    """Return above which score a text is gated, and above which it is watched."""
    harmless = [at for at, phrase in enumerate(phrases) if not phrase.danger]
    open_ = sorted((scores[at] for at in harmless if not ruled[at]), reverse=True)
    by_rule = sum(ruled[at] for at in harmless)
    gate = open_[max(int(FALSE * len(harmless)) - by_rule, 0)]
    watch = open_[max(int(WATCHED * len(harmless)) - by_rule, 0)]
    return {"gate": math.ceil(gate) + 1, "watch": math.ceil(watch) + 1}


def written(weights: tier.Weights) -> tuple[list[str], list[str]]:
    """Return the lines of the two files."""
    head = [f"constant\t\t{weights.constant}"]
    head += [f"limit\t{name}\t{limit}" for name, limit in sorted(weights.limits.items())]
    body = [
        f"{group}\t{feature}\t{weight}\t{rare}"
        for group, table in zip(GROUPS, weights.groups, strict=True)
        for feature, (weight, rare) in sorted(table.items())
    ]
    kinds = [
        "\t".join(("kind", feature, *map(str, row)))
        for feature, row in sorted(weights.kinds.items())
    ]
    return [*head, *body], kinds


def main() -> None:
    """Train, and write what was learnt."""
    phrases = tuned()
    groups = [groups_of(phrase) for phrase in phrases]
    ruled = [ruled_danger(collapsed(phrase.text)) is not None for phrase in phrases]
    scores = crossed(phrases, groups)
    limits = limits_of(phrases, scores, ruled)
    weights = weigh(groups, [phrase.danger for phrase in phrases])
    dangers = [at for at, phrase in enumerate(phrases) if phrase.danger]
    kinds = weigh_kinds(
        [groups[at] for at in dangers],
        [kind_of(phrases[at]) for at in dangers],
    )
    for name, lines in zip(
        ("weights.txt", "kinds.txt"),
        written(replace(weights, limits=limits, kinds=kinds)),
        strict=True,
    ):
        (FOLDER / name).write_text("\n".join(lines) + "\n", "utf-8")
    gates = [
        {"safety": phrase.safety, "about": phrase.about, "lang": phrase.lang, "ruled": by_rule,
         "score": round(score)}
        for phrase, by_rule, score in zip(phrases, ruled, scores, strict=True)
    ]  # fmt: skip
    CROSSED.write_text("\n".join(json.dumps(line) for line in gates) + "\n", "utf-8")


if __name__ == "__main__":
    main()
