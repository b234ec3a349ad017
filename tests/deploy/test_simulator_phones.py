"""Phones over HTTP: texts in, threads, and a stream that loses nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.local.twilio_simulator import INSTANT, SimulatorConfig, running

OURS = "+14155550100"
ANA = "+14155550101"
BEN = "+14155550102"


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("simulator")
    config = SimulatorConfig(
        account_sid="AC" + "1" * 32,
        auth_token="2" * 32,
        numbers=(OURS,),
        inbound_url="http://127.0.0.1:9/inbound#rc=0",
        state_dir=folder,
        clock_path=folder / "clock",
        pace=INSTANT,
    )
    with running(config) as url, httpx.Client(base_url=url) as http:
        yield http


def thread(http: httpx.Client, number: str) -> list[dict[str, object]]:
    texts: list[dict[str, object]] = http.get(f"/phones/{number}/texts").json()["texts"]
    return texts


def text(http: httpx.Client, number: str, body: str) -> int:
    """Send a text, wait until its webhook has failed, and return the position after that."""
    answer = http.post(f"/phones/{number}/texts", json={"body": body})
    assert answer.status_code == 201
    for _ in range(300):
        if thread(http, number)[-1]["webhook"] == 0:
            position: int = http.get(f"/phones/{number}/texts").json()["position"]
            return position
    raise AssertionError("the webhook never failed")


def bodies(http: httpx.Client, count: int, after: int, **headers: str) -> list[str]:
    """Return the first texts of the stream, each once, as they come."""
    found: dict[str, str] = {}
    with http.stream(
        "GET", "/phones/events", params={"after": after, "number": [ANA, BEN]}, headers=headers
    ) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            if line.startswith("data: "):
                event = json.loads(line.removeprefix("data: "))
                found[event["sid"]] = event["body"]
            if len(found) == count:
                return list(found.values())
    raise AssertionError("the stream ended")


def test_a_text_is_kept_in_the_phones_thread(http: httpx.Client) -> None:
    text(http, "+14155550103", "hello")
    (kept,) = thread(http, "%2B14155550103")
    assert (kept["body"], kept["from"], kept["status"]) == ("hello", "phone", "received")
    numbers = [phone["number"] for phone in http.get("/phones").json()["phones"]]
    assert "+14155550103" in numbers
    assert thread(http, "+14155550150") == []


@pytest.mark.parametrize(
    ("number", "body", "status", "reason"),
    [
        ("4155550101", '{"body": "x"}', 400, "E.164"),
        (ANA, '{"text": "x"}', 400, "body"),
        (ANA, '{"body": "x", "from": "y"}', 400, "from"),
        (ANA, '{"body": 1}', 400, "body"),
        (ANA, '{"body": "x", "sid": "SM1"}', 400, "sid"),
        (ANA, '{"body": "x", "media": -1}', 400, "media"),
        (ANA, '{"body": "x", "to": "+14155550199"}', 400, "to"),
        (OURS, '{"body": "x"}', 400, "account"),
        (ANA, "nonsense", 400, "body"),
        (ANA, "x" * 300_000, 413, "large"),
    ],
)
def test_what_is_wrong_is_refused_with_the_reason(
    http: httpx.Client, number: str, body: str, status: int, reason: str
) -> None:
    answer = http.post(f"/phones/{number}/texts", content=body)
    assert answer.status_code == status
    assert reason in answer.json()["error"]


def test_another_sites_page_cannot_text(http: httpx.Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = http.post(f"/phones/{ANA}/texts", json={"body": "x"}, headers=headers)
    assert answer.status_code == 403


def test_the_stream_begins_behind_a_position_and_names_only_its_phones(
    http: httpx.Client,
) -> None:
    position = http.get(f"/phones/{ANA}/texts").json()["position"]
    text(http, ANA, "between page and stream")
    text(http, "+14155550109", "not asked for")
    text(http, BEN, "also")
    assert bodies(http, 2, position) == ["between page and stream", "also"]


def test_a_lost_connection_goes_on_where_it_was(http: httpx.Client) -> None:
    seen = text(http, ANA, "seen")
    text(http, BEN, "missed")
    assert bodies(http, 1, 0, **{"Last-Event-ID": str(seen)}) == ["missed"]


def test_a_position_of_another_life_gives_everything(http: httpx.Client) -> None:
    text(http, ANA, "still here")
    everything = sorted(str(one["body"]) for phone in (ANA, BEN) for one in thread(http, phone))
    assert sorted(bodies(http, len(everything), 10**9)) == everything


def test_a_stop_ends_open_streams_quickly(tmp_path: Path) -> None:
    config = SimulatorConfig(
        account_sid="AC" + "1" * 32,
        auth_token="2" * 32,
        numbers=(OURS,),
        inbound_url="http://127.0.0.1:9/inbound",
        state_dir=tmp_path,
        clock_path=tmp_path / "clock",
    )
    with httpx.Client() as client, running(config) as url:
        request = client.build_request("GET", f"{url}/phones/events")
        stream = client.send(request, stream=True)
        assert next(stream.iter_lines()) == "retry: 500"
    assert stream.status_code == 200
    stream.close()
