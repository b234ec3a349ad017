"""Crash points: silent unless armed, deadly once, and every name in the code is listed."""

import ast
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from contracts.catalogue import listening
from services.runtime.failpoint import CRASH_POINTS, HANDLERS, HANDLING, arm, disarm, failpoint

ROOT = Path(__file__).parents[2]


def hits(folder: Path, code: str) -> int:
    program = (
        "import os, sys\nfrom pathlib import Path\n"
        "from services.runtime.failpoint import arm, failpoint\n"
        f"arm(Path({str(folder)!r}), parent=os.getppid())\n{code}\nsys.exit(7)"
    )
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode


def test_unarmed_it_does_nothing(tmp_path: Path):
    (tmp_path / "x").touch()
    disarm()
    failpoint("x")
    assert (tmp_path / "x").exists()


def test_armed_without_a_file_it_does_nothing(tmp_path: Path):
    arm(tmp_path)
    try:
        failpoint("x")
    finally:
        disarm()


def test_it_dies_once(tmp_path: Path):
    (tmp_path / "x").touch()
    assert hits(tmp_path, "failpoint('x')") == 137
    assert not (tmp_path / "x").exists()
    assert hits(tmp_path, "failpoint('x')") == 7


def test_it_dies_at_the_nth_hit(tmp_path: Path):
    (tmp_path / "x").write_text("3\n")
    assert hits(tmp_path, "failpoint('x'); failpoint('x'); failpoint('y')") == 7
    assert (tmp_path / "x").exists()
    assert hits(tmp_path, "[failpoint('x') for _ in range(3)]") == 137


def test_all_takes_the_supervisor_along(tmp_path: Path):
    (tmp_path / "x").write_text("all 1")
    child = (
        "import os; from pathlib import Path;"
        "from services.runtime.failpoint import arm, failpoint;"
        f"arm(Path({str(tmp_path)!r}), parent=os.getppid()); failpoint('x')"
    )
    parent = (
        "import subprocess, sys, time;"
        f"subprocess.run([sys.executable, '-c', {child!r}]); time.sleep(10)"
    )
    ended = subprocess.run([sys.executable, "-c", parent], cwd=ROOT, check=False, timeout=20)
    assert ended.returncode == -signal.SIGKILL


def names(argument: ast.expr) -> list[str]:
    """A plain name, or `f"{handler}.point"` for every handler."""
    if isinstance(argument, ast.Constant):
        return [argument.value]
    assert isinstance(argument, ast.JoinedStr)
    _, ending = argument.values
    assert isinstance(ending, ast.Constant)
    return [f"{handler}{ending.value}" for handler in HANDLERS]


def calls() -> Counter[str]:
    found: Counter[str] = Counter()
    for folder in ("services", "projections", "deploy"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "failpoint":
                    found.update(names(node.args[0]))
    return found


def test_every_point_in_the_code_is_listed_and_every_listed_one_exists():
    assert len(set(CRASH_POINTS)) == len(CRASH_POINTS)
    assert set(calls()) == set(CRASH_POINTS)


def test_a_name_stands_at_one_place():
    assert [name for name, count in calls().items() if count > 1] == []


@pytest.mark.parametrize("name", CRASH_POINTS)
def test_names_are_file_names(name: str):
    assert name == Path(name).name
    assert not name.startswith(".")


def test_every_handler_of_facts_is_one():
    """And the two that handle what the carrier says."""
    assert set(listening()) <= set(HANDLERS)
    assert {"policy_gate", "callback"} <= set(HANDLERS)
    assert len(HANDLING) == 3
