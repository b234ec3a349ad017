"""`parley up`: from nothing to an answer, one at a time, back after every kind of death."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.journeys.command import Command

ROOT = Path(__file__).parents[2]
PHONE = "+14155550101"
PATIENCE_S = 60.0


class Deployment:
    """
    One `parley up` over one state folder.

    `from_nothing` starts it as a user does; else it is split from a process that has imported all.
    """

    def __init__(self, folder: Path, *, from_nothing: bool = False) -> None:
        self.from_nothing = from_nothing
        self.state = folder / "state"
        self.output = folder / "output"
        self.process: subprocess.Popen[bytes] | Command | None = None
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")
        } | {
            "PARLEY_STATE_DIR": str(self.state),
            "PARLEY_COALESCE_SECONDS": "0",
            # What was given to a process that was dying is given again after so long.
            "PARLEY_ACK_WAIT_SECONDS": "3",
            "PARLEY_SIMULATOR_PACE": "instant",
        }

    def start(self, **settings: str) -> None:
        given = self.environment | {f"PARLEY_{name}": value for name, value in settings.items()}
        if not self.from_nothing:
            self.process = Command(("up",), given, self.output)
            return
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deploy.cli", "up"],
                cwd=ROOT,
                env=given,
                stdout=output,
                stderr=output,
            )

    def refused(self, **settings: str) -> str:
        given = self.environment | {f"PARLEY_{name}": value for name, value in settings.items()}
        errors = self.output.with_name("errors")
        code = Command(("up",), given, self.output, errors).wait(PATIENCE_S)
        said = errors.read_text()
        assert code == 4, said
        assert "Traceback" not in said
        return said

    @property
    def addresses(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.state / "addresses.json").read_text())
        return found

    def ready(self) -> None:
        def look() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.output.read_text()
            lock, addresses = self.state / "lock", self.state / "addresses.json"
            # A killed run leaves its addresses; the next one removes them before it says who it is.
            ours = lock.exists() and lock.read_text().strip() == str(self.process.pid)
            return ours and addresses.exists()

        until(look)

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE_S)

    def pid_of(self, name: str) -> int:
        """The process that writes a log holds it open as its output."""
        log = str(self.state / "logs" / f"{name}.log")
        for pid in children(self.process.pid if self.process is not None else 0):
            try:
                if str(Path(f"/proc/{pid}/fd/1").readlink()) == log:
                    return pid
            except OSError:
                continue
        raise AssertionError(f"{name} does not run")

    def runs_anew(self, name: str, killed: int) -> bool:
        try:
            return gone([killed]) and self.pid_of(name) != killed
        except AssertionError:
            return False

    def health(self, name: str) -> str:
        found: dict[str, str] = json.loads((self.state / "health.json").read_text())
        return found[name]

    def text(self, body: str) -> list[str]:
        url = f"{self.addresses['simulator']}/phones/{quote(PHONE)}/texts"
        before = self.thread()
        request = urllib.request.Request(
            url, json.dumps({"body": body}).encode(), {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request, timeout=5).close()
        until(lambda: len(self.thread()) > len(before))
        return self.thread()[len(before) :]

    def thread(self) -> list[str]:
        url = f"{self.addresses['simulator']}/phones/{quote(PHONE)}/texts"
        texts = json.loads(get(url))["texts"]
        return [text["body"] for text in texts if text["from"] == "service"]


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:
        body: bytes = answer.read()
        return body


def is_ready(health: str) -> bool:
    try:
        return bool(json.loads(get(f"{health}/readyz"))["ready"])
    except urllib.error.URLError:
        return False


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in found.read_text().split()]


def until(look: Callable[[], bool], patience: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience
    while not look():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def signs_in_once(deployment: Deployment) -> None:
    """Open the link that was printed, as a person does, and then once more."""
    console = deployment.addresses["console"]
    [link] = re.findall(rf"{console}/sign-in/\S+", deployment.output.read_text())
    assert link not in str(deployment.addresses)
    first, second = (
        urllib.request.build_opener(urllib.request.HTTPCookieProcessor()) for _ in range(2)
    )
    with first.open(link, timeout=5) as page:
        assert b"<h1>Overview</h1>" in page.read()
    for opener, path, status in ((second, link, 403), (second, f"{console}/", 401)):
        with pytest.raises(urllib.error.HTTPError) as refused:
            opener.open(path, timeout=5)
        assert refused.value.code == status
        refused.value.close()


def gone(pids: list[int]) -> bool:
    def alive(pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    return not any(alive(pid) for pid in pids)


@pytest.fixture
def deployment(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Deployment]:
    one = Deployment(tmp_path, from_nothing=getattr(request, "param", False))
    try:
        yield one
    finally:
        if one.process is not None and one.process.poll() is None:
            one.process.send_signal(signal.SIGTERM)
            try:
                one.process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                one.process.kill()
                one.process.wait(PATIENCE_S)


@pytest.mark.parametrize("deployment", [True], indirect=True, ids=["from nothing"])
def test_a_life(deployment: Deployment):
    """Start, answer, refuse a second start, be killed, start again, lose a child, stop."""
    deployment.start()
    deployment.ready()
    assert deployment.text("hello")
    said = deployment.refused()
    assert "already runs as process" in said
    signs_in_once(deployment)
    assert str(deployment.process.pid if deployment.process else "") in said

    ours = children(deployment.process.pid if deployment.process else 0)
    assert len(ours) >= 5
    deployment.kill()
    until(lambda: gone(ours), 10)

    deployment.start()
    deployment.ready()
    assert deployment.text("are you there?")

    for name in ("turn_runner", "ingress"):
        killed = deployment.pid_of(name)
        os.kill(killed, signal.SIGKILL)
        until(lambda: gone([killed]))  # noqa: B023
        assert deployment.text("and now?")
        assert deployment.pid_of(name) != killed
        assert is_ready(deployment.health(name))

    ours = children(deployment.process.pid if deployment.process else 0)
    assert deployment.stop() == 0
    assert gone(ours)
    assert not (deployment.state / "addresses.json").exists()
    assert "Traceback" not in deployment.output.read_text()


def test_the_servers_are_started_again(deployment: Deployment):
    # A webhook that came while a server was away for longer than the carrier tries is found soon.
    deployment.start(RECONCILE_SECONDS="3")
    deployment.ready()
    for name in ("nats", "postgres"):
        killed = deployment.pid_of(name)
        os.kill(killed, signal.SIGKILL)
        until(lambda: deployment.runs_anew(name, killed))  # noqa: B023
        until(lambda: is_ready(deployment.health("ingress")))
        assert deployment.text(f"after {name}")
    assert deployment.stop() == 0


def test_two_deployments_take_different_ports(deployment: Deployment, tmp_path: Path):
    other = Deployment(tmp_path / "other")
    other.output.parent.mkdir()
    deployment.start()
    other.start()
    try:
        deployment.ready()
        other.ready()
        assert deployment.addresses["ingress"] != other.addresses["ingress"]
        assert deployment.addresses["nats"] != other.addresses["nats"]
    finally:
        assert other.stop() == 0


def test_a_port_that_was_asked_for_and_is_taken_is_refused(deployment: Deployment):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"PARLEY_INGRESS_PORT is {port}" in deployment.refused(INGRESS_PORT=str(port))


def test_a_foreign_folder_is_refused(deployment: Deployment):
    deployment.state.mkdir()
    (deployment.state / "thesis.txt").touch()
    assert "is not a state folder of Parley" in deployment.refused()


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("MODLE", "offline", "Did you mean PARLEY_MODEL"),
        ("TWILIO_ACCOUNT_SID", "AC" + "1" * 32, "simulated carrier"),
        ("IDLE_MINUTES", "never", "PARLEY_IDLE_MINUTES"),
    ],
)
def test_bad_settings_are_refused(deployment: Deployment, name: str, value: str, why: str):
    assert why in deployment.refused(**{name: value})
