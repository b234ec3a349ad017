"""What was revealed to whom: a person's words, for one session or key, for minutes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.runtime.access.tables import AccessTables

REVEALED_FOR = timedelta(minutes=15)


class Reveals:
    """
    Which streams (a person's, a conversation's) are in the clear for which holder.

    Written only after the fact that says so is in the journal.  Raises `Unavailable`.
    """

    def __init__(self, tables: AccessTables) -> None:
        self._tables = tables

    async def open(self, holder: str, stream: str, now: datetime) -> datetime:
        """Let a holder see a stream's words from now on; return until when."""
        ends_at = now + REVEALED_FOR
        await self._tables.asked(b"DELETE FROM console_reveals WHERE ends_at <= %(now)s", now=now)
        await self._tables.asked(
            b"INSERT INTO console_reveals (holder, stream, ends_at)"
            b" VALUES (%(holder)s, %(stream)s, %(ends_at)s)"
            b" ON CONFLICT (holder, stream) DO UPDATE SET ends_at = excluded.ends_at",
            holder=holder, stream=stream, ends_at=ends_at,
        )  # fmt: skip
        return ends_at

    async def are_open(self, holder: str, streams: Sequence[str], now: datetime) -> bool:
        """Return whether one of the streams was revealed to the holder, of late."""
        found = await self._tables.asked(
            b"SELECT 1 FROM console_reveals"
            b" WHERE holder = %(holder)s AND stream = ANY(%(streams)s) AND ends_at > %(now)s"
            b" LIMIT 1",
            holder=holder, streams=list(streams), now=now,
        )  # fmt: skip
        return bool(found)
