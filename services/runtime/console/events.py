"""Tells an open page that what it shows has moved on."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.runtime.ports import Unavailable

_LOOK_S = 0.5
_BEAT_S = 15.0
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Movements:
    """
    An event stream of positions.

    A page says the position it was made at, and is told of the first one beyond it: what
    happened between the page and the stream is not lost.  `still` is asked now and then whether
    who looks is still known here: a stream does not outlive its session.
    """

    def __init__(
        self, position: Callable[[], Awaitable[int]], still: Callable[[Request], Awaitable[bool]]
    ) -> None:
        self._position = position
        self._still = still
        self._ended = asyncio.Event()

    async def until_drained(self) -> None:
        """Keep the streams open until cancelled, then end them."""
        try:
            await asyncio.Event().wait()
        finally:
            self._ended.set()

    async def stream(self, request: Request) -> Response:
        """Answer the stream behind `?after=`, or behind `Last-Event-ID`."""
        told = request.headers.get("last-event-id") or request.query_params.get("after", "0")
        after = int(told) if told.isascii() and told.isdecimal() and len(told) < 16 else 0

        async def still() -> bool:
            try:
                return await self._still(request)
            except Unavailable:
                return True  # nothing moves then either

        return StreamingResponse(
            self._moves(after, still), media_type="text/event-stream", headers=_HEADERS
        )

    async def _moves(
        self, after: int, still: Callable[[], Awaitable[bool]]
    ) -> AsyncGenerator[bytes]:
        yield b"retry: 2000\n\n"
        loop = asyncio.get_running_loop()
        beat = asked = loop.time()
        while not self._ended.is_set():
            if loop.time() - asked >= _BEAT_S:
                asked = loop.time()
                if not await still():
                    return
            now = await self._now(after)
            if now > after:
                after = now
                yield b"id: %d\nevent: moved\ndata: %d\n\n" % (after, after)
            elif loop.time() - beat >= _BEAT_S:
                beat = loop.time()
                yield b": still here\n\n"
            await self._pause()

    async def _now(self, after: int) -> int:
        try:
            return await self._position()
        except Unavailable:
            return after

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_S):
                await self._ended.wait()
        except TimeoutError:
            return
