"""A whole deployment to measure: started as a user starts it, over a folder of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

_START_S = 120.0
_TICK = os.sysconf("SC_CLK_TCK")


class Deployment:
    """One `parley up`."""

    def __init__(self, state: Path, environment: Mapping[str, str]) -> None:
        kept = {name: value for name, value in os.environ.items() if name[:7] != "PARLEY_"}
        self.state = state
        self._environment = {**kept, "PARLEY_STATE_DIR": str(state), **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self.addresses: dict[str, Any] = {}

    def start(self) -> float:
        """Start; return the seconds until everything answers."""
        begun = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "deploy.cli", "up"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        self.wait(self._ready, _START_S, "the start")
        return time.monotonic() - begun

    def stop(self) -> None:
        """Stop everything."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)

    def _ready(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError("parley up has ended")
        try:
            self.addresses = json.loads((self.state / "addresses.json").read_text())
        except (OSError, json.JSONDecodeError):
            return False
        return True

    def people(self, numbers: list[str]) -> None:
        """Register people who agreed."""
        table = "phone,consent,evidence\n" + "".join(f"{n},granted,bench\n" for n in numbers)
        subprocess.run(
            [sys.executable, "-m", "deploy.cli", "people", "import", "-"],
            env=self._environment,
            input=table.encode(),
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def count(self, topic: str) -> int:
        """Return how many facts of a name there are."""
        with psycopg.connect(self.addresses["database"]) as connection:
            row = connection.execute(
                "SELECT count(*) FROM stored_events WHERE topic = %s", (topic,)
            ).fetchone()
        return 0 if row is None else int(row[0])

    def cpu_ms(self) -> dict[str, float]:
        """Return the CPU time of each process so far, by the name of its log."""
        found: dict[str, float] = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                log = (folder / "fd" / "1").readlink()
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if log.parent == self.state / "logs":
                used = (int(fields[11]) + int(fields[12])) * 1000 / _TICK
                found[log.stem] = found.get(log.stem, 0.0) + used
        return found

    def wait(self, look: Callable[[], object], patience: float, what: str) -> None:
        """Return when `look` gives something true."""
        deadline = time.monotonic() + patience
        while not look():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{what} did not come in {patience:.0f} s")
            time.sleep(0.02)


@contextmanager
def deployed(**environment: str) -> Generator[Deployment]:
    """Give a running deployment, without a window for bursts unless one is given."""
    chosen = {
        "PARLEY_COALESCE_SECONDS": "0",
        "PARLEY_COALESCE_MAX_SECONDS": "0",
        "PARLEY_QUIET_HOURS": "off",
        "PARLEY_SIMULATOR_PACE": "instant",
        "PARLEY_LOG_LEVEL": "info",
        **environment,
    }
    with TemporaryDirectory(prefix="parley-bench-") as folder:
        deployment = Deployment(Path(folder) / "state", chosen)
        try:
            deployment.start()
            yield deployment
        finally:
            deployment.stop()
