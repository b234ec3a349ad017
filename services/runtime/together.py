"""What is asked at about the same time is done together: once for many."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K")
R = TypeVar("R")


@dataclass(eq=False, slots=True)
class _Asked(Generic[K, R]):
    key: K
    given: tuple[R] | None = None
    error: Exception | None = None

    @property
    def done(self) -> bool:
        return self.given is not None or self.error is not None


class Together(Generic[K, R]):
    """
    Does at most `most` at once, and begins no sooner than `every_s` after it last began.

    Whoever comes after a pause is served at once and alone; of those who come faster, one does the
    work of all that wait by then.  `work` returns what each key gets, in their order; what it
    raises is raised to each of them.  Somebody who is cancelled leaves the work to the next.
    """

    def __init__(
        self, work: Callable[[Sequence[K]], Awaitable[Sequence[R]]], *, every_s: float, most: int
    ) -> None:
        self._work = work
        self._every_s, self._most = every_s, most
        self._asked: list[_Asked[K, R]] = []
        self._turn = asyncio.Lock()
        self._next_at = float("-inf")

    async def ask(self, key: K) -> R:
        """Return what `work` gives for a key."""
        own: _Asked[K, R] = _Asked(key)
        self._asked.append(own)
        try:
            async with self._turn:
                if not own.done:
                    await self._begin()
        finally:
            with suppress(ValueError):
                self._asked.remove(own)
        if own.error is not None:
            raise own.error
        if own.given is None:
            raise RuntimeError("work gave too few results")
        return own.given[0]

    async def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(self._next_at - loop.time(), 0.0))
        self._next_at = loop.time() + self._every_s
        # Turns are taken in the order of the asking: whoever does this is the first of them.
        batch = self._asked[: self._most]
        try:
            given = await self._work([one.key for one in batch])
        except Exception as error:
            for one in batch:
                one.error = error
        else:
            for one, result in zip(batch, given, strict=True):
                one.given = (result,)
        self._asked = [one for one in self._asked if not one.done]
