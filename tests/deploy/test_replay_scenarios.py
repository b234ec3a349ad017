"""`parley replay scenarios`: what is wrong is said with its file and line, and exit codes tell."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from deploy.cli import app
from deploy.scenarios.reading import ScenariosUnreadable, read_scenarios, scenario_files

GOOD = """\
id: one
title: STOP stops
sessions:
  - steps:
      - says: "STOP"
        expect: {gate: stop, consent: revoked}
"""
BAD = GOOD.replace("gate: stop", "gate: help").replace("id: one", "id: two")


def replay(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["replay", "scenarios", *arguments])


def wrong(tmp_path: Path, text: str) -> str:
    file = tmp_path / "story.yaml"
    file.write_text(text, "utf-8")
    with pytest.raises(ScenariosUnreadable) as refusal:
        read_scenarios([file])
    return str(refusal.value).replace(f"{tmp_path}/", "")


def test_good_scenarios_are_good(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "one.yaml").write_text(GOOD)
    (tmp_path / "two.yml").write_text(GOOD.replace("id: one", "id: two") + "---\n")

    ended = replay(str(tmp_path))

    assert (ended.exit_code, ended.stdout) == (
        0, "2 scenarios, 2 steps, 2 texts sent: all as expected.\n"
    )  # fmt: skip


def test_a_scenario_that_fails_says_where_and_why(tmp_path: Path) -> None:
    file = tmp_path / "stories.yaml"
    file.write_text(f"{GOOD}---\n{BAD}")

    ended = replay(str(file))

    assert ended.exit_code == 5
    assert f"FAILED  two  ({file}:8)" in ended.stdout
    assert 'step 1: "STOP"\n    - gate should be help, and is stop\n' in ended.stdout
    assert ended.stdout.endswith("2 scenarios, 2 steps, 2 texts sent: 1 failed.\n")


def test_a_program_gets_one_document(tmp_path: Path) -> None:
    file = tmp_path / "stories.yaml"
    file.write_text(f"{GOOD}---\n{BAD}")

    ended = replay(str(file), "--json")

    told = json.loads(ended.stdout)
    assert ended.exit_code == 5
    assert (told["scenarios"], told["failed"]) == (2, 1)
    assert [one["passed"] for one in told["results"]] == [True, False]
    assert told["results"][1]["line"] == 8
    assert told["results"][1]["differences"] == [
        {"step": 1, "said": '"STOP"', "why": "gate should be help, and is stop"}
    ]


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("expect: {gate", "expects: {gate", "story.yaml:6: there is no key expects"),
        ("gate: stop", "gat: stop", "story.yaml:6: there is no key gat in sessions 1, steps 1,"),
        ("gate: stop", "gate: stopp", "not 'stopp'; did you mean stop?"),
        ('"STOP"', "NO", "story.yaml:5: says in sessions 1, steps 1 is read as False: put the"),
        ("title: STOP stops\n", "", "story.yaml:1: title is missing"),
        ("consent: revoked", "silent: true, contains: [x]", "nothing can be in a text where"),
        ("consent: revoked", "gate: stop", "story.yaml:6: gate is written twice"),
        ("consent: revoked", "flags: [prompt_leek]", "no flag prompt_leek; did you mean prompt_l"),
        ("  - steps:", "  - steps: [", "story.yaml:5: did not find"),
        ("id: one", "- id: one", "story.yaml:"),
        ("id: one", "id: !!python/name:os.system", "story.yaml:1: could not determine"),
        ("id: one", "id: One!", "story.yaml:1: id: string should match pattern"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, before: str, after: str, line: str
) -> None:
    assert before in GOOD

    assert line in wrong(tmp_path, GOOD.replace(before, after))


def test_an_id_is_given_once(tmp_path: Path) -> None:
    assert "story.yaml:8: the id one is taken by story.yaml:1" in wrong(
        tmp_path, f"{GOOD}---\n{GOOD}"
    )


def test_letters_that_are_no_text_are_no_scenario(tmp_path: Path) -> None:
    file = tmp_path / "story.yaml"
    file.write_bytes(b"id: \xff\xfe")

    ended = replay(str(file))

    assert ended.exit_code == 2
    assert "story.yaml: is no text in UTF-8" in ended.stderr


def test_nothing_there_is_no_success(tmp_path: Path) -> None:
    assert replay(str(tmp_path / "none.yaml")).exit_code == 3
    assert replay(str(tmp_path)).exit_code == 3
    assert list(scenario_files(tmp_path)) == []
