"""What outlives the simulator's process, and the clock it winds."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from deploy.local.twilio_simulator import Pace, SimulatorConfig, running
from deploy.local.wound_clock import WoundClock

ACCOUNT = "AC" + "0" * 32
TOKEN = "0" * 32
OURS = "+14155550100"
PHONE = "+14155550101"
MESSAGES = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
FORM = {"To": PHONE, "From": OURS, "Body": "hi"}


class Process:
    """The simulator as a process of its own, to be killed."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", auth=(ACCOUNT, TOKEN))
        command = [sys.executable, "-m", "deploy.local.twilio_simulator", "--port", str(port)]
        command += ["--state", str(folder), "--inbound-url", "http://127.0.0.1:9/x#rc=0"]
        self.process = subprocess.Popen(command)
        wait_until(self._answers)

    def _answers(self) -> bool:
        try:
            return self.http.get("/clock").is_success
        except httpx.ConnectError:
            return False

    def end(self, how: signal.Signals) -> None:
        self.http.close()
        os.kill(self.process.pid, how)
        self.process.wait(10)


def wait_until(true: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(400):
        if true():
            return
        pause.wait(0.025)
    raise AssertionError("it never became true")


def test_texts_survive_a_kill_and_go_on_their_way(tmp_path: Path) -> None:
    first = Process(tmp_path)
    sid = first.http.post(MESSAGES, data=FORM).json()["sid"]
    received = first.http.post(f"/phones/{PHONE}/texts", json={"body": "STOP"}).json()
    first.end(signal.SIGKILL)

    second = Process(tmp_path)
    try:
        thread = second.http.get(f"/phones/{PHONE}/texts").json()
        assert [text["sid"] for text in thread["texts"]][:2] == [sid, received["sid"]]
        assert thread["position"] > received["position"]
        assert second.http.post(MESSAGES, data=FORM).json()["code"] == 21610

        def delivered() -> bool:
            listed = second.http.get(MESSAGES).json()["messages"]
            return any(
                (message["sid"], message["status"]) == (sid, "delivered") for message in listed
            )

        wait_until(delivered)
        wait_until(lambda: received["sid"] in second.http.get("/log").text)
    finally:
        second.end(signal.SIGTERM)
    assert second.process.returncode in {0, -signal.SIGTERM}


def test_the_clock_is_shared_at_once_and_never_goes_back(tmp_path: Path) -> None:
    path = tmp_path / "state" / "clock"
    winder, reader = WoundClock(path), WoundClock(path)
    assert path.read_bytes() == bytes(8)
    assert (reader.offset, reader.now().tzinfo) == (timedelta(0), UTC)
    winder.advance(3600)
    reader.advance(0.5)
    assert winder.offset == reader.offset == timedelta(hours=1, seconds=0.5)
    assert abs(reader.now() - datetime.now(UTC) - reader.offset) < timedelta(seconds=2)
    for wrong in (-1.0, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="forward"):
            winder.advance(wrong)
    winder.close()
    reader.close()


def test_two_winders_at_once_lose_nothing(tmp_path: Path) -> None:
    clock = WoundClock(tmp_path / "clock")

    def wind() -> None:
        own = WoundClock(tmp_path / "clock")
        for _ in range(200):
            own.advance(1)
        own.close()

    threads = [threading.Thread(target=wind) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.offset == timedelta(seconds=800)
    clock.close()


def test_a_file_that_is_no_clock_is_refused(tmp_path: Path) -> None:
    (tmp_path / "clock").write_bytes(b"short")
    with pytest.raises(ValueError, match="8 bytes"):
        WoundClock(tmp_path / "clock")


def test_winding_the_clock_brings_what_is_due(tmp_path: Path) -> None:
    config = SimulatorConfig(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        numbers=(OURS,),
        inbound_url="http://127.0.0.1:9/x",
        state_dir=tmp_path,
        clock_path=tmp_path / "clock",
        pace=Pace(sent_s=60, delivered_s=60, priced_s=3600),
    )
    with running(config) as url, httpx.Client(base_url=url, auth=(ACCOUNT, TOKEN)) as http:
        path = http.post(MESSAGES, data=FORM).json()["uri"]
        assert http.get(path).json()["status"] == "queued"
        for seconds, status, price in ((61, "sent", None), (61, "delivered", None)):
            http.put("/clock", json={"advance_s": seconds})
            found = http.get(path).json()
            assert (found["status"], found["price"]) == (status, price)
        http.put("/clock", json={"advance_s": 3600})
        assert http.get(path).json()["price"] == "-0.00830"
        assert http.get("/clock").json()["offset_s"] == 3722
        for wrong in ({"advance_s": -1}, {"advance_s": "1"}, {"advance": 1}, {}):
            answer = http.put("/clock", json=wrong)
            assert answer.status_code == 400
            assert answer.json()["error"]
