"""Letting somebody in from outside of the console: a link made by whoever runs it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from services.runtime.access.links import Invited, Links
from services.runtime.access.tables import AccessTables


async def forget_guests(database_url: str) -> None:
    """
    End the keys, links and sessions that a backup brought back.

    Which of them were revoked, used or signed out since the backup was made, nobody knows any
    more: in doubt nobody comes in.  Raises `Unavailable`.
    """
    tables = AccessTables(database_url)
    try:
        await tables.asked(
            b"UPDATE console_keys SET revoked_at = %(now)s WHERE revoked_at IS NULL",
            now=datetime.now(UTC),
        )
        for statement in (
            b"DELETE FROM console_links",
            b"DELETE FROM console_sessions",
            b"DELETE FROM console_reveals",
        ):
            await tables.asked(statement)
    finally:
        await tables.aclose()


async def invite(
    database_url: str, token: str, name: str, grants: Sequence[str], *, here_only: bool
) -> None:
    """
    Let a token be good for one sign-in under a name.

    Raises `GrantRefused`, and `Unavailable` while PostgreSQL is away.
    """
    tables = AccessTables(database_url)
    try:
        invited = Invited(name, grants)
        await Links(tables).make(token, invited, datetime.now(UTC), here_only=here_only)
    finally:
        await tables.aclose()
