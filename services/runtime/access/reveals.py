"""What was revealed to whom: a person's words, for one session or key, for minutes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from contracts.recorded import Subject
from services.runtime.access.tables import AccessTables

REVEALED_FOR = timedelta(minutes=15)


class Reveals:
    """
    Which streams (a person's, a conversation's) are in the clear for which holder.

    One ends after a quarter of an hour, and is of one generation of a person's keys.  Written
    only after the fact that says so is in the journal.  Raises `Unavailable`.
    """

    def __init__(self, tables: AccessTables) -> None:
        self._tables = tables

    async def open(self, holder: str, stream: str, whose: Subject, now: datetime) -> datetime:
        """Let a holder see a stream's words, sealed as `whose`, from now on; return until when."""
        ends_at = now + REVEALED_FOR
        await self._tables.asked(b"DELETE FROM console_reveals WHERE ends_at <= %(now)s", now=now)
        await self._tables.asked(
            b"INSERT INTO console_reveals (holder, stream, person_id, generation, ends_at)"
            b" VALUES (%(holder)s, %(stream)s, %(who)s, %(generation)s, %(ends_at)s)"
            b" ON CONFLICT (holder, stream) DO UPDATE SET ends_at = excluded.ends_at,"
            b" person_id = excluded.person_id, generation = excluded.generation",
            holder=holder, stream=stream, who=whose.person_id, generation=whose.generation,
            ends_at=ends_at,
        )  # fmt: skip
        return ends_at

    async def whose(self, holder: str, streams: Sequence[str], now: datetime) -> Sequence[Subject]:
        """Return whose words on one of the streams were revealed to the holder, of late."""
        found = await self._tables.asked(
            b"SELECT DISTINCT person_id, generation FROM console_reveals"
            b" WHERE holder = %(holder)s AND stream = ANY(%(streams)s) AND ends_at > %(now)s"
            b" AND generation IS NOT NULL",
            holder=holder, streams=list(streams), now=now,
        )  # fmt: skip
        return [Subject(*row) for row in found]
