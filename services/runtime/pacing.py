"""The sending speed of one sender process: whoever is urgent goes first, the others in order."""

import asyncio
import heapq
import time
from collections.abc import Callable
from itertools import count
from typing import NamedTuple

from domain.pace import Bucket

# A second's worth may leave at once; never less than a text of a few segments.
_SMALLEST_BURST = 10.0


class _Waiting(NamedTuple):
    rank: int
    ticket: int
    tokens: float
    turn: asyncio.Future[None]


class Pacing:
    """
    Lets segments go at a rate.

    The carrier would queue what comes too fast, but in the order in which it came: a crisis text
    would stand behind everything that left before it.
    """

    def __init__(self, rate: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        burst = max(rate, _SMALLEST_BURST)
        self._bucket = Bucket(rate, burst, burst, monotonic())
        self._waiting: list[_Waiting] = []
        self._tickets = count()
        self._timer: asyncio.TimerHandle | None = None

    async def take(self, segments: int, *, urgent: bool) -> None:
        """Return when so many segments may leave."""
        now = self._monotonic()
        if not self._waiting and self._bucket.wait(segments, now) <= 0:
            self._bucket = self._bucket.take(segments, now)
            return
        turn = asyncio.get_running_loop().create_future()
        waiting = _Waiting(0 if urgent else 1, next(self._tickets), segments, turn)
        heapq.heappush(self._waiting, waiting)
        self._serve()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back(segments)
            raise

    def give_back(self, segments: int) -> None:
        """Take back what did not leave."""
        self._bucket = self._bucket.take(-segments, self._monotonic())
        self._serve()

    def _serve(self) -> None:
        """Let go who may go now, and look again when the next may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting:
            first = self._waiting[0]
            if first.turn.done():
                heapq.heappop(self._waiting)
                continue
            now = self._monotonic()
            wait = self._bucket.wait(first.tokens, now)
            if wait > 0:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(wait, self._serve)
                return
            heapq.heappop(self._waiting)
            self._bucket = self._bucket.take(first.tokens, now)
            first.turn.set_result(None)
