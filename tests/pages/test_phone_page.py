"""The phone page in a real browser, against a running simulator and a service that echoes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, quote

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from deploy.local.twilio_simulator import Pace, SimulatorConfig, running
from domain.segments import count
from tests.pages.chromium import anew

ACCOUNT = "AC" + "1" * 32
TOKEN = "2" * 32
OURS = "+14155550100"
ANA = "+14155550101"
BEN = "+14155550102"


class Echo:
    """A service that answers each inbound text with `Echo: …`, over the simulator's REST API."""

    def __init__(self) -> None:
        self.simulator = ""
        echo = self

        class Taker(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                echo.answer(form["From"][0], form["Body"][0])

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/inbound"
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def answer(self, to: str, body: str) -> None:
        form = {"To": to, "From": OURS, "Body": f"Echo: {body}"}
        path = f"{self.simulator}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        httpx.post(path, data=form, auth=(ACCOUNT, TOKEN))

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclass(frozen=True)
class Visit:
    """A page opened in the browser, and everything it complained about."""

    page: Page
    complaints: list[str]

    def phone(self, number: str) -> Locator:
        return self.page.locator(f'.phone[data-number="{number}"]')

    def thread(self, number: str) -> Locator:
        return self.phone(number).locator(".thread .text")

    def type(self, number: str, body: str) -> None:
        box = self.phone(number).get_by_role("textbox")
        box.fill(body)
        box.press("Enter")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("simulator")
    echo = Echo()
    config = SimulatorConfig(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        numbers=(OURS,),
        inbound_url=echo.url,
        state_dir=folder,
        clock_path=folder / "clock",
        pace=Pace(sent_s=0.1, delivered_s=0.1, priced_s=0.1),
    )
    with running(config) as url:
        echo.simulator = url
        yield url
    echo.close()


@pytest.fixture
def visit(tab: Page, url: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    httpx.put(f"{url}/faults", json={})
    with anew(tab, url, *getattr(request, "param", (1200, 820))) as complaints:
        tab.goto(f"{url}/phone?numbers={quote(f'{ANA}:Ana,{BEN}:Ben')}")
        expect(tab.locator(".live")).to_have_text("live")
        yield Visit(tab, complaints)
    # Neither errors, nor anything loaded from elsewhere, nor a violated policy.
    assert complaints == []


def test_a_text_goes_out_and_the_answer_comes_in_live(visit: Visit) -> None:
    before = visit.thread(ANA).count()
    visit.type(ANA, "first words")
    expect(visit.thread(ANA)).to_have_count(before + 2)
    mine, theirs = visit.thread(ANA).nth(before), visit.thread(ANA).nth(before + 1)
    expect(mine).to_contain_text("first words")
    expect(mine.locator(".state")).to_have_text("arrived")
    expect(theirs.locator(".body")).to_have_text("Echo: first words")
    expect(theirs.locator(".state")).to_have_text("delivered")
    expect(visit.phone(ANA).get_by_role("textbox")).to_have_value("")


def test_a_failed_delivery_shows_its_code(visit: Visit, url: str) -> None:
    httpx.put(f"{url}/faults", json={"script": [{"outcome": "ok", "code": 30003}]})
    visit.type(ANA, "will it arrive?")
    last = visit.thread(ANA).last
    expect(last.locator(".body")).to_have_text("Echo: will it arrive?")
    expect(last.locator(".state")).to_have_text("undelivered · 30003")


def test_a_text_that_did_not_arrive_is_marked_live_and_reloaded(visit: Visit, url: str) -> None:
    httpx.put(f"{url}/faults", json={"script": [{"outcome": "lose_webhook"}]})
    visit.type(ANA, "hello?")
    last = visit.thread(ANA).last
    for _ in range(2):
        expect(last.locator(".state")).to_have_text("did not arrive")
        expect(last).to_have_attribute("data-lost", "")
        visit.page.reload()
    visit.type(ANA, "and now?")
    expect(visit.thread(ANA).last.locator(".body")).to_have_text("Echo: and now?")
    expect(visit.phone(ANA).locator(".mine").last).not_to_have_attribute("data-lost", "")


def test_markup_in_a_text_stays_text_live_and_reloaded(visit: Visit) -> None:
    markup = "<img src=x onerror=\"document.title='taken over'\"><script>1</script>&amp;"
    visit.type(ANA, markup)
    body = visit.thread(ANA).last.locator(".body")
    expect(body).to_have_text(f"Echo: {markup}")
    visit.page.reload()
    expect(body).to_have_text(f"Echo: {markup}")
    expect(visit.page.locator(".thread img, .thread script")).to_have_count(0)
    expect(visit.page).to_have_title("Phones")


def test_what_happens_between_page_and_stream_is_not_lost(visit: Visit, url: str) -> None:
    """The page is rendered at a position; the stream starts there, however late it starts."""

    def late(route: Route) -> None:
        httpx.post(f"{url}/phones/{BEN}/texts", json={"body": "in between"})
        route.continue_()

    visit.page.route("**/phones/events*", late)
    visit.page.reload()
    expect(visit.phone(BEN).locator(".mine", has_text="in between")).to_have_count(1)
    expect(visit.phone(BEN).locator(".theirs", has_text="Echo: in between")).to_have_count(1)


def test_keywords_are_one_click_and_the_carriers_reply_is_marked(visit: Visit) -> None:
    for word, reply in (("STOP", "unsubscribed"), ("START", "re-subscribed")):
        visit.phone(BEN).get_by_role("button", name=word).click()
        automatic = visit.thread(BEN).locator(".body", has_text=reply).last
        expect(automatic).to_be_visible()
        expect(visit.phone(BEN).locator(".carrier").last).to_contain_text("Carrier, automatic")
    visit.phone(BEN).get_by_role("button", name="HELP").click()
    expect(visit.phone(BEN).locator(".carrier").last).to_contain_text("Msg&Data Rates")


def test_the_counter_shows_what_will_be_billed(visit: Visit) -> None:
    counts = {
        "x" * 160: "160 · 1 segment",
        "x" * 161: "161 · 2 segments",
        "^" * 80: "80 · 1 segment",
        "^" * 81: "81 · 2 segments",
        "é" * 154: "154 · 1 segment",
        "’" * 71: "71 · 2 segments · Unicode",
        "👍" * 35: "35 · 1 segment · Unicode",
        "👍" * 67: "67 · 3 segments · Unicode",
        "": "",
    }
    for body, shown in counts.items():
        visit.phone(ANA).get_by_role("textbox").fill(body)
        expect(visit.phone(ANA).locator(".count")).to_have_text(shown)
        if body:
            billed = count(body).segments
            assert f"{billed} segment" in shown


def test_a_text_that_cannot_be_sent_comes_back(visit: Visit) -> None:
    visit.page.route("**/texts", lambda route: route.fulfill(status=500, json={"error": "broken"}))
    visit.type(ANA, "do not lose me")
    expect(visit.phone(ANA).get_by_role("alert")).to_have_text("Not sent: broken")
    expect(visit.phone(ANA).get_by_role("textbox")).to_have_value("do not lose me")
    assert all("500" in complaint for complaint in visit.complaints)
    visit.complaints.clear()


def test_phones_are_added_and_removed(visit: Visit) -> None:
    page = visit.page
    page.get_by_label("Number of another phone").fill("+1 (415) 555-0104")
    page.get_by_label("Its name").fill("Dee")
    page.get_by_role("button", name="Add phone").click()
    expect(page.get_by_role("heading", name="Dee")).to_be_visible()
    expect(page.locator(".phone")).to_have_count(3)
    page.get_by_role("link", name="Remove Ana").click()
    expect(page.locator(".phone")).to_have_count(2)
    expect(page.get_by_role("heading", name="Ana")).to_have_count(0)


def test_a_number_that_is_none_is_refused_in_words(visit: Visit) -> None:
    page = visit.page
    page.get_by_label("Number of another phone").fill("12")
    page.get_by_role("button", name="Add phone").click()
    expect(page.locator(".problem")).to_contain_text("not a phone number")
    expect(page.locator(".phone")).to_have_count(2)
    assert all("422" in complaint for complaint in visit.complaints)
    visit.complaints.clear()


def test_clock_and_faults_are_set_from_the_page(visit: Visit, url: str) -> None:
    page = visit.page
    page.locator("summary").click()
    expect(page.locator(".outcomes")).to_contain_text("lose_callback")
    before = httpx.get(f"{url}/clock").json()["offset_s"]
    page.get_by_role("button", name="1 hour").click()
    expect(page.locator(".clock .outcome")).to_have_text("Wound by 1 hour.")
    assert httpx.get(f"{url}/clock").json()["offset_s"] == before + 3600
    page.get_by_label("What goes wrong next").fill('{"script": [{"outcome": "reject"}]}')
    page.get_by_role("button", name="Set faults").click()
    expect(page.locator(".faults .outcome")).to_have_text("Set: 1 to come.")
    assert httpx.get(f"{url}/faults").json()["script"] == [{"outcome": "reject"}]
    page.get_by_label("What goes wrong next").fill("{")
    page.get_by_role("button", name="Set faults").click()
    expect(page.locator(".faults .outcome")).to_have_text("That is not JSON.")


@pytest.mark.parametrize("visit", [(375, 700)], indirect=True)
def test_a_narrow_screen_shows_one_phone_and_tabs(visit: Visit, url: str) -> None:
    page = visit.page
    expect(visit.phone(ANA)).to_be_visible()
    expect(visit.phone(BEN)).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    httpx.post(f"{url}/phones/{BEN}/texts", json={"body": "while away"})
    expect(page.get_by_role("tab").nth(1)).to_have_text("Ben1")
    page.get_by_role("tab").first.focus()
    page.keyboard.press("ArrowRight")
    expect(visit.phone(BEN)).to_be_visible()
    expect(visit.phone(ANA)).to_be_hidden()
    expect(page.get_by_role("tab").nth(1)).to_have_text("Ben")
    expect(page.get_by_role("tab").nth(1)).to_have_attribute("aria-selected", "true")


def test_everything_can_be_reached_by_keyboard(visit: Visit) -> None:
    visit.phone(ANA).get_by_role("textbox").focus()
    visit.page.keyboard.type("line one")
    visit.page.keyboard.press("Shift+Enter")
    visit.page.keyboard.type("line two")
    visit.page.keyboard.press("Tab")
    expect(visit.phone(ANA).get_by_role("button", name="Send")).to_be_focused()
    visit.page.keyboard.press("Enter")
    expect(visit.thread(ANA).last.locator(".body")).to_have_text("Echo: line one\nline two")


def test_the_policy_allows_nothing_inline_and_nothing_foreign(url: str) -> None:
    answer = httpx.get(f"{url}/phone", params={"numbers": "+14155550190:<b>Eve</b>"})
    assert answer.headers["content-security-policy"].startswith("default-src 'self';")
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|https?://", answer.text)
    assert "&lt;b&gt;Eve" in answer.text
