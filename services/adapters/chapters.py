"""What streams meant when last read, so that the next read folds only what came since."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from contracts.base import Contract
from contracts.recorded import Recorded
from domain.decider import Memory
from services.runtime.ports import Chapter

S = TypeVar("S")

_Kept = tuple[float, Memory[Any], Chapter[Any]]


class Chapters:
    """
    The states of the streams used last, each with the version it stands at.

    A state is kept for a minute at most, however often it is used: it may hold the words of a
    person who was erased by another process since.
    """

    def __init__(
        self,
        capacity: int = 2048,
        keep_s: float = 60.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._capacity = capacity
        self._keep_s = keep_s
        self._monotonic = monotonic
        self._kept: OrderedDict[str, dict[int, _Kept]] = OrderedDict()

    def find(self, memory: Memory[S], stream: str) -> Chapter[S] | None:
        """Return what is kept of a stream for this very memory."""
        kept = self._kept.get(stream, {}).get(id(memory))
        if kept is None or kept[0] < self._monotonic():
            return None
        self._kept.move_to_end(stream)
        return kept[2]

    def put(self, memory: Memory[S], chapter: Chapter[S]) -> None:
        """Keep a chapter; one that was kept before and only grew keeps its age."""
        of_stream = self._kept.setdefault(chapter.stream, {})
        before, now = of_stream.get(id(memory)), self._monotonic()
        alive = before is not None and before[0] >= now
        until = before[0] if before is not None and alive else now + self._keep_s
        of_stream[id(memory)] = (until, memory, chapter)
        self._kept.move_to_end(chapter.stream)
        if len(self._kept) > self._capacity:
            self._kept.popitem(last=False)

    def drop(self, stream: str) -> None:
        """Forget a stream."""
        self._kept.pop(stream, None)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()

    def continue_with(self, facts: Sequence[Recorded[Contract]]) -> None:
        """Carry kept chapters over facts that were just stored; others are left as they are."""
        for recorded in facts:
            of_stream = self._kept.get(recorded.stream)
            for key, (until, memory, chapter) in list((of_stream or {}).items()):
                if of_stream is None or chapter.version != recorded.version - 1:
                    continue
                grown = replace(
                    chapter,
                    version=recorded.version,
                    digest=recorded.digest,
                    state=memory.evolve(chapter.state, recorded.fact),
                )
                of_stream[key] = (until, memory, grown)
