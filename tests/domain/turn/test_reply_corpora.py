"""The evaluator over replies that are good, and over replies that are bad in a known way."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.failure_taxonomy import FLAGS
from domain.turn.checks import rule as rules
from domain.turn.checks.cues import CueIndex
from domain.turn.evaluate_lines import evaluate_line

CORPUS = Path(__file__).parents[2] / "corpus"


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CORPUS / name).read_text().splitlines()]


GOOD, BAD = lines("good_replies.jsonl"), lines("bad_replies.jsonl")


@pytest.mark.parametrize("half", ["tuned", "held_out"])
def test_good_replies_pass(half: str) -> None:
    """At most 2 % of what a careful person would send is held back."""
    held = [record for record in GOOD if record["half"] == half]
    stopped = [r["id"] for r in held if evaluate_line(r)["action"] != "pass"]
    assert len(held) >= 50
    assert len(stopped) <= 0.02 * len(held), stopped


@pytest.mark.parametrize("record", BAD, ids=lambda record: record["id"])
def test_bad_replies_are_seen(record: dict[str, Any]) -> None:
    seen = evaluate_line(record)
    flags = {flag["flag"]: flag for flag in seen["flags"]}
    assert record["flag"] in flags
    flag = flags[record["flag"]]
    assert flag["failure_mode"] in FLAGS[record["flag"]].modes
    assert flag["rule"].startswith(record["flag"] + ".")
    assert seen["action"] != "pass" or FLAGS[record["flag"]].act == "warn"


def test_a_span_is_what_the_reply_says() -> None:
    """Where a rule matched, the span is quoted from the reply, as it stands there."""
    seen = evaluate_line({"id": 1, "inbound": "hi", "reply": "I’m a Licensed nurse, call me."})
    spans = {flag["flag"]: flag["span"] for flag in seen["flags"]}
    assert spans["false_credential"] == "I'm a Licensed nurse"


def test_leaving_rules_out_by_their_cues_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    records = [*GOOD, *BAD]
    quick = [evaluate_line(record) for record in records]

    class Everything(CueIndex):
        def possible(self, text: str) -> int:
            return everything

    everything = rules._INDEX.everything
    monkeypatch.setattr(rules, "_INDEX", Everything())
    assert [evaluate_line(record) for record in records] == quick


def test_a_line_says_what_it_is_asked() -> None:
    seen = evaluate_line(
        {"id": "x", "inbound": "hello", "reply": "Hello. How are you holding up?"}
    )
    assert seen == {"id": "x", "action": "pass", "flags": []}


@pytest.mark.parametrize(
    "piece",
    [
        "he is just really ",
        "took my pills all the ",
        "my husband with dementia and ",
        "the a b c d e f ",
        "give her the ",
        "tell him that it's a ",
        "you will definitely definitely ",
        "she has a an the mild ",
        "reply me with a the ",
        "12 34 56 ",
        "aaaa",
        "a.b.",
        "Big Name of the ",
        "what? who? ",
        "please just then ",
    ],
)
def test_no_text_makes_a_rule_run_for_ever(piece: str) -> None:
    """Repeated beginnings of matches are what makes a careless pattern take hours."""
    inbound, reply = (piece * 800)[:4096], (piece * 60)[:480]
    assert evaluate_line({"id": 1, "inbound": inbound, "reply": reply})["id"] == 1
