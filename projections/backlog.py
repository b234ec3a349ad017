"""How much waits, for whom and for how long: a few numbers for whoever watches."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import dict_row

from contracts.conversation import TAKEN_OVER_FOR


class Waiting(NamedTuple):
    """How many wait, and since when the longest of them does."""

    many: int
    since: datetime | None


class Backlog(NamedTuple):
    """
    What waits, and the month's money in micro-dollars.

    `due` by kind: steps whose time has come.  `safety` by tier: cases nobody closed, and
    `unacknowledged` those of them that nobody has looked at.  `unannounced` counts the facts
    that the relay has not looked at.
    """

    due: Mapping[str, Waiting]
    safety: Mapping[str, Waiting]
    unacknowledged: Mapping[str, Waiting]
    dead_letters: Waiting
    shifts: Waiting
    unknown_outcomes: Waiting
    spent: int
    reserved: int
    beside: int
    unannounced: int


_ASKED = b"""
SELECT 'due' AS what, kind AS which, count(*) AS count, min(due_at) AS since
FROM due
WHERE due_at <= CASE kind WHEN 'idle' THEN %(idle_since)s::timestamptz
    WHEN 'taken' THEN %(taken_since)s ELSE %(now)s END
  AND kind <> 'consent' AND NOT (kind IN ('idle', 'taken') AND busy)
GROUP BY kind
UNION ALL
SELECT 'safety', tier, count(*), min(opened_at) FROM safety WHERE waits GROUP BY tier
UNION ALL
SELECT 'unacknowledged', tier, count(*), min(opened_at) FROM safety WHERE state = 'open'
GROUP BY tier
UNION ALL
SELECT 'dead_letters', '', count(*), min(put_aside_at) FROM dead_letters WHERE state = 'waiting'
UNION ALL
SELECT 'shifts', '', count(*), min(ended_at) FROM shifts WHERE state <> 'accepted'
UNION ALL
SELECT 'unknown', '', count(*), min(requested_at) FROM outbox WHERE status = 'unknown'
"""
_MONEY = b"""
SELECT coalesce(sum(spent), 0)::bigint AS spent, coalesce(sum(reserved), 0)::bigint AS reserved,
       coalesce(sum(beside), 0)::bigint AS beside
FROM spending WHERE month = %(month)s
"""
_ANNOUNCED = b"""
SELECT greatest(
    coalesce((SELECT max(notification_id) FROM stored_events), 0)
    - coalesce((SELECT max(position) FROM relay_state), 0), 0
) AS unannounced
"""
_NOTHING = Waiting(0, None)


async def backlog(
    connection: psycopg.AsyncConnection[Any], now: datetime, idle: timedelta
) -> Backlog:
    """
    Return what waits now.

    Raises psycopg's `UndefinedTable` before projector and relay have started for the first time.
    """
    asked = {
        "now": now,
        "idle_since": now - idle,
        "taken_since": now - max(idle, TAKEN_OVER_FOR),
        "month": f"{now:%Y-%m}",
    }
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_ASKED, asked)
        rows = await cursor.fetchall()
        await cursor.execute(_MONEY, asked)
        money = await cursor.fetchone() or {}
        await cursor.execute(_ANNOUNCED)
        told = await cursor.fetchone() or {}
    found = {(row["what"], row["which"]): Waiting(int(row["count"]), row["since"]) for row in rows}
    return Backlog(
        due=_by(found, "due"),
        safety=_by(found, "safety"),
        unacknowledged=_by(found, "unacknowledged"),
        dead_letters=found.get(("dead_letters", ""), _NOTHING),
        shifts=found.get(("shifts", ""), _NOTHING),
        unknown_outcomes=found.get(("unknown", ""), _NOTHING),
        spent=int(money["spent"]),
        reserved=int(money["reserved"]),
        beside=int(money["beside"]),
        unannounced=int(told["unannounced"]),
    )


def _by(found: Mapping[tuple[str, str], Waiting], what: str) -> dict[str, Waiting]:
    return {which: waiting for (of, which), waiting in found.items() if of == what}
