"""Who comes into the console, what each role sees and does there, and what is never shown."""

import contextlib
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest

from contracts import person as p
from domain.access import ROLES, Right, Role
from services.console import build
from services.runtime.access.attempts import MOST
from services.runtime.access.keys import Keys
from services.runtime.access.tables import AccessTables
from services.runtime.console import api
from services.runtime.console.door import is_open
from tests.adapters.postgres_fixture import PostgresServer, postgres
from tests.facts import ADA, NUMBER, TALK, registered
from tests.journal_in_memory import MemoryJournal
from tests.services.console_seed import (
    ACCOUNT,
    CASE,
    DIGITS,
    LETTER,
    QUOTE,
    WORDS,
    add,
    endanger,
    key,
    link,
    outside,
    project,
    seed,
    spend,
)

__all__ = ["postgres"]

HTML = {"Accept": "text/html"}
ONE = f"/api/v1/conversations/{TALK}"
NAMED = {
    "conversation_id": TALK, "person_id": ADA, "case_id": CASE, "account_id": ACCOUNT,
    "version": "6", "sms_id": "t2", "letter_id": LETTER, "token": "nobody",
}  # fmt: skip


@dataclass
class World:
    """A console with people in it, and the database behind."""

    app: Any
    journal: MemoryJournal
    outside: Any
    database_url: str

    @contextlib.asynccontextmanager
    async def asking(
        self, headers: Any = None, base: str = "http://127.0.0.1:8081", peer: str = "127.0.0.1"
    ) -> AsyncGenerator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(peer, 5000))
        async with httpx.AsyncClient(
            transport=transport, base_url=base, headers=headers
        ) as client:
            yield client

    @contextlib.asynccontextmanager
    async def browsing(self, *grants: str) -> AsyncGenerator[httpx.AsyncClient]:
        """Lend a browser that is signed in."""
        async with self.asking(HTML) as browser:
            answer = await browser.get(await link(self.database_url, *grants))
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
            yield browser

    def passes(self, **length: float) -> None:
        self.outside.clock.passed += timedelta(**length)


@pytest.fixture(scope="module")
def database_url(postgres: PostgresServer) -> str:
    """One database for the whole file: what differs is who asks."""
    return postgres.new_database()


@contextlib.asynccontextmanager
async def opened(database_url: str, **settings: Any) -> AsyncGenerator[World]:
    journal = MemoryJournal()
    for told in (seed, endanger, spend):
        await told(journal)
    around = outside(journal, database_url, **settings)
    app: Any = build(around).app
    async with app.router.lifespan_context(app):
        await project(journal, database_url)
        yield World(app, journal, around, database_url)


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with opened(database_url) as found:
        yield found


def _routes(world: World) -> list[tuple[str, str]]:
    """Return every method and path that the application answers, filled in."""
    found: list[tuple[str, str]] = []
    for route in world.app.routes:
        for method in getattr(route, "methods", None) or ():
            found.append((method, re.sub(r"\{(\w+)\}", lambda m: NAMED[m[1]], route.path)))
    return found


async def test_without_being_known_nobody_comes_anywhere(world: World) -> None:
    routes = [(method, path) for method, path in _routes(world) if not is_open(path)]
    assert len(routes) > 60
    async with world.asking() as stranger:
        for method, path in routes:
            answer = await stranger.request(method, path)
            assert answer.status_code == 401, (method, path)
            assert answer.headers["www-authenticate"].startswith("Bearer"), path
        page = await stranger.get("/people", headers=HTML)
    assert (page.status_code, "Sign in" in page.text) == (401, True)
    assert "Conversations" not in page.text


@pytest.mark.parametrize(
    "told",
    [
        "Bearer", "Bearer nobody", "Basic Z3JhY2U6eA==", f"Bearer parley_0123abcd_{'k' * 43}",
        "Bearer \x00", "é",
    ],
)  # fmt: skip
async def test_a_key_that_is_none(world: World, told: str) -> None:
    async with world.asking({"Authorization": told.encode()}) as program:
        assert (await program.get("/api/v1/people")).status_code == 401


async def test_what_was_meant_for_a_proxy_in_front_keeps_nobody_out(world: World) -> None:
    """Proxies that ask for a password, or have a token of their own, hand it on to us."""
    wrong = f"Bearer parley_0123abcd_{'k' * 43}"
    async with world.browsing() as browser:
        for told, status in (("Basic Z3JhY2U6eA==", 200), ("Bearer eyJ.eyJ.x", 200), (wrong, 401)):
            answer = await browser.get("/people", headers={"Authorization": told})
            assert answer.status_code == status, told


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_may_what_the_table_says_and_nothing_else(
    world: World, role: Role
) -> None:
    """401 to nobody, 403 to who may not, and never 403 to who may: route by route."""
    questions, actions = api.table(_Anything()), api.actions(_Anything())
    async with world.asking(await key(world.database_url, role)) as program:
        for each in questions:
            path = re.sub(r"\{(\w+)\}", lambda m: NAMED[m[1]], api.PREFIX + each.path)
            status = (await program.get(path)).status_code
            assert status == (200 if each.right in ROLES[role] else 403), path
        for each in actions:
            path = re.sub(r"\{(\w+)\}", lambda m: NAMED[m[1]], api.PREFIX + each.path)
            # A body that is refused tells who may ask from who may not, and changes nothing.
            status = (await program.post(path, content=b"?")).status_code
            assert (status == 403) == (each.right not in ROLES[role]), (path, status)
    places = {
        "/": None, "/conversations": Right.CONVERSATIONS_READ, "/safety": Right.SAFETY_READ,
        f"/people/{ADA}/erase": Right.PEOPLE_ERASE, f"/safety/{CASE}": Right.SAFETY_READ, f"/people/{ADA}": Right.PEOPLE_READ,
        f"/conversations/{TALK}": Right.CONVERSATIONS_READ, "/people": Right.PEOPLE_READ,
        f"/conversations/{TALK}/facts": Right.CONVERSATIONS_READ, "/due": Right.OPERATIONS_READ,
        "/outbox": Right.CONVERSATIONS_READ, "/dead-letters": Right.OPERATIONS_READ,
        "/escalations": Right.CONVERSATIONS_READ, "/shifts": Right.CONVERSATIONS_READ,
        "/spending": Right.SPENDING_READ, f"/spending/{ACCOUNT}": Right.SPENDING_READ,
        "/harness": Right.OPERATIONS_READ, "/metrics": Right.OPERATIONS_READ,
    }  # fmt: skip
    async with world.browsing(role) as browser:
        for path, right in places.items():
            page = await browser.get(path)
            may = right is None or right in ROLES[role]
            assert page.status_code == (200 if may else 403), path
        offered = set(re.findall(r'<a href="(/[a-z-]*)"', (await browser.get("/")).text))
        assert {path for path in offered if path in places} == {
            path for path, right in places.items()
            if path.count("/") == 1 and path != "/metrics"
            and (right is None or right in ROLES[role])
        }  # fmt: skip


class _Anything:
    def __getattr__(self, name: str) -> Any:
        return name


async def test_words_are_hidden_from_who_may_not_read_them(world: World) -> None:
    shown: dict[str, str] = {}
    for role in Role:
        async with world.asking(await key(world.database_url, role)) as program:
            paths = (ONE, f"{ONE}/facts", f"{ONE}/at/6", f"/api/v1/safety/{CASE}",
                     f"/api/v1/people/{ADA}")  # fmt: skip
            shown[role] = "".join([(await program.get(path)).text for path in paths])
        async with world.browsing(role) as browser:
            pages = (f"/conversations/{TALK}", f"/conversations/{TALK}/facts", f"/safety/{CASE}")
            shown[role] += "".join([(await browser.get(path)).text for path in pages])
    for role, text in shown.items():
        reads = Right.WORDS_READ in ROLES[Role(role)]
        assert [word in text for word in ("wanders", "exhausting", QUOTE)] == [reads] * 3, role
        assert DIGITS not in text, role
    assert f"({len(WORDS)} characters)" in shown[Role.AUDITOR]


async def test_words_are_shown_after_it_was_written_down_who_wants_them_and_why(
    world: World,
) -> None:
    async with world.asking(await key(world.database_url, "auditor", name="eve")) as program:
        assert (await program.post(f"{ONE}/reveal", json={"why": " "})).status_code == 409
        before = await world.journal.head()
        answer = await program.post(f"{ONE}/reveal", json={"why": "A complaint of 3 May"})
        assert (answer.status_code, answer.json()["facts"]) == (200, 1)

        [recorded] = await world.journal.page(before, 10)
        assert recorded.stream == f"person-{ADA}"
        assert recorded.fact == p.PersonalTextRevealed(
            by="eve", why="A complaint of 3 May", at=world.outside.clock.now(),
            conversation_id=TALK,
        )  # fmt: skip
        told = (await program.get(ONE)).json()
        assert (told["clear"], told["lines"][0]["text"]) == (True, WORDS)
        assert (await program.get(f"/api/v1/people/{ADA}")).json()["revealed"] is False

    async with world.asking(await key(world.database_url, "auditor")) as another:
        assert (await another.get(ONE)).json()["clear"] is False


async def test_an_erasure_ends_what_was_revealed_at_once(world: World) -> None:
    async with world.asking(await key(world.database_url, "auditor")) as program:
        for path in (ONE, f"/api/v1/people/{ADA}"):
            assert (await program.post(f"{path}/reveal", json={"why": "x"})).status_code == 200
        erased = p.Erased(person_id=ADA, at=world.outside.clock.now())
        await add(world.journal, f"person-{ADA}", [erased])
        assert (await program.get(ONE)).json()["clear"] is False

        # Whoever texts again is somebody new to us, whose words were revealed to nobody.
        await add(world.journal, f"person-{ADA}", [registered(2)], generation=2)
        assert (await program.get(ONE)).json()["clear"] is False
        assert (await program.get(f"/api/v1/people/{ADA}")).json()["revealed"] is False


async def test_a_number_and_a_name_are_shown_for_a_while(world: World) -> None:
    async with world.browsing("operator") as browser:
        page = await browser.get(f"/people/{ADA}")
        token = _token(page)
        given = {"token": token, "why": "They called", "back": f"/people/{ADA}"}
        answer = await browser.post(f"/people/{ADA}/reveal", data=given)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/people/{ADA}")
        assert NUMBER in (await browser.get(f"/people/{ADA}")).text
        assert "wanders" in (await browser.get(f"/conversations/{TALK}")).text
        world.passes(minutes=16)
        assert NUMBER not in (await browser.get(f"/people/{ADA}")).text
        assert "wanders" not in (await browser.get(f"/conversations/{TALK}")).text


async def test_nothing_is_shown_of_what_could_not_be_written_down(world: World) -> None:
    async def away(*_: Any, **__: Any) -> Any:
        raise OSError

    async with world.asking(await key(world.database_url, "auditor")) as program:
        world.journal.act = away  # type: ignore[method-assign]
        assert (await program.post(f"{ONE}/reveal", json={"why": "x"})).status_code == 500
        assert (await program.get(ONE)).json()["clear"] is False


# Sessions


def _token(page: httpx.Response) -> str:
    [token] = set(re.findall(r'name="token" value="([0-9a-f]{32})"', page.text))
    return token


async def test_a_link_lets_in_once(world: World) -> None:
    path = await link(world.database_url, "auditor")
    async with world.asking(HTML) as first, world.asking(HTML) as second:
        ahead = await first.get(path, headers={"Sec-Purpose": "prefetch;prerender"})
        assert (ahead.status_code, first.cookies) == (204, {})
        assert (await first.get(path)).status_code == 303
        assert (await first.get("/")).status_code == 200
        again = await second.get(path)
        assert (again.status_code, "was used already" in again.text) == (403, True)
        assert not second.cookies


async def test_a_link_is_good_for_minutes_and_on_its_machine(world: World) -> None:
    old, local = await link(world.database_url), await link(world.database_url)
    async with world.asking(HTML, peer="10.1.2.3") as far:
        assert (await far.get(local)).status_code == 403
    async with world.asking({**HTML, "X-Forwarded-For": "10.1.2.3"}) as proxied:
        assert (await proxied.get(local)).status_code == 403
    async with world.asking(HTML) as near:
        assert (await near.get(local)).status_code == 303
        world.passes(minutes=16)
        assert (await near.get(old)).status_code == 403


async def test_the_cookie_of_a_session(world: World) -> None:
    async with world.asking(HTML) as browser:
        answer = await browser.get(await link(world.database_url))
        [cookie] = answer.headers.get_list("set-cookie")
        named, *flags = cookie.split("; ")
        assert re.fullmatch(r"parley_session_8081=[\w-]{43}", named)
        assert flags == ["Path=/", "HttpOnly", "SameSite=Lax"]
        token = named.partition("=")[2]
    rows = await _rows(world.database_url, b"SELECT s::text FROM console_sessions s")
    assert rows
    assert not any(token in str(row) for row in rows)


async def test_behind_https_the_cookie_is_for_https_alone(database_url: str) -> None:
    async with opened(database_url, console_url="https://console.example") as world:
        path = await link(database_url, here_only=False)
        async with world.asking(HTML, "http://console.example", "10.0.0.9") as browser:
            answer = await browser.get(path)
            [cookie] = answer.headers.get_list("set-cookie")
            assert cookie.startswith("__Host-parley_session=")
            assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax; Secure")
            assert "strict-transport-security" in answer.headers
        async with world.asking(HTML, "http://evil.example", "10.0.0.9") as browser:
            assert (await browser.get("/")).status_code == 403


async def _rows(database_url: str, statement: bytes) -> Any:
    tables = AccessTables(database_url)
    try:
        return await tables.asked(statement)
    finally:
        await tables.aclose()


async def test_a_session_ends_unused_and_in_all(world: World) -> None:
    async with world.browsing() as used, world.browsing() as browser:
        world.passes(minutes=40)
        refresh = {"X-Parley-Refresh": "1"}
        assert (await browser.get("/", headers=refresh)).status_code == 200
        world.passes(minutes=21)
        assert (await browser.get("/")).status_code == 401  # a page alone kept nothing alive
        world.outside.clock.passed = timedelta(0)
        for _ in range(23):
            world.passes(minutes=30)
            assert (await used.get("/")).status_code == 200
        world.passes(minutes=31)
        assert (await used.get("/")).status_code == 401  # twelve hours are over


async def test_signing_out_ends_the_session_for_good(world: World) -> None:
    async with world.browsing() as browser:
        kept = dict(browser.cookies)
        token = _token(await browser.get("/"))
        assert (await browser.post("/sign-out", data={"token": "0" * 32})).status_code == 403
        answer = await browser.post("/sign-out", data={"token": token})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert "Max-Age=0" in answer.headers["set-cookie"]
        browser.cookies.update(kept)
        assert (await browser.get("/")).status_code == 401


async def test_a_key_is_a_way_into_a_browser_and_ends_it_when_it_ends(world: World) -> None:
    made = (await key(world.database_url, "developer"))["Authorization"].removeprefix("Bearer ")
    async with world.asking(HTML) as browser:
        answer = await browser.post("/sign-in", data={"key": made, "back": "/harness"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/harness")
        assert (await browser.get("/harness")).status_code == 200
        assert (await browser.get("/people")).status_code == 403
        tables = AccessTables(world.database_url)
        assert await Keys(tables).revoke(made.split("_")[1], world.outside.clock.now())
        await tables.aclose()
        assert (await browser.get("/harness")).status_code == 401
    async with world.asking({"Authorization": f"Bearer {made}"}) as program:
        assert (await program.get("/api/v1/due")).status_code == 401


async def test_a_key_ends_at_its_time(world: World) -> None:
    tables = AccessTables(world.database_url)
    now = world.outside.clock.now()
    made = await Keys(tables).make("grace", ["developer"], now, now + timedelta(days=1))
    await tables.aclose()
    async with world.asking({"Authorization": f"Bearer {made.key}"}) as program:
        assert (await program.get("/api/v1/due")).status_code == 200
        world.passes(days=1)
        assert (await program.get("/api/v1/due")).status_code == 401


async def test_whoever_tries_too_often_waits(world: World) -> None:
    good = await link(world.database_url, here_only=False)
    async with world.asking(HTML, peer="10.9.9.9") as guessing:
        for _ in range(MOST):
            assert (await guessing.post("/sign-in", data={"key": "guess"})).status_code == 403
        late = await guessing.post("/sign-in", data={"key": "guess"})
        assert (late.status_code, late.headers["retry-after"]) == (429, "901")
        assert (await guessing.get(good)).status_code == 429
        async with world.asking(HTML, peer="10.9.9.8") as another:
            assert (await another.post("/sign-in", data={"key": "guess"})).status_code == 403
        world.passes(minutes=15, seconds=1)
        assert (await guessing.post("/sign-in", data={"key": "guess"})).status_code == 403


# Other sites


async def test_without_the_sessions_token_nothing_is_done(world: World) -> None:
    """Every action, by its form and through the API, from a browser that is signed in."""
    before = await world.journal.head()
    async with world.browsing() as browser, world.browsing() as another:
        foreign = _token(await another.get("/"))
        for each in api.actions(_Anything()):
            path = re.sub(r"\{(\w+)\}", lambda m: NAMED[m[1]], each.path)
            for token in ("", foreign):
                form = await browser.post(path, data={"token": token, "why": "x"})
                assert form.status_code == 403, path
                headers = {"X-Parley-Token": token, "Accept": "*/*"}
                asked = await browser.post(api.PREFIX + path, json={}, headers=headers)
                assert asked.status_code == 403, path
        own = {"X-Parley-Token": _token(await browser.get("/")), "Accept": "*/*"}
        done = await browser.post(f"/api/v1/safety/{CASE}/acknowledge", json={}, headers=own)
        assert done.status_code == 200
    assert await world.journal.head() == before + 1


@pytest.mark.parametrize(
    ("origin", "status"),
    [("http://127.0.0.1:8081", 403), ("http://127.0.0.1:8300", 403), ("null", 403), ("[", 403)],
)
async def test_a_form_of_another_origin_signs_nobody_in(
    world: World, origin: str, status: int
) -> None:
    """An older browser says no more than the origin; its own is answered, with no key in it."""
    async with world.asking({**HTML, "Origin": origin}) as browser:
        answer = await browser.post("/sign-in", data={"key": "guess"})
        own = origin.endswith("8081")
        assert (answer.status_code, "no access key" in answer.text) == (status, own)


async def test_every_answer_tells_the_browser_what_it_may(world: World) -> None:
    async with world.browsing() as browser, world.asking() as stranger:
        for client, path in (
            (browser, "/"), (browser, f"/conversations/{TALK}"), (browser, ONE),
            (browser, "/nothing"), (stranger, "/static/console.js"), (stranger, "/people"),
            (stranger, "/sign-in"), (stranger, "/openapi.json"), (stranger, "/livez"),
        ):  # fmt: skip
            headers = (await client.get(path)).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy, path
            assert "frame-ancestors 'none'" in policy, path
            assert "unsafe" not in policy, path
            assert headers["x-content-type-options"] == "nosniff", path
            assert headers["referrer-policy"] == "no-referrer", path
            assert headers["x-frame-options"] == "DENY", path
            assert headers["cross-origin-opener-policy"] == "same-origin", path


async def test_a_link_on_another_site_may_be_followed(world: World) -> None:
    async with world.browsing() as browser:
        followed = {
            "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
        }  # fmt: skip
        assert (await browser.get("/", headers=followed)).status_code == 200
        assert (await browser.post("/sign-out", headers=followed)).status_code == 403
        framed = {**followed, "Sec-Fetch-Dest": "iframe"}
        assert (await browser.get("/", headers=framed)).status_code == 403


# A proxy that knows who everybody is

SSO: dict[str, Any] = {
    "console_sso_header": "X-Forwarded-User",
    "console_sso_proxies": ("10.0.0.0/24",),
    "console_sso_roles": "grace@example.org=reviewer+operator, *=developer",
    "console_url": "https://console.example",
}
GRACE = {"X-Forwarded-User": "grace@example.org"}


async def test_a_proxy_says_who_it_is(database_url: str) -> None:
    async with opened(database_url, **SSO) as world:
        base = "http://console.example"
        async with world.asking({**GRACE, **HTML}, base, "10.0.0.7") as browser:
            page = await browser.get(f"/safety/{CASE}")
            assert (page.status_code, QUOTE in page.text) == (200, True)
            # httpx would not send a Secure cookie over http: the proxy ended TLS.
            [cookie] = page.headers.get_list("set-cookie")
            kept = {"Cookie": cookie.partition(";")[0]}
            given = {"token": _token(page), "back": "/safety"}
            done = await browser.post(f"/safety/{CASE}/acknowledge", data=given, headers=kept)
            assert done.status_code == 303
            chapter = await world.journal.history(f"safety-{CASE}")
            assert chapter[-1].fact.by == "grace@example.org"  # type: ignore[attr-defined]
            stolen = {**kept, "X-Forwarded-User": "mallory@example.org"}
            other = await browser.post(f"/safety/{CASE}/acknowledge", data=given, headers=stolen)
            assert other.status_code == 403
        async with world.asking({"X-Forwarded-User": "dev@example.org"}, base, "10.0.0.7") as dev:
            assert (await dev.get("/api/v1/due")).status_code == 200
            assert (await dev.get("/api/v1/people")).status_code == 403
        async with world.asking(GRACE, base, "10.0.1.7") as forged:
            assert (await forged.get("/api/v1/people")).status_code == 401
            assert (await forged.get("/", headers=kept)).status_code == 401
        async with world.asking(None, base, "10.0.0.7") as unnamed:
            twice = [("X-Forwarded-User", "grace@example.org")] * 2
            assert (await unnamed.get("/api/v1/people", headers=twice)).status_code == 401


async def test_without_the_setting_no_header_is_believed(world: World) -> None:
    async with world.asking({**GRACE, "X-Parley-User": "grace"}) as forged:
        assert (await forged.get("/api/v1/people")).status_code == 401


async def test_tables_that_cannot_be_made_leave_no_connection_behind(
    postgres: PostgresServer,
) -> None:
    url = postgres.new_database()
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE ROLE looker LOGIN")
        narrow = url.replace("postgres@", "looker@")
        tables = AccessTables(narrow)
        try:
            with pytest.raises(psycopg.errors.InsufficientPrivilege) as kept:
                await tables.prepare()
            count = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'looker'"
            deadline = time.monotonic() + 10
            while (left := owner.execute(count).fetchone()) != (
                0,
            ) and time.monotonic() < deadline:
                time.sleep(0.05)
            assert left == (0,), kept
        finally:
            await tables.aclose()
            owner.execute("DROP ROLE looker")
