"""The console's connections to PostgreSQL: a few, kept, opened anew after they were lost."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import psycopg

from services.runtime.ports import Unavailable

T = TypeVar("T")

AT_ONCE = 4
PATIENCE_S = 5.0
_CONNECT: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 2,
    "application_name": "parley console",
    "options": (
        "-c statement_timeout=4s -c search_path=public -c timezone=UTC"
        " -c default_transaction_read_only=on"
    ),
}

Connection = psycopg.AsyncConnection[Any]
Ask = Callable[[Connection], Awaitable[T]]


class ConsoleDatabase:
    """Asks questions of the projections; can change nothing."""

    def __init__(self, database_url: str, patience_s: float = PATIENCE_S) -> None:
        self._url = database_url
        self._patience_s = patience_s
        self._free = asyncio.Semaphore(AT_ONCE)
        self._idle: list[Connection] = []

    async def ask(self, question: Ask[T]) -> T:
        """Return the answer; on a lost connection ask once more.  Raises `Unavailable`."""
        try:
            async with asyncio.timeout(self._patience_s), self._free:
                return await self._asked(question)
        except (
            psycopg.OperationalError,
            psycopg.InterfaceError,
            OSError,
        ) as error:  # a timeout is an OSError, too
            raise Unavailable(f"PostgreSQL is away: {type(error).__name__}") from None

    async def aclose(self) -> None:
        """Close the connections; the next question opens others."""
        while self._idle:
            with suppress(psycopg.Error):
                await self._idle.pop().close()

    async def _asked(self, question: Ask[T]) -> T:
        while self._idle:
            # One that was kept may have been lost meanwhile; then so are the others.
            try:
                return await self._on(self._idle.pop(), question)
            except (psycopg.OperationalError, psycopg.InterfaceError):
                await self.aclose()
        return await self._on(
            await psycopg.AsyncConnection.connect(self._url, **_CONNECT), question
        )

    async def _on(self, connection: Connection, question: Ask[T]) -> T:
        try:
            answer = await question(connection)
        except BaseException:
            with suppress(psycopg.Error):
                await connection.close()
            raise
        self._idle.append(connection)
        return answer
