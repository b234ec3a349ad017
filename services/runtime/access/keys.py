"""Access keys of programs: made and revoked by `parley keys`, kept as digests."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.access import is_grant, rights_of
from services.runtime.access.tables import AccessTables
from services.runtime.access.tokens import digest, fresh_token
from services.runtime.access.visitor import Visitor

KEY_BEGINS = "parley_"
# parley_<8 hexadecimal characters: the id>_<256 random bits>: easy to find where it was leaked.
_KEY = re.compile(r"parley_([0-9a-f]{8})_[A-Za-z0-9_-]{43}")
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,80}")
# When it was used is written once a minute: a key may be used a hundred times a second.
_FIND = b"""
SELECT name, digest, grants, used_at IS NULL OR used_at < %(now)s - interval '1 minute'
FROM console_keys WHERE key_id = %(id)s AND revoked_at IS NULL
AND (ends_at IS NULL OR ends_at > %(now)s)
"""


class GrantRefused(ValueError):
    """A name or a grant that cannot be given; `str()` is a sentence."""


@dataclass(frozen=True, slots=True)
class KeyMade:
    """A new key; `key` itself is shown once and is kept nowhere."""

    key_id: str
    key: str


class KeyRow(NamedTuple):
    """What is known of a key."""

    key_id: str
    name: str
    grants: Sequence[str]
    created_at: datetime
    ends_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None


def refuse_unknown(name: str, grants: Sequence[str]) -> None:
    """Raise `GrantRefused` for a name or for grants that cannot be given."""
    if not _NAME.fullmatch(name):
        raise GrantRefused("A name is one line of 1 to 80 characters.")
    if not grants:
        raise GrantRefused("Say what may be done with it: at least one role or right.")
    for grant in grants:
        if not is_grant(grant):
            raise GrantRefused(f"{grant!r} is neither a role nor a right.")


class Keys:
    """The keys; raises `Unavailable`."""

    def __init__(self, tables: AccessTables) -> None:
        self._tables = tables

    async def make(
        self, name: str, grants: Sequence[str], at: datetime, ends_at: datetime | None = None
    ) -> KeyMade:
        """Make a key with these roles and rights.  Raises `GrantRefused`."""
        refuse_unknown(name, grants)
        key_id = secrets.token_hex(4)
        key = f"parley_{key_id}_{fresh_token()}"
        await self._tables.asked(
            b"INSERT INTO console_keys (key_id, name, digest, grants, created_at, ends_at)"
            b" VALUES (%(id)s, %(name)s, %(digest)s, %(grants)s, %(at)s, %(ends_at)s)",
            id=key_id, name=name, digest=digest(key), grants=list(dict.fromkeys(grants)), at=at,
            ends_at=ends_at,
        )  # fmt: skip
        return KeyMade(key_id, key)

    async def visitor(self, key: str, now: datetime) -> Visitor | None:
        """Return whose key this is; None if it is nobody's, or nobody's any more."""
        named = _KEY.fullmatch(key)
        if named is None:
            return None
        key_id = named[1]
        found = await self._tables.asked(_FIND, id=key_id, now=now)
        if not found or not secrets.compare_digest(found[0][1], digest(key)):
            return None
        name, _, grants, to_note = found[0]
        if to_note:
            await self._tables.asked(
                b"UPDATE console_keys SET used_at = %(now)s WHERE key_id = %(id)s",
                now=now, id=key_id,
            )  # fmt: skip
        return Visitor(name, rights_of(grants), "key", key_id)

    async def every(self) -> Sequence[KeyRow]:
        """Return every key that was made, the newest first."""
        rows = await self._tables.asked(
            b"SELECT key_id, name, grants, created_at, ends_at, used_at, revoked_at"
            b" FROM console_keys ORDER BY created_at DESC, key_id"
        )
        return [KeyRow(*row) for row in rows]

    async def revoke(self, key_id: str, at: datetime) -> bool:
        """End a key, and with it the sessions it began; False if there is none that lives."""
        ended = await self._tables.asked(
            b"UPDATE console_keys SET revoked_at = %(at)s"
            b" WHERE key_id = %(id)s AND revoked_at IS NULL RETURNING key_id",
            at=at, id=key_id,
        )  # fmt: skip
        return bool(ended)
