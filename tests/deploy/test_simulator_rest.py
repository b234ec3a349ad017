"""The simulator's REST routes, driven by Twilio's own client."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException  # pyright: ignore[reportMissingTypeStubs]
from twilio.rest import Client  # pyright: ignore[reportMissingTypeStubs]
from twilio.rest.api.v2010.account.message import MessageInstance  # pyright: ignore[reportMissingTypeStubs]

from deploy.local.twilio_simulator import INSTANT, Pace, SimulatorConfig, running

ACCOUNT = "AC" + "1" * 32
TOKEN = "2" * 32
OURS = "+14155550100"
SERVICE = "MG" + "3" * 32


@dataclass(frozen=True)
class Simulator:
    url: str
    twilio: Client

    def send(self, to: str, body: str) -> MessageInstance:
        return self.twilio.messages.create(to=to, from_=OURS, body=body)


def config_of(folder: Path, **changes: object) -> SimulatorConfig:
    settings: dict[str, object] = {
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        "numbers": (OURS,),
        "inbound_url": "http://127.0.0.1:9/twilio/inbound",
        "state_dir": folder,
        "clock_path": folder / "clock",
        "pace": INSTANT,
    }
    return SimulatorConfig(**(settings | changes))  # type: ignore[arg-type]


def client(url: str, token: str = TOKEN) -> Client:
    twilio = Client(ACCOUNT, token)
    twilio.api.base_url = url
    return twilio


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    config = config_of(tmp_path_factory.mktemp("simulator"), messaging_service_sid=SERVICE)
    with running(config) as url:
        yield Simulator(url, client(url))


def wait_for(
    simulator: Simulator, sid: str | None, settled: Callable[[MessageInstance], bool]
) -> MessageInstance:
    for _ in range(300):
        message = simulator.twilio.messages(sid or "").fetch()
        if settled(message):
            return message
    raise AssertionError("it never came so far")


def delivered(message: MessageInstance) -> bool:
    return str(message.status) == "delivered"


def test_a_text_is_accepted_then_delivered_then_priced(simulator: Simulator) -> None:
    sent = simulator.send("+14155550111", "x" * 161)
    assert (sent.status, sent.direction, sent.num_segments) == ("queued", "outbound-api", "2")
    assert (sent.price, sent.price_unit, sent.date_sent) == (None, "USD", None)
    assert sent.date_created is not None
    assert abs(sent.date_created - datetime.now(UTC)) < timedelta(seconds=5)

    found = wait_for(simulator, sent.sid, lambda message: message.price is not None)
    assert found.date_sent is not None
    assert (found.body, found.from_, found.to) == ("x" * 161, OURS, "+14155550111")
    assert found.price == "-0.01660"


def test_a_messaging_service_chooses_the_sender_and_counts_late(simulator: Simulator) -> None:
    sent = simulator.twilio.messages.create(
        to="+14155550112", messaging_service_sid=SERVICE, body="hello"
    )
    assert (sent.status, sent.from_, sent.num_segments) == ("accepted", None, "0")
    found = wait_for(simulator, sent.sid, delivered)
    assert (found.from_, found.num_segments) == (OURS, "1")
    assert found.messaging_service_sid == SERVICE


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"From": OURS, "Body": "hi"}, 21604),
        ({"To": "12", "From": OURS, "Body": "hi"}, 21211),
        ({"To": "+15005550001", "From": OURS, "Body": "hi"}, 21211),
        ({"To": "+14155550111", "From": OURS}, 21602),
        ({"To": "+14155550111", "From": OURS, "Body": "x" * 1601}, 21617),
        ({"To": "+14155550111", "Body": "hi"}, 21603),
        ({"To": "+14155550111", "From": "+14155550199", "Body": "hi"}, 21606),
        ({"To": "+14155550111", "From": "nobody", "Body": "hi"}, 21212),
        ({"To": OURS, "From": OURS, "Body": "hi"}, 21266),
        ({"To": "+14155550111", "MessagingServiceSid": "MG0", "Body": "hi"}, 21701),
        ({"To": "+14155550111", "From": OURS, "Body": "hi", "StatusCallback": "ftp://x"}, 21609),
        ({"To": "+14155550111", "From": OURS, "Body": "hi", "ValidityPeriod": "0"}, 20001),
    ],
)
def test_what_twilio_refuses_is_refused_with_its_code(
    simulator: Simulator, form: dict[str, str], code: int
) -> None:
    before = len(simulator.twilio.messages.list())
    answer = httpx.post(
        f"{simulator.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        data=form,
        auth=(ACCOUNT, TOKEN),
    )
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["status"]) == (400, code, 400)
    assert problem["message"]
    assert problem["more_info"].endswith(f"/{code}")
    assert len(simulator.twilio.messages.list()) == before


def test_sixteen_hundred_characters_pass(simulator: Simulator) -> None:
    assert simulator.send("+14155550113", "x" * 1600).num_segments == "11"


def test_wrong_credentials_are_401_and_a_foreign_account_404(simulator: Simulator) -> None:
    with pytest.raises(TwilioRestException) as wrong:
        client(simulator.url, "wrong").messages.create(to="+14155550111", from_=OURS, body="hi")
    assert (wrong.value.status, wrong.value.code) == (401, 20003)
    answer = httpx.get(
        f"{simulator.url}/2010-04-01/Accounts/AC{'9' * 32}/Messages.json", auth=(ACCOUNT, TOKEN)
    )
    assert (answer.status_code, answer.json()["code"]) == (404, 20404)
    bare = httpx.get(f"{simulator.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    assert (bare.status_code, bare.json()["code"]) == (401, 20003)


def test_an_unknown_message_and_an_unknown_route_are_20404(simulator: Simulator) -> None:
    for path in (f"Messages/SM{'0' * 32}.json", "Calls.json"):
        answer = httpx.get(
            f"{simulator.url}/2010-04-01/Accounts/{ACCOUNT}/{path}", auth=(ACCOUNT, TOKEN)
        )
        assert (answer.status_code, answer.json()["code"]) == (404, 20404)


def test_the_account_can_be_fetched(simulator: Simulator) -> None:
    assert simulator.twilio.api.accounts(ACCOUNT).fetch().status == "active"


def test_lists_are_filtered_paged_and_newest_first(simulator: Simulator) -> None:
    phone = "+14155550121"
    sids = [simulator.send(phone, f"number {index}").sid for index in range(7)]
    simulator.send("+14155550122", "somebody else")

    listed = simulator.twilio.messages.list(to=phone, from_=OURS, page_size=3)
    assert [message.sid for message in listed] == sids[::-1]
    assert simulator.twilio.messages.list(to=phone, from_="+14155550122") == []
    assert len(simulator.twilio.messages.list(to=phone, limit=2)) == 2


def test_a_page_stays_where_it_was_while_new_texts_arrive(simulator: Simulator) -> None:
    phone = "+14155550123"
    sids = [simulator.send(phone, f"number {index}").sid for index in range(4)]
    first = simulator.twilio.messages.page(to=phone, page_size=2)
    assert [message.sid for message in first] == sids[:1:-1]
    simulator.send(phone, "late")
    second = first.next_page()
    assert second is not None
    assert [message.sid for message in second] == sids[1::-1]
    assert second.next_page() is None


def test_lists_filter_by_the_date_sent(simulator: Simulator) -> None:
    phone = "+14155550124"
    sid = simulator.send(phone, "today").sid or ""
    sent = wait_for(simulator, sid, delivered).date_sent
    assert sent is not None
    hour = timedelta(hours=1)
    messages = simulator.twilio.messages
    assert len(messages.list(to=phone, date_sent=sent)) == 1
    assert len(messages.list(to=phone, date_sent_after=sent - hour)) == 1
    assert len(messages.list(to=phone, date_sent_after=sent, date_sent_before=sent)) == 1
    assert messages.list(to=phone, date_sent_after=sent + hour) == []
    assert messages.list(to=phone, date_sent_before=sent - hour) == []
    with pytest.raises(TwilioException, match="DateSent must be"):
        messages.list(to=phone, date_sent="yesterday")


def test_a_text_is_redacted_and_deleted(simulator: Simulator) -> None:
    sid = simulator.send("+14155550125", "a secret").sid or ""
    wait_for(simulator, sid, delivered)
    assert simulator.twilio.messages(sid).update(body="").body == ""
    with pytest.raises(TwilioRestException) as late:
        simulator.twilio.messages(sid).update(status="canceled")
    assert late.value.code == 30409
    assert simulator.twilio.messages(sid).delete()
    assert simulator.twilio.messages.list(to="+14155550125") == []


def test_a_waiting_text_can_be_cancelled_and_lists_may_lag(tmp_path: Path) -> None:
    slow = config_of(tmp_path, pace=Pace(), list_lag_s=60.0, carrier_delay_ms=120)
    with running(slow) as url:
        twilio = client(url)
        began = datetime.now(UTC)
        sid = twilio.messages.create(to="+14155550126", from_=OURS, body="wait").sid or ""
        assert datetime.now(UTC) - began > timedelta(milliseconds=120)
        assert twilio.messages(sid).update(status="canceled").status == "canceled"
        assert twilio.messages.list() == []
        httpx.put(f"{url}/clock", json={"advance_s": 61})
        assert [message.status for message in twilio.messages.list()] == ["canceled"]


@pytest.mark.parametrize(
    "changes",
    [
        {"account_sid": "AC1"},
        {"auth_token": ""},
        {"numbers": ()},
        {"numbers": ("4155550100",)},
        {"inbound_url": "localhost/inbound"},
        {"messaging_service_sid": "MG"},
    ],
)
def test_settings_that_cannot_work_are_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        config_of(tmp_path, **changes)
