"""A projection: a table that says what a part of the journal comes to, a page at a time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any, Generic, LiteralString, TypeVar

import psycopg
from psycopg import sql
from pydantic_core import to_json

from contracts.base import Contract
from contracts.recorded import Recorded

R = TypeVar("R", bound=tuple[Any, ...])

Cursor = psycopg.Cursor[Any]
Page = Sequence[Recorded[Contract]]

_UPSERT = (
    "INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s::json)"
    " ON CONFLICT ({key}) DO UPDATE SET {updates}"
)


class FoldFailed(Exception):
    """A projection could not take in one fact; names the fact's place, never its content."""

    def __init__(self, projection: str, recorded: Recorded[Contract], error: Exception) -> None:
        kind = type(error).__name__
        super().__init__(
            f"{projection}: {kind} at {recorded.fact.name} in position {recorded.position}"
        )
        self.position = recorded.position


class Rows(Generic[R]):
    """
    The rows that one page touches, in memory: read once, changed by the fold, written once.

    A row's first column is its key.  Asking for a key that was not read is a fault of the
    projection, and raises `KeyError`: taken for absent, the row would be lost.
    """

    def __init__(self, asked: Iterable[str], found: Iterable[R]) -> None:
        self._before: dict[str, R | None] = dict.fromkeys(asked)
        for row in found:
            self._before[row[0]] = row
        self._now = dict(self._before)

    def get(self, key: str) -> R | None:
        """Return a row as the facts so far have left it."""
        return self._now[key]

    def put(self, row: R) -> None:
        """Set a row, new or changed."""
        if row[0] not in self._before:
            raise KeyError(row[0])
        self._now[row[0]] = row

    def drop(self, key: str) -> None:
        """Remove a row, if there is one."""
        if key not in self._before:
            raise KeyError(key)
        self._now[key] = None

    def changed(self) -> list[R]:
        """Return the rows to write."""
        before = self._before
        return [row for key, row in self._now.items() if row is not None and row != before[key]]

    def dropped(self) -> list[str]:
        """Return the keys of the rows to delete."""
        now = self._now
        return [key for key, row in self._before.items() if row is not None and now[key] is None]


@dataclass(frozen=True, slots=True)
class Projection(Generic[R]):
    """
    What a table holds and how a fact changes it.

    `ddl` creates `{table}`, columns in the order of `row`, the key first.  `keys` names the rows
    a fact may touch and `fold` changes them.  A changed `ddl`, `hears` or `version` (raise it with
    every change of the fold) rebuilds the table.  It holds no personal text, and is given none:
    erasure deletes keys of the journal, not rows.
    """

    name: str
    version: int
    row: type[R]
    ddl: str
    hears: frozenset[type[Contract]]
    keys: Callable[[Recorded[Any]], Iterable[str]]
    fold: Callable[[Rows[R], Recorded[Any]], None]
    table: str = ""

    def __post_init__(self) -> None:
        if not self.table:
            object.__setattr__(self, "table", self.name)

    @property
    def shape(self) -> str:
        """What a stored table must have been built by to be gone on with."""
        told = "\n".join((self.ddl, *sorted(self.names)))
        return f"{self.version}-{sha256(told.encode()).hexdigest()[:12]}"

    @property
    def names(self) -> frozenset[str]:
        """The names of the facts it takes in."""
        return frozenset(contract.name for contract in self.hears)

    def beside(self, suffix: str) -> "Projection[R]":
        """Return the same projection over a table of its own."""
        return replace(self, table=f"{self.name}_{suffix}")

    def live(self) -> "Projection[R]":
        """Return the same projection over the table that is read."""
        return replace(self, table=self.name)

    def create(self, cursor: Cursor) -> None:
        """Create the table, empty, in the place of what may be left there."""
        cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(self.table)))
        cursor.execute(self.ddl.format(table=self.table).encode())

    def apply(self, cursor: Cursor, page: Page) -> None:
        """
        Take in a page of the journal: three statements, however many facts.

        Raises `FoldFailed`; the cursor's transaction is then to be rolled back.
        """
        hears = self.hears
        heard = [recorded for recorded in page if type(recorded.fact) in hears]
        if heard:
            rows = self._read(cursor, heard)
            self._each(partial(self.fold, rows), heard)
            self._write(cursor, rows)

    def _read(self, cursor: Cursor, heard: Page) -> Rows[R]:
        keys, asked = self.keys, set[str]()
        self._each(lambda recorded: asked.update(keys(recorded)), heard)
        statement = _statement(self.table, self.row, "SELECT * FROM {table} WHERE {key} = ANY(%s)")
        cursor.execute(statement, (list(asked),))
        make: Callable[[Iterable[Any]], R] = getattr(self.row, "_make")  # noqa: B009
        return Rows(asked, map(make, cursor.fetchall()))

    def _each(self, do: Callable[[Recorded[Any]], None], heard: Page) -> None:
        for recorded in heard:
            try:
                do(recorded)
            except Exception as error:
                raise FoldFailed(self.name, recorded, error) from error

    def _write(self, cursor: Cursor, rows: Rows[R]) -> None:
        if dropped := rows.dropped():
            statement = _statement(
                self.table, self.row, "DELETE FROM {table} WHERE {key} = ANY(%s)"
            )
            cursor.execute(statement, (dropped,))
        if changed := rows.changed():
            names = _columns(self.row)
            sent = to_json([dict(zip(names, row, strict=True)) for row in changed])
            cursor.execute(_statement(self.table, self.row, _UPSERT), (sent.decode(),))


AnyProjection = Projection[Any]


def by_name(projections: Iterable[AnyProjection]) -> Mapping[str, AnyProjection]:
    """Return the projections by name."""
    return {projection.name: projection for projection in projections}


@lru_cache
def _statement(table: str, row: type[tuple[Any, ...]], text: LiteralString) -> bytes:
    key, *others = map(sql.Identifier, _columns(row))
    updates = (sql.SQL("{0} = excluded.{0}").format(column) for column in others)
    composed = sql.SQL(text).format(
        table=sql.Identifier(table), key=key, updates=sql.SQL(", ").join(updates)
    )
    return composed.as_bytes(None)


def _columns(row: type[tuple[Any, ...]]) -> tuple[str, ...]:
    names: tuple[str, ...] = getattr(row, "_fields")  # noqa: B009
    return names
