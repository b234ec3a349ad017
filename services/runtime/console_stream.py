"""What moves while somebody looks: the projections' position as server-sent events."""

import asyncio
import re
from collections.abc import AsyncIterator

import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from services.runtime.console_problems import bad
from services.runtime.console_queries import known_only
from services.runtime.console_reading import ConsoleReading
from services.runtime.ports import Journal, Unavailable

log = structlog.get_logger()

HEARTBEAT_S = 10.0
# A page is fetched anew at each event: more often than this nobody can read it.
APART_S = 0.25
_QUIET_S = 5.0
_BEHIND_S = (0.02, 0.5)
_AWAY_S = 1.0
_POSITION = re.compile(r"[0-9]{1,18}")


class Watch:
    """Looks where the projections stand while somebody listens; one look for all of them."""

    def __init__(self, reading: ConsoleReading, journal: Journal) -> None:
        self._reading = reading
        self._journal = journal
        self._listeners = 0
        self._wanted = asyncio.Event()
        self._moved = asyncio.Event()
        self.position: int | None = None
        self.closed = False

    async def run(self) -> None:
        """Look until cancelled; then nobody is kept waiting."""
        pause = _BEHIND_S[0]
        try:
            while True:
                await self._wanted.wait()
                try:
                    pause = await self._look(pause)
                except Unavailable:
                    await asyncio.sleep(_AWAY_S)
        finally:
            self.closed = True
            self._moved.set()

    async def next(self, seen: int | None, timeout: float) -> int | None:
        """Return the position once it is another than `seen`; None after `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                while not self.closed and self.position in (None, seen):
                    await self._moved.wait()
        except TimeoutError:
            return None
        return None if self.closed else self.position

    def join(self) -> None:
        """Begin to listen."""
        self._listeners += 1
        self._wanted.set()

    def leave(self) -> None:
        """Listen no more."""
        self._listeners -= 1
        if not self._listeners:
            self._wanted.clear()
            self.position = None

    async def _look(self, pause: float) -> float:
        """Look once, then wait until there may be more; return the next pause behind the log."""
        position = await self._reading.position()
        if position != self.position and self._listeners:
            self.position = position
            self._moved.set()
            self._moved = asyncio.Event()
            pause = _BEHIND_S[0]
        head = await self._journal.head()
        if position < head:
            # The projector is on its way, or it is down.
            await asyncio.sleep(pause)
            return min(pause * 2, _BEHIND_S[1])
        if not await self._journal.headers(head, 1):
            await self._journal.wait(head, _QUIET_S)
        return _BEHIND_S[0]


class ConsoleStream:
    """The route `/api/v1/stream`."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    async def stream(self, request: Request) -> Response:
        """Send the position now, if it is another than the listener's, and whenever it moves."""
        known_only(request, ("after",))
        after = request.headers.get("last-event-id") or request.query_params.get("after")
        if after is not None and _POSITION.fullmatch(after) is None:
            raise bad("A position is a number.")
        return StreamingResponse(
            self._events(None if after is None else int(after)), media_type="text/event-stream"
        )

    async def _events(self, seen: int | None) -> AsyncIterator[str]:
        self._watch.join()
        try:
            yield "retry: 1000\n\n"
            while not self._watch.closed:
                position = await self._watch.next(seen, HEARTBEAT_S)
                if position is None:
                    yield ": here\n\n"
                    continue
                seen = position
                yield f'id: {position}\nevent: moved\ndata: {{"position": {position}}}\n\n'
                await asyncio.sleep(APART_S)
        finally:
            self._watch.leave()
