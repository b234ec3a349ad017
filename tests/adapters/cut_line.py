"""A TCP line between a client and PostgreSQL that can be cut at a chosen moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum
from urllib.parse import urlsplit


class Fault(Enum):
    """What the line does with the next request on a connection that is open already."""

    NONE = "none"
    LOSE_REQUEST = "cut before the server hears it"
    LOSE_ANSWER = "cut after the server did it"
    SILENCE = "carry nothing more and stay open"


class CutLine:
    """Forwards to PostgreSQL; `fault` is applied once, to the next bytes of a client."""

    def __init__(self, database_url: str) -> None:
        self._target = urlsplit(database_url)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.fault = Fault.NONE
        self.connections = 0
        self.refuse = False

    @property
    def url(self) -> str:
        """The same database, by way of this line."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return self._target._replace(netloc=f"postgres@127.0.0.1:{port}").geturl()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["CutLine"]:
        """Carry connections for as long as the block lasts."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        try:
            yield self
        finally:
            self._server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._server.wait_closed()

    def _accept(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.get_running_loop().create_task(self._carry(near, back)))

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if self.refuse:
            back.transport.abort()
            return
        self.connections += 1
        far, forth = await asyncio.open_connection(self._target.hostname, self._target.port)
        lost_answer = asyncio.Event()
        answers = asyncio.create_task(_pour(far, back, lost_answer))
        try:
            await self._requests(near, forth, lost_answer, answers)
        finally:
            answers.cancel()
            back.transport.abort()
            forth.transport.abort()

    async def _requests(
        self,
        near: asyncio.StreamReader,
        forth: asyncio.StreamWriter,
        lost_answer: asyncio.Event,
        answers: asyncio.Task[None],
    ) -> None:
        while piece := await near.read(65536):
            fault, self.fault = self.fault, Fault.NONE
            if fault is Fault.LOSE_REQUEST:
                return
            if fault is Fault.SILENCE:
                await asyncio.sleep(3600)
            if fault is Fault.LOSE_ANSWER:
                lost_answer.set()
            forth.write(piece)
            if fault is Fault.LOSE_ANSWER:
                await asyncio.wait([answers])
                return


async def _pour(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, lost: asyncio.Event
) -> None:
    while piece := await source.read(65536):
        if lost.is_set():
            return
        sink.write(piece)
