"""The journal's tables and its one append call, as SQL that both ways of connecting share."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
from eventsourcing.persistence import (
    IntegrityError,
    InterfaceError,
    OperationalError,
    StoredEvent,
)
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore
from eventsourcing.utils import retry
from psycopg.rows import tuple_row
from pydantic_core import from_json

from services.adapters.keys import Secrets, WrongSecret

TABLE = "stored_events"
CHANNEL = "stored_events"
CONFLICT, ERASED_KEY = 1, 2
_SEALED_MARK = b'{"$sealed":'
_SCHEMA_SQL = Path(__file__).with_name("journal.sql").read_bytes()
_SCHEMA_PRINT = sha256(_SCHEMA_SQL).digest()
_SETUP_LOCK = 0x7061_726C_6579  # any number that nobody else in this database locks

APPEND = (
    "SELECT positions, refused, reasons FROM stored_events_append("
    "{}::int4[], {}::text[], {}::int8[], {}::int4[], {}::text[], {}::int4[],"
    " {}::int4[], {}::text[], {}::int4[], {}::bytea[], {}::text[],"
    " {}::int4[], {}::text[], {}::int8[], {}::text[], {}::bytea[])"
)
_STORED_SYNC = (
    b"SELECT e.notification_id, e.state"
    b" FROM unnest(%b::text[], %b::int8[]) WITH ORDINALITY AS r (stream, version, n)"
    b" JOIN public.stored_events AS e"
    b" ON e.originator_id = r.stream AND e.originator_version = r.version ORDER BY r.n"
)
_APPEND_SYNC = APPEND.replace("{}", "%b").encode()


class Settings(NamedTuple):
    """Server-side limits of a session, in milliseconds, so that nothing waits for ever."""

    lock_ms: int = 3_000
    statement_ms: int = 4_000
    idle_in_transaction_ms: int = 5_000

    def as_sql(self) -> str:
        """Return one statement that applies them, and makes every plan an indexed one."""
        chosen = {
            "search_path": "public",
            "lock_timeout": self.lock_ms,
            "statement_timeout": self.statement_ms,
            "idle_in_transaction_session_timeout": self.idle_in_transaction_ms,
            "plan_cache_mode": "force_generic_plan",
            "enable_hashjoin": "off",
            "enable_mergejoin": "off",
            "enable_seqscan": "off",
            "jit": "off",
        }
        calls = (f"set_config('{name}', '{value}', false)" for name, value in chosen.items())
        return f"SELECT {', '.join(calls)}"


CONNECT: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 3,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "application_name": "parley",
}


def create_schema(connection: psycopg.Connection[Any]) -> None:
    """
    Create what is missing; several processes may do so at once.

    A fingerprint spares a start on an existing journal every statement but two, and a role that
    may not create tables from needing to.
    """
    with (
        connection.transaction(),
        connection.cursor(row_factory=tuple_row) as cursor,
    ):
        cursor.execute("SELECT set_config('search_path', 'public', true)")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_SETUP_LOCK,))
        cursor.execute("SELECT to_regclass('journal_notes') IS NOT NULL")
        if cursor.fetchone() == (True,):
            cursor.execute("SELECT value FROM journal_notes WHERE name = 'schema'")
            if cursor.fetchone() == (_SCHEMA_PRINT,):
                return
        cursor.execute(_SCHEMA_SQL, prepare=False)
        cursor.execute(
            "INSERT INTO journal_notes VALUES ('schema', %s)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (_SCHEMA_PRINT,),
        )


_NOTE = b"SELECT value FROM public.journal_notes WHERE name = %s"


def check_secrets(connection: psycopg.Connection[Any], secrets: Secrets) -> None:
    """Store what recognises the secrets at the first start.  Raises `WrongSecret` later."""
    with (
        connection.transaction(),
        connection.cursor(row_factory=tuple_row) as cursor,
    ):
        for name, value in secrets.check_values().items():
            cursor.execute(_NOTE, (name,))
            found = cursor.fetchone()
            if found is None:
                cursor.execute(
                    "INSERT INTO public.journal_notes VALUES (%s, %s) ON CONFLICT DO NOTHING",
                    (name, value),
                )
                cursor.execute(_NOTE, (name,))
                found = cursor.fetchone()
            if found != (value,):
                raise WrongSecret(name)


def prepare_database(database_url: str, secrets: Secrets) -> None:
    """Create the schema where it is missing and check the secrets against it."""
    with psycopg.connect(database_url, **CONNECT) as connection:
        create_schema(connection)
        check_secrets(connection, secrets)


class OneCallRecorder(PostgresApplicationRecorder):
    """
    The library's recorder, appending by one call of `stored_events_append`.

    The stock recorder takes fourteen waits for the server on every append, under the lock; the
    library's own database functions take no lock at all, so that followers miss facts.
    """

    def __init__(
        self,
        datastore: PostgresDatastore,
        *,
        events_table_name: str = TABLE,
        **options: Any,
    ) -> None:
        if events_table_name != TABLE:
            raise ValueError(f"the journal's table is called {TABLE}")
        if datastore.enable_db_functions:
            raise ValueError("POSTGRES_ENABLE_DB_FUNCTIONS loses facts: it must stay off")
        super().__init__(datastore, events_table_name=events_table_name, **options)

    def create_table(self) -> None:
        """Create the journal's own schema instead of the library's."""
        with self.datastore.get_connection() as connection:
            create_schema(connection)

    @retry((InterfaceError, OperationalError), max_attempts=10, wait=0.2)
    def insert_events(
        self, stored_events: Sequence[StoredEvent], **options: Any
    ) -> Sequence[int] | None:
        """Append in one transaction.  Raises the library's `IntegrityError` when refused."""
        if options.get("tracking") is not None:
            raise NotImplementedError("the journal keeps no tracking positions")
        if not stored_events:
            return []
        with self.datastore.get_connection() as connection:
            row = connection.execute(
                _APPEND_SYNC, _sync_parameters(stored_events), prepare=True
            ).fetchone()
        if row is None:
            raise OperationalError("the append call said nothing")
        if not row["refused"]:
            positions: list[int] = row["positions"]
            return positions
        if ERASED_KEY in row["reasons"]:
            raise IntegrityError("a key is gone")
        stored = self._stored_before(stored_events)
        if stored is None:
            raise IntegrityError("a stream has moved on")
        return stored

    def _stored_before(self, events: Sequence[StoredEvent]) -> list[int] | None:
        """
        Return the positions of events that an earlier try did store, or None.

        A connection that dies during a commit leaves its outcome unknown.  The bytes hold the
        random id of their save, so equal bytes are this save's own.
        """
        with self.datastore.get_connection() as connection:
            rows = connection.execute(
                _STORED_SYNC,
                [
                    [str(event.originator_id) for event in events],
                    [event.originator_version for event in events],
                ],
            ).fetchall()
        if [bytes(row["state"]) for row in rows] != [event.state for event in events]:
            return None
        return [row["notification_id"] for row in rows]


def _sync_parameters(events: Sequence[StoredEvent]) -> list[list[Any]]:
    heads: dict[str, int] = {}
    needs: set[tuple[str, int]] = set()
    for event in events:
        heads.setdefault(str(event.originator_id), event.originator_version - 1)
        if _SEALED_MARK in event.state:
            envelope = from_json(event.state)
            needs.add((envelope["subject"], envelope["generation"]))
    return [
        [0] * len(heads), list(heads), list(heads.values()),
        [0] * len(needs), [need[0] for need in needs], [need[1] for need in needs],
        [], [], [], [], [],
        [0] * len(events),
        [str(event.originator_id) for event in events],
        [event.originator_version for event in events],
        [event.topic for event in events],
        [event.state for event in events],
    ]  # fmt: skip
