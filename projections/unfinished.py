"""The question of the reconciliation: which texts left and were never told to have arrived."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import class_row


class Unfinished(NamedTuple):
    """An attempt that the carrier took, without a final status."""

    attempt_id: str
    provider_sid: str


async def unfinished(
    connection: psycopg.AsyncConnection[Any], since: datetime, until: datetime, limit: int
) -> Sequence[Unfinished]:
    """Return the texts asked for between two times that the carrier still has, any of them."""
    async with connection.cursor(row_factory=class_row(Unfinished)) as cursor:
        await cursor.execute(
            "SELECT c.attempt_id, c.provider_sid FROM outbox o JOIN charges c USING (attempt_id)"
            " WHERE o.requested_at >= %s AND o.requested_at < %s AND o.status = 'sent'"
            " AND c.provider_sid IS NOT NULL ORDER BY random() LIMIT %s",
            (since, until, limit),
        )
        return await cursor.fetchall()
