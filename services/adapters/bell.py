"""Rings when somebody appended: LISTEN on a connection of its own, with a clock behind it."""

import asyncio

from services.adapters.postgres_link import Link, LinkLost
from services.adapters.recorder import CHANNEL, Settings

_CONNECT_S = 3.0


class Bell:
    """
    Counts the announcements of commits heard.

    `wait_beyond` returns when more were heard than at a count taken before, when listening began
    or was lost in between (so something may have been missed), or when the time is over.
    """

    def __init__(self, database_url: str, settings: Settings) -> None:
        self._link = Link(database_url, {}, settings, heard=self._ring, lost=self._ring)
        self._rung = 0
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def rung(self) -> int:
        """How often the bell rang so far."""
        return self._rung

    async def wait_beyond(self, rung: int, timeout: float) -> None:
        """Return when the bell rang more often than `rung`, or after `timeout` seconds."""
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout
        if not self._link.connected:
            await self._listen(min(until, loop.time() + _CONNECT_S))
        if self._rung != rung or loop.time() >= until:
            return
        rings: asyncio.Future[None] = loop.create_future()
        self._waiting.add(rings)
        expiry = loop.call_at(until, _settle, rings)
        try:
            await rings
        finally:
            expiry.cancel()
            self._waiting.discard(rings)

    async def aclose(self) -> None:
        """Stop listening."""
        await self._link.close()

    async def _listen(self, deadline: float) -> None:
        try:
            await self._link.execute(f"LISTEN {CHANNEL}".encode(), deadline)
            self._ring()
        except LinkLost:
            # Not heard is not lost: the timeout is the poll.
            return

    def _ring(self) -> None:
        self._rung += 1
        for rings in self._waiting:
            _settle(rings)


def _settle(rings: asyncio.Future[None]) -> None:
    if not rings.done():
        rings.set_result(None)
