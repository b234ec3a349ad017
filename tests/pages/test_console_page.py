"""The console in a real browser: over a running server, a real database, and live."""

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from services.console import build
from services.runtime.serving import WebServer, listen
from tests.adapters.postgres_fixture import PostgresServer, postgres
from tests.facts import ADA, TALK, later
from tests.journal_in_memory import MemoryJournal
from tests.pages.chromium import anew
from tests.projections.stories import received
from tests.services.console_seed import (
    ACCOUNT,
    CASE,
    DIGITS,
    QUOTE,
    REPLY,
    WORDS,
    add,
    endanger,
    link,
    outside,
    project,
    seed,
    spend,
)

__all__ = ["postgres"]

pytestmark = pytest.mark.browser


class Running:
    """The console and its database, served from a thread with a loop of its own."""

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url
        self.journal = MemoryJournal()
        self._numbers = count(100)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="console")
        self._thread.start()
        self.url = ""

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run something on the console's loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def start(self) -> None:
        """Serve."""
        self.do(seed(self.journal))
        self.do(endanger(self.journal))
        self.do(spend(self.journal))
        self.do(project(self.journal, self.database_url))
        self._served = self._serving()
        self.url = self.do(_next(self._served))

    def stop(self) -> None:
        """End the server, and the loop."""
        self.do(_end(self._served))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def say(self) -> None:
        """Let the person say something, and the projector take it in."""
        number = next(self._numbers)
        self.do(add(self.journal, f"conversation-{TALK}", [received(number, later(90 + number))]))
        self.do(project(self.journal, self.database_url))

    def look(self) -> None:
        """Let the projector take in what was done."""
        self.do(project(self.journal, self.database_url))

    def let_in(self, page: Page, *grants: str) -> None:
        """Sign a browser in by a one-time link."""
        page.goto(self.url + self.do(link(self.database_url, *grants)))

    async def _serving(self) -> AsyncIterator[str]:
        process: Any = build(outside(self.journal, self.database_url))
        server = WebServer(process.app, listen("127.0.0.1", 0))
        loops = [asyncio.ensure_future(loop()) for loop in process.loops]
        serving = asyncio.ensure_future(server.serve())
        await server.started()
        yield f"http://127.0.0.1:{server.port}"
        server.stop()
        for loop in loops:
            loop.cancel()
        async with asyncio.timeout(3):
            # Open event streams do not hold the end up.
            await asyncio.gather(*loops, serving, return_exceptions=True)


async def _next(served: AsyncIterator[str]) -> str:
    return await anext(served)


async def _end(served: AsyncIterator[str]) -> None:
    assert [url async for url in served] == []


@dataclass(frozen=True)
class Visit:
    """A page opened in the browser, and everything it complained about."""

    page: Page
    complaints: list[str]


@pytest.fixture(scope="module")
def console(postgres: PostgresServer) -> Iterator[Running]:
    running = Running(postgres.new_database())
    running.start()
    yield running
    running.stop()


@pytest.fixture
def visit(tab: Page, console: Running, request: pytest.FixtureRequest) -> Iterator[Visit]:
    wide = getattr(request, "param", "wide") == "wide"
    size = (1200, 800, "light") if wide else (375, 720, "dark")
    with anew(tab, console.url, *size) as complaints:
        console.let_in(tab)
        yield Visit(tab, complaints)
    assert complaints == []


on_both = pytest.mark.parametrize("visit", ["wide", "phone"], indirect=True)
"""On a wide window by day, and on a phone at night."""


@pytest.fixture
def page(tab: Page) -> Iterator[Page]:
    with anew(tab, "http://127.0.0.1", 1200, 800):
        yield tab


def _fits(page: Page) -> None:
    """Assert that nothing is wider than the window."""
    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert width <= 0


@on_both
def test_from_the_list_to_how_an_answer_came_about(visit: Visit, console: Running) -> None:
    page = visit.page
    page.goto(console.url)
    expect(page.get_by_role("status")).to_have_text("live")
    _fits(page)
    expect(page.locator("main")).not_to_contain_text(DIGITS)
    page.locator(f'section[aria-labelledby="conversations"] a[href*="{TALK}"]').click()
    words = page.locator(".transcript .words")
    expect(words.nth(0)).to_have_text(WORDS)
    expect(words.nth(1)).to_have_text(REPLY)
    _fits(page)
    card = page.locator("details.turn").first
    card.locator("summary").click()
    expect(card).to_contain_text("respite, risk elevated")
    expect(card).to_contain_text("steps-2")
    expect(card).to_contain_text("model 340 ms")
    expect(page.locator(".transcript .failed")).to_have_text("failed 30003")
    _fits(page)


@on_both
def test_it_is_walked_by_keyboard(visit: Visit, console: Running) -> None:
    page = visit.page
    page.goto(f"{console.url}/conversations")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in ("all", "active", "ended", "processed", "the first conversation"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".transcript")).to_be_visible()


def test_a_new_text_shows_by_itself_and_moves_nothing_else(visit: Visit, console: Running) -> None:
    page = visit.page
    page.goto(f"{console.url}/conversations/{TALK}")
    expect(page.get_by_role("status")).to_have_text("live")
    summary = page.locator("details.turn summary").first
    summary.click()
    lines = page.locator(".transcript > li")
    before = lines.count()
    console.say()
    expect(lines).to_have_count(before + 1)
    expect(page.locator("details.turn").first).to_have_attribute("open", "")
    expect(summary).to_be_focused()


def test_what_happened_before_the_stream_is_not_lost(visit: Visit, console: Running) -> None:
    def late(route: Route) -> None:
        console.say()
        route.continue_()

    page, lines = visit.page, visit.page.locator(".transcript > li")
    page.goto(f"{console.url}/conversations/{TALK}")
    before = lines.count()
    page.route("**/events*", late)
    page.reload()
    expect(lines).to_have_count(before + 1)


PLACES = (
    "/", "/settings", f"/people/{ADA}/facts?at=2", "/conversations", f"/conversations/{TALK}", f"/conversations/{TALK}/facts?at=6",
    "/safety", f"/safety/{CASE}", "/outbox", "/due", "/dead-letters", "/people", f"/people/{ADA}",
    f"/people/{ADA}/erase", "/sign-in",
    "/escalations", "/shifts", "/spending", f"/spending/{ACCOUNT}", "/harness", "/harness?per=hour",
)  # fmt: skip


@on_both
def test_every_page_fits_and_names_no_number(visit: Visit, console: Running) -> None:
    for place in PLACES:
        visit.page.goto(f"{console.url}{place}")
        expect(visit.page.locator("h1")).to_be_visible()
        expect(visit.page.locator("main")).not_to_contain_text(DIGITS)
        _fits(visit.page)


def test_who_may_not_read_says_why_and_then_does(page: Page, console: Running) -> None:
    console.let_in(page, "operator")
    page.goto(f"{console.url}/conversations/{TALK}")
    words = page.locator(".transcript .words").nth(0)
    expect(words).to_have_text(f"({len(WORDS)} characters)")
    page.get_by_text("Show what was said").click()
    page.get_by_label("Why you need to see it").fill("She called and asked")
    page.get_by_role("button", name="Show it").click()
    expect(words).to_have_text(WORDS)

    page.goto(f"{console.url}/people")
    table = {"name": "people.csv", "mimeType": "text/csv", "buffer": b"phone\n+14155550177\nx\n"}
    page.get_by_label("A file (CSV)").set_input_files(table)  # type: ignore[arg-type]
    page.get_by_role("button", name="Register them").click()
    expect(page.locator("h1")).to_have_text("1 registered or known, 1 refused")
    expect(page.locator("main")).to_contain_text("line 3")

    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_have_text("Sign in")
    page.goto(f"{console.url}/conversations/{TALK}")
    expect(page.locator("h1")).to_have_text("Sign in")


@on_both
def test_time_travel_by_slider(visit: Visit, console: Running) -> None:
    page = visit.page
    page.goto(f"{console.url}/conversations/{TALK}/facts?at=6")
    expect(page.locator("ins", has_text=REPLY).first).to_be_visible()
    page.locator("#at").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("h1")).to_contain_text("at version 5 of")
    expect(page.locator("ins", has_text=REPLY)).to_have_count(0)


def test_time_travel_to_when_consent_was_not_given(visit: Visit, console: Running) -> None:
    page = visit.page
    page.goto(f"{console.url}/people/{ADA}")
    page.get_by_role("link", name="facts and time travel").click()
    page.goto(f"{console.url}/people/{ADA}/facts?at=3")
    expect(page.locator("ins", has_text="granted").first).to_be_visible()
    page.locator("#at").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("h1")).to_contain_text("at version 2 of")
    page.locator("#whole > summary").click()
    expect(page.locator("#whole")).to_contain_text("pending")
    expect(page.locator("#whole")).not_to_contain_text("granted")
    expect(page.locator("main")).not_to_contain_text(DIGITS)


def _tab_to(page: Page, words: str) -> None:
    """Press Tab until what has these words has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if words in page.evaluate("document.activeElement.textContent"):
            return
    raise AssertionError(f"no Tab leads to {words}")


def test_a_case_is_closed_by_keyboard_alone(page: Page, postgres: PostgresServer) -> None:
    running = Running(postgres.new_database())
    running.start()
    try:
        running.let_in(page)
        _tab_to(page, "Safety")
        page.keyboard.press("Enter")
        page.wait_for_url("**/safety")
        _tab_to(page, "critical")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/safety/{CASE}")
        _tab_to(page, "I look after this")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("acknowledged")
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == "outcome":
                break
        page.keyboard.type("Her sister is with her.")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".outcome")).to_have_text("Her sister is with her.")
    finally:
        running.stop()


def test_a_case_is_looked_after_taken_over_and_closed(
    page: Page, postgres: PostgresServer
) -> None:
    """From the queue to the outcome, while the person goes on texting."""
    running = Running(postgres.new_database())
    running.start()
    try:
        running.let_in(page)
        expect(page.get_by_role("status")).to_have_text("live")
        page.get_by_role("link", name="Safety").first.click()
        page.locator(f'a[href="/safety/{CASE}"]').click()
        expect(page.locator(".quotes")).to_contain_text(QUOTE)
        page.get_by_role("button", name="I look after this").click()
        expect(page.locator("h1")).to_contain_text("acknowledged")

        page.get_by_role("button", name="Take the conversation over").click()
        box = page.get_by_label("Your text")
        box.fill("This is Grace. ")
        running.say()
        expect(page.locator(".transcript > li.person")).to_have_count(3)
        box.press_sequentially("Are you safe?")
        page.get_by_role("button", name="Send").click()
        said = page.locator(".transcript > li.agent", has_text="This is Grace. Are you safe?")
        expect(said).to_contain_text("requested")
        page.get_by_role("button", name="Hand back").click()
        expect(page.get_by_role("button", name="Take over")).to_be_visible()

        page.goto(f"{running.url}/safety/{CASE}")
        page.get_by_label("How it ended").fill("Her sister is with her.")
        page.get_by_role("button", name="Close the case").click()
        expect(page.locator(".outcome")).to_have_text("Her sister is with her.")
        running.look()
        expect(page.locator("#badge-safety")).to_be_empty()
    finally:
        running.stop()


def test_a_server_that_ends_is_said(page: Page, postgres: PostgresServer) -> None:
    """Open pages do not hold the end up, and do not go on saying that they are live."""
    running = Running(postgres.new_database())
    running.start()
    try:
        running.let_in(page)
        expect(page.get_by_role("status")).to_have_text("live")
    finally:
        running.stop()
    expect(page.get_by_role("status")).to_contain_text("not live")
