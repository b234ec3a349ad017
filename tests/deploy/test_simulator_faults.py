"""Faults on request: what each outcome does, and how strictly a plan is read."""

from collections.abc import Iterator
from time import perf_counter
from zlib import crc32

import httpx
import pytest

from deploy.local.twilio_simulator import INSTANT, SimulatorConfig, running
from deploy.local.twilio_simulator.faults import FaultPlan, Faults, Outcome

ACCOUNT = "AC" + "1" * 32
TOKEN = "2" * 32
OURS = "+14155550100"


class Account:
    """A client of the simulator with a phone of its own, so that tests do not meet."""

    def __init__(self, url: str, number: int) -> None:
        self.http = httpx.Client(base_url=url, auth=(ACCOUNT, TOKEN), timeout=5)
        self.path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        self.phone = f"+1415555{number:04d}"

    def plan(self, *script: dict[str, object], **more: object) -> None:
        self.http.put("/faults", json={"script": script, **more}).raise_for_status()

    def send(self, timeout: float = 5) -> httpx.Response:
        form = {"To": self.phone, "From": OURS, "Body": "hi"}
        return self.http.post(self.path, data=form, timeout=timeout)

    def accepted(self) -> list[dict[str, object]]:
        answer = self.http.get(self.path, params={"To": self.phone})
        messages: list[dict[str, object]] = answer.json()["messages"]
        return messages


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("simulator")
    config = SimulatorConfig(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        numbers=(OURS,),
        inbound_url="http://127.0.0.1:9/inbound",
        state_dir=folder,
        clock_path=folder / "clock",
        pace=INSTANT,
    )
    with running(config) as url:
        yield url


@pytest.fixture
def account(url: str, request: pytest.FixtureRequest) -> Iterator[Account]:
    account = Account(url, 1000 + crc32(request.node.nodeid.encode()) % 9000)
    yield account
    account.plan()
    account.http.close()


def test_a_rejection_answers_its_code_and_accepts_nothing(account: Account) -> None:
    account.plan(
        {"outcome": "reject", "code": 21610},
        {"outcome": "reject", "code": 20429},
        {"outcome": "reject"},
    )
    answers = [account.send() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [400, 429, 400]
    assert [answer.json()["code"] for answer in answers] == [21610, 20429, 21612]
    assert account.accepted() == []
    assert account.send().status_code == 201


def test_an_error_before_accepts_nothing_and_one_after_does(account: Account) -> None:
    account.plan({"outcome": "error_before"}, {"outcome": "error_after", "delay_s": 0.1})
    assert account.send().status_code == 500
    assert account.accepted() == []
    began = perf_counter()
    assert account.send().status_code == 500
    assert perf_counter() - began > 0.1
    assert len(account.accepted()) == 1


def test_a_cut_drops_the_connection_though_the_text_is_accepted(account: Account) -> None:
    account.plan({"outcome": "cut_after"})
    with pytest.raises(httpx.RemoteProtocolError):
        account.send()
    assert len(account.accepted()) == 1


def test_a_hang_answers_nothing_and_accepts_nothing(account: Account) -> None:
    account.plan({"outcome": "hang"}, {"outcome": "hang", "delay_s": 0.1})
    with pytest.raises(httpx.ReadTimeout):
        account.send(timeout=0.2)
    with pytest.raises(httpx.RemoteProtocolError):
        account.send()
    assert account.accepted() == []


def test_a_slow_answer_comes_after_the_text_went_out(account: Account) -> None:
    account.plan({"outcome": "ok", "delay_s": 0.2})
    answer = account.send()
    assert (answer.status_code, answer.json()["status"]) == (201, "queued")
    assert account.accepted()[0]["status"] == "delivered"


def test_ok_with_a_code_ends_as_undelivered(account: Account) -> None:
    account.plan({"outcome": "ok", "code": 30003, "delay_s": 0.05}, {"outcome": "ok"})
    account.send()
    found = account.accepted()[0]
    assert (found["status"], found["error_code"]) == ("undelivered", 30003)
    account.plan({"outcome": "ok", "code": 30001, "delay_s": 0.05})
    account.send()
    found = account.accepted()[0]
    assert (found["status"], found["price"]) == ("failed", None)


def test_a_refused_text_uses_nothing_up_and_lanes_do_not_wait(account: Account) -> None:
    account.plan({"outcome": "lose_webhook"}, {"outcome": "error_before"}, seed=7)
    account.http.post(account.path, data={"To": "x", "From": OURS, "Body": "hi"})
    assert account.http.get("/faults").json() == {
        "script": [{"outcome": "error_before"}, {"outcome": "lose_webhook"}],
        "rates": {},
        "seed": 7,
    }
    assert account.send().status_code == 500
    left = account.http.get("/faults").json()
    assert left["script"] == [{"outcome": "lose_webhook"}]
    assert account.http.put("/faults", json=left).json() == left


def test_faults_are_logged(account: Account) -> None:
    last = len(account.http.get("/log").text.splitlines())
    account.plan({"outcome": "error_before"})
    account.send()
    lines = account.http.get("/log", params={"after": last}).text
    assert '"outcome": "error_before"' in lines


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        ('{"script": [{"outcome": "explode"}]}', "script.0.outcome"),
        ('{"script": [{"outcome": "ok", "colour": 1}]}', "script.0.colour"),
        ('{"script": [{}]}', "script.0.outcome"),
        ('{"script": [{"outcome": "reject", "code": "21610"}]}', "script.0.code"),
        ('{"script": [{"outcome": "hang", "delay_s": -1}]}', "script.0.delay_s"),
        ('{"rates": {"explode": 0.1}}', "rates.explode"),
        ('{"rates": {"reject": 1.5}}', "rates.reject"),
        ('{"rates": {"reject": 0.6, "hang": 0.6}}', "add up to more than 1"),
        ('{"seed": 1.5}', "seed"),
        ('{"faults": []}', "faults"),
        ("[]", "body"),
        ("{", "body"),
    ],
)
def test_a_plan_that_is_wrong_is_refused_with_the_reason(
    account: Account, plan: str, reason: str
) -> None:
    account.plan({"outcome": "reject"})
    answer = account.http.put("/faults", content=plan)
    assert answer.status_code == 400
    assert reason in answer.json()["error"]
    assert account.http.get("/faults").json()["script"] == [{"outcome": "reject"}]


def test_rates_are_met_and_the_same_seed_gives_the_same_faults() -> None:
    def drawn(seed: int, between: int) -> list[Outcome]:
        faults = Faults()
        faults.replace(
            FaultPlan(rates={Outcome.ERROR_AFTER: 0.2, Outcome.LOSE_WEBHOOK: 0.5}, seed=seed)
        )
        outcomes: list[Outcome] = []
        for _ in range(2000):
            outcomes.append(faults.for_send().outcome)
            for _ in range(between):
                faults.for_inbound()
        return outcomes

    outcomes = drawn(1, 0)
    assert outcomes == drawn(1, 3)
    assert outcomes != drawn(2, 0)
    assert set(outcomes) == {Outcome.OK, Outcome.ERROR_AFTER}
    assert 0.15 < outcomes.count(Outcome.ERROR_AFTER) / len(outcomes) < 0.25


def test_the_outcomes_are_the_published_ones() -> None:
    assert {outcome.value for outcome in Outcome} == {
        "ok", "reject", "error_before", "error_after", "cut_after", "hang", "lose_callback",
        "repeat_callback", "reorder", "lose_webhook", "repeat_webhook",
    }  # fmt: skip


def test_a_script_goes_before_the_rates() -> None:
    faults = Faults()
    plan = '{"script": [{"outcome": "ok"}], "rates": {"hang": 1}}'
    faults.replace(FaultPlan.model_validate_json(plan))
    assert [faults.for_send().outcome for _ in range(2)] == [Outcome.OK, Outcome.HANG]
