"""What is due, as the scheduler asks for it: one connection, opened anew after it was lost."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg

from projections.due import Due, all_due, due_before
from services.runtime.database import connected
from services.runtime.ports import Unavailable

_CONNECT: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 3,
    "application_name": "parley due",
    "options": "-c statement_timeout=10s -c search_path=public",
}


class DueList:
    """The projection `due`.  Raises `Unavailable` while PostgreSQL is away."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def before(
        self, now: datetime, limit: int, idle: timedelta, after: Due | None = None
    ) -> Sequence[Due]:
        """Return what is due: the urgent, then a page of the others, behind `after`."""
        try:
            return await due_before(await self._connected(), now, limit, idle, after)
        except psycopg.errors.UndefinedTable:
            return ()  # the projector has not started for the first time yet
        except (psycopg.Error, OSError) as error:
            await self.aclose()
            raise Unavailable(f"PostgreSQL is away: {type(error).__name__}") from None

    async def everything(self) -> Sequence[Due]:
        """Return every unfinished step, whenever it is due."""
        try:
            return await all_due(await self._connected())
        except (psycopg.Error, OSError) as error:
            await self.aclose()
            raise Unavailable(f"PostgreSQL is away: {type(error).__name__}") from None

    async def aclose(self) -> None:
        """Close the connection; the next question opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await connected(self._url, _CONNECT)
        return self._connection
