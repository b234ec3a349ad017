"""What each attempt to send a text was counted at, and what the carrier charged for it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import class_row, tuple_row

from contracts import conversation as c
from contracts.recorded import Recorded
from projections.view import Projection, Rows


class Charged(NamedTuple):
    """
    One attempt, in micro-dollars.

    `lot_id` is None beside the cap.  `status` is `open` until the carrier has the text (`sent`),
    certainly has not (`free`) or was found not to have it (`absent`); `charged` is its own price.
    """

    attempt_id: str
    account: str
    lot_id: str | None
    kind: str
    segments: int
    estimated: int
    charged: int | None
    provider_sid: str | None
    status: str
    at: datetime
    stream: str


def _keys(recorded: Recorded[Any]) -> Iterable[str]:
    return (recorded.fact.attempt_id,)


def _fold(rows: Rows[Charged], recorded: Recorded[Any]) -> None:
    fact = recorded.fact
    if isinstance(fact, c.SmsAttempted):
        if fact.charge is not None:
            rows.put(_new(fact, fact.charge, recorded.stream))
        return
    row = rows.get(fact.attempt_id)
    if row is not None:
        rows.put(_told(row, fact))


def _new(fact: c.SmsAttempted, charge: c.Charge, stream: str) -> Charged:
    return Charged(
        fact.attempt_id, charge.account, charge.lot_id, charge.kind, charge.segments,
        charge.microdollars, None, None, "open", fact.started_at, stream,
    )  # fmt: skip


def _told(row: Charged, fact: Any) -> Charged:
    match fact:
        case c.SmsPriced():
            return row._replace(charged=fact.microdollars)
        case c.SmsAbsent():
            return row._replace(status="absent")
        case c.SmsFailed(status="not_sent" | "rejected"):
            return row._replace(status="free")
        case c.SmsSent() | c.SmsDelivered() | c.SmsFailed(provider_sid=str()):
            return row._replace(status="sent", provider_sid=fact.provider_sid)
        case _:
            return row


CHARGES = Projection(
    name="charges",
    version=1,
    row=Charged,
    ddl="""
CREATE TABLE {table} (
    attempt_id text PRIMARY KEY,
    account text NOT NULL,
    lot_id text,
    kind text NOT NULL,
    segments integer NOT NULL,
    estimated bigint NOT NULL,
    charged bigint,
    provider_sid text,
    status text NOT NULL,
    at timestamptz NOT NULL,
    stream text NOT NULL
);
CREATE INDEX {table}_lot ON {table} (lot_id);
CREATE INDEX {table}_account ON {table} (account, at);
CREATE INDEX {table}_unpriced ON {table} (at, attempt_id)
    WHERE charged IS NULL AND status IN ('sent', 'absent');
""",
    hears=frozenset(
        {c.SmsAttempted, c.SmsSent, c.SmsDelivered, c.SmsFailed, c.SmsAbsent, c.SmsPriced}
    ),
    keys=_keys,
    fold=_fold,
)


class Share(NamedTuple):
    """What texts of a kind came to on a day (UTC), in micro-dollars; as far as is known."""

    day: str
    kind: str
    texts: int
    segments: int
    microdollars: int


# A day is written out once for each sum, not once for each text: that was half of the time.
_SHARES = b"""
SELECT to_char(day AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, kind, texts, segments, microdollars
FROM (
    SELECT date_bin('1 day', at, '2000-01-01T00:00:00Z') AS day, kind, count(*) AS texts,
        sum(segments)::bigint AS segments,
        sum(coalesce(charged, estimated))::bigint AS microdollars
    FROM charges
    WHERE account = %s AND at >= %s AND at < %s AND status <> 'free' GROUP BY 1, 2
) AS days ORDER BY 1, 2
"""
EVER = datetime(1000, 1, 1, tzinfo=UTC)
NEVER = datetime(9000, 1, 1, tzinfo=UTC)


async def shares(
    connection: psycopg.AsyncConnection[Any],
    account: str,
    since: datetime = EVER,
    before: datetime = NEVER,
) -> Sequence[Share]:
    """Return an account's spending by day and kind, in order: of attempts made in that time."""
    async with connection.cursor(row_factory=class_row(Share)) as cursor:
        await cursor.execute(_SHARES, (account, since, before))
        return await cursor.fetchall()


async def newest_day(connection: psycopg.AsyncConnection[Any], account: str) -> datetime | None:
    """Return when the day (UTC) of an account's newest attempt began."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(b"SELECT max(at) FROM charges WHERE account = %s", (account,))
        found = await cursor.fetchone()
    newest: datetime | None = None if found is None else found[0]
    if newest is None:
        return None
    return newest.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


class Drawn(NamedTuple):
    """What was drawn on a lot."""

    microdollars: int
    texts: int


async def drawn_on(connection: psycopg.AsyncConnection[Any], lot_id: str) -> Drawn:
    """Return what the attempts that name a lot were counted at; what was not taken is free."""
    async with connection.cursor(row_factory=class_row(Drawn)) as cursor:
        await cursor.execute(
            b"SELECT coalesce(sum(estimated), 0)::bigint AS microdollars, count(*) AS texts"
            b" FROM charges WHERE lot_id = %s AND status <> 'free'",
            (lot_id,),
        )
        found = await cursor.fetchone()
    return found or Drawn(0, 0)


async def unpriced(
    connection: psycopg.AsyncConnection[Any],
    before: datetime,
    limit: int,
    after: Charged | None = None,
) -> Sequence[Charged]:
    """Return attempts made before then whose price is not known, the oldest behind `after`."""
    behind = (after.at, after.attempt_id) if after is not None else (None, "")
    async with connection.cursor(row_factory=class_row(Charged)) as cursor:
        await cursor.execute(
            b"SELECT * FROM charges WHERE charged IS NULL AND status IN ('sent', 'absent')"
            b" AND at < %s AND (%s::timestamptz IS NULL OR (at, attempt_id) > (%s, %s))"
            b" ORDER BY at, attempt_id LIMIT %s",
            (before, behind[0], *behind, limit),
        )
        return await cursor.fetchall()


async def through(connection: psycopg.AsyncConnection[Any]) -> int:
    """Return the position of the journal up to which charges are counted; 0 if none are."""
    async with connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(b"SELECT position FROM projection_positions WHERE name = 'charges'")
        found = await cursor.fetchone()
    return int(found[0]) if found is not None else 0
