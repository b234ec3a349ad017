"""Sessions of browsers: kept here, known to the browser by an opaque cookie."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.access import rights_of
from services.runtime.access.tables import AccessTables
from services.runtime.access.tokens import digest, form_token, fresh_token
from services.runtime.access.visitor import How, Visitor

_BEGIN = b"""
INSERT INTO console_sessions (digest, name, grants, how, key_id, begun_at, seen_at, ends_at)
VALUES (%(digest)s, %(name)s, %(grants)s, %(how)s, %(key_id)s, %(now)s, %(now)s, %(ends_at)s)
"""
_FIND = b"""
SELECT s.name, s.grants, s.how, s.seen_at < %(now)s - interval '30 seconds'
FROM console_sessions s LEFT JOIN console_keys k USING (key_id)
WHERE s.digest = %(digest)s AND s.ends_at > %(now)s AND s.seen_at > %(idle_since)s
AND (s.key_id IS NULL
     OR (k.revoked_at IS NULL AND (k.ends_at IS NULL OR k.ends_at > %(now)s)))
"""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lives: unused, and in all."""

    idle: timedelta
    whole: timedelta


class Sessions:
    """The sessions; raises `Unavailable`."""

    def __init__(self, tables: AccessTables, lifetimes: Lifetimes) -> None:
        self._tables = tables
        self._lifetimes = lifetimes

    async def begin(
        self,
        name: str,
        grants: Sequence[str],
        now: datetime,
        *,
        how: How = "session",
        key_id: str | None = None,
    ) -> str:
        """Return the cookie of a new session; it ends with the key `key_id`, if that began it."""
        token = fresh_token()
        await self._tidy(now)
        await self._tables.asked(
            _BEGIN, digest=digest(token), name=name, grants=list(grants), how=how, key_id=key_id,
            now=now, ends_at=now + self._lifetimes.whole,
        )  # fmt: skip
        return token

    async def visitor(self, token: str, now: datetime, *, busy: bool) -> Visitor | None:
        """
        Return whose session this is; None if it is over.

        `busy` says that a person does something: a page that refreshes itself keeps no session
        alive.
        """
        kept = digest(token)
        idle_since = now - self._lifetimes.idle
        found = await self._tables.asked(_FIND, digest=kept, now=now, idle_since=idle_since)
        if not found:
            return None
        name, grants, how, to_note = found[0]
        if to_note and busy:
            await self._tables.asked(
                b"UPDATE console_sessions SET seen_at = %(now)s WHERE digest = %(digest)s",
                now=now, digest=kept,
            )  # fmt: skip
        return Visitor(name, rights_of(grants), how, kept.hex(), form_token(token))

    async def end(self, token: str) -> None:
        """End a session, and what was revealed in it."""
        kept = digest(token)
        await self._tables.asked(
            b"DELETE FROM console_sessions WHERE digest = %(digest)s", digest=kept
        )
        await self._tables.asked(
            b"DELETE FROM console_reveals WHERE holder = %(holder)s", holder=kept.hex()
        )

    async def _tidy(self, now: datetime) -> None:
        await self._tables.asked(
            b"DELETE FROM console_sessions WHERE ends_at <= %(now)s OR seen_at <= %(idle)s",
            now=now, idle=now - self._lifetimes.idle,
        )  # fmt: skip
