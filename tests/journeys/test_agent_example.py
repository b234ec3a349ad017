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


def _python(folder: Path) -> list[str]:
    del folder
    return [sys.executable, str(EXAMPLE / "agent.py")]


def _javascript(folder: Path) -> list[str]:
    """Install the example's package into a folder of its own; skip where that cannot be done."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("agent.mjs was not run: Node or npm is missing")
    for name in ("agent.mjs", "package.json"):
        shutil.copy(EXAMPLE / name, folder)
    quietly = ("--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline")
    try:
        done = subprocess.run(
            [npm, "install", *quietly], cwd=folder, capture_output=True, timeout=45, check=False
        )
        code = done.returncode
    except subprocess.TimeoutExpired:
        code = 1
    if code:
        pytest.skip("agent.mjs was not run: npm could not install its package")
    return [node, str(folder / "agent.mjs")]


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
def test_it_asks_and_takes_over(system: System, phone: str, tmp_path: Path, program: Any) -> None:
    own = program(tmp_path)
    user = f"u-{phone[-7:]}"
    words = ("ask", "--user", user, "--option", "1", "--option", "2", QUESTION)
    asking = Running(system, own, *words)
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
        _, packages = Running(system, own, "shift", "--id", "s-9", "--packages", "1").ended()
        return any(package["user_id"] == user for package in packages)

    system.wait(handed_over, 60, "the package")

    def processed() -> bool:
        rows = system.console("shifts", shift_id="s-9", limit=100)["items"]
        [person] = system.console("people", user_id=user)["items"]
        return any(row["person_id"] == person["person_id"] for row in rows)

    system.wait(processed, 30, "the acceptance")
