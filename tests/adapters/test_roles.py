"""The written roles on a real PostgreSQL: every process can do its work, and nothing else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, RestrictViolation

from contracts.recorded import Cause, Subject
from projections.catalogue import PROJECTIONS
from projections.positions import prepare
from services.adapters.journal import AsyncJournal, open_journal
from services.adapters.keys import Secrets
from services.adapters.recorder import prepare_database
from services.adapters.relay_state import PostgresRelayState
from services.runtime.access.keys import Keys
from services.runtime.access.links import Invited, Links
from services.runtime.access.reveals import Reveals
from services.runtime.access.sessions import Lifetimes, Sessions
from services.runtime.access.tables import AccessTables
from services.runtime.ports import Entry
from services.runtime.processes import PROCESSES
from tests.adapters.postgres_fixture import PostgresServer
from tests.facts import NOON, registered

ROLES = Path(__file__).resolve().parents[2] / "deploy" / "postgres" / "roles.sql"
SECRETS = Secrets(b"k" * 32, b"p" * 32)
CAUSE = Cause("test", "test")
APPENDING = sorted(set(PROCESSES) - {"relay", "projector"})
REFUSED = (
    "UPDATE stored_events SET topic = 'x'",
    "DELETE FROM stored_events",
    "TRUNCATE stored_events",
    "ALTER TABLE stored_events DISABLE TRIGGER append_only",
    "DROP TABLE stored_events",
    "UPDATE subject_keys SET wrapped = ''",
    "UPDATE journal_notes SET value = ''",
    "INSERT INTO journal_notes VALUES ('x', '')",
    "CREATE OR REPLACE FUNCTION stored_events_refuse() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NULL; END'",
    "SET session_replication_role = replica",
)


@pytest.fixture
async def guarded(database_url: str) -> str:
    """The address of a provisioned database with its roles."""
    prepare_database(database_url, SECRETS)
    await PostgresRelayState(database_url).prepare()
    tables = AccessTables(database_url)
    await tables.prepare()
    await tables.aclose()
    with psycopg.connect(database_url, autocommit=True) as owner:
        for _ in range(2):  # again changes nothing
            owner.execute(ROLES.read_bytes(), prepare=False)
    return database_url


def as_(url: str, process: str) -> str:
    """Return the address under a process's login."""
    return url.replace("postgres@", f"parley_{process}@")


@asynccontextmanager
async def journal_of(url: str, process: str) -> AsyncIterator[AsyncJournal]:
    journal = await open_journal(as_(url, process), SECRETS)
    try:
        yield journal
    finally:
        await journal.aclose()


def somebody(number: int) -> Entry:
    who = f"{number:032x}"
    return Entry(f"person-{who}", 0, "", (registered(),), Subject(who, 1))


async def test_every_appending_process_appends_and_changes_nothing(guarded: str) -> None:
    for number, process in enumerate(APPENDING):
        async with journal_of(guarded, process) as journal:
            await journal.save([somebody(number)], CAUSE, NOON)
            assert len(await journal.page(0, 100)) == number + 1
        _refused(guarded, process, *REFUSED)
    with psycopg.connect(guarded, autocommit=True) as owner, pytest.raises(RestrictViolation):
        owner.execute("DELETE FROM stored_events")


@pytest.mark.parametrize("process", ["relay", "projector"])
async def test_who_only_reads_cannot_append(guarded: str, process: str) -> None:
    async with journal_of(guarded, "ingress") as journal:
        await journal.save([somebody(1)], CAUSE, NOON)
    async with journal_of(guarded, process) as journal:
        assert await journal.head() == 1
    append = "INSERT INTO stored_events VALUES ('x', 1, 'x', '')"
    _refused(guarded, process, append, *REFUSED)


async def test_the_relay_remembers_and_nobody_else_moves_it(guarded: str) -> None:
    state = PostgresRelayState(as_(guarded, "relay"))
    standing = await state.acquire()
    assert standing is not None
    await state.advance(standing._replace(position=7))
    await state.aclose()
    for process in ("sender", "console", "projector"):
        _refused(guarded, process, "UPDATE relay_state SET position = 0")


async def test_only_the_console_deletes_a_persons_keys(guarded: str) -> None:
    async with journal_of(guarded, "policy_gate") as journal:
        await journal.save([somebody(1)], CAUSE, NOON)
    for process in set(PROCESSES) - {"console"}:
        _refused(guarded, process, "DELETE FROM subject_keys")
    with psycopg.connect(as_(guarded, "console")) as console:
        assert console.execute("DELETE FROM subject_keys").rowcount == 1


async def test_the_console_lets_people_in_and_makes_no_keys(guarded: str) -> None:
    owner = AccessTables(guarded)
    made = await Keys(owner).make("grafana", ["operations:read"], NOON)
    await owner.aclose()
    tables = AccessTables(as_(guarded, "console"))
    visitor = await Keys(tables).visitor(made.key, NOON)
    await Links(tables).make("token", Invited("grace", ["reviewer"]), NOON, here_only=False)
    assert await Links(tables).take("token", NOON, here=False) == ("grace", ["reviewer"])
    sessions = Sessions(tables, Lifetimes(timedelta(hours=1), timedelta(hours=1)))
    begun = await sessions.begin("grafana", ["developer"], NOON, key_id=made.key_id)
    assert await sessions.visitor(begun, NOON, busy=True) is not None
    await Reveals(tables).open("holder", "person-x", Subject("x", 1), NOON)
    await sessions.end(begun)
    await tables.aclose()
    assert visitor is not None
    _refused(guarded, "console", "DELETE FROM console_keys", "UPDATE console_keys SET grants='{}'")
    for process in set(PROCESSES) - {"console"}:
        _refused(guarded, process, "SELECT * FROM console_keys", "SELECT * FROM console_sessions")


async def test_the_projector_makes_its_tables_and_who_asks_reads_them(guarded: str) -> None:
    with psycopg.connect(as_(guarded, "projector"), autocommit=True) as projector:
        prepare(projector, PROJECTIONS)
    for process in ("scheduler", "global_agent", "console"):
        with psycopg.connect(as_(guarded, process)) as connection:
            for projection in PROJECTIONS:
                connection.execute(f"SELECT * FROM {projection.name}".encode())
        _refused(guarded, process, "DELETE FROM due", "CREATE TABLE mine (x int)")
    _refused(guarded, "evaluator", "SELECT * FROM people", "SELECT * FROM due")


async def test_whoever_owns_the_journal_reads_what_the_projector_made(guarded: str) -> None:
    with psycopg.connect(guarded, autocommit=True) as root:
        root.execute("CREATE ROLE parley_owner LOGIN")
        root.execute("ALTER TABLE stored_events OWNER TO parley_owner")
        root.execute(f"GRANT CONNECT ON DATABASE {root.info.dbname} TO parley_owner".encode())
        root.execute("GRANT USAGE ON SCHEMA public TO parley_owner")
        root.execute(ROLES.read_bytes(), prepare=False)
    with psycopg.connect(as_(guarded, "projector"), autocommit=True) as projector:
        prepare(projector, PROJECTIONS)
    with psycopg.connect(as_(guarded, "owner")) as owner:
        owner.execute("SELECT * FROM due")


def _refused(url: str, process: str, *statements: str) -> None:
    with psycopg.connect(as_(url, process), autocommit=True) as connection:
        for statement in statements:
            with pytest.raises(InsufficientPrivilege):
                connection.execute(statement.encode())


def test_every_process_has_a_login(guarded: str, postgres: PostgresServer) -> None:
    with psycopg.connect(postgres.url()) as connection:
        rows = connection.execute("SELECT rolname FROM pg_roles WHERE rolcanlogin").fetchall()
    assert {f"parley_{process}" for process in PROCESSES} <= {name for (name,) in rows}
    assert guarded
