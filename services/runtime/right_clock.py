"""Whether our clock is right: by a wrong one nothing may be decided, because facts stay."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeVar

from services.runtime.outside import Outside
from services.runtime.process import Later

T = TypeVar("T")

# A clock that far from the database's is wrong, or the database's is: nothing is decided by it.
MOST_SKEW = timedelta(seconds=60)
# So long a look is good for, unless the clock jumps meanwhile.
_GOOD_FOR_S = 5.0
AGAIN_S = 5.0
"""After so long somebody who found it wrong looks again."""
_JUMP_S = 1.0


class RightClock:
    """
    Compares the process's clock with the database's, and with the time of the last fact.

    What was found stands for a few seconds; a clock that has moved against the time that passes
    is looked at anew at once, so that nobody acts in between.
    """

    def __init__(self, outside: Outside, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._journal = outside.clock, outside.journal
        self._monotonic = monotonic
        self._looked_at = float("-inf")
        self._ahead = 0.0
        self._wrong = ""

    async def wrong(self) -> str:
        """
        Return what is wrong with the clock, as a few words; nothing if it is right.

        Raises `Unavailable` where the database cannot be asked.
        """
        passed = self._monotonic()
        ahead = (self._clock.now() - self._clock.wound()).timestamp() - passed
        fresh = passed - self._looked_at < _GOOD_FOR_S
        if not fresh or abs(ahead - self._ahead) > _JUMP_S:
            self._wrong = await self._looked()
            self._looked_at, self._ahead = passed, ahead
        return self._wrong

    def guarded(self, handle: Callable[[T], Awaitable[None]]) -> Callable[[T], Awaitable[None]]:
        """Return a handler that waits while the clock is wrong."""

        async def handle_by_a_right_clock(message: T) -> None:
            wrong = await self.wrong()
            if wrong:
                raise Later(AGAIN_S, f"our clock is {wrong}", release=True)
            await handle(message)

        return handle_by_a_right_clock

    async def _looked(self) -> str:
        database = await self._journal.now()
        skew = abs(self._clock.now() - self._clock.wound() - database)
        if skew > MOST_SKEW:
            return f"off by {int(skew.total_seconds())} s"
        last = await self._journal.headers(max(await self._journal.head() - 1, 0), 1)
        if last and datetime.fromisoformat(last[0].at) > self._clock.now() + MOST_SKEW:
            return "behind the last fact"
        return ""
