"""How many turns may be with the providers at once, and how fast they may set out."""

import asyncio
import time
from types import TracebackType

_CALM_S = 0.02
_LOOKS = 50


class Room:
    """
    Lets in so many at once, one after the other, and while the event loop keeps up.

    A request to a provider takes several milliseconds of work before it is under way.  If
    hundreds set out together they advance in step, and all deadlines pass before one has asked.
    """

    def __init__(self, places: int) -> None:
        self._places = asyncio.Semaphore(places)
        self._door = asyncio.Lock()

    async def __aenter__(self) -> None:
        await self._places.acquire()
        try:
            async with self._door:
                await _calm()
        except BaseException:
            self._places.release()
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._places.release()


async def _calm() -> None:
    """Wait until one round of the event loop is short, or long enough."""
    for _ in range(_LOOKS):
        begun = time.monotonic()
        await asyncio.sleep(0)
        if time.monotonic() - begun < _CALM_S:
            return
