"""
The separator learnt: what each feature says for each kind of danger and each kind of harmless text.

Multinomial logistic regression over sparse rows.  Its loss asks first whether a text is a danger
at all, whichever of the kinds it may be, and then for the kind.  Learnt by Adam in small batches,
part of the features left out at random each time, so that no text hangs on one of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Numbers = NDArray[np.float32]


@dataclass(frozen=True)
class Learnt:
    """A row of numbers for each feature, one a label; and the constants of the labels."""

    weights: Numbers
    constants: Numbers


@dataclass(frozen=True)
class Recipe:
    """How often all texts are gone through, how fast is learnt, how much is left out."""

    rounds: int = 4
    rate: float = 2e-3
    left_out: float = 0.3
    batch: int = 64
    kinds_weigh: float = 0.3
    decay: float = 0.0
    seed: int = 1


def learn(
    rows: csr_matrix,
    labels: Sequence[int],
    dangers: Sequence[bool],
    recipe: Recipe,
    weigh: Sequence[float] | None = None,
) -> Learnt:
    """Return what is learnt of rows, the label of each, and which of the labels are dangers."""
    dice = np.random.RandomState(recipe.seed)
    adam = _Adam(rows.shape[1], len(dangers), recipe.rate)
    of, is_danger = np.array(labels), np.array(dangers)
    share = np.ones(len(of), np.float32) if weigh is None else np.array(weigh, np.float32)
    for _ in range(recipe.rounds):
        order = dice.permutation(len(of))
        for first in range(0, len(order), recipe.batch):
            at = order[first : first + recipe.batch]
            batch, columns = _narrow(rows[at])
            kept = dice.random_sample(len(batch.data)) >= recipe.left_out
            batch.data = batch.data * kept.astype(np.float32) / np.float32(1 - recipe.left_out)
            said = batch @ adam.weights[columns] + adam.constants
            wrong = _slope(said, of[at], is_danger, recipe.kinds_weigh) * share[at, None]
            adam.step(columns, batch.T @ wrong, wrong.sum(0))
    return Learnt(adam.weights, adam.constants)


def chances(said: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each row the chance of each label."""
    raised = np.exp(said - said.max(1, keepdims=True))
    return raised / raised.sum(1, keepdims=True)


def _slope(
    said: Numbers, of: NDArray[np.int64], dangers: NDArray[np.bool_], kinds_weigh: float
) -> Numbers:
    """Return how the loss of a batch changes with what is said of each label."""
    found = chances(said.astype(np.float64))
    same_side = dangers[None, :] == dangers[of][:, None]
    side = found * same_side
    whole = found - side / side.sum(1, keepdims=True)
    kind = found.copy()
    kind[np.arange(len(of)), of] -= 1
    return ((whole + kinds_weigh * kind) / len(of)).astype(np.float32)


def _narrow(rows: csr_matrix) -> tuple[csr_matrix, NDArray[np.int64]]:
    """Return rows with only the columns that they have, and which those are."""
    columns, places = np.unique(rows.indices, return_inverse=True)
    narrow = csr_matrix((rows.data, places, rows.indptr), (rows.shape[0], len(columns)))
    return narrow, columns


class _Adam:
    """Adam (Kingma and Ba 2015), of the weights only where a batch has the feature."""

    def __init__(self, features: int, labels: int, rate: float) -> None:
        self.weights = np.zeros((features, labels), np.float32)
        self.constants = np.zeros(labels, np.float32)
        self._rate = rate
        self._mean = np.zeros_like(self.weights)
        self._square = np.zeros_like(self.weights)
        self._mean_c = np.zeros_like(self.constants)
        self._square_c = np.zeros_like(self.constants)
        self._steps = 0

    def step(self, columns: NDArray[np.int64], slope: Numbers, slope_c: Numbers) -> None:
        """Go one step down a slope."""
        self._steps += 1
        rate = np.float32(self._rate * (1 - 0.999**self._steps) ** 0.5 / (1 - 0.9**self._steps))
        mean = self._mean[columns] * np.float32(0.9) + slope * np.float32(0.1)
        square = self._square[columns] * np.float32(0.999) + slope * slope * np.float32(0.001)
        self._mean[columns], self._square[columns] = mean, square
        self.weights[columns] -= rate * mean / (np.sqrt(square) + np.float32(1e-8))
        self._mean_c = self._mean_c * np.float32(0.9) + slope_c * np.float32(0.1)
        self._square_c = self._square_c * np.float32(0.999) + slope_c**2 * np.float32(0.001)
        self.constants -= rate * self._mean_c / (np.sqrt(self._square_c) + np.float32(1e-8))
