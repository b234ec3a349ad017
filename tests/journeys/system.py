"""Everything on this machine, started as a user starts it, and a phone to text with."""

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psycopg

from tests.journeys.command import Command

T = TypeVar("T")

# Short enough for a test, long enough for two busy cores.
QUICK = {
    "PARLEY_ACK_WAIT_SECONDS": "3",
    "PARLEY_RECONCILE_SECONDS": "3",
    "PARLEY_ATTEMPT_DEADLINE_SECONDS": "2",
    "PARLEY_COALESCE_SECONDS": "0",
    "PARLEY_COALESCE_MAX_SECONDS": "0",
    "PARLEY_QUIET_HOURS": "off",
    "PARLEY_LOG_LEVEL": "info",
}
START_S = 90.0


def parley(state: Path, *words: str, environment: Mapping[str, str] | None = None) -> str:
    """Run the command line against the state folder; return what it printed."""
    with tempfile.TemporaryDirectory(prefix="parley-said-") as folder:
        output, errors = Path(folder) / "output", Path(folder) / "errors"
        code = Command(words, _environment(state, environment or {}), output, errors).wait(120)
        said = output.read_text()
        assert code == 0, (words, code, said[-2000:], errors.read_text()[-2000:])
    return said


def _environment(state: Path, more: Mapping[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    return {**kept, "PARLEY_STATE_DIR": str(state), **more}


class System:
    """One `parley up` over a state folder."""

    def __init__(self, state: Path, environment: Mapping[str, str] | None = None) -> None:
        self.state = state
        self.failpoints = state.parent / "failpoints"
        self.failpoints.mkdir(exist_ok=True)
        self._environment = {**QUICK, **(environment or {})}
        self._environment["PARLEY_FAILPOINTS"] = str(self.failpoints)
        self.process: Command | None = None
        self.http = httpx.Client(timeout=15.0)
        self.log = state.parent / "up.log"

    def environment(self) -> dict[str, str]:
        """Return the environment in which a command speaks to this system."""
        return _environment(self.state, {})

    def start(self, *options: str) -> float:
        """Start and wait until the addresses are written; return the seconds it took."""
        begun = time.monotonic()
        # A killed run leaves its own behind.
        (self.state / "addresses.json").unlink(missing_ok=True)
        self.process = Command(
            ("up", *options), _environment(self.state, self._environment), self.log
        )
        self.wait(lambda: self.addresses, START_S, "addresses.json")
        return time.monotonic() - begun

    def stop(self) -> int:
        """End it politely; return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def close(self) -> None:
        """Leave nothing behind."""
        if self.process is not None and self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.kill()
        self.http.close()
        assert self.overstepped() == []

    def overstepped(self) -> list[str]:
        """Return what a process tried on the queue that it may not."""
        logs = (self.state / "logs").glob("nats.log*")
        lines = [line for log in logs for line in log.read_text().splitlines()]
        return [line for line in lines if "Violation" in line]

    @property
    def running(self) -> bool:
        """Whether the supervisor lives."""
        return self.process is not None and self.process.poll() is None

    @property
    def addresses(self) -> dict[str, Any]:
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError(f"up ended: {self.log.read_text()[-3000:]}")
        try:
            found: dict[str, Any] = json.loads((self.state / "addresses.json").read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return found

    def wait(self, look: Callable[[], T], patience: float, what: str) -> T:
        """Return the first true thing that `look` gives."""
        deadline = time.monotonic() + patience
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} did not come in {patience} s")
            time.sleep(0.05)

    # The phone

    def people(self, *numbers: str) -> None:
        """Register people who agreed."""
        table = self.state.parent / "people.csv"
        lines = ["phone,user_id,name,timezone,country,consent,evidence"]
        lines += [f"{n},u-{n[-7:]},,America/New_York,US,granted,agreed on paper" for n in numbers]
        table.write_text("\n".join(lines) + "\n")
        parley(self.state, "people", "import", str(table))

    def text(self, number: str, body: str, **more: object) -> str:
        """Text the service; return the SID."""
        url = f"{self.addresses['simulator']}/phones/{number}/texts"
        answer = self.http.post(url, json={"body": body, **more})
        assert answer.status_code == 201, answer.text
        sid: str = answer.json()["sid"]
        return sid

    def thread(self, number: str) -> list[dict[str, Any]]:
        """Return what the phone shows."""
        url = f"{self.addresses['simulator']}/phones/{number}/texts"
        found: list[dict[str, Any]] = self.http.get(url).json()["texts"]
        return found

    def received(self, number: str) -> list[str]:
        """Return the texts that the service sent to a phone."""
        return [text["body"] for text in self.thread(number) if text["from"] == "service"]

    def answered(self, number: str, count: int = 1, patience: float = 30.0) -> list[str]:
        """Wait until the phone has got so many texts."""

        def enough() -> list[str]:
            got = self.received(number)
            return got if len(got) >= count else []

        return self.wait(enough, patience, f"text {count} to …{number[-4:]}")

    def faults(self, **plan: object) -> None:
        """Say what goes wrong next at the carrier."""
        answer = self.http.put(f"{self.addresses['simulator']}/faults", json=plan)
        assert answer.status_code == 200, answer.text

    def wind(self, seconds: float) -> None:
        """Wind everybody's clock forward."""
        url = f"{self.addresses['simulator']}/clock"
        assert self.http.put(url, json={"advance_s": seconds}).status_code == 200

    def arm(self, point: str, content: str = "") -> None:
        """Let the next process that comes to a named point die there."""
        (self.failpoints / point).write_text(content)

    def fired(self, point: str) -> bool:
        """Return whether somebody died there."""
        return not (self.failpoints / point).exists()

    # The journal

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with self._connected() as connection:
            return connection.execute(statement, values).fetchall()  # type: ignore[arg-type]

    def _connected(self) -> psycopg.Connection[Any]:
        """Return a connection; one that was just let go on first takes those who waited."""
        deadline = time.monotonic() + 10
        while True:
            try:
                return psycopg.connect(self.addresses["database"], connect_timeout=5)
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.2)

    def projected(self) -> bool:
        """Return whether every projection has seen the whole journal."""
        head = self.query("SELECT max(notification_id) FROM stored_events")[0][0]
        positions = self.query("SELECT position FROM projection_positions")
        return bool(positions) and all(position >= head for (position,) in positions)

    def console(self, path: str, **query: object) -> Any:
        """Return what a query of the console gives."""
        answer = self.http.get(
            f"{self.addresses['console']}/api/v1/{path}",
            params=query,  # type: ignore[arg-type]
            headers={"Authorization": f"Bearer {self.key}"},
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def act(self, path: str, **body: object) -> Any:
        """Do something at the console; return what it says of it."""
        answer = self.http.post(
            f"{self.addresses['console']}/api/v1/{path}",
            json=body,
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=90.0,
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    @cached_property
    def key(self) -> str:
        """An access key of every role."""
        roles = ("operator", "reviewer", "auditor", "developer")
        scopes = [word for role in roles for word in ("--scope", role)]
        made = json.loads(parley(self.state, "keys", "create", "a journey", *scopes, "--json"))
        key: str = made["key"]
        return key

    def quiet(self, patience: float = 60.0) -> None:
        """Wait until nothing is unfinished."""
        steps = ["turn", "draft", "verdict", "answer", "text"]

        def finished() -> bool:
            behind = self.query("SELECT count(*) FROM due WHERE kind = ANY (%s)", steps)[0][0]
            return not behind and self.projected()

        self.wait(finished, patience, "the end of all work")


def number(count: int) -> str:
    """Return the count-th of the fictitious numbers of New York."""
    return f"+1212{5_550_000 + count:07d}"


@contextmanager
def running(**settings: str) -> Generator[System]:
    """Lend a system of one's own with these settings, started, in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="parley-") as folder:
        given = {f"PARLEY_{name}": value for name, value in settings.items()}
        made = System(Path(folder) / "state", given)
        try:
            made.start()
            yield made
        finally:
            made.close()
