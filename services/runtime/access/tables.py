"""The console's own tables in PostgreSQL: who may come in; nothing of it is in the journal."""

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from services.runtime.database import connected
from services.runtime.ports import Unavailable

_LOCK = 0x636F_6E73_6F6C_65  # any number that nobody else in this database locks
_TABLES = """
CREATE TABLE IF NOT EXISTS console_keys (
    key_id text PRIMARY KEY,
    name text NOT NULL,
    digest bytea NOT NULL,
    grants text[] NOT NULL,
    created_at timestamptz NOT NULL,
    ends_at timestamptz,
    used_at timestamptz,
    revoked_at timestamptz
);
CREATE TABLE IF NOT EXISTS console_links (
    digest bytea PRIMARY KEY,
    name text NOT NULL,
    grants text[] NOT NULL,
    here_only boolean NOT NULL,
    ends_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE TABLE IF NOT EXISTS console_sessions (
    digest bytea PRIMARY KEY,
    name text NOT NULL,
    grants text[] NOT NULL,
    how text NOT NULL,
    key_id text REFERENCES console_keys,
    begun_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS console_reveals (
    holder text NOT NULL,
    stream text NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (holder, stream)
);
ALTER TABLE console_reveals ADD COLUMN IF NOT EXISTS person_id text;
ALTER TABLE console_reveals ADD COLUMN IF NOT EXISTS generation integer;
"""
# The last of it all: it is done in one transaction.
_FOUND = b"""
SELECT EXISTS (SELECT FROM pg_attribute
WHERE attrelid = to_regclass('console_reveals') AND attname = 'generation')
"""
_CONNECT: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 3,
    "application_name": "parley access",
    "options": "-c statement_timeout=10s -c search_path=public",
}


class AccessTables:
    """
    Asks the tables, which are made at the first question.

    Whatever stands on them raises `Unavailable` while PostgreSQL is away.
    """

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._opening = asyncio.Lock()

    async def asked(self, statement: bytes, **values: Any) -> Sequence[tuple[Any, ...]]:
        """Return the rows of one statement.  Raises `Unavailable`."""
        try:
            connection = await self._opened()
            async with connection.cursor(row_factory=tuple_row) as cursor:
                await cursor.execute(statement, values)
                return await cursor.fetchall() if cursor.description is not None else ()
        except (psycopg.OperationalError, OSError) as error:
            await self.aclose()
            raise Unavailable(f"PostgreSQL is away: {type(error).__name__}") from None

    async def prepare(self) -> None:
        """Create the tables where they are missing.  Raises `Unavailable`."""
        await self.asked(b"SELECT 1")

    async def aclose(self) -> None:
        """Close the connection; the next question opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _opened(self) -> psycopg.AsyncConnection[Any]:
        async with self._opening:
            if self._connection is None or self._connection.closed:
                connection = await connected(self._url, _CONNECT)
                try:
                    await _made(connection)
                except BaseException:
                    await connection.close()
                    raise
                self._connection = connection
            return self._connection


async def _made(connection: psycopg.AsyncConnection[Any]) -> None:
    """Create the tables, unless they are there: a role that may not create needs not to."""
    found = await (await connection.execute(_FOUND)).fetchone()
    if found == (True,):
        return
    async with connection.transaction():
        # Two that make the same table at once stumble over each other.
        await connection.execute(b"SELECT pg_advisory_xact_lock(%d)" % _LOCK)
        await connection.execute(_TABLES, prepare=False)
