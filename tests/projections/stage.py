"""Facts in, rows out: `stage(projection).after(facts).shows(rows)`, over a real table."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import tuple_row

from contracts.base import Contract
from contracts.recorded import Recorded
from projections.positions import prepare, take_in
from projections.view import AnyProjection
from tests.adapters.postgres_fixture import PostgresServer
from tests.facts import ADA, NOON, TALK

TALKING = f"conversation-{TALK}"
PERSON = f"person-{ADA}"


def told(facts: Sequence[tuple[str, Contract]], after: int = 0) -> list[Recorded[Contract]]:
    """Return facts in their envelopes, a second between them; each is (stream, fact)."""
    versions: dict[str, int] = {}
    found: list[Recorded[Contract]] = []
    for position, (stream, fact) in enumerate(facts, after + 1):
        versions[stream] = version = versions.get(stream, 0) + 1
        at = NOON + timedelta(seconds=position)
        found.append(
            Recorded(fact, stream, version, position, at, None, "test", "test", None, "", "")
        )
    return found


class Stage:
    """One projection over a table of its own."""

    def __init__(
        self, connection: psycopg.Connection[Any], projection: AnyProjection, page: int = 1000
    ) -> None:
        self.connection = connection
        self.projection = projection
        self.page = page
        self.facts: list[tuple[str, Contract]] = []
        self.standing = prepare(connection, [projection])[0]

    def after(self, *facts: Contract, stream: str = TALKING) -> "Stage":
        """Apply facts of one stream."""
        return self.after_all([(stream, fact) for fact in facts])

    def after_all(self, facts: Sequence[tuple[str, Contract]]) -> "Stage":
        """Apply facts of several streams, in pages."""
        self.facts += facts
        new = told(self.facts)[-len(facts) :] if facts else []
        for begin in range(0, len(new), self.page):
            with self.connection.transaction(), self._cursor() as cursor:
                page = new[begin : begin + self.page]
                self.standing = take_in(cursor, [self.standing], page)[0]
        return self

    def rows(self) -> list[Any]:
        """Return every row, by key."""
        with self._cursor() as cursor:
            cursor.execute(f"TABLE {self.projection.table}".encode())
            make: Callable[[Any], Any] = self.projection.row._make
            return sorted((make(row) for row in cursor.fetchall()), key=lambda row: row[0])

    def shows(self, *expected: dict[str, Any]) -> None:
        """Assert that these are all the rows, each at least with these columns."""
        rows = self.rows()
        assert len(rows) == len(expected), rows
        for row, columns in zip(rows, expected, strict=True):
            assert {name: getattr(row, name) for name in columns} == columns

    def _cursor(self) -> psycopg.Cursor[Any]:
        return self.connection.cursor(row_factory=tuple_row)


@pytest.fixture(scope="session")
def views_url(postgres: PostgresServer) -> str:
    """The address of a database that the tests of projections share, one after the other."""
    return postgres.new_database()


@pytest.fixture(scope="session")
def connection(views_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to that database."""
    with psycopg.connect(views_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def stage(connection: psycopg.Connection[Any]) -> Callable[[AnyProjection], Stage]:
    """Return what sets a projection up, empty."""

    def set_up(projection: AnyProjection) -> Stage:
        connection.execute(f"DROP TABLE IF EXISTS {projection.table}".encode())
        connection.execute(b"DROP TABLE IF EXISTS projection_positions")
        return Stage(connection, projection)

    return set_up
