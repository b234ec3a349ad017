"""What the past means, as a fold: the one shape of every stateful part of the domain."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Memory(Generic[S]):
    """
    How a stream's facts become a state: `initial`, then `evolve` once a fact.

    `evolve` answers for every fact of the stream and never fails: history is not up for refusal.
    """

    initial: S
    evolve: Callable[[S, Any], S]

    def fold(self, facts: Iterable[Any], state: S | None = None) -> S:
        """Return the state after the facts, from the beginning or from `state`."""
        now = self.initial if state is None else state
        for fact in facts:
            now = self.evolve(now, fact)
        return now
