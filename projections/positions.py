"""Where each projection stands in the journal, in the database that holds its table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from projections.view import AnyProjection, Cursor, Page

NEXT = "next"
INDEXED = "-c enable_seqscan=off -c jit=off"
"""Options of a connection that takes pages in: a table that grows fast has no statistics yet."""

_SETUP_LOCK = 0x7061_726C_7669  # any number that nobody else in this database locks
_CREATE = """
CREATE TABLE IF NOT EXISTS projection_positions (
    name text PRIMARY KEY,
    position bigint NOT NULL,
    shape text NOT NULL,
    moved_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""


class Overtaken(Exception):
    """Somebody else moved or rebuilt a projection meanwhile; nothing of the page was written."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A table that is kept up, and the position of the last fact it has taken in."""

    projection: AnyProjection
    position: int

    @property
    def rebuilding(self) -> bool:
        """Whether the table stands beside the live one, to take its place."""
        return self.projection.table != self.projection.name


def prepare(
    connection: psycopg.Connection[Any], projections: Iterable[AnyProjection]
) -> list[Standing]:
    """
    Return every table to keep up, created where it is missing.

    One that was built in another shape stays readable, as it is, while the new one is built
    beside it; whoever catches up calls `swap`.
    """
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        _enter(cursor)
        found = {name: (position, shape) for name, position, shape in _all(cursor)}
        return [
            standing
            for projection in projections
            for standing in _prepared(cursor, projection, found)
        ]


def begin(connection: psycopg.Connection[Any], beside: AnyProjection) -> Standing:
    """Return a table beside the live one, empty and at the journal's beginning."""
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        _enter(cursor)
        return _begun(cursor, beside)


def discard(connection: psycopg.Connection[Any], beside: AnyProjection) -> None:
    """Drop a table beside the live one, and its position."""
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(b"DELETE FROM projection_positions WHERE name = %s", (beside.table,))
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(beside.table)))


def take_in(
    cursor: Cursor, standings: Sequence[Standing], page: Page, through: int | None = None
) -> list[Standing]:
    """
    Apply a page to tables that stand at the same position, in the cursor's transaction.

    They stand at `through` then, by default at the page's last fact.  Raises `Overtaken`,
    `FoldFailed`: rows and positions are then to be rolled back together.
    """
    before = standings[0].position
    after = page[-1].position if through is None else through
    # The positions first: whoever else would move them waits, and then finds them moved.
    move(cursor, [standing.projection.table for standing in standings], before, after)
    for standing in standings:
        standing.projection.apply(cursor, page)
    return [Standing(standing.projection, after) for standing in standings]


def move(cursor: Cursor, tables: Sequence[str], before: int, after: int) -> None:
    """Move the tables' positions on.  Raises `Overtaken` if one of them is elsewhere."""
    cursor.execute(
        b"UPDATE projection_positions SET position = %s, moved_at = clock_timestamp()"
        b" WHERE name = ANY(%s) AND position = %s",
        (after, list(tables), before),
    )
    if cursor.rowcount != len(tables):
        raise Overtaken(", ".join(tables))


def swap(cursor: Cursor, standing: Standing) -> Standing:
    """
    Put the table that was built beside the live one in its place, in the cursor's transaction.

    It must stand no further back than the live one: call `lock` before and catch up.
    """
    old, new = standing.projection.name, standing.projection.table
    cursor.execute(b"DELETE FROM projection_positions WHERE name = %s", (old,))
    cursor.execute(
        b"UPDATE projection_positions SET name = %s, moved_at = clock_timestamp()"
        b" WHERE name = %s AND position = %s",
        (old, new, standing.position),
    )
    if cursor.rowcount != 1:
        raise Overtaken(new)
    cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(old)))
    rename = sql.SQL("ALTER TABLE {} RENAME TO {}")
    cursor.execute(rename.format(sql.Identifier(new), sql.Identifier(old)))
    cursor.execute(
        b"SELECT indexname FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s", (old,)
    )
    for row in cursor.fetchall():
        index = str(row[0])
        cursor.execute(
            sql.SQL("ALTER INDEX {} RENAME TO {}").format(
                sql.Identifier(index), sql.Identifier(index.replace(new, old, 1))
            )
        )
    return Standing(standing.projection.live(), standing.position)


def lock(cursor: Cursor, projection: AnyProjection) -> int:
    """Return the live table's position, held until the transaction ends; 0 without one."""
    cursor.execute(
        b"SELECT position FROM projection_positions WHERE name = %s FOR UPDATE",
        (projection.name,),
    )
    found = cursor.fetchone()
    return 0 if found is None else int(found[0])


def _enter(cursor: Cursor) -> None:
    cursor.execute("SELECT set_config('search_path', 'public', true)")
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_SETUP_LOCK,))
    cursor.execute("SELECT to_regclass('projection_positions') IS NULL")
    if cursor.fetchone() == (True,):
        cursor.execute(_CREATE)


def _all(cursor: Cursor) -> list[tuple[str, int, str]]:
    cursor.execute("SELECT name, position, shape FROM projection_positions")
    return cursor.fetchall()


def _prepared(
    cursor: Cursor, projection: AnyProjection, found: dict[str, tuple[int, str]]
) -> list[Standing]:
    live, beside = found.get(projection.name), projection.beside(NEXT)
    if live is None:
        return [_begun(cursor, projection)]
    standings: list[Standing] = []
    if live[1] == projection.shape:
        standings.append(Standing(projection, live[0]))
    building = found.get(beside.table)
    if building is not None and building[1] == projection.shape:
        standings.append(Standing(beside, building[0]))
    elif live[1] != projection.shape:
        standings.append(_begun(cursor, beside))
    return standings


def _begun(cursor: Cursor, projection: AnyProjection) -> Standing:
    projection.create(cursor)
    cursor.execute(
        b"INSERT INTO projection_positions (name, position, shape) VALUES (%s, 0, %s)"
        b" ON CONFLICT (name) DO UPDATE SET position = 0, shape = excluded.shape,"
        b" moved_at = clock_timestamp()",
        (projection.table, projection.shape),
    )
    return Standing(projection, 0)
