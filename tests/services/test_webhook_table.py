"""What Twilio's webhooks may look like, and what is refused: a table, then anything at all."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from contracts.sms import DeliveryReport, InboundSms
from domain.policy import Policy
from services.adapters.clock import SystemClock
from services.adapters.webhook import Account, TwilioWebhooks
from services.ingress import Ingress
from services.runtime.ports import Unavailable

PUBLIC = "https://texts.example.org"
OLD, NEW = "o" * 32, "n" * 32
ACCOUNT, NUMBER, SERVICE = "AC" + "1" * 32, "+14155550100", "MG" + "2" * 32
SID = "SM" + "a" * 32
ATTEMPT = "c" * 32 + ".7"

Pairs = Sequence[tuple[str, str]]
INBOUND: Pairs = (
    ("ToCountry", "US"), ("ToState", "CA"), ("SmsMessageSid", SID), ("NumMedia", "0"),
    ("ToCity", ""), ("FromZip", ""), ("SmsSid", SID), ("FromState", "NY"),
    ("SmsStatus", "received"), ("FromCity", ""), ("Body", "Hello there"), ("FromCountry", "US"),
    ("To", NUMBER), ("ToZip", ""), ("NumSegments", "1"), ("MessageSid", SID),
    ("AccountSid", ACCOUNT), ("From", "+12125550123"), ("ApiVersion", "2010-04-01"),
)  # fmt: skip
STATUS: Pairs = (
    ("SmsSid", SID), ("SmsStatus", "delivered"), ("MessageStatus", "delivered"),
    ("To", "+12125550123"), ("MessageSid", SID), ("AccountSid", ACCOUNT), ("From", NUMBER),
    ("RawDlrDoneDate", "2611241700"), ("ApiVersion", "2010-04-01"),
)  # fmt: skip


class FakeBus:
    """Keeps what is published, or is away."""

    def __init__(self) -> None:
        self.published: list[tuple[str, bytes, str]] = []
        self.away = False
        self.silent = False

    async def publish(self, subject: str, body: bytes, message_id: str) -> None:
        if self.silent:
            await asyncio.sleep(60)
        if self.away:
            raise Unavailable("away")
        self.published.append((subject, body, message_id))

    async def ready(self) -> str | None:
        return "away" if self.away else None


BUS = FakeBus()


def _client() -> TestClient:
    outside: Any = SimpleNamespace(
        bus=BUS,
        clock=SystemClock(),
        policy=Policy(),
        webhooks=TwilioWebhooks(Account(ACCOUNT, NUMBER, SERVICE, (NEW, OLD), PUBLIC)),
        settings=SimpleNamespace(
            secrets=lambda: SimpleNamespace(pepper=b"p" * 32), trusted_proxies=("127.0.0.1",)
        ),
    )
    return TestClient(
        Ingress(outside).app(), raise_server_exceptions=False, follow_redirects=False
    )


CLIENT = _client()


@dataclass(frozen=True)
class Request:
    """One webhook, as it is sent."""

    pairs: Pairs = INBOUND
    path: str = "/twilio/inbound"
    token: str = NEW
    signed_url: str | None = None
    signed: Pairs | None = None
    kind: str = "application/x-www-form-urlencoded"
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    sign: bool = True

    def sent(self) -> tuple[int, str]:
        url = self.signed_url or PUBLIC + self.path
        headers = {"content-type": self.kind, **self.headers}
        if self.sign:
            form = _Multi(self.signed if self.signed is not None else self.pairs)
            signature = RequestValidator(self.token).compute_signature(url, form)
            headers.setdefault("x-twilio-signature", signature)
        body = self.body if self.body is not None else urlencode(self.pairs).encode()
        answer = CLIENT.post(self.path, content=body, headers=headers)
        return answer.status_code, answer.text


class _Multi(dict[str, str]):
    """A form with repeated names, as the package reads one."""

    def __init__(self, pairs: Pairs) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def getlist(self, name: str) -> list[str]:
        return [value for key, value in self._pairs if key == name]


def without(name: str, pairs: Pairs = INBOUND) -> Pairs:
    return [(key, value) for key, value in pairs if key != name]


def having(name: str, value: str, pairs: Pairs = INBOUND) -> Pairs:
    return [*without(name, pairs), (name, value)]


GOOD = Request()
CALLBACK = Request(STATUS, f"/twilio/status/{ATTEMPT}")

TABLE: list[tuple[str, Request, int]] = [
    ("as Twilio sends it", GOOD, 200),
    ("a status callback", CALLBACK, 200),
    ("signed by the older of two tokens", replace(GOOD, token=OLD), 200),
    ("a proxy in front that says who it is", replace(GOOD, headers={"host": "10.0.0.7:8080", "x-forwarded-proto": "http", "x-forwarded-host": "evil.example"}), 200),
    ("with the default port signed", replace(GOOD, signed_url="https://texts.example.org:443/twilio/inbound"), 200),
    ("a query that is signed", replace(GOOD, path="/twilio/inbound?a=%20b&c=d"), 200),
    ("unicode", Request(having("Body", "¿Cómo está? 你好 👋🏽 ’")), 200),
    ("a NUL in the text", Request(having("Body", "a\x00b")), 200),
    ("an empty text with a picture", Request(having("NumMedia", "2", having("Body", ""))), 200),
    ("unknown parameters, repeated", Request([*INBOUND, ("AddOns", "{}"), ("New", "1"), ("New", "2")]), 200),
    ("to the messaging service", Request(having("MessagingServiceSid", SERVICE, having("To", "+14155550177"))), 200),
    ("what the carrier made of STOP", Request(having("OptOutType", "STOP", having("Body", "Stop"))), 200),
    ("from a short code", Request(having("From", "72345")), 200),
    ("a content type with a charset", replace(GOOD, kind="application/x-www-form-urlencoded; charset=UTF-8"), 200),
    ("not signed", replace(GOOD, sign=False), 403),
    ("an empty signature", replace(GOOD, headers={"x-twilio-signature": ""}), 403),
    ("a signature that is none", replace(GOOD, headers={"x-twilio-signature": "!?" * 8}), 403),
    ("signed by another's token", replace(GOOD, token="x" * 32), 403),
    ("changed after signing", replace(GOOD, signed=having("Body", "other")), 403),
    ("a parameter added after signing", replace(GOOD, pairs=[*INBOUND, ("X", "1")], signed=INBOUND), 403),
    ("an empty parameter dropped after signing", replace(GOOD, pairs=without("ToCity"), signed=INBOUND), 403),
    ("signed for http", replace(GOOD, signed_url="http://texts.example.org/twilio/inbound"), 403),
    ("signed for another path", replace(GOOD, signed_url=f"{PUBLIC}/twilio/status/x"), 403),
    ("another's account", Request(having("AccountSid", "AC" + "9" * 32)), 403),
    ("another's number", Request(having("To", "+14155550199")), 403),
    ("another's service", Request(having("MessagingServiceSid", "MG" + "9" * 32, having("To", "+14155550177"))), 403),
    ("another's account in a callback", replace(CALLBACK, pairs=having("AccountSid", "AC" + "9" * 32, STATUS)), 403),
    ("no text field", Request(without("Body")), 400),
    ("no SID", Request(without("MessageSid")), 400),
    ("a SID that is none", Request(having("MessageSid", "SMzz")), 400),
    ("two bodies", Request([*INBOUND, ("Body", "again")]), 400),
    ("two senders", Request([*INBOUND, ("From", "+12125550199")]), 400),
    ("a sender that is none", Request(having("From", "+1212<script>")), 400),
    ("media that is no number", Request(having("NumMedia", "many")), 400),
    ("a text longer than any carrier's", Request(having("Body", "x" * 5000)), 400),
    ("a name that is none", Request([*INBOUND, ("a b", "1")]), 400),
    ("not a form", replace(GOOD, body=b"&&&==%%%"), 400),
    ("bytes that are no characters", replace(GOOD, body=b"Body=\xff\xfe"), 400),
    ("nothing", replace(GOOD, body=b""), 403),
    ("too many fields", replace(GOOD, body=b"&".join(b"a%d=1" % n for n in range(500))), 400),
    ("a status that is none", replace(CALLBACK, pairs=having("MessageStatus", "lost", STATUS)), 400),
    ("an attempt that is none", replace(CALLBACK, path="/twilio/status/nothing"), 400),
    ("an error code that is none", replace(CALLBACK, pairs=[*STATUS, ("ErrorCode", "bad")]), 400),
    ("too large", replace(GOOD, body=b"Body=" + b"x" * 70_000), 413),
    ("JSON", replace(GOOD, kind="application/json", body=b"{}"), 415),
    ("no content type", replace(GOOD, kind=""), 415),
    ("a multipart form", replace(GOOD, kind="multipart/form-data; boundary=x"), 415),
    ("a slash too many", replace(GOOD, path="/twilio/inbound/"), 404),
]  # fmt: skip


@pytest.mark.parametrize(
    ("request_", "status"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_each_webhook_has_its_status(request_: Request, status: int) -> None:
    BUS.published.clear()

    got, said = request_.sent()

    assert got == status
    assert len(BUS.published) == (status == 200)
    assert said == ("<Response/>" if status == 200 else said)
    assert "Hello" not in said


def test_what_is_published_is_what_was_said() -> None:
    BUS.published.clear()
    Request(having("Body", "¿Qué? 👋")).sent()
    CALLBACK.sent()

    (subject, body, message_id), (status_subject, status_body, status_id) = BUS.published

    told = InboundSms.model_validate_json(body)
    assert (subject, message_id, told.text) == ("sms.inbound", f"in:{SID}", "¿Qué? 👋")
    report = DeliveryReport.model_validate_json(status_body)
    assert (status_subject, report.attempt_id) == ("sms.status", ATTEMPT)
    assert status_id == f"st:{SID}:delivered:"


def test_get_is_not_a_webhook() -> None:
    assert CLIENT.get("/twilio/inbound").status_code == 405


@pytest.mark.parametrize("how", ["away", "silent"])
def test_what_is_not_durable_is_answered_503_in_time(how: str) -> None:
    setattr(BUS, how, True)
    try:
        loop = asyncio.new_event_loop()
        begun = loop.time()
        status, said = GOOD.sent()
        took = loop.time() - begun
        loop.close()
    finally:
        setattr(BUS, how, False)

    assert (status, said) == (503, "")
    assert took < 5


def test_ready_is_only_whether_a_text_can_be_kept() -> None:
    assert CLIENT.get("/readyz").status_code == 200
    BUS.away = True
    try:
        assert CLIENT.get("/readyz").status_code == 503
        assert CLIENT.get("/livez").status_code == 200
    finally:
        BUS.away = False


def test_a_token_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="32"):
        TwilioWebhooks(Account(ACCOUNT, NUMBER, SERVICE, ("",), PUBLIC))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300), st.booleans(), st.text(max_size=30))
def test_no_bytes_make_a_500(body: bytes, signed: bool, signature: str) -> None:
    headers = {"x-twilio-signature": signature.encode("utf-8", "replace").hex()} if signed else {}
    answer = CLIENT.post(
        "/twilio/inbound",
        content=body,
        headers={"content-type": "application/x-www-form-urlencoded", **headers},
    )

    assert answer.status_code in (400, 403)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Body", "From", "To", "MessageSid", "AccountSid", "NumMedia", "X"]),
            st.text(st.characters(codec="utf-8"), max_size=40),
        ),
        max_size=12,
    )
)
def test_no_signed_form_makes_a_500(pairs: list[tuple[str, str]]) -> None:
    status, _ = Request(pairs).sent()

    assert status in (200, 400, 403)
