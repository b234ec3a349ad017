"""The console: what it answers, what it refuses, and what it never says."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx
import pytest

from services.console import build
from services.runtime.console import events
from services.runtime.console.events import Movements
from services.runtime.settings import SettingsRefused
from tests.adapters.postgres_fixture import postgres
from tests.facts import ADA, TALK, later
from tests.journal_in_memory import MemoryJournal
from tests.projections.stories import started
from tests.services.console_seed import (
    DIGITS,
    REPLY,
    WORDS,
    add,
    database_url,
    key,
    outside,
    project,
    seed,
    with_tables,
)

__all__ = ["database_url", "postgres", "with_tables"]

API = "/api/v1"
LISTS = (
    "conversations", "people", "outbox", "due", "safety", "dead-letters", "escalations",
    "harness-health", "shifts",
)  # fmt: skip
ONE = f"{API}/conversations/{TALK}"


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal()


@contextlib.asynccontextmanager
async def browsing(
    outside: Any, base: str = "http://127.0.0.1", headers: Any = None
) -> AsyncGenerator[httpx.AsyncClient]:
    """Lend a client of the console, which is opened and closed as its server would."""
    app: Any = build(outside).app
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=base, headers=headers) as client,
    ):
        yield client


@pytest.fixture
async def empty(journal: MemoryJournal, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = await key(database_url)
    async with browsing(outside(journal, database_url), headers=headers) as client:
        yield client


@pytest.fixture
async def console(
    empty: httpx.AsyncClient, journal: MemoryJournal, database_url: str
) -> httpx.AsyncClient:
    await seed(journal)
    await project(journal, database_url)
    return empty


async def test_lists(console: httpx.AsyncClient) -> None:
    found = {name: (await console.get(f"{API}/{name}")).json() for name in LISTS}
    assert {name: len(page["items"]) for name, page in found.items()} == {
        "conversations": 1, "people": 1, "outbox": 2, "due": 1, "safety": 0, "dead-letters": 0,
        "escalations": 0, "harness-health": 1, "shifts": 0,
    }  # fmt: skip
    assert {page["position"] for page in found.values()} == {17}
    [talk] = found["conversations"]["items"]
    assert (talk["conversation_id"], talk["heard"], talk["sent"]) == (TALK, 2, 2)
    assert [row["status"] for row in found["outbox"]["items"]] == ["failed", "delivered"]


@pytest.mark.parametrize("name", LISTS)
async def test_lists_hold_nobodys_words(console: httpx.AsyncClient, name: str) -> None:
    told = (await console.get(f"{API}/{name}")).text
    assert DIGITS not in told
    assert "wanders" not in told
    assert "exhausting" not in told


async def test_a_conversation_with_its_words_and_turns(console: httpx.AsyncClient) -> None:
    told = (await console.get(ONE)).json()
    assert [(line["seq"], line["author"], line["text"]) for line in told["lines"]] == [
        (1, "person", WORDS), (2, "agent", REPLY), (3, "person", "HELP"),
        (4, "agent", "This is Parley."),
    ]  # fmt: skip
    assert [(line["status"], line["code"]) for line in told["lines"]] == [
        (None, None), ("delivered", None), (None, None), ("failed", 30003),
    ]  # fmt: skip
    model, gate = told["turns"]
    assert (model["mode"], model["decision"], model["labels"]["domain"]) == (
        "model", "approved", "respite",
    )  # fmt: skip
    assert (model["brief"]["priority"], model["model_ms"]) == ("rest first", 340)
    assert model["flags"][0]["rule"] == "steps-2"
    assert (gate["mode"], gate["gate"], gate["stage"]) == ("deterministic", "help", "committed")


async def test_facts_are_paged_in_order(console: httpx.AsyncClient) -> None:
    first = (await console.get(f"{ONE}/facts", params={"limit": 10})).json()
    rest = (await console.get(f"{ONE}/facts", params={"cursor": first["cursor"]})).json()
    assert [one["version"] for one in first["items"] + rest["items"]] == list(range(1, 15))
    assert (first["cursor"], rest["cursor"]) == ("10", None)
    assert first["items"][1]["content"]["text"] == WORDS


async def test_a_conversation_as_it_was(console: httpx.AsyncClient) -> None:
    then = (await console.get(f"{ONE}/at/3")).json()
    assert (then["version"], then["state"]["open_turn"]["covers_through"]) == (3, 1)
    now = (await console.get(f"{ONE}/at/{later(0).isoformat()}")).json()
    assert (now["version"], now["state"]["open_turn"]) == (14, None)


async def test_a_person_without_their_number(console: httpx.AsyncClient) -> None:
    told = await console.get(f"{API}/people/{ADA}")
    assert told.json()["number"] == "••••••••••23"
    assert told.json()["person"]["user_id"] == "u-17"
    assert [one["conversation_id"] for one in told.json()["conversations"]] == [TALK]
    assert DIGITS not in told.text


async def test_a_list_is_walked_by_its_cursor(
    console: httpx.AsyncClient, journal: MemoryJournal, database_url: str
) -> None:
    for number in range(1, 6):
        begun = started().model_copy(update={"at": later(-60 * (number // 2))})
        await add(journal, f"conversation-{number:032x}", [begun])
    await project(journal, database_url)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await console.get(f"{API}/conversations", params={"limit": "2", **cursor})).json()
        assert len(page["items"]) <= 2
        seen += [row["conversation_id"] for row in page["items"]]
        if page["cursor"] is None:
            break
        cursor = {"cursor": page["cursor"]}
    assert sorted(seen) == sorted([TALK, *(f"{number:032x}" for number in range(1, 6))])
    whole = (await console.get(f"{API}/conversations")).json()
    assert seen == [row["conversation_id"] for row in whole["items"]]


async def test_lists_are_narrowed(console: httpx.AsyncClient) -> None:
    for asked, count in (({"status": "failed"}, 1), ({"status": "requested"}, 0)):
        page = (await console.get(f"{API}/outbox", params=asked)).json()
        assert len(page["items"]) == count


async def test_what_did_not_change_is_not_sent_again(
    console: httpx.AsyncClient, journal: MemoryJournal, database_url: str
) -> None:
    first = await console.get(f"{API}/conversations")
    seen = {"If-None-Match": first.headers["etag"]}
    again = await console.get(f"{API}/conversations", headers=seen)
    assert (again.status_code, again.content) == (304, b"")
    await add(journal, f"conversation-{'d' * 32}", [started()])
    await project(journal, database_url)
    assert (await console.get(f"{API}/conversations", headers=seen)).status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "parameter"),
    [
        ("/nothing", 404, None),
        ("/conversations/" + "e" * 32, 404, None),
        (f"{API}/conversations/{'e' * 32}", 404, None),
        (f"{API}/conversations/{'e' * 32}/facts", 404, None),
        (f"{API}/conversations/%2e%2e", 404, None),
        (f"{API}/conversations/{'e' * 31}%00", 404, None),
        (f"{API}/people/{'e' * 32}", 404, None),
        (f"{ONE}/at/yesterday", 422, "version"),
        (f"{ONE}/at/2026-11-24T12:00:00", 422, "version"),
        (f"{API}/conversations?limit=0", 422, "limit"),
        (f"{API}/conversations?limit=201", 422, "limit"),
        (f"{API}/conversations?limit=ten", 422, "limit"),
        (f"{API}/conversations?cursor=x", 422, "cursor"),
        (f"{API}/conversations?colour=red", 422, "colour"),
        (f"{API}/conversations?limit=1&limit=2", 422, "query"),
        (f"{API}/outbox?status=%00", 422, "status"),
        (f"{ONE}/facts?cursor=-1", 422, "cursor"),
    ],
)
async def test_problems(
    console: httpx.AsyncClient, path: str, status: int, parameter: str | None
) -> None:
    answer = await console.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["type"], problem["status"]) == ("about:blank", status)
    assert [one["parameter"] for one in problem.get("errors", [])] == (
        [parameter] if parameter else []
    )


async def test_a_cursor_of_another_list_is_refused(
    console: httpx.AsyncClient,
) -> None:
    cursor = (await console.get(f"{API}/outbox?limit=1")).json()["cursor"]
    assert cursor is not None
    answer = await console.get(f"{API}/conversations", params={"cursor": cursor})
    assert answer.status_code == 422


async def test_lists_cannot_be_written(console: httpx.AsyncClient) -> None:
    answer = await console.post(f"{API}/conversations")
    assert (answer.status_code, answer.json()["status"]) == (405, 405)


async def test_a_database_that_is_away_is_said(journal: MemoryJournal) -> None:
    away = outside(journal, "postgresql://127.0.0.1:1/nowhere")
    headers = {"Authorization": f"Bearer parley_0123abcd_{'k' * 43}"}
    async with browsing(away, headers=headers) as client:
        answer = await client.get(f"{API}/conversations")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        assert "PostgreSQL is away" in ready.json()["reasons"]["database"]
        assert (await client.get("/livez")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "evil.example:8081"},
        {"Host": "["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/", f"{API}/people", "/static/console.css"])
async def test_other_sites_are_refused(
    console: httpx.AsyncClient, path: str, headers: dict[str, str]
) -> None:
    assert (await console.get(path, headers=headers)).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8081", "127.0.0.1:8081", "[::1]:8081"])
async def test_this_machine_is_answered(console: httpx.AsyncClient, host: str) -> None:
    assert (await console.get("/", headers={"Host": host})).status_code == 200


async def test_a_host_that_others_reach_is_refused(
    journal: MemoryJournal, database_url: str
) -> None:
    chosen = outside(journal, database_url, console_host="0.0.0.0")

    with pytest.raises(SettingsRefused, match="CONSOLE_HOST"):
        build(chosen)


async def test_nobody_yet(empty: httpx.AsyncClient) -> None:
    """Before the projector first starts there is no table."""
    for name in LISTS:
        assert (await empty.get(f"{API}/{name}")).json() == {
            "items": [], "cursor": None, "position": 0,
        }  # fmt: skip
    assert "Nobody has texted yet" in (await empty.get("/")).text


async def test_the_dashboard_names_no_words(console: httpx.AsyncClient) -> None:
    page = await console.get("/")
    assert page.status_code == 200
    assert TALK in page.text
    assert DIGITS not in page.text
    assert "wanders" not in page.text
    assert "unsafe" not in page.headers["content-security-policy"]
    assert 'data-position="17"' in page.text
    assert "Simulated phones" not in page.text


@pytest.mark.parametrize(("simulator", "led"), [("http://localhost:83", 1), ("https://x.y", 0)])
async def test_the_phones_of_this_machine_are_beside_it(
    journal: MemoryJournal, database_url: str, simulator: str, led: int
) -> None:
    headers = await key(database_url)
    around = outside(journal, database_url, twilio_api_url=simulator)
    async with browsing(around, headers=headers) as client:
        page = await client.get("/")
    assert page.text.count('<a href="http://localhost:83/phone">Simulated phones</a>') == led


async def test_words_are_text_on_the_page(console: httpx.AsyncClient) -> None:
    page = (await console.get(f"/conversations/{TALK}")).text
    assert "&lt;b&gt;I cannot sleep&lt;/b&gt;" in page
    assert "<b>I cannot" not in page
    assert "failed 30003" in page
    assert "<script>" not in page
    assert "style=" not in page


async def test_the_description_is_of_every_route(console: httpx.AsyncClient) -> None:
    document = (await console.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    paths = document["paths"]
    assert set(paths) == {
        f"{API}/{path}"
        for path in (
            "conversations", "conversations/{conversation_id}",
            "conversations/{conversation_id}/facts",
            "conversations/{conversation_id}/at/{version}", "people", "people/{person_id}",
            "people/{person_id}/facts", "people/{person_id}/at/{version}",
            "outbox", "due", "safety", "safety/{case_id}", "dead-letters", "escalations",
            "spending", "spending/{account_id}", "harness-health", "shifts",
            "people/import", "people/{person_id}/reveal", "people/{person_id}/erase", "conversations/{conversation_id}/reveal",
            "safety/{case_id}/acknowledge", "safety/{case_id}/resolve",
            "conversations/{conversation_id}/end", "conversations/{conversation_id}/take-over",
            "conversations/{conversation_id}/texts", "conversations/{conversation_id}/hand-back",
            "outbox/{sms_id}/retry", "outbox/{sms_id}/withdraw",
            "dead-letters/{letter_id}/replay", "dead-letters/{letter_id}/drop",
        )
    }  # fmt: skip
    references = _references(document)
    assert references
    assert references <= set(document["components"]["schemas"])
    named = [one["name"] for one in paths[f"{API}/outbox"]["get"]["parameters"]]
    assert named == ["limit", "cursor", "conversation_id", "status"]


def _references(document: Any) -> set[str]:
    words = json.dumps(document).split('"#/components/schemas/')
    return {word.partition('"')[0] for word in words[1:]}


async def test_metrics_are_there(console: httpx.AsyncClient) -> None:
    assert "sms_projection_lag_events" in (await console.get("/metrics")).text


async def test_a_stream_ends_with_the_session_of_who_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "_BEAT_S", 0.0)
    known = [True, False]

    async def still() -> bool:
        return known.pop(0)

    async def now() -> int:
        return 7

    stream = Movements(now, lambda _: still())._moves(5, still)
    async with asyncio.timeout(5):
        told = [each async for each in stream]
    assert b"data: 7\n" in told[1]
    assert known == []


async def test_a_stream_tells_of_the_first_position_beyond_the_pages() -> None:
    position = 7

    async def now() -> int:
        return position

    async def still() -> bool:
        return True

    movements = Movements(now, lambda _: still())
    draining = asyncio.create_task(movements.until_drained())
    stream = movements._moves(5, still)
    assert await anext(stream) == b"retry: 2000\n\n"
    assert b"data: 7\n" in await anext(stream)
    await asyncio.sleep(0)
    draining.cancel()
    async with asyncio.timeout(0.3):
        assert [each async for each in stream] == []


async def test_what_was_known_of_a_person_at_any_version(console: httpx.AsyncClient) -> None:
    one = f"{API}/people/{ADA}"
    before, after = [(await console.get(f"{one}/at/{version}")).json() for version in (2, 3)]
    told = await console.get(f"{one}/facts", params={"limit": 2})

    assert (before["state"]["consent"], after["state"]["consent"]) == ("pending", "granted")
    assert (before["person_id"], before["version"]) == (ADA, 2)
    assert told.json()["items"][0]["fact"] == "person.registered.v1"
    assert told.json()["cursor"] == "2"
    assert DIGITS not in told.text + json.dumps([before, after])
    assert (await console.get(f"{API}/people/{'e' * 32}/facts")).status_code == 404
    assert (await console.get(f"{one}/at/yesterday")).status_code == 422
