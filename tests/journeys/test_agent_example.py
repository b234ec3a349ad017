"""The example agent, in both languages, against everything: it asks, and takes over."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.system import System

EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "agent_example"
QUESTION = "Deploy is blocked: roll back or wait?"


def _python() -> list[str]:
    return [sys.executable, str(EXAMPLE / "agent.py")]


def _javascript() -> list[str]:
    node = shutil.which("node")
    if node is None or not (EXAMPLE / "node_modules" / "nats").is_dir():
        pytest.skip("agent.mjs was not run: it needs Node, and `npm install` in its folder")
    return [node, str(EXAMPLE / "agent.mjs")]


class Running:
    """The program while it runs; its lines are JSON."""

    def __init__(self, system: System, program: list[str], *words: str) -> None:
        self._system = system
        self._process = subprocess.Popen(
            [*program, *words, "--nats", system.addresses["nats"]]
            if program[-1].endswith(".mjs")
            else [*program, "--nats", system.addresses["nats"], *words],
            stdout=subprocess.PIPE,
            text=True,
        )

    def ended(self) -> tuple[int, list[dict[str, Any]]]:
        """Wait until it ends; return its exit code and what it printed."""
        try:
            output, _ = self._process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        return self._process.returncode, [json.loads(line) for line in output.splitlines()]


@pytest.mark.parametrize("program", [_python, _javascript])
def test_it_asks_and_takes_over(system: System, phone: str, program: Any) -> None:
    user = f"u-{phone[-7:]}"
    words = ("ask", "--user", user, "--option", "1", "--option", "2", QUESTION)
    asking = Running(system, program(), *words)
    [asked] = system.answered(phone)
    assert QUESTION in asked
    system.text(phone, "1")

    code, told = asking.ended()

    assert code == 0
    assert told[-1]["status"] == "answered"
    assert told[-1]["answer"]["text"] == "1"

    count = len(system.received(phone))
    system.text(phone, "that's all")
    system.answered(phone, count + 1)

    # Packages of other tests may wait as well: it takes them all until it has ours.
    def handed_over() -> bool:
        _, packages = Running(system, program(), "shift", "--id", "s-9", "--packages", "1").ended()
        return any(package["user_id"] == user for package in packages)

    system.wait(handed_over, 60, "the package")

    def processed() -> bool:
        rows = system.console("shifts", shift_id="s-9", limit=100)["items"]
        [person] = system.console("people", user_id=user)["items"]
        return any(row["person_id"] == person["person_id"] for row in rows)

    system.wait(processed, 30, "the acceptance")
