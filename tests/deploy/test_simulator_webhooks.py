"""What the simulator tells the service: signed as Twilio signs, repeated as Twilio repeats."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any, cast
from urllib.parse import parse_qsl
from zlib import crc32

import httpx
import pytest
from twilio.request_validator import RequestValidator  # pyright: ignore[reportMissingTypeStubs]

from deploy.local.twilio_simulator import INSTANT, SimulatorConfig, running
from deploy.local.twilio_simulator.opt_out import filtered

ACCOUNT = "AC" + "1" * 32
TOKEN = "2" * 32
OURS = "+14155550100"
PHONE = "+14155550101"
SERVICE = "MG" + "3" * 32
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


@dataclass(frozen=True)
class Heard:
    """A call as the service got it."""

    path: str
    signature: str
    token: str
    form: dict[str, str]


class Service:
    """A service that takes every call down, and answers the statuses it is told to, then 200."""

    def __init__(self) -> None:
        self.heard: Queue[Heard] = Queue()
        self.answers: Queue[int] = Queue()
        service = self

        class Taker(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                form = dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True))
                signature = self.headers["X-Twilio-Signature"]
                token = self.headers["I-Twilio-Idempotency-Token"]
                service.heard.put(Heard(self.path, signature, token, form))
                self.send_response(service.answer())
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def answer(self) -> int:
        try:
            return self.answers.get_nowait()
        except Empty:
            return 200

    def next(self) -> Heard:
        return self.heard.get(timeout=5)

    def statuses(self, count: int) -> list[str]:
        return [self.next().form["MessageStatus"] for _ in range(count)]

    def quiet(self) -> bool:
        try:
            self.heard.get(timeout=0.2)
        except Empty:
            return True
        return False

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclass(frozen=True)
class World:
    """A service, a client of the simulator, and a phone that no other test uses."""

    service: Service
    http: httpx.Client
    phone: str = PHONE

    def text(self, body: str, **more: object) -> dict[str, object]:
        answer = self.http.post(f"/phones/{self.phone}/texts", json={"body": body, **more})
        assert answer.status_code == 201, answer.text
        return cast("dict[str, object]", answer.json())

    def send(self, body: str = "hi") -> httpx.Response:
        callback = f"{self.service.url}/status/abc.7?x=%20y"
        form = {"To": self.phone, "From": OURS, "Body": body, "StatusCallback": callback}
        return self.http.post(MESSAGES, data=form)

    def plan(self, *script: dict[str, object]) -> None:
        self.http.put("/faults", json={"script": script}).raise_for_status()

    def log(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.http.get("/log").text.splitlines()]

    def thread(self) -> list[dict[str, object]]:
        texts: list[dict[str, object]] = self.http.get(f"/phones/{self.phone}/texts").json()[
            "texts"
        ]
        return texts


def config_of(service: Service, folder: Path, **changes: object) -> SimulatorConfig:
    settings: dict[str, object] = {
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        "numbers": (OURS,),
        "inbound_url": f"{service.url}/twilio/inbound",
        "state_dir": folder,
        "clock_path": folder / "clock",
        "pace": INSTANT,
    }
    return SimulatorConfig(**(settings | changes))  # type: ignore[arg-type]


def valid(heard: Heard, url: str, token: str = TOKEN) -> bool:
    """Return what Twilio's own validator says about a call."""
    validator = cast("Any", RequestValidator(token))
    return validator.validate(url, heard.form, heard.signature) is True


@pytest.fixture(scope="module")
def taker() -> Iterator[Service]:
    service = Service()
    yield service
    service.close()


@pytest.fixture(scope="module")
def http(taker: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    config = config_of(taker, tmp_path_factory.mktemp("simulator"))
    with running(config) as url, httpx.Client(base_url=url, auth=(ACCOUNT, TOKEN)) as http:
        yield http


@pytest.fixture
def service(taker: Service) -> Service:
    """The service, having forgotten what earlier tests said."""
    taker.heard, taker.answers = Queue(), Queue()
    return taker


@pytest.fixture
def world(service: Service, http: httpx.Client, request: pytest.FixtureRequest) -> World:
    phone = f"+1415555{1000 + crc32(request.node.nodeid.encode()) % 9000}"
    world = World(service, http, phone)
    world.plan()
    return world


def test_an_inbound_text_is_posted_as_twilio_posts_it(world: World) -> None:
    body = "Où est-ce? +1 & 50% 👍\nsecond line "
    sid = world.text(body)["sid"]
    heard = world.service.next()
    assert heard.path == "/twilio/inbound"
    assert valid(heard, f"{world.service.url}/twilio/inbound")
    assert not valid(heard, f"{world.service.url}/twilio/inbound", "x" * 32)
    assert not valid(heard, f"{world.service.url}/twilio/inbound/")
    assert heard.form == {
        **dict.fromkeys(("FromCity", "FromState", "FromZip", "ToCity", "ToState", "ToZip"), ""),
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "Body": body,
        "From": world.phone,
        "FromCountry": "US",
        "MessageSid": sid,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": OURS,
        "ToCountry": "US",
    }


def test_media_come_with_type_and_address(world: World) -> None:
    sid = str(world.text("", media=2)["sid"])
    form = world.service.next().form
    assert sid.startswith("MM")
    assert (form["NumMedia"], form["Body"]) == ("2", "")
    assert sid in form["MediaUrl1"]
    assert form["MediaContentType1"] == "image/jpeg"


def test_callbacks_are_signed_and_come_for_sent_and_delivered_only(world: World) -> None:
    sid = world.send().json()["sid"]
    first, second = world.service.next(), world.service.next()
    for heard in (first, second):
        url = f"{world.service.url}/status/abc.7?x=%20y"
        assert valid(heard, url)
        assert heard.form["MessageSid"] == heard.form["SmsSid"] == sid
        assert heard.form["MessageStatus"] == heard.form["SmsStatus"]
        assert (heard.form["From"], heard.form["To"]) == (OURS, world.phone)
        assert "ErrorCode" not in heard.form
    assert [heard.form["MessageStatus"] for heard in (first, second)] == ["sent", "delivered"]
    assert len(second.form["RawDlrDoneDate"]) == 10
    assert world.service.quiet()


def test_an_undelivered_text_calls_back_with_its_code(world: World) -> None:
    world.plan({"outcome": "ok", "code": 30005})
    world.send()
    assert world.service.statuses(1) == ["sent"]
    last = world.service.next().form
    assert (last["MessageStatus"], last["ErrorCode"]) == ("undelivered", "30005")


def test_callbacks_are_lost_repeated_and_reordered_on_request(world: World) -> None:
    world.plan(
        {"outcome": "lose_callback"}, {"outcome": "repeat_callback"}, {"outcome": "reorder"}
    )
    sid = world.send().json()["sid"]
    assert world.service.quiet()
    lost = [
        line["status"]
        for line in world.log()
        if line["sid"] == sid and line.get("failure") == "lost"
    ]
    assert lost == ["sent", "delivered"]
    world.send()
    assert sorted(world.service.statuses(4)) == ["delivered", "delivered", "sent", "sent"]
    world.send()
    assert world.service.statuses(2) == ["delivered", "sent"]


def test_callbacks_still_come_after_an_error_and_a_cut(world: World) -> None:
    world.plan({"outcome": "error_after"}, {"outcome": "cut_after"})
    assert world.send().status_code == 500
    assert world.service.statuses(2) == ["sent", "delivered"]
    with pytest.raises(httpx.RemoteProtocolError):
        world.send()
    assert world.service.statuses(2) == ["sent", "delivered"]


def test_a_webhook_is_lost_or_repeated_on_request(world: World) -> None:
    world.plan({"outcome": "lose_webhook"}, {"outcome": "repeat_webhook", "delay_s": 0.1})
    world.text("lost")
    world.text("twice")
    assert [world.service.next().form["Body"] for _ in range(2)] == ["twice", "twice"]
    assert world.service.quiet()
    listed = world.http.get(MESSAGES, params={"From": world.phone}).json()["messages"]
    assert [message["body"] for message in listed] == ["twice", "lost"]
    assert world.thread()[0]["webhook"] == 0


def test_a_sid_can_be_repeated_and_the_first_text_stays(world: World) -> None:
    sid = f"SM{crc32(world.phone.encode()):032x}"
    assert world.text("first", sid=sid)["repeated"] is False
    assert world.text("second", sid=sid)["repeated"] is True
    heard = [world.service.next().form for _ in range(2)]
    assert [form["Body"] for form in heard] == ["first", "second"]
    assert {form["MessageSid"] for form in heard} == {sid}
    assert [text["body"] for text in world.thread()] == ["first"]
    foreign = world.http.post("/phones/+14155550177/texts", json={"body": "x", "sid": sid})
    assert foreign.status_code == 409


def test_the_answers_are_logged_and_an_error_is_not_retried(world: World) -> None:
    world.service.answers.put(503)
    sid = world.text("hi")["sid"]
    world.service.next()
    assert world.service.quiet()
    assert world.thread()[0]["webhook"] == 503
    (line,) = [line for line in world.log() if line["sid"] == sid]
    assert (line["kind"], line["answer"], line["attempt"]) == ("inbound", 503, 1)
    assert cast("float", line["ms"]) > 0


def test_retries_follow_the_fragment_which_is_neither_sent_nor_signed(
    service: Service, tmp_path: Path
) -> None:
    url = f"{service.url}/twilio/inbound"
    for status in (503, 404, 500):
        service.answers.put(status)
    config = config_of(service, tmp_path, inbound_url=f"{url}#rc=3&rp=5xx,4xx")
    with running(config) as simulator:
        httpx.post(f"{simulator}/phones/{PHONE}/texts", json={"body": "again"})
        heard = [service.next() for _ in range(4)]
        assert service.quiet()
    assert len({one.token for one in heard}) == 1
    for one in heard:
        assert one.path == "/twilio/inbound"
        assert valid(one, url)


def test_a_refused_connection_is_retried_once(tmp_path: Path) -> None:
    service = Service()
    service.close()
    with running(config_of(service, tmp_path)) as url:
        httpx.post(f"{url}/phones/{PHONE}/texts", json={"body": "anybody?"})
        lines: list[str] = []
        for _ in range(300):
            lines = httpx.get(f"{url}/log").text.splitlines()
            if len(lines) == 2:
                break
    attempts = [json.loads(line) for line in lines]
    assert [line["attempt"] for line in attempts] == [1, 2]
    assert {line["failure"] for line in attempts} == {"connect"}


def test_the_carrier_filters_opt_outs_by_default(world: World) -> None:
    world.text(" stop ")
    assert world.service.next().form["Body"] == " stop "
    refused = world.send()
    assert (refused.status_code, refused.json()["code"]) == (400, 21610)
    phones = world.http.get("/phones").json()["phones"]
    assert [phone["number"] for phone in phones if phone["blocked"]] == [world.phone]

    world.text("STOP")
    world.text("HELP")
    world.text("YES")
    assert world.send().status_code == 201
    world.text("YES")
    automatic = [text["body"] for text in world.thread() if text["automatic"]]
    assert [str(body).split()[0] for body in automatic] == ["You", "Reply", "You"]
    forms = [world.service.next().form for _ in range(6)]
    assert all("OptOutType" not in form for form in forms)
    listed = world.http.get(MESSAGES, params={"To": world.phone}).json()["messages"]
    directions = {message["direction"] for message in listed}
    assert directions == {"outbound-api", "outbound-reply"}


def test_the_service_may_own_opt_outs(service: Service, tmp_path: Path) -> None:
    with (
        running(config_of(service, tmp_path, opt_out_owner="service")) as url,
        httpx.Client(base_url=url, auth=(ACCOUNT, TOKEN)) as http,
    ):
        world = World(service, http)
        world.text("STOP")
        assert service.next().form["Body"] == "STOP"
        assert world.send().status_code == 201
        assert not any(text["automatic"] for text in world.thread())


def test_a_messaging_service_says_what_kind_of_keyword_it_was(
    service: Service, tmp_path: Path
) -> None:
    config = config_of(service, tmp_path, messaging_service_sid=SERVICE)
    with running(config) as url, httpx.Client(base_url=url) as http:
        World(service, http).text("Unsubscribe")
        form = service.next().form
    assert (form["OptOutType"], form["MessagingServiceSid"]) == ("STOP", SERVICE)


@pytest.mark.parametrize("body", ["STOP PLEASE", "opt out", "please stop", "", "end it", "stop."])
def test_only_a_whole_keyword_is_filtered(body: str) -> None:
    assert filtered(body, blocked=False) is None
    assert filtered(body, blocked=True) is None
