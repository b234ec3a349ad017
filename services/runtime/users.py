"""Who a user of the global agent is among our people."""

import asyncio
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from projections.people import PEOPLE
from projections.queries import position
from services.runtime.database import connected
from services.runtime.ports import Journal, Unavailable
from services.runtime.process import Later

_CONNECT: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 3,
    "application_name": "parley users",
    "options": "-c statement_timeout=10s -c search_path=public",
}
# The projector is behind for moments; longer than that, the question is asked again later.
_LOOKS, _LOOK_S = 20, 0.1
_LATER_S = 2.0
# Of several with one user id, whoever may be texted comes first, then whoever came last.
_ASKED = b"""
SELECT person_id FROM people WHERE user_id = %s AND NOT erased
ORDER BY consent = 'granted' DESC, registered_at DESC NULLS LAST, person_id LIMIT 1
"""


class Users:
    """The projection `people`, asked by user id; it is never taken at its word too early."""

    def __init__(self, database_url: str, journal: Journal) -> None:
        self._url = database_url
        self._journal = journal

    async def person_id(self, user_id: str) -> str | None:
        """
        Return the person who is this user; None if nobody is, as of now.

        Raises `Unavailable`, and `Later` while the projection has not taken in what was known
        when it was asked.
        """
        head = await self._journal.head()
        try:
            async with await connected(self._url, _CONNECT) as connection:
                return await self._found(connection, user_id, head)
        except (psycopg.Error, OSError) as error:
            raise Unavailable(f"PostgreSQL is away: {type(error).__name__}") from None

    async def _found(
        self, connection: psycopg.AsyncConnection[Any], user_id: str, head: int
    ) -> str | None:
        for _ in range(_LOOKS):
            standing = await position(connection, PEOPLE.name)
            found = await _row(connection, user_id)
            if found is not None or standing >= head:
                return found
            await asyncio.sleep(_LOOK_S)
        raise Later(_LATER_S, "the list of people is behind", release=True)


async def _row(connection: psycopg.AsyncConnection[Any], user_id: str) -> str | None:
    try:
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_ASKED, (user_id,))
            found = await cursor.fetchone()
    except psycopg.errors.UndefinedTable:
        return None  # the projector has not started for the first time yet
    return None if found is None else str(found[0])
