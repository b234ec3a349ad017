"""Imports only fall, and whoever breaks a rule is told."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import LAYERS, ROOT

# One broken rule each: the rule's name, the file that breaks it, and the import that does.
PLANTED = (
    ("imports only fall", "projections/planted.py", "import services.runtime.ports"),
    (
        "decisions and contracts touch nothing of the world",
        "domain/planted.py",
        "import asyncio",
    ),
    ("a process knows no other process", "services/planted.py", "import services.relay"),
    (
        "a process is given its neighbours, it does not pick them",
        "services/planted_too.py",
        "import services.adapters.journal",
    ),
    (
        "adapters are wired in one place",
        "services/runtime/planted.py",
        "import services.adapters.bus",
    ),
    (
        "Twilio's package is known to the adapters alone",
        "deploy/planted.py",
        "from twilio.rest import Client",
    ),
)


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(program), "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_import_rules_are_kept() -> None:
    result = lint(ROOT)

    assert result.returncode == 0, result.stdout


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> str:
    copy = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for layer in LAYERS:
        shutil.copytree(ROOT / layer, copy / layer, ignore=shutil.ignore_patterns("__pycache__"))
    for _, file, line in PLANTED:
        (copy / file).write_text(line + "\n")
    return lint(copy).stdout


@pytest.mark.parametrize(("rule", "file", "line"), PLANTED)
def test_a_broken_rule_is_reported(planted: str, rule: str, file: str, line: str) -> None:
    module = file.removesuffix(".py").replace("/", ".")

    assert f"{rule} BROKEN" in planted
    assert module in planted
