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
from services.runtime.ports import Forged, Posted, Unavailable

PUBLIC = "https://texts.example.org"
OLD, NEW = "o" * 32, "n" * 32
ACCOUNT, NUMBER, SERVICE = "AC" + "1" * 32, "+14155550100", "MG" + "2" * 32
SID = "SM" + "a" * 32
KEYS = "x-twilio-webhooks-signature-settings"
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
        self.broken = False

    async def publish(self, subject: str, body: bytes, message_id: str) -> None:
        if self.silent:
            await asyncio.sleep(60)
        if self.broken:
            raise RuntimeError("Hello there")
        if self.away:
            raise Unavailable("away")
        self.published.append((subject, body, message_id))

    async def ready(self) -> str | None:
        return "away" if self.away else None


BUS = FakeBus()


def _client(address: tuple[str, int] = ("127.0.0.1", 5000)) -> TestClient:
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
        Ingress(outside).app(),
        raise_server_exceptions=False,
        follow_redirects=False,
        client=address,
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
    ("a name that is none, not signed by us", Request([*INBOUND, ("a b", "1")], token="x" * 32), 403),
    ("a value longer than any", Request([*INBOUND, ("AddOns", "x" * 17_000)]), 400),
    ("a request cut up anew", replace(GOOD, pairs=[*without("Body"), ("Bod", "yHello there")]), 400),
    ("not a form", replace(GOOD, body=b"&&&==%%%"), 400),
    ("bytes that are no characters", replace(GOOD, body=b"Body=\xff\xfe"), 400),
    ("nothing", replace(GOOD, body=b""), 403),
    ("too many fields", replace(GOOD, body=b"&".join(b"a%d=1" % n for n in range(500))), 400),
    ("a status that is none", replace(CALLBACK, pairs=having("MessageStatus", "lost", STATUS)), 400),
    ("a callback from another's number", replace(CALLBACK, pairs=having("From", "+14155550199", STATUS)), 200),
    ("a callback that leaves its sender empty", replace(CALLBACK, pairs=having("From", "", STATUS)), 200),
    ("a header that names a key, where there is none", replace(GOOD, headers={KEYS: "key=k,algorithm=HMAC_SHA256"}), 200),
    ("a header that asks for another algorithm", replace(GOOD, token="x" * 32, headers={KEYS: "key=,algorithm=HMAC_SHA256"}), 403),
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


@pytest.mark.parametrize("how", ["away", "silent", "broken"])
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


def webhooks(**account: Any) -> TwilioWebhooks:
    return TwilioWebhooks(replace(Account(ACCOUNT, NUMBER, "", (NEW,), PUBLIC), **account))


def posted(pairs: Pairs, secret: str, algorithm: str, signed_with: str | None) -> Posted:
    url = f"{PUBLIC}/twilio/inbound"
    signature = RequestValidator(secret).compute_signature(url, _Multi(pairs), algorithm)
    return Posted("/twilio/inbound", urlencode(pairs).encode(), signature, signed_with)


SHARED = "s" * 40
NAMED = "key=k1,algorithm=HMAC_SHA256"
KEY_TABLE: list[tuple[str, str, str, str | None, bool]] = [
    ("a key that was given", SHARED, "HMAC_SHA256", NAMED, True),
    ("in another order", SHARED, "HMAC_SHA256", "algorithm=HMAC_SHA256, key=k1", True),
    ("a token, no key named", NEW, "HMAC_SHA1", None, True),
    ("a key that nobody gave", SHARED, "HMAC_SHA256", "key=k2,algorithm=HMAC_SHA256", False),
    ("a key with the weaker algorithm", SHARED, "HMAC_SHA1", "key=k1,algorithm=HMAC_SHA1", False),
    ("a key without its algorithm", SHARED, "HMAC_SHA256", "key=k1", False),
    ("a token in the name of a key", NEW, "HMAC_SHA256", NAMED, False),
    ("a token with the key's algorithm", NEW, "HMAC_SHA256", None, False),
    ("a key that is not named", SHARED, "HMAC_SHA256", None, False),
    ("garbage", SHARED, "HMAC_SHA256", "=,=,,," * 9, False),
]


@pytest.mark.parametrize(
    ("secret", "algorithm", "signed_with", "good"),
    [row[1:] for row in KEY_TABLE],
    ids=[row[0] for row in KEY_TABLE],
)
def test_a_shared_key_signs_only_what_names_it(
    secret: str, algorithm: str, signed_with: str | None, good: bool
) -> None:
    ours = webhooks(shared_keys={"k1": SHARED})
    request = posted(INBOUND, secret, algorithm, signed_with)
    at = SystemClock().now()

    if good:
        assert ours.inbound(request, at).sid == SID
    else:
        with pytest.raises(Forged):
            ours.inbound(request, at)


def test_a_callback_is_of_our_number_unless_a_service_sends() -> None:
    foreign = having("From", "+14155550199", STATUS)
    url = f"{PUBLIC}/twilio/status/{ATTEMPT}"
    signature = RequestValidator(NEW).compute_signature(url, _Multi(foreign))
    request = Posted(f"/twilio/status/{ATTEMPT}", urlencode(foreign).encode(), signature)
    at = SystemClock().now()

    with pytest.raises(Forged):
        webhooks().status(request, ATTEMPT, at)
    assert webhooks(service_sid=SERVICE).status(request, ATTEMPT, at).sid == SID


def test_without_a_number_of_ours_nobody_writes_to_it() -> None:
    pairs = having("To", "", INBOUND)
    with pytest.raises(Forged):
        webhooks(number="").inbound(posted(pairs, NEW, "HMAC_SHA1", None), SystemClock().now())


def test_whoever_knocks_too_often_is_told_so_and_the_carrier_is_not() -> None:
    client = _client(("203.0.113.9", 5000))
    good = {"x-twilio-signature": RequestValidator(NEW).compute_signature(
        f"{PUBLIC}/twilio/inbound", _Multi(INBOUND))}  # fmt: skip

    def post(headers: dict[str, str], who: TestClient = client) -> int:
        return who.post("/twilio/inbound", data=dict(INBOUND), headers=headers).status_code

    assert [post({}) for _ in range(20)] == [403] * 20
    assert [post({}), post({"x-twilio-signature": "x"})] == [429, 429]
    assert post(good) == 200
    assert _post_other(client) == 403


def _post_other(client: TestClient) -> int:
    """A proxy of ours says that it is somebody else; anybody may say so, only ours is believed."""
    assert client.post("/twilio/inbound", data={"a": "b"}).status_code == 429
    proxy = TestClient(client.app, client=("127.0.0.1", 1))
    forwarded = {"x-forwarded-for": "203.0.113.9, 198.51.100.7"}
    lied = client.post("/twilio/inbound", data={"a": "b"}, headers=forwarded)
    assert lied.status_code == 429
    return proxy.post("/twilio/inbound", data={"a": "b"}, headers=forwarded).status_code


async def _served(*chunks: bytes | None, kind: str = "application/x-www-form-urlencoded") -> int:
    """Serve one request whose body comes in pieces; None hangs up."""
    told = [
        {"type": "http.disconnect"} if chunk is None
        else {"type": "http.request", "body": chunk, "more_body": True}
        for chunk in chunks
    ]  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        if not told:
            await asyncio.sleep(30)
        return told.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/twilio/inbound", "query_string": b"",
        "raw_path": b"/twilio/inbound", "headers": [(b"content-type", kind.encode())],
        "client": ("192.0.2.1", 1), "http_version": "1.1", "scheme": "http",
        "server": ("127.0.0.1", 80), "root_path": "",
    }  # fmt: skip
    await CLIENT.app(scope, receive, send)
    status: int = sent[0]["status"]
    return status


def test_a_body_is_counted_as_it_comes() -> None:
    chunks = [b"x" * 20_000] * 4

    assert asyncio.run(_served(*chunks)) == 413


def test_a_body_that_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.runtime.request_body.PATIENCE_S", 0.05)

    assert asyncio.run(_served(b"Body=a")) == 408


def test_whoever_hangs_up_makes_no_error() -> None:
    assert asyncio.run(_served(b"Body=a", None)) == 400


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
