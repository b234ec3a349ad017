"""A linear separator trained by coordinate ascent in the dual: exact, small, the same every time."""

import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Row = tuple[tuple[int, ...], tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Space:
    """The features known to one group, each with how rare it is."""

    index: dict[str, int]
    rarity: tuple[float, ...]
    first: int


def space(texts: Sequence[Iterable[str]], at_least: int = 2, first: int = 0) -> Space:
    """Return the features found in at least so many texts, numbered from `first`."""
    seen = Counter(feature for text in texts for feature in set(text))
    kept = sorted(feature for feature, count in seen.items() if count >= at_least)
    return Space(
        {feature: first + at for at, feature in enumerate(kept)},
        tuple(math.log(len(texts) / seen[feature]) + 1 for feature in kept),
        first,
    )


def row(groups: Sequence[Iterable[str]], spaces: Sequence[Space]) -> Row:
    """Return a text as numbers: each group of features is a vector of length one."""
    places: list[int] = []
    values: list[float] = []
    for group, known in zip(groups, spaces, strict=True):
        times = Counter(known.index[feature] for feature in group if feature in known.index)
        found = [(at, times[at], known.rarity[at - known.first]) for at in sorted(times)]
        length = math.sqrt(sum(count * rare * rare for _, count, rare in found)) or 1.0
        places += [at for at, _, _ in found]
        values += [count * rare / length for _, count, rare in found]
    return tuple(places), tuple(values)


def train(
    rows: Sequence[Row], wanted: Sequence[bool], size: int, *, cost: float = 1.0, rounds: int = 12
) -> list[float]:
    """
    Return one weight a feature (the last is the constant): squared hinge loss, L2 penalty.

    Hsieh et al., "A dual coordinate descent method for large-scale linear SVM" (2008), without
    shrinking; the order of the rows is drawn from a fixed seed.
    """
    weights = [0.0] * (size + 1)
    alpha = [0.0] * len(rows)
    soft = 1 / (2 * cost)
    squares = [sum(v * v for v in values) + 1 + soft for _, values in rows]
    order = list(range(len(rows)))
    draw = random.Random(1)
    for _ in range(rounds):
        draw.shuffle(order)
        for at in order:
            places, values = rows[at]
            sign = 1.0 if wanted[at] else -1.0
            said = weights[size] + sum(
                [weights[p] * v for p, v in zip(places, values, strict=True)]
            )
            slope = sign * said - 1 + soft * alpha[at]
            new = max(alpha[at] - slope / squares[at], 0.0)
            step = (new - alpha[at]) * sign
            if step:
                alpha[at] = new
                weights[size] += step
                for p, v in zip(places, values, strict=True):
                    weights[p] += step * v
    return weights
