"""What is written for operators is of the right shape, and names settings that exist."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from deploy.operations.__main__ import DEPLOY, files
from deploy.operations.manifests import SHAPES
from services.adapters.streams import durables
from services.runtime.processes import PROCESSES
from services.runtime.settings import _BEHIND_FILE, Settings

MANIFESTS = sorted((DEPLOY / "kubernetes").rglob("*.yaml"))
# Written of a kind whose schema Kubernetes itself does not bring.
_FOREIGN = {"ScaledObject"}
_NAMED = re.compile(r"PARLEY_[A-Z][A-Z0-9_]*")


def documents(path: Path) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(path.read_text()) if one is not None]


def test_what_is_written_follows_from_the_code() -> None:
    for path, text in files().items():
        assert path.read_text() == text, path


def test_every_process_has_a_manifest() -> None:
    assert {*SHAPES, "console"} == set(PROCESSES)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.stem)
def test_a_manifest_is_valid(path: Path) -> None:
    for document in documents(path):
        if document["kind"] not in _FOREIGN:
            kubernetes_validate.validate(document, "1.31", strict=True)


def test_what_scales_by_lag_names_a_durable_that_exists() -> None:
    known = {(durable.stream, durable.name) for durable in durables(30.0)}
    found = [
        trigger["metadata"]
        for path in MANIFESTS
        for document in documents(path)
        if document["kind"] == "ScaledObject"
        for trigger in document["spec"]["triggers"]
    ]
    assert len(found) >= 4
    assert {(each["stream"], each["consumer"]) for each in found} <= known


def test_every_setting_that_is_named_exists() -> None:
    known = {f"PARLEY_{name.upper()}" for name in Settings.model_fields}
    known |= {f"PARLEY_{name.upper()}_FILE" for name in _BEHIND_FILE}
    places = [
        *MANIFESTS, *(DEPLOY / "systemd").iterdir(), *(DEPLOY / "nats").iterdir(),
        DEPLOY / "compose.yaml", DEPLOY / "Containerfile",
    ]  # fmt: skip
    for path in places:
        assert set(_NAMED.findall(path.read_text())) <= known, path


def test_compose_is_of_its_schema() -> None:
    checked = subprocess.run(
        [
            sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec",
            str(DEPLOY / "compose.yaml"),
        ],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr
    services = documents(DEPLOY / "compose.yaml")[0]["services"]
    assert set(PROCESSES) <= set(services)


def test_the_target_wants_every_process() -> None:
    target = (DEPLOY / "systemd" / "parley.target").read_text()
    assert set(re.findall(r"parley@(\w+)\.service", target)) == set(PROCESSES)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_the_unit_is_understood() -> None:
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(DEPLOY / "systemd" / "parley@.service")],
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    # The program itself is not installed where this is tested.
    said = [line for line in checked.stderr.splitlines() if "parley@" in line]
    assert not [line for line in said if "/opt/parley" not in line], said
