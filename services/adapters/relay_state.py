"""Where the relay stands: one row, and a lock that only one relay holds at a time."""

from typing import Any

import psycopg

from services.runtime.database import connected
from services.runtime.ports import Standing, Unavailable

_LOCK = 0x7265_6C61_79  # any number that nobody else in this database locks
_TABLE = """
CREATE TABLE IF NOT EXISTS relay_state (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch integer NOT NULL,
    position bigint NOT NULL
);
INSERT INTO relay_state (epoch, position) VALUES (1, 0) ON CONFLICT DO NOTHING;
"""
_FOUND = b"SELECT to_regclass('relay_state') IS NOT NULL"
_TAKE = b"SELECT pg_try_advisory_lock(%d)" % _LOCK
_READ = b"SELECT epoch, position FROM relay_state"
_CONNECT: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 3,
    "keepalives_idle": 10,
    "tcp_user_timeout": 10_000,
    "application_name": "parley relay",
    # A relay whose machine is gone must not keep the lock; and a position that is lost in a crash
    # only means that some facts are announced twice.
    "options": "-c statement_timeout=10s -c search_path=public -c synchronous_commit=off"
    " -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3",
}


class PostgresRelayState:
    """
    A connection that holds the relay's lock; losing it loses the lock.

    Raises `Unavailable` while PostgreSQL is away.
    """

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def acquire(self) -> Standing | None:
        """Return where to go on, or None while another relay is active."""
        try:
            if self._connection is None or self._connection.closed:
                self._connection = await connected(self._url, _CONNECT)
                await _made(self._connection)
            taken = await self._one(_TAKE)
            if not taken[0]:
                return None
            return Standing(*await self._one(_READ))
        except (psycopg.Error, OSError) as error:
            await self.aclose()
            raise Unavailable(f"PostgreSQL is away: {type(error).__name__}") from None

    async def advance(self, standing: Standing) -> None:
        """
        Remember that everything up to the position was announced in the epoch.

        Raises `Unavailable` as well if another epoch has begun: then `acquire` anew.
        """
        if self._connection is None:
            raise Unavailable("the relay's lock was lost")
        try:
            moved = await self._connection.execute(
                "UPDATE relay_state SET position = %s WHERE epoch = %s",
                (standing.position, standing.epoch),
            )
        except (psycopg.Error, OSError) as error:
            await self.aclose()
            raise Unavailable(f"PostgreSQL is away: {type(error).__name__}") from None
        if moved.rowcount == 0:
            raise Unavailable("a new epoch has begun")

    async def prepare(self) -> None:
        """Create the table where it is missing.  Raises `Unavailable`."""
        try:
            async with await connected(self._url, _CONNECT) as connection:
                await _made(connection)
        except (psycopg.Error, OSError) as error:
            raise Unavailable(f"PostgreSQL is away: {type(error).__name__}") from None

    async def position(self) -> int:
        """Return up to which position the journal was announced, whoever holds the lock."""
        try:
            async with await connected(self._url, _CONNECT) as connection:
                await _made(connection)
                row = await (await connection.execute(_READ)).fetchone()
        except (psycopg.Error, OSError) as error:
            raise Unavailable(f"PostgreSQL is away: {type(error).__name__}") from None
        assert row is not None
        return int(row[1])

    async def new_epoch(self, at_least: int = 0) -> Standing:
        """
        Begin an epoch: whatever is announced from now on is new to the bus.

        A restored database has forgotten epochs; `at_least` is one that there cannot have been.
        """
        try:
            async with await connected(self._url, _CONNECT) as connection:
                await connection.execute("SET synchronous_commit = on")
                await _made(connection)
                cursor = await connection.execute(
                    "UPDATE relay_state SET epoch = greatest(epoch + 1, %s)"
                    " RETURNING epoch, position",
                    (at_least,),
                )
                row = await cursor.fetchone()
        except (psycopg.Error, OSError) as error:
            raise Unavailable(f"PostgreSQL is away: {type(error).__name__}") from None
        assert row is not None
        return Standing(*row)

    async def aclose(self) -> None:
        """Give the lock back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _one(self, statement: bytes) -> tuple[Any, ...]:
        assert self._connection is not None
        row = await (await self._connection.execute(statement)).fetchone()
        assert row is not None
        found: tuple[Any, ...] = row
        return found


async def _made(connection: psycopg.AsyncConnection[Any]) -> None:
    """Create the table, unless it is there: a role that may not create needs not to."""
    found = await (await connection.execute(_FOUND)).fetchone()
    if found != (True,):
        await connection.execute(_TABLE, prepare=False)
