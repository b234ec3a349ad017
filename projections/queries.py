"""The questions that whoever looks asks of the projections: a page of a list, one row, how new."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, LiteralString, NamedTuple, TypeVar

import psycopg
from psycopg import sql
from psycopg.rows import class_row, tuple_row

from projections.catalogue import PROJECTIONS
from projections.dead_letters import DEAD_LETTERS, DeadLetter
from projections.due import DUE, Due
from projections.escalations import ESCALATIONS, Escalation
from projections.harness_health import HARNESS_HEALTH, Harness
from projections.inbox import INBOX, Conversation
from projections.outbox import OUTBOX, Outgoing
from projections.people import PEOPLE, Person
from projections.safety import SAFETY, Case
from projections.shifts import SHIFTS, Shift
from projections.spending import MODEL_DAYS, SPENDING, ModelDay, Month
from projections.transcript import TRANSCRIPT, Line
from projections.view import Projection

R = TypeVar("R", bound=tuple[Any, ...])

Connection = psycopg.AsyncConnection[Any]

_LONGEST_CURSOR = 400
_RISING = sql.SQL(">"), sql.SQL("ASC")


class BadCursor(ValueError):
    """A cursor is none that this list gave."""


def _first(row: Any) -> int:
    del row
    return 0


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """
    How a projection is listed: by a time and the key, section after section.

    A section is a condition; all its rows come before the next section's, so that every page is
    one range of an index, whose `order` it must be to the letter.  `section_of` says in which
    section a row is.  `narrowed_by` names the columns that may be asked to equal something.
    """

    projection: Projection[R]
    time: str
    key: str
    newest_first: bool = True
    order: LiteralString = "{} DESC, {} DESC"
    sections: tuple[LiteralString, ...] = ("TRUE",)
    section_of: Callable[[Any], int] = _first
    narrowed_by: tuple[str, ...] = ()


class Slice(NamedTuple, Generic[R]):
    """A page of a list: its rows, where the next page begins, None behind the last one."""

    rows: Sequence[R]
    cursor: str | None


class _Place(NamedTuple):
    """A row's place in its list; without a time, the key alone orders the section."""

    section: int
    at: datetime | None
    key: str


CONVERSATIONS: Listing[Conversation] = Listing(
    INBOX, "last_at", "conversation_id", narrowed_by=("person_id", "status")
)
OUTGOING: Listing[Outgoing] = Listing(
    OUTBOX, "requested_at", "sms_id", narrowed_by=("conversation_id", "status")
)
EVERYBODY: Listing[Person] = Listing(
    PEOPLE,
    "registered_at",
    "person_id",
    order="{} DESC NULLS LAST, {} DESC",
    sections=("registered_at IS NOT NULL", "registered_at IS NULL"),
    section_of=lambda row: 1 if row.registered_at is None else 0,
    narrowed_by=("consent", "user_id"),
)
NEEDS: Listing[Escalation] = Listing(
    ESCALATIONS,
    "requested_at",
    "escalation_id",
    narrowed_by=("person_id", "status"),
)
UNFINISHED: Listing[Due] = Listing(
    DUE, "due_at", "id", newest_first=False, order="{}, {}", sections=("urgent", "NOT urgent"),
    section_of=lambda row: 0 if row.urgent else 1, narrowed_by=("kind",),
)  # fmt: skip
_TIERS: Mapping[str, int] = {"critical": 0, "high": 1, "medium": 2}
CASES: Listing[Case] = Listing(
    SAFETY,
    "opened_at",
    "case_id",
    sections=(
        "waits AND tier = 'critical'",
        "waits AND tier = 'high'",
        "waits AND tier = 'medium'",
        "NOT waits",
    ),
    section_of=lambda row: _TIERS[row.tier] if row.waits else len(_TIERS),
    narrowed_by=("state", "tier", "person_id", "conversation_id"),
)
LETTERS: Listing[DeadLetter] = Listing(
    DEAD_LETTERS, "put_aside_at", "letter_id", narrowed_by=("state", "consumer")
)
HANDOVERS: Listing[Shift] = Listing(
    SHIFTS, "ended_at", "conversation_id", narrowed_by=("state", "shift_id")
)
MONEY: Listing[Month] = Listing(SPENDING, "changed_at", "account", narrowed_by=("month",))
HARNESS: Listing[Harness] = Listing(HARNESS_HEALTH, "at", "span", narrowed_by=("per",))


async def position(connection: Connection, *names: str) -> int:
    """
    Return up to where the projections have taken in the journal: the one furthest behind.

    Asked before the rows, it is never ahead of them.  0 before the projector first started.
    """
    wanted = names or tuple(projection.name for projection in PROJECTIONS)
    try:
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(
                b"SELECT coalesce(min(position), 0) FROM projection_positions"
                b" WHERE name = ANY(%s) HAVING count(*) = %s",
                (list(wanted), len(wanted)),
            )
            found = await cursor.fetchone()
    except psycopg.errors.UndefinedTable:
        return 0
    return 0 if found is None else int(found[0])


async def page(
    connection: Connection,
    listing: Listing[R],
    limit: int,
    cursor: str | None = None,
    narrowed: Mapping[str, str] | None = None,
) -> Slice[R]:
    """Return the rows behind `cursor`, at most `limit`.  Raises `BadCursor`."""
    place = _Place(0, None, "") if cursor is None else _place(listing, cursor)
    rows: list[R] = []
    begun = cursor is not None
    for section in range(place.section, len(listing.sections)):
        after = place if begun and section == place.section else None
        wanted = limit + 1 - len(rows)
        rows += await _rows(connection, listing, section, after, wanted, narrowed or {})
        if len(rows) > limit:
            return Slice(rows[:limit], _cursor(listing, rows[limit - 1]))
    return Slice(rows, None)


async def one(connection: Connection, listing: Listing[R], key: str) -> R | None:
    """Return the row of a key, if there is one."""
    statement = sql.SQL("SELECT * FROM {} WHERE {} = %s").format(
        sql.Identifier(listing.projection.name), sql.Identifier(listing.key)
    )
    found = await _fetched(connection, listing.projection, statement, (key,))
    return found[0] if found else None


async def model_days(connection: Connection, month: str) -> Sequence[ModelDay]:
    """Return what the models cost in a month (`yyyy-mm`), day by day."""
    statement = sql.SQL("SELECT * FROM {} WHERE starts_with(day, %s) ORDER BY day").format(
        sql.Identifier(MODEL_DAYS.name)
    )
    return await _fetched(connection, MODEL_DAYS, statement, (f"{month}-",))


async def waiting(connection: Connection) -> dict[str, int]:
    """Return how many safety cases and how many dead letters wait for a person."""
    try:
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(
                b"SELECT (SELECT count(*) FROM safety WHERE waits),"
                b" (SELECT count(*) FROM dead_letters WHERE state = 'waiting')"
            )
            found = await cursor.fetchone()
    except psycopg.errors.UndefinedTable:
        found = None
    cases, letters = found or (0, 0)
    return {"safety": int(cases), "dead_letters": int(letters)}


class Steps(NamedTuple):
    """How many unfinished steps of a kind there are, and when the first of them is due."""

    kind: str
    steps: int
    urgent: bool
    due_at: datetime


async def steps(connection: Connection) -> Sequence[Steps]:
    """Return the unfinished steps by kind, the kind that was due first before the others."""
    try:
        async with connection.cursor(row_factory=class_row(Steps)) as cursor:
            await cursor.execute(
                b"SELECT kind, count(*) AS steps, bool_or(urgent) AS urgent, min(due_at) AS due_at"
                b" FROM due GROUP BY kind ORDER BY min(due_at), kind"
            )
            return await cursor.fetchall()
    except psycopg.errors.UndefinedTable:
        return ()


async def texts_by_status(connection: Connection, statuses: Sequence[str]) -> dict[str, int]:
    """Return how many outgoing texts stand so, of the statuses asked for."""
    try:
        async with connection.cursor(row_factory=tuple_row) as cursor:
            await cursor.execute(
                b"SELECT status, count(*) FROM outbox WHERE status = ANY(%s) GROUP BY status",
                (list(statuses),),
            )
            return {str(status): int(count) for status, count in await cursor.fetchall()}
    except psycopg.errors.UndefinedTable:
        return {}


async def waiting_cases(connection: Connection, person_id: str) -> Sequence[Case]:
    """Return a person's safety cases that are not closed."""
    statement = sql.SQL("SELECT * FROM {} WHERE person_id = %s AND waits ORDER BY case_id").format(
        sql.Identifier(SAFETY.name)
    )
    return await _fetched(connection, SAFETY, statement, (person_id,))


async def lines(connection: Connection, conversation_id: str) -> Sequence[Line]:
    """Return a conversation's lines in the person's order."""
    statement = sql.SQL("SELECT * FROM {} WHERE conversation_id = %s ORDER BY at, version").format(
        sql.Identifier(TRANSCRIPT.name)
    )
    return await _fetched(connection, TRANSCRIPT, statement, (conversation_id,))


async def _rows(
    connection: Connection,
    listing: Listing[R],
    section: int,
    after: _Place | None,
    limit: int,
    narrowed: Mapping[str, str],
) -> Sequence[R]:
    time, key = sql.Identifier(listing.time), sql.Identifier(listing.key)
    conditions: list[sql.Composable] = [sql.SQL(listing.sections[section])]
    values: list[Any] = []
    for column, value in narrowed.items():
        conditions.append(sql.SQL("{} = %s").format(sql.Identifier(column)))
        values.append(value)
    beyond = sql.SQL("<" if listing.newest_first else ">")
    if after is not None and after.at is not None:
        conditions.append(sql.SQL("({}, {}) {} (%s, %s)").format(time, key, beyond))
        values += [after.at, after.key]
    elif after is not None:
        conditions.append(sql.SQL("{} {} %s").format(key, beyond))
        values.append(after.key)
    statement = sql.SQL("SELECT * FROM {} WHERE {} ORDER BY {} LIMIT %s").format(
        sql.Identifier(listing.projection.name),
        sql.SQL(" AND ").join(conditions),
        sql.SQL(listing.order).format(time, key),
    )
    return await _fetched(connection, listing.projection, statement, (*values, limit))


async def _fetched(
    connection: Connection,
    projection: Projection[R],
    statement: sql.Composed,
    values: Sequence[Any],
) -> Sequence[R]:
    try:
        async with connection.cursor(row_factory=class_row(projection.row)) as cursor:
            await cursor.execute(statement, values)
            return await cursor.fetchall()
    except psycopg.errors.UndefinedTable:
        return ()  # the projector has not started for the first time yet


def _cursor(listing: Listing[R], row: R) -> str:
    at, key = getattr(row, listing.time), getattr(row, listing.key)
    section = listing.section_of(row)
    told = [listing.projection.name, section, at and at.isoformat(), key]
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def _place(listing: Listing[R], cursor: str) -> _Place:
    if len(cursor) > _LONGEST_CURSOR:
        raise BadCursor("The cursor is too long.")
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        told: Any = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        name, section, at, key = told
        place = _Place(section, None if at is None else datetime.fromisoformat(at), key)
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise BadCursor("The cursor is none that this list gave.") from None
    if not _possible(listing, name, place):
        raise BadCursor("The cursor is none that this list gave.")
    return place


def _possible(listing: Listing[Any], name: object, place: _Place) -> bool:
    timeless = place.at is None
    return (
        name == listing.projection.name
        and type(place.section) is int
        and 0 <= place.section < len(listing.sections)
        and isinstance(place.key, str)
        and place.key.isascii()
        and place.key.isprintable()
        and timeless == (listing.sections[place.section] == f"{listing.time} IS NULL")
        and (place.at is None or place.at.tzinfo is not None)
    )
