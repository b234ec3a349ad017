"""The sign-up page as it is served: its markup, what a submission does, and what it tells."""

import asyncio
import base64
import re
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from contracts import conversation as c
from contracts import person as p
from contracts.base import Contract
from contracts.identity import person_id, person_stream
from contracts.recorded import Cause, Subject
from domain.person import person, wording
from services.adapters.numbers import NumberingPlans
from services.runtime.ports import Unavailable
from services.runtime.signing_up import ANSWER_S, SignUp
from tests.facts import NOON, POLICY, evidence, registered
from tests.journal_in_memory import MemoryJournal

PEPPER = b"p" * 32
PHONE = "+12125550123"
FORM = {"phone": "(212) 555-0123", "agree": "yes"}


class Clock:
    """A clock that tests wind, and ids that count."""

    def __init__(self) -> None:
        self.at = NOON
        self.ids = 0

    def now(self) -> datetime:
        return self.at

    def fresh(self) -> str:
        self.ids += 1
        return f"{self.ids:032x}"


class Site:
    """The page over a journal of its own."""

    def __init__(self, journal: Any = None, answer_s: float = 0.0, **links: str) -> None:
        self.journal: Any = journal or MemoryJournal()
        self.clock = Clock()
        outside: Any = SimpleNamespace(
            journal=self.journal,
            clock=self.clock,
            policy=POLICY,
            numbers=NumberingPlans(),
            settings=SimpleNamespace(
                secrets=lambda: SimpleNamespace(pepper=PEPPER),
                trusted_proxies=("127.0.0.1",),
                signup_countries=("US", "CA"),
                **{"support_contact": "", "privacy_url": "", "terms_url": "", **links},
            ),
        )
        signup = SignUp(outside, answer_s)
        self.app = Starlette(
            routes=[
                Route("/signup", signup.page, methods=["GET"]),
                Route("/signup", signup.submit, methods=["POST"]),
            ]
        )
        self.client = TestClient(self.app, client=("198.51.100.1", 1))

    def post(self, address: str = "198.51.100.1", **form: str) -> tuple[int, str]:
        client = TestClient(self.app, client=(address, 1))
        answer = client.post("/signup", data=FORM | form)
        return answer.status_code, answer.text

    def facts(self) -> Sequence[Contract]:
        return [told.fact for told in asyncio.run(self.journal.page(0, 1000))]

    def texts(self) -> list[str]:
        return [fact.text for fact in self.facts() if isinstance(fact, c.SmsRequested)]

    def knows(self, *facts: Contract) -> None:
        who = person_id(PEPPER, PHONE)

        async def save() -> None:
            whom = await self.journal.read(person, person_stream(who))
            await self.journal.save([whom.then(facts, Subject(who, 1))], Cause("t", "t"), NOON)

        asyncio.run(save())


@pytest.fixture
def site() -> Site:
    return Site()


class Elements(HTMLParser):
    """Every element with its attributes, and the style sheet."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.style = page.partition("<style>")[2].partition("</style>")[0]
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_the_form_can_be_read_by_everybody(site: Site) -> None:
    answer = site.client.get("/signup")
    page = Elements(answer.text)

    assert answer.status_code == 200
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == len(page.all("title")) == len(page.all("main")) == 1
    assert "width=device-width" in str(page.all("meta"))
    labels = {label.get("for") for label in page.all("label")}
    fields = page.all("input")
    assert {field["id"] for field in fields} == labels
    assert all("required" in field for field in fields)
    assert [field["type"] for field in fields] == ["tel", "checkbox"]
    assert "checked" not in fields[1]
    assert "prefers-color-scheme: dark" in page.style


def test_the_agreement_stands_beside_the_box(site: Site) -> None:
    text = re.sub(r"\s+", " ", site.client.get("/signup").text)

    box, _, after = text.partition('type="checkbox"')
    assert box
    assert wording.AGREEMENT in after.partition("</label>")[0]
    assert "automated" in after
    assert "program, not a person" in text


def test_terms_privacy_and_the_contact_are_a_click_away() -> None:
    terms, privacy = "https://a.example/terms", "https://a.example/privacy"
    site = Site(terms_url=terms, privacy_url=privacy, support_contact="<b>help@a.example")
    page = site.client.get("/signup").text

    assert [a["href"] for a in Elements(page).all("a")] == [terms, privacy]
    assert "Contact: &lt;b&gt;help@a.example" in page


def test_nothing_comes_from_elsewhere_and_nothing_runs(site: Site) -> None:
    answer = site.client.get("/signup")
    page = Elements(answer.text)
    policy = answer.headers["content-security-policy"]

    hashed = base64.b64encode(sha256(page.style.encode()).digest()).decode()
    assert f"style-src 'sha256-{hashed}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not {name for name, _ in page.found} & {"script", "img", "link", "iframe", "object"}
    assert "://" not in answer.text
    assert not [a for _, a in page.found if "style" in a or any(key.startswith("on") for key in a)]
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers


def test_one_text_asks_for_consent(site: Site) -> None:
    assert site.post()[0] == 200

    assert site.texts() == [wording.CONSENT_REQUEST]
    stored = str(asyncio.run(site.journal.raw_page(0, 100)))
    assert PHONE not in stored
    assert "198.51.100.1" not in stored


def test_the_same_page_whatever_happened(site: Site) -> None:
    first = site.post()
    again = site.post()
    abroad = site.post(phone="+44 20 7946 0123")
    site.clock.at += timedelta(days=2)
    site.knows(p.ConsentRevoked(evidence=evidence()))
    revoked = site.post()

    assert first == again == abroad == revoked
    assert "number" in first[1]
    assert "555" not in first[1]
    assert len(site.texts()) == 1


def test_never_to_who_took_consent_back(site: Site) -> None:
    site.knows(registered(), p.ConsentRevoked(evidence=evidence()))

    assert site.post()[0] == 200
    assert site.texts() == []


def test_five_an_hour_from_one_address_behind_the_proxy_too(site: Site) -> None:
    for number in range(7):
        site.post(phone=f"+121255501{number:02}")
    assert len(site.texts()) == 5

    proxy = TestClient(site.app, client=("127.0.0.1", 1))
    for number in range(10, 17):
        proxy.post(
            "/signup",
            data=FORM | {"phone": f"+121255501{number}"},
            headers={"x-forwarded-for": f"198.51.100.{number % 2 + 7}"},
        )
    assert len(site.texts()) == 12


def test_a_hundred_a_day_in_all(site: Site) -> None:
    for number in range(103):
        site.post(f"203.0.{number}.1", phone=f"+1212555{number + 1000:04}")

    assert len(site.texts()) == 100


def test_the_hour_spans_midnight(site: Site) -> None:
    site.clock.at = NOON.replace(hour=23, minute=50)
    for number in range(5):
        site.post(phone=f"+121255501{number:02}")
    site.clock.at += timedelta(minutes=20)
    site.post(phone="+12125550199")

    assert len(site.texts()) == 5


def test_two_at_once_send_one_text(site: Site) -> None:
    async def both() -> None:
        import httpx

        transport = httpx.ASGITransport(site.app, client=("198.51.100.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            await asyncio.gather(*(client.post("/signup", data=FORM) for _ in range(4)))

    asyncio.run(both())

    assert len(site.texts()) == 1


WRONG = [
    ("no box ticked", {"agree": ""}, "tick the box"),
    ("no number", {"phone": ""}, "check the number"),
    ("a local number", {"phone": "555 0123"}, "check the number"),
    ("words", {"phone": "call me"}, "check the number"),
]


@pytest.mark.parametrize(("form", "said"), [row[1:] for row in WRONG], ids=[r[0] for r in WRONG])
def test_what_is_wrong_is_said_beside_the_field(
    site: Site, form: dict[str, str], said: str
) -> None:
    status, text = site.post(**form)
    page = Elements(text)

    assert status == 400
    assert said in text
    field = page.all("input")[0]
    assert field["aria-invalid"] == "true"
    assert {"class": "wrong", "id": field["aria-describedby"], "role": "alert"} in page.all("p")
    assert field["value"] == (FORM | form)["phone"]
    assert site.facts() == []


def test_what_is_typed_is_never_markup(site: Site) -> None:
    _, text = site.post(phone='"><script>x</script>')

    assert "<script" not in text


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"phone=%2B1&" + b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 415),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"phone=%d" % n for n in range(50)), "application/x-www-form-urlencoded", 400),
    ],
)
def test_what_no_browser_sends_is_refused(site: Site, body: bytes, kind: str, status: int) -> None:
    answer = site.client.post("/signup", content=body, headers={"content-type": kind})

    assert answer.status_code == status


class Away(MemoryJournal):
    """A journal that cannot be reached."""

    async def read(self, *_: Any, **__: Any) -> Any:
        raise Unavailable("PostgreSQL is away")


def test_while_the_journal_is_away_it_asks_for_patience() -> None:
    status, text = Site(Away()).post()

    assert status == 503
    assert "try again" in text


def test_the_time_tells_nothing_about_a_number() -> None:
    site = Site(answer_s=0.15)
    site.knows(registered(), p.ConsentRevoked(evidence=evidence()))

    begun = time.monotonic()
    site.post()

    assert time.monotonic() - begun >= 0.15
    assert ANSWER_S >= 0.3
