"""One-time links: whoever opens one is signed in, once, within minutes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from services.runtime.access.keys import refuse_unknown
from services.runtime.access.tables import AccessTables
from services.runtime.access.tokens import digest

LINK_FOR = timedelta(minutes=15)
# In one statement, so that of two who open it at once only one comes in.
_TAKE = b"""
UPDATE console_links SET used_at = %(now)s
WHERE digest = %(digest)s AND used_at IS NULL AND ends_at > %(now)s
AND (NOT here_only OR %(here)s)
RETURNING name, grants
"""


class Invited(NamedTuple):
    """Whom a link lets in, and as what."""

    name: str
    grants: Sequence[str]


class Links:
    """The links; raises `Unavailable`."""

    def __init__(self, tables: AccessTables) -> None:
        self._tables = tables

    async def make(
        self, token: str, invited: Invited, at: datetime, *, here_only: bool
    ) -> datetime:
        """
        Let a token be good for one sign-in; return until when.  Raises `GrantRefused`.

        One that is `here_only` is good for a browser on the console's own machine.
        """
        refuse_unknown(invited.name, invited.grants)
        ends_at = at + LINK_FOR
        await self._tables.asked(b"DELETE FROM console_links WHERE ends_at < %(at)s", at=at)
        await self._tables.asked(
            b"INSERT INTO console_links (digest, name, grants, here_only, ends_at)"
            b" VALUES (%(digest)s, %(name)s, %(grants)s, %(here)s, %(ends_at)s)",
            digest=digest(token), name=invited.name, grants=list(invited.grants), here=here_only,
            ends_at=ends_at,
        )  # fmt: skip
        return ends_at

    async def take(self, token: str, now: datetime, *, here: bool) -> Invited | None:
        """Use a link up; None if it is used, too old, nobody's, or not for who is not `here`."""
        found = await self._tables.asked(_TAKE, digest=digest(token), now=now, here=here)
        return Invited(*found[0]) if found else None
