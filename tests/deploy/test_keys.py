"""Keys and one-time links from the command line, as whoever runs a deployment makes them."""

import asyncio
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.failure import NOT_FOUND, USAGE
from domain.access import ROLES, Right, Role
from services.runtime.access.inviting import forget_guests
from services.runtime.access.keys import Keys
from services.runtime.access.links import Invited, Links
from services.runtime.access.sessions import Lifetimes, Sessions
from services.runtime.access.tables import AccessTables
from tests.adapters.postgres_fixture import PostgresServer, postgres

__all__ = ["postgres"]

Parley = Callable[..., tuple[int, str, str]]


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    return postgres.new_database()


@pytest.fixture
def parley(url: str, monkeypatch: pytest.MonkeyPatch) -> Parley:
    for name in [name for name in os.environ if name.startswith("PARLEY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PARLEY_DATABASE_URL", url)
    monkeypatch.setenv("PARLEY_CONSOLE_URL", "https://console.example")

    def run(*words: str) -> tuple[int, str, str]:
        ended = CliRunner().invoke(app, words)
        return ended.exit_code, ended.stdout, ended.stderr

    return run


def asked(url: str, ask: Callable[[AccessTables], Any]) -> Any:
    async def work() -> Any:
        tables = AccessTables(url)
        try:
            return await ask(tables)
        finally:
            await tables.aclose()

    return asyncio.run(work())


def test_a_key_from_its_making_to_its_end(parley: Parley, url: str) -> None:
    code, told, _ = parley("keys", "create", "grafana", "--scope", "operations:read", "--json")
    made = json.loads(told)
    assert code == 0

    def whose(tables: AccessTables) -> Any:
        return Keys(tables).visitor(made["key"], datetime.now(UTC))

    visitor = asked(url, whose)
    assert (visitor.name, visitor.rights) == ("grafana", {Right.OPERATIONS_READ})
    kept = asked(url, lambda tables: tables.asked(b"SELECT k::text FROM console_keys k"))
    assert made["key"] not in str(kept)

    code, told, _ = parley("keys", "list", "--json")
    row = json.loads(told)
    assert (row["id"], row["scopes"], row["revoked_at"]) == (made["id"], "operations:read", None)
    assert made["key"] not in told
    assert parley("keys", "revoke", made["id"])[0] == 0
    assert parley("keys", "revoke", made["id"])[0] == NOT_FOUND
    assert asked(url, whose) is None


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("keys", "create", "x", "--scope", "everything"), "neither a role nor a right"),
        (("keys", "create", "\n", "--scope", "operator"), "A name is one line"),
        (("sign-in", "--role", "king"), "neither a role nor a right"),
    ],
)
def test_what_cannot_be_given(parley: Parley, words: tuple[str, ...], why: str) -> None:
    code, told, said = parley(*words)
    assert (code, told) == (USAGE, "")
    assert why in said
    assert "parley keys scopes" in said


def test_a_key_for_more_days_than_there_are(parley: Parley) -> None:
    code, told, said = parley("keys", "create", "x", "--scope", "operator", "--days", "1e9")
    assert (code, told) == (USAGE, "")
    assert "within the calendar" in said


def test_a_link_is_printed_and_good_once(parley: Parley, url: str) -> None:
    code, told, _ = parley("sign-in", "--name", "Grace", "--role", "reviewer", "--json")
    assert code == 0
    console, _, token = json.loads(told)["link"].rpartition("/sign-in/")
    assert console == "https://console.example"

    def taken(tables: AccessTables) -> Any:
        return Links(tables).take(token, datetime.now(UTC), here=False)

    assert asked(url, taken) == ("Grace", ["reviewer"])
    assert asked(url, taken) is None


def test_a_restored_database_lets_nobody_in_who_came_in_before(url: str) -> None:
    now, lifetimes = datetime.now(UTC), Lifetimes(timedelta(hours=1), timedelta(hours=1))
    guest = Invited("Grace", ["reviewer"])

    async def begun(tables: AccessTables) -> tuple[str, str]:
        made = await Keys(tables).make("grafana", ["developer"], now)
        await Links(tables).make("once", guest, now, here_only=False)
        return made.key, await Sessions(tables, lifetimes).begin("grace", guest.grants, now)

    async def let_in(tables: AccessTables) -> list[str | None]:
        found = (
            await Keys(tables).visitor(key, now),
            await Sessions(tables, lifetimes).visitor(cookie, now, busy=True),
        )
        return [each and each.name for each in found]

    async def link(tables: AccessTables) -> Any:
        return await Links(tables).take("once", now, here=True)

    key, cookie = asked(url, begun)
    assert asked(url, let_in) == ["grafana", "grace"]
    asyncio.run(forget_guests(url))
    assert asked(url, let_in) == [None, None]
    assert asked(url, link) is None
    assert [each.revoked_at is not None for each in asked(url, lambda _: Keys(_).every())] == [
        True
    ]


def test_the_table_of_roles_is_printed(parley: Parley) -> None:
    _, told, _ = parley("keys", "scopes", "--json")
    rows = {row.pop("right"): row for row in map(json.loads, told.splitlines())}
    assert rows == {
        right: {role: right in ROLES[role] for role in Role} for right in Right
    }  # fmt: skip
