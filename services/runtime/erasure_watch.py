"""Watches that nobody whom the ledger says erased is still known."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime

import psycopg
import structlog

from projections.queries import Connection
from services.runtime import meters
from services.runtime.console.views import Views
from services.runtime.ports import ErasureLedger, Forgotten, LedgerRefused, Unavailable

log = structlog.get_logger()

EVERY_S = 60.0
_ASKED = b"SELECT person_id, registered_at FROM people WHERE NOT erased AND person_id = ANY(%s)"


class ErasureWatch:
    """
    Compares the ledger of erasures with the people every minute.

    The ledger is written before a person is erased, so who stands there and not in the journal
    was left half-way: by a crash, or by a backup that was restored.
    """

    def __init__(self, ledger: ErasureLedger, views: Views) -> None:
        self._ledger = ledger
        self._views = views

    async def run(self) -> None:
        """Look for ever."""
        while True:
            try:
                await self.look()
            except (Unavailable, LedgerRefused, psycopg.Error) as error:
                log.warning("the erasures were not compared", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Look once.  Raises `Unavailable`, `LedgerRefused` and psycopg's errors."""
        told = newest(await asyncio.to_thread(self._ledger.read))
        async with self._views.asked() as connection:
            known = await _known(connection, list(told))
        meters.erasures_unfinished.set(unfinished(told, known))


def newest(lines: Iterable[Forgotten]) -> Mapping[str, datetime]:
    """Return when each person was erased last, by id."""
    found: dict[str, datetime] = {}
    for line in lines:
        found[line.person_id] = max(line.at, found.get(line.person_id, line.at))
    return found


def unfinished(told: Mapping[str, datetime], known: Mapping[str, datetime | None]) -> int:
    """Return how many are known from before their erasure; who came back later is not meant."""
    return sum(
        1
        for who, registered_at in known.items()
        if registered_at is None or registered_at <= told[who]
    )


async def _known(connection: Connection, who: list[str]) -> Mapping[str, datetime | None]:
    if not who:
        return {}
    cursor = await connection.execute(_ASKED, (who,))
    return {str(row[0]): row[1] for row in await cursor.fetchall()}
