"""Letting somebody in from outside of the console: a link made by whoever runs it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from services.runtime.access.links import Invited, Links
from services.runtime.access.tables import AccessTables


async def forget_guests(database_url: str) -> None:
    """
    End the sessions that a backup brought back: some were signed out since.

    Keys stay: nobody but their owner knows which were revoked since.  Links are too old in any
    case.  Raises `Unavailable`.
    """
    tables = AccessTables(database_url)
    try:
        await tables.asked(b"DELETE FROM console_sessions")
        await tables.asked(b"DELETE FROM console_reveals")
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
