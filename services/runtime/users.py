"""Who a user of the global agent is among our people."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from projections.people import PEOPLE
from projections.queries import position
from services.runtime.database import connected
from services.runtime.ports import Journal, Unavailable
from services.runtime.process import Later
from services.runtime.together import Together

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
SELECT DISTINCT ON (user_id) user_id, person_id FROM people
WHERE user_id = ANY (%s) AND NOT erased
ORDER BY user_id, consent = 'granted' DESC, registered_at DESC NULLS LAST, person_id
"""
_AT_ONCE = 128


class Users:
    """The projection `people`, asked by user id; it is never taken at its word too early."""

    def __init__(self, database_url: str, journal: Journal) -> None:
        self._url = database_url
        self._journal = journal
        self._looks = Together(self._look, every_s=0.0, most=_AT_ONCE)

    async def person_id(self, user_id: str) -> str | None:
        """
        Return the person who is this user; None if nobody is, as of now.

        Raises `Unavailable`, and `Later` while the projection has not taken in what was known
        when it was asked.
        """
        return await self._looks.ask(user_id)

    async def _look(self, user_ids: Sequence[str]) -> Sequence[str | None]:
        """Return who some users are; those who ask meanwhile share the next connection."""
        head = await self._journal.head()
        try:
            async with await connected(self._url, _CONNECT) as connection:
                found = await self._found(connection, set(user_ids), head)
        except (psycopg.Error, OSError) as error:
            raise Unavailable(f"PostgreSQL is away: {type(error).__name__}") from None
        return [found.get(user_id) for user_id in user_ids]

    async def _found(
        self, connection: psycopg.AsyncConnection[Any], user_ids: set[str], head: int
    ) -> Mapping[str, str]:
        for _ in range(_LOOKS):
            standing = await position(connection, PEOPLE.name)
            found = await _rows(connection, user_ids)
            if len(found) == len(user_ids) or standing >= head:
                return found
            await asyncio.sleep(_LOOK_S)
        raise Later(_LATER_S, "the list of people is behind", release=True)


async def _rows(connection: psycopg.AsyncConnection[Any], user_ids: set[str]) -> Mapping[str, str]:
    try:
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(_ASKED, (sorted(user_ids),))
            return {str(user): str(person) for user, person in await cursor.fetchall()}
    except psycopg.errors.UndefinedTable:
        return {}  # the projector has not started for the first time yet
