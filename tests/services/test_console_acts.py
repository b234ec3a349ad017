"""What a reviewer does at the console: what is appended, what is refused, what stays private."""

import contextlib
import html
import re
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts import conversation as c
from contracts import person as p
from contracts.base import Contract
from contracts.identity import person_id
from contracts.recorded import Cause, Recorded, Subject
from contracts.safety import SafetyCaseResolved
from domain.person import person
from services.console import build
from services.runtime.ports import Entry
from tests.adapters.postgres_fixture import postgres
from tests.facts import ADA, NOON, TALK, later
from tests.journal_in_memory import MemoryJournal
from tests.projections.stories import admitted, deferred, received, requested
from tests.services.console_seed import (
    ACCOUNT,
    CASE,
    LETTER,
    QUOTE,
    add,
    database_url,
    endanger,
    key,
    link,
    outside,
    project,
    seed,
    spend,
    with_tables,
)

__all__ = ["database_url", "postgres", "with_tables"]

API = "/api/v1"
ONE = f"{API}/conversations/{TALK}"
OUTCOME = "Called; her sister is with her tonight."


@dataclass
class Console:
    """A console that is asked by a program and in a browser, and the journal behind it."""

    client: httpx.AsyncClient
    browser: httpx.AsyncClient
    journal: MemoryJournal
    outside: Any

    async def post(self, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return await self.client.post(API + path, json=body or {}, **more)

    async def done(self, path: str, body: Any = None) -> int:
        """Do something that is not refused; return how many facts that was."""
        answer = await self.post(path, body)
        assert answer.status_code == 200, answer.text
        facts: int = answer.json()["facts"]
        return facts

    async def facts(self, stream: str) -> list[Contract]:
        return [recorded.fact for recorded in await self.journal.history(stream)]

    async def names(self, stream: str, last: int) -> list[str]:
        return [type(fact).__name__ for fact in (await self.facts(stream))[-last:]]

    async def project(self) -> None:
        await project(self.journal, self.outside.settings.database_url)


@contextlib.asynccontextmanager
async def opened(database_url: str) -> AsyncGenerator[Console]:
    journal = MemoryJournal()
    await seed(journal)
    await endanger(journal)
    around = outside(journal, database_url)
    app: Any = build(around).app
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers=await key(database_url)
        ) as client,
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as browser,
    ):
        found = Console(client, browser, journal, around)
        await found.project()
        yield found


@pytest.fixture
async def console(database_url: str) -> AsyncIterator[Console]:
    async with opened(database_url) as found:
        yield found


async def test_a_safety_case_from_its_queue_to_its_outcome(console: Console) -> None:
    [row] = (await console.client.get(f"{API}/safety")).json()["items"]
    assert (row["case_id"], row["state"], row["waits"]) == (CASE, "open", True)
    assert QUOTE not in str(row)
    shown = (await console.client.get(f"{API}/safety/{CASE}")).json()
    assert (shown["quotes"], shown["standing"]) == ([QUOTE], "open")

    assert await console.done(f"/safety/{CASE}/acknowledge") == 1
    assert await console.done(f"/safety/{CASE}/acknowledge") == 0
    assert await console.done(f"/safety/{CASE}/resolve", {"outcome": OUTCOME}) == 2
    assert await console.done(f"/safety/{CASE}/resolve", {"outcome": OUTCOME}) == 0

    await console.project()
    [row] = (await console.client.get(f"{API}/safety", params={"state": "resolved"})).json()[
        "items"
    ]
    assert (row["waits"], row["resolved_by"]) == (False, row["acknowledged_by"])
    assert OUTCOME not in str(row)
    assert (await console.client.get(f"{API}/safety/{CASE}")).json()["outcome"] == OUTCOME


async def test_crisis_ends_in_the_save_that_resolves_the_case(console: Console) -> None:
    await console.done(f"/safety/{CASE}/resolve", {"outcome": OUTCOME})

    closed = (await console.journal.history(f"safety-{CASE}"))[-1]
    left = (await console.journal.history(f"person-{ADA}"))[-1]
    assert isinstance(closed.fact, SafetyCaseResolved)
    assert left.fact == p.PhaseChanged(phase="onboarding")
    assert left.position == closed.position + 1
    assert left.cause == closed.cause == "console:resolve"


async def test_the_outcome_is_personal(console: Console) -> None:
    await console.done(f"/safety/{CASE}/resolve", {"outcome": OUTCOME})

    rows = await console.journal.raw_page(0, 1000)
    assert not any(b"sister" in row.state for row in rows)


async def test_crisis_goes_on_while_another_case_waits(console: Console) -> None:
    first = (await console.journal.history(f"safety-{CASE}"))[0]
    other = "8" * 32
    await add(console.journal, f"safety-{other}", [first.fact])
    await console.project()

    assert await console.done(f"/safety/{CASE}/resolve", {"outcome": OUTCOME}) == 1
    assert await console.done(f"/safety/{other}/resolve", {"outcome": OUTCOME}) == 2


async def test_a_case_of_somebody_erased_is_closed_without_a_note(console: Console) -> None:
    erased = p.Erased(person_id=ADA, at=later(90))
    before = await console.journal.history(f"person-{ADA}")
    entry = Entry(f"person-{ADA}", len(before), before[-1].digest, (erased,), Subject(ADA, 1))
    await console.journal.save([entry], Cause("test", "test"), NOON, forget=ADA)

    assert await console.done(f"/safety/{CASE}/resolve", {"outcome": OUTCOME}) == 1

    shown = (await console.client.get(f"{API}/safety/{CASE}")).json()
    assert (shown["outcome"], shown["standing"], shown["quotes"]) == (
        None, "resolved", ["[erased]"],
    )  # fmt: skip


async def test_a_reviewer_answers_in_person_and_hands_back(console: Console) -> None:
    talk = f"conversation-{TALK}"
    await add(console.journal, talk, [received(3, later(100)), admitted(3, later(100), 3)])
    assert (await console.post(f"/conversations/{TALK}/texts", {"text": "Hi"})).status_code == 409

    assert await console.done(f"/conversations/{TALK}/take-over") == 1
    assert await console.done(f"/conversations/{TALK}/take-over") == 0
    said = {"text": "This is Grace, a nurse. Are you safe?", "sms_id": "7" * 32}
    assert await console.done(f"/conversations/{TALK}/texts", said) == 2
    assert await console.done(f"/conversations/{TALK}/texts", said) == 0
    assert await console.names(talk, 3) == [
        "ConversationTakenOver", "TurnSuperseded", "SmsRequested",
    ]  # fmt: skip

    await console.project()
    [row] = (await console.client.get(f"{API}/conversations")).json()["items"]
    told = (await console.client.get(ONE)).json()
    assert row["taken_by"] == told["taken_by"] == told["lines"][-1]["by"]
    assert told["lines"][-1]["text"] == said["text"]
    assert await console.done(f"/conversations/{TALK}/hand-back") == 1
    assert (await console.client.get(ONE)).json()["taken_by"] is None


async def test_handing_back_asks_the_agent_about_what_is_open(console: Console) -> None:
    talk = f"conversation-{TALK}"
    await add(console.journal, talk, [received(3, later(100)), admitted(3, later(100), 3)])
    await console.done(f"/conversations/{TALK}/take-over")

    await console.done(f"/conversations/{TALK}/hand-back")

    assert await console.names(talk, 2) == ["ConversationHandedBack", "TurnAdmitted"]


async def test_an_end_closes_the_conversation_for_the_person_too(console: Console) -> None:
    assert await console.done(f"/conversations/{TALK}/end") == 2
    assert await console.done(f"/conversations/{TALK}/end") == 0

    ended = (await console.facts(f"conversation-{TALK}"))[-1]
    assert isinstance(ended, c.ConversationEnded)
    assert ended.reason == "operator"
    await console.project()
    page = await console.client.get("/shifts?state=ended", headers=HTML)
    assert TALK[:8] in page.text
    assert await console.names(f"person-{ADA}", 1) == ["ConversationClosed"]


async def test_texts_on_their_way_out(console: Console) -> None:
    talk = f"conversation-{TALK}"
    await add(console.journal, talk, [requested("t3"), requested("t4"), deferred("t4", NOON)])
    await console.project()

    assert await console.done("/outbox/t3/withdraw") == 1
    assert await console.done("/outbox/t3/withdraw") == 0
    assert await console.done("/outbox/t4/retry") == 1
    assert await console.done("/outbox/t2/retry") == 1  # which had failed
    assert await console.done("/outbox/t2/retry") == 0
    assert (await console.post("/outbox/t1/retry")).status_code == 409  # which was delivered
    assert (await console.post("/outbox/t1/withdraw")).status_code == 409
    assert (await console.post("/outbox/t9/retry")).status_code == 404
    assert await console.names(talk, 3) == ["SmsWithheld", "SmsReleased", "SmsRequested"]


@pytest.mark.parametrize("what", ["replay", "drop"])
async def test_a_dead_letter_is_settled(console: Console, what: str) -> None:
    [row] = (await console.client.get(f"{API}/dead-letters")).json()["items"]
    assert (row["letter_id"], row["state"]) == (LETTER, "waiting")

    assert await console.done(f"/dead-letters/{LETTER}/{what}") == 1

    assert (await console.post(f"/dead-letters/{LETTER}/{what}")).status_code == 404
    assert len(console.outside.letters.replayed) == (what == "replay")
    await console.project()
    [row] = (await console.client.get(f"{API}/dead-letters")).json()["items"]
    assert row["state"] == {"replay": "replayed", "drop": "dropped"}[what]


async def test_a_person_is_registered(console: Console) -> None:
    wanted = {
        "phone": "+1 415 555 0142", "user_id": "u-9", "name": "Bea", "consent": "granted",
        "evidence": "paper form of 1 November",
    }  # fmt: skip

    answer = await console.post("/people", wanted)
    assert answer.status_code == 200, answer.text
    assert "5550142" not in answer.text
    who = answer.json()["id"]
    chapter = await console.journal.read(person, f"person-{who}")
    assert (chapter.state.consent, chapter.state.user_id) == ("granted", "u-9")
    assert await console.done("/people", wanted) == 0

    await console.project()
    shown = (await console.client.get(f"{API}/people/{who}")).json()
    [consent] = shown["consent"]
    assert (consent["fact"], consent["evidence"]["words"], consent["evidence"]["source"]) == (
        "person.consent_granted.v1", "paper form of 1 November", "console",
    )  # fmt: skip


async def test_people_are_imported_and_told_of_line_by_line(console: Console) -> None:
    table = "phone,name\n+14155550143,Cy\nnobody,Di\n+14155550144,Ed\n"

    answer = await console.client.post(
        f"{API}/people/import", content=table, headers={"Content-Type": "text/csv"}
    )

    told = answer.json()
    assert (told["added"], told["refused"]) == (2, 1)
    assert [(line["line"], line["refused"] is None) for line in told["lines"]] == [
        (2, True), (3, False), (4, True),
    ]  # fmt: skip
    pepper = console.outside.settings.secrets().pepper
    assert told["lines"][0]["person_id"] == person_id(pepper, "+14155550143")


async def test_a_person_is_erased_by_who_says_whom_they_mean(
    console: Console, tmp_path: Path
) -> None:
    ledger = tmp_path / "erasures.jsonl"
    path, confirmed = f"/people/{ADA}/erase", {"confirm": ADA[:8]}
    assert (await console.post(path, {"confirm": "0" * 8})).status_code == 409
    assert (await console.post(path, confirmed)).status_code == 503  # no ledger can be written
    assert "Erased" not in await console.names(f"person-{ADA}", 1)
    told = console.outside.settings.model_copy(update={"erasure_ledger": ledger})
    console.outside.settings = told

    answer = await console.post(path, confirmed)

    assert answer.json() == {
        "id": ADA, "facts": 1, "messages": {"AGENT_OUT": 2}, "copies": None, "left": 0,
    }  # fmt: skip
    erased = (await console.journal.history(f"person-{ADA}"))[-1]
    assert erased.fact == p.Erased(person_id=ADA, at=later(120), by="grace")
    assert erased.cause == "erasure:console"
    assert ADA in ledger.read_text()
    assert (await console.post(path, confirmed)).json()["facts"] == 0
    assert (await console.post(f"/people/{ADA}/reveal", {"why": "x"})).status_code == 409
    assert (
        await console.post(f"/people/{'e' * 32}/erase", {"confirm": "e" * 8})
    ).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "status", "parameter"),
    [
        (f"/safety/{'e' * 32}/acknowledge", {}, 404, None),
        (f"/safety/{CASE}/resolve", {}, 422, "outcome"),
        (f"/safety/{CASE}/resolve", {"outcome": ""}, 422, "outcome"),
        (f"/safety/{CASE}/resolve", {"outcome": "   "}, 409, None),
        (f"/safety/{CASE}/acknowledge", {"by": "somebody else"}, 422, "by"),
        (f"/safety/{CASE}/acknowledge", [1], 422, "body"),
        (f"/conversations/{'e' * 32}/end", {}, 404, None),
        (f"/conversations/{'e' * 31}/end", {}, 404, None),
        (f"/conversations/{TALK}/texts", {"text": "x" * 1601}, 422, "text"),
        ("/people", {"phone": "nobody"}, 422, None),
        ("/people", {"phone": "+14155550142", "consent": "granted"}, 422, None),
        ("/people", {"phone": "+14155550142", "consent": "maybe"}, 422, "consent"),
        ("/dead-letters/nothing/drop", {}, 404, None),
    ],
)
async def test_what_is_refused(
    console: Console, path: str, body: Any, status: int, parameter: str | None
) -> None:
    before = await console.journal.head()

    answer = await console.client.post(API + path, json=body)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert [one["parameter"] for one in answer.json().get("errors", [])] == (
        [parameter] if parameter else []
    )
    assert await console.journal.head() == before


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"outcome=x", 415),
        ({"Content-Type": "text/plain"}, b"{}", 415),
        ({"Content-Type": "application/json"}, b"{", 400),
        ({"Content-Type": "application/json"}, b"\xff", 400),
        ({"Content-Type": "application/json"}, b"[" * 100_000, 400),
        ({"Content-Type": "application/json"}, b"x" * 300_000, 413),
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}, b"{}", 403),
        ({"Content-Type": "application/json", "Host": "evil.example"}, b"{}", 403),
    ],
)
async def test_no_other_site_and_no_other_body(
    console: Console, headers: dict[str, str], content: bytes, status: int
) -> None:
    answer = await console.client.post(
        f"{API}/safety/{CASE}/acknowledge", content=content, headers=headers
    )

    assert answer.status_code == status
    assert await console.names(f"safety-{CASE}", 1) == ["SafetyCaseOpened"]


async def test_a_case_is_resolved_against_what_is_known_now(console: Console) -> None:
    """A cry for help that comes while the reviewer types keeps the crisis."""
    more = c.TurnAnswered.model_validate(
        {
            "turn_id": "5" * 32, "gate": "crisis", "reply": None, "kind": "crisis",
            "priority": "urgent", "closes_turn": True, "labels": {},
            "safety": {"kind": "suicidal_ideation", "tier": "critical"},
        }
    )  # fmt: skip
    await add(console.journal, f"person-{ADA}", [p.ConversationOpened(conversation_id=TALK)])
    await add(console.journal, f"conversation-{TALK}", [more])

    assert await console.done(f"/safety/{CASE}/resolve", {"outcome": OUTCOME}) == 1
    last: Recorded[Any] = (await console.journal.history(f"person-{ADA}"))[-1]
    assert not isinstance(last.fact, p.PhaseChanged)


async def test_a_months_money_by_kind_and_by_day(console: Console) -> None:
    await spend(console.journal)
    await console.project()

    [row] = (await console.client.get(f"{API}/spending")).json()["items"]
    told = (await console.client.get(f"{API}/spending/{ACCOUNT}")).json()

    assert (row["account"], row["spent"], row["reserved"]) == (ACCOUNT, 500_000, 100_000)
    assert told["month"] == row
    assert told["texts"] == [
        {"day": "2026-11-24", "kind": "reply", "texts": 1, "segments": 1, "microdollars": 8300}
    ]
    assert [one["day"] for one in told["models"]] == ["2026-11-24"]
    assert (await console.client.get(f"{API}/spending/0-2026-12")).status_code == 404
    for path, words in (
        ("/spending", "over 50 %"), (f"/spending/{ACCOUNT}", "$0.0083"),
        ("/spending", "50 % spent</span> <time"), (f"/spending/{ACCOUNT}", "50 % spent</span> <time"),
        ("/escalations", "held"), ("/escalations?status=answered", "No escalation is like that"),
    ):  # fmt: skip
        page = await console.client.get(path, headers=HTML)
        assert (page.status_code, words in page.text) == (200, True), path


# The same by the forms of the pages

HTML = {"Accept": "text/html"}


async def token_of(console: Console) -> str:
    """Return what the forms carry, signed in."""
    if not console.browser.cookies:
        await console.browser.get(await link(console.outside.settings.database_url))
    page = await console.browser.get(f"/safety/{CASE}", headers=HTML)
    found = re.search(r'name="token" value="([0-9a-f]{32})"', page.text)
    assert found is not None
    return found.group(1)


async def sent(console: Console, path: str, **fields: str) -> httpx.Response:
    given = {"token": await token_of(console), "back": "/safety", **fields}
    return await console.browser.post(path, data=given, headers=HTML)


async def test_a_form_does_the_same_and_leads_back(console: Console) -> None:
    answer = await sent(console, f"/safety/{CASE}/resolve", outcome=OUTCOME)

    assert (answer.status_code, answer.headers["location"]) == (303, "/safety")
    assert await console.names(f"safety-{CASE}", 1) == ["SafetyCaseResolved"]


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\r\nX: y", "/é"]
)
async def test_a_form_leads_to_no_other_site(console: Console, back: str) -> None:
    answer = await sent(console, f"/safety/{CASE}/acknowledge", back=back)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize("token", ["", "0" * 32, "é"])
async def test_a_form_of_another_page_does_nothing(console: Console, token: str) -> None:
    answer = await sent(console, f"/safety/{CASE}/acknowledge", token=token)

    assert answer.status_code == 403
    assert "Load it again" in answer.text
    assert await console.names(f"safety-{CASE}", 1) == ["SafetyCaseOpened"]


async def test_without_its_cookie_a_token_is_none(console: Console) -> None:
    token = await token_of(console)
    console.browser.cookies.clear()

    answer = await console.browser.post(f"/safety/{CASE}/acknowledge", data={"token": token})

    assert answer.status_code == 401


async def test_a_form_that_is_refused_is_answered_by_a_page(console: Console) -> None:
    answer = await sent(console, f"/safety/{CASE}/resolve", outcome=" ")

    assert (answer.status_code, answer.headers["content-type"]) == (
        422,
        "text/html; charset=utf-8",
    )
    assert "<b>outcome</b>" in answer.text


async def test_somebody_is_registered_by_a_form(console: Console) -> None:
    answer = await sent(
        console, "/people", phone="+14155550142", user_id="u-9", consent="", back="/people/{id}"
    )

    pepper = console.outside.settings.secrets().pepper
    who = person_id(pepper, "+14155550142")
    assert answer.headers["location"] == f"/people/{who}"
    await console.project()
    page = await console.client.get(f"/people/{who}", headers=HTML)
    assert page.status_code == 200
    assert "u-9" in page.text
    assert "5550142" not in page.text


async def test_many_are_registered_by_a_form(console: Console) -> None:
    answer = await sent(console, "/people/import", table="phone\n+14155550143\nnobody\n")

    assert answer.status_code == 200
    assert "1 registered or known, 1 refused" in answer.text
    assert "line 3" in answer.text


async def uploaded(console: Console, table: bytes, **more: Any) -> httpx.Response:
    fields = {"token": await token_of(console), "table": "", **more}
    files = {"upload": ("people.csv", table, "text/csv")}
    return await console.browser.post("/people/import", data=fields, files=files, headers=HTML)


async def test_a_file_is_read_and_told_of_line_by_line(console: Console) -> None:
    answer = await uploaded(console, b"\xef\xbb\xbfphone,name\n+14155550143,Cy\nnobody,Di\n")

    assert answer.status_code == 200
    assert "1 registered or known, 1 refused" in answer.text
    assert re.search(r"line 3</span><span>That is not a telephone number", answer.text)
    pepper = console.outside.settings.secrets().pepper
    who = person_id(pepper, "+14155550143")
    assert f'<a href="/people/{who}">' in answer.text
    assert "Cy" not in answer.text
    assert "stored" in answer.text
    again = await uploaded(console, b"phone,name\n+14155550143,Cy\n")
    assert "all of that was known" in again.text


@pytest.mark.parametrize(
    ("table", "status", "words"),
    [
        (b"phone\n\xff\xfe", 400, "not text in UTF-8"),
        (b"number,age\n1,2\n", 422, "must name columns of: phone"),
        (
            b"phone\n" + b"1" * 270_000,
            413,
            "the 256 KiB that are taken here; `parley people import`",
        ),
    ],
)
async def test_a_file_that_cannot_be_read(
    console: Console, table: bytes, status: int, words: str
) -> None:
    before = await console.journal.head()
    answer = await uploaded(console, table)

    assert (answer.status_code, words in answer.text) == (status, True)
    assert await console.journal.head() == before


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x"])
async def test_parts_that_are_none(console: Console, kind: str) -> None:
    await token_of(console)
    headers = {**HTML, "Content-Type": kind}
    answer = await console.browser.post("/people/import", content=b"--y\r\n", headers=headers)

    assert answer.status_code in (400, 403)


async def test_parts_in_a_charset_of_half_characters(console: Console) -> None:
    await token_of(console)
    kind = "multipart/form-data; boundary=x; charset=raw_unicode_escape"
    part = b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\n\\ud800\r\n--x--\r\n'
    headers = {**HTML, "Content-Type": kind}
    answer = await console.browser.post("/people/import", content=part, headers=headers)

    assert answer.status_code == 403


async def test_a_file_from_another_site_is_not_read(console: Console) -> None:
    before = await console.journal.head()
    answer = await uploaded(console, b"phone\n+14155550143\n", token="0" * 32)

    assert answer.status_code == 403
    assert await console.journal.head() == before


async def test_a_person_is_erased_by_a_form(console: Console, tmp_path: Path) -> None:
    told = {"erasure_ledger": tmp_path / "erasures.jsonl"}
    console.outside.settings = console.outside.settings.model_copy(update=told)
    await token_of(console)
    page = await console.browser.get(f"/people/{ADA}/erase", headers=HTML)
    assert f"type <code>{ADA[:8]}</code>" in page.text

    answer = await sent(console, f"/people/{ADA}/erase", confirm=ADA[:8])

    assert (answer.status_code, "<h1>Erased</h1>" in answer.text) == (200, True)
    assert await console.names(f"person-{ADA}", 1) == ["Erased"]


async def test_what_answers_a_form_is_not_replaced_by_the_page_of_its_address(
    console: Console,
) -> None:
    answer = await sent(console, "/people", phone="none")

    assert (answer.status_code, "not a telephone number" in answer.text) == (422, True)
    assert "console.js" not in answer.text
    assert 'id="live"' not in answer.text
    assert "console.js" in (await console.browser.get("/people", headers=HTML)).text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/safety/nothing", 404),
        (f"/safety/{'e' * 32}", 404),
        (f"/conversations/{TALK}/facts?at=99", 404),
        (f"/conversations/{TALK}/facts?at=x", 404),
        ("/harness?per=year", 404),
        ("/outbox?limit=0", 422),
        ("/outbox?colour=red", 422),
    ],
)
async def test_a_page_that_is_not_there(console: Console, path: str, status: int) -> None:
    answer = await console.client.get(path, headers=HTML)

    assert answer.status_code == status
    assert "<h1>" in answer.text


async def test_the_outbox_narrowed_is_turned_within_its_narrowing(console: Console) -> None:
    talk = f"conversation-{TALK}"
    await add(console.journal, talk, [requested(f"n{number}") for number in range(60)])
    await console.project()

    page = await console.client.get("/outbox?status=requested", headers=HTML)

    [older] = re.findall(r'href="(/outbox\?status=requested&amp;cursor=[^"]+)"', page.text)
    rest = await console.client.get(html.unescape(older), headers=HTML)
    assert rest.text.count('class="mark requested"') == 10
