"""The command line: exit codes, sentences instead of tracebacks, JSON where it was asked for."""

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
import typer
from pydantic import BaseModel
from typer.testing import CliRunner

from contracts.base import Contract
from contracts.inbound import InboundClaimed
from contracts.recorded import Recorded
from deploy.cli import app
from deploy.commands.replay import until
from deploy.failure import NOT_FOUND, REFUSED, Failure, failure_of
from deploy.lines import answer_lines
from services.runtime.ports import Unavailable
from services.runtime.settings import SettingsRefused

ROOT = Path(__file__).parents[2]
NUMBER = "+14155550123"


@dataclass
class Ended:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def parley(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Ended]]:
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    for name in [name for name in os.environ if name.startswith("PARLEY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PARLEY_STATE_DIR", str(tmp_path / "state"))

    def run(*arguments: str, given: str = "", **settings: str) -> Ended:
        for name, value in settings.items():
            monkeypatch.setenv(f"PARLEY_{name}", value)
        ended = CliRunner().invoke(app, arguments, input=given)
        return Ended(ended.exit_code, ended.stdout, ended.stderr)

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook = hook
    structlog.reset_defaults()


Parley = Callable[..., Ended]


def test_it_starts_as_a_program(tmp_path: Path):
    ended = subprocess.run(
        [sys.executable, "-m", "deploy.cli", "text", "hello"],
        cwd=ROOT,
        env=os.environ | {"PARLEY_STATE_DIR": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 4
    assert ended.stderr.startswith("Nothing runs in ")
    assert ended.stdout == ""


def test_help_names_every_command(parley: Parley):
    said = parley("--help")
    assert said.returncode == 0
    for name in (
        "up", "run", "text", "check", "provision", "recover", "dead-letters", "replay", "audit",
        "rebuild", "people", "classify", "evaluate",
    ):  # fmt: skip
        assert f" {name} " in said.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nonsense",), 2),
        (("run",), 2),
        (("run", "nobody"), 3),
        (("text", "hello"), 4),
        (("check",), 4),
        (("provision",), 4),
        (("dead-letters", "list"), 4),
        (("replay", "conversation", "x"), 4),
        (("recover",), 4),
        (("recover", "--restored"), 4),
    ],
)
def test_exit_codes_and_no_traceback(parley: Parley, arguments: tuple[str, ...], code: int):
    ended = parley(*arguments)
    assert ended.returncode == code
    assert "Traceback" not in ended.stderr + ended.stdout
    assert (ended.stderr + ended.stdout).strip()


def test_a_failure_as_json_is_on_stdout(parley: Parley):
    ended = parley("dead-letters", "list", "--json")
    assert ended.stderr == ""
    said = json.loads(ended.stdout)
    assert said["exit_code"] == ended.returncode == 4
    assert "Nothing runs in" in said["error"]


def test_nothing_is_made_by_looking(parley: Parley, tmp_path: Path):
    parley("check")
    assert not (tmp_path / "state").exists()


def test_what_is_wrong_with_the_environment_comes_first(parley: Parley):
    ended = parley("provision", DATABSE_URL="x")
    assert ended.returncode == 4
    assert "Did you mean PARLEY_DATABASE_URL?" in ended.stderr


def test_check_finds_what_does_not_answer(parley: Parley):
    ended = parley(
        "check",
        "--json",
        DATABASE_URL="postgresql://nobody@127.0.0.1:9/none",
        NATS_URL="nats://127.0.0.1:9",
        PEPPER="p" * 40,
        MASTER_KEY="q" * 43,
    )
    assert ended.returncode == 4
    found = {one["subject"]: one for one in json.loads(ended.stdout)["findings"]}
    assert "PostgreSQL is away" in found["database"]["problem"]
    assert "NATS is away" in found["bus"]["problem"]


class Question(BaseModel):
    id: int


def answered(source: str) -> int:
    def answer(question: Question) -> Mapping[str, object]:
        return {"id": question.id, "twice": question.id * 2}

    with pytest.raises(typer.Exit) as ended:
        answer_lines(Question, answer, io.StringIO(source))
    return ended.value.exit_code


def test_lines_are_answered_in_order(capsys: pytest.CaptureFixture[str]):
    assert answered('{"id": 1}\n\n{"id": 2}\n') == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert said == [{"id": 1, "twice": 2}, {"id": 2, "twice": 4}]


def test_a_bad_line_is_an_error_and_the_rest_is_answered(capsys: pytest.CaptureFixture[str]):
    assert answered('{"id": "secret words"}\nnot json\n{"id": 2}\n') == 2
    out = capsys.readouterr().out
    said = [json.loads(line) for line in out.splitlines()]
    assert [one.get("line") for one in said] == [1, 2, None]
    assert "secret words" not in out
    assert said[2] == {"id": 2, "twice": 4}


def test_failures_are_sentences():
    assert failure_of(Failure("x.", NOT_FOUND)).code == NOT_FOUND
    assert failure_of(SettingsRefused(["A.", "B."])).code == REFUSED
    assert str(failure_of(Unavailable("NATS is away"))).startswith("NATS is away. Try again")


def test_an_unexpected_error_shows_no_words_of_its_own():
    def fail() -> None:
        raise KeyError(NUMBER)

    try:
        fail()
    except KeyError as error:
        failure = failure_of(error)
    assert failure.code == 1
    assert NUMBER not in str(failure)
    assert "KeyError at deploy/test_cli.py:" in str(failure)


NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def facts() -> list[Recorded[Contract]]:
    fact = InboundClaimed.model_construct()
    return [
        Recorded(
            fact, "s", n, n, NOON + timedelta(minutes=n), None, "c", "c", None, "", f"digest {n}"
        )
        for n in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("at", "count"),
    [("2", 2), ("9", 3), ("2026-11-24T12:02:00Z", 2), ("2026-11-24T12:02:30", 2), ("0", 0)],
)
def test_a_moment_is_a_version_or_a_time(at: str, count: int):
    assert len(until(facts(), at)) == count


def test_what_is_neither_is_a_usage_error():
    with pytest.raises(Failure) as failure:
        until(facts(), "yesterday")
    assert failure.value.code == 2


@pytest.mark.parametrize(
    ("text", "gate", "safety"),
    [
        ("STOP", "stop", "none"),
        ("help", "help", "none"),
        ("START", "start", "none"),
        ("SHARE", "share", "none"),
        ("I want to kill myself", "crisis", "crisis"),
        ("I want to kill myself. Stop texting me", "stop", "crisis"),
        ("what a nice day", None, "none"),
    ],
)
def test_classify(parley: Parley, text: str, gate: str | None, safety: str):
    ended = parley("classify", given=json.dumps({"id": "a", "text": text}))
    assert ended.returncode == 0
    said = json.loads(ended.stdout)
    assert (said["id"], said["gate"], said["safety"]) == ("a", gate, safety)
    assert set(said) == {"id", "safety", "gate", "labels", "brief", "rules"}
    assert bool(said["rules"]) or gate is None or gate in {"stop", "help", "start", "share"}


def test_evaluate(parley: Parley):
    lines = [
        {"id": 1, "inbound": "hello", "reply": "I am a human being and I love you."},
        {"id": 2, "inbound": "hello", "reply": "Hello. What is going on today?"},
    ]
    ended = parley("evaluate", given="\n".join(map(json.dumps, lines)))
    first, second = map(json.loads, ended.stdout.splitlines())
    assert (first["id"], first["action"]) == (1, "block")
    assert {"flag", "failure_mode", "rule", "span", "act"} == set(first["flags"][0])
    assert (second["id"], second["action"]) == (2, "pass")
