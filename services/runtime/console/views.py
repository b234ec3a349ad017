"""The projections as the console asks them: one connection, opened anew after it was lost."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import psycopg

from projections.queries import Connection
from services.runtime.database import connected
from services.runtime.ports import Unavailable

_CONNECT: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 3,
    "application_name": "parley console",
    "options": (
        "-c default_transaction_read_only=on -c statement_timeout=10s -c search_path=public"
    ),
}


class Views:
    """Lends a connection that can only read.  Raises `Unavailable` while PostgreSQL is away."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._connection: Connection | None = None
        self._opening = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def asked(self) -> AsyncGenerator[Connection]:
        """Lend the connection; psycopg lets one statement at a time through."""
        try:
            yield await self._connected()
        except (psycopg.OperationalError, OSError) as error:
            await self.aclose()
            raise Unavailable(f"PostgreSQL is away: {type(error).__name__}") from None

    async def aclose(self) -> None:
        """Close the connection; the next question opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _connected(self) -> Connection:
        async with self._opening:
            if self._connection is None or self._connection.closed:
                self._connection = await connected(self._url, _CONNECT)
            return self._connection
