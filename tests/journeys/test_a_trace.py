"""One trace from the webhook to the report of the delivery, and metrics of everything."""

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.system import System, number

PHONE = number(9_000)
CANARY = "Zanzibar-marmalade"
# In the order in which a text passes them; the ingress takes the report of the delivery as well.
STEPS = (
    "ingress", "policy_gate", "turn_runner", "model", "evaluator", "committer", "sender",
    "carrier", "ingress", "callback",
)  # fmt: skip


@pytest.fixture(scope="module")
def traced() -> Iterator[tuple[System, Path]]:
    with tempfile.TemporaryDirectory(prefix="parley-") as folder:
        spans = Path(folder) / "spans"
        spans.mkdir()
        system = System(Path(folder) / "state", {"PARLEY_OTLP_ENDPOINT": f"file://{spans}"})
        system.start()
        try:
            system.people(PHONE)
            system.text(PHONE, f"My neighbour {CANARY} asks how I get a break")
            system.answered(PHONE)
            system.wait(lambda: _delivered(system), 30, "the report of the delivery")
            yield system, spans
        finally:
            system.close()


def _delivered(system: System) -> bool:
    found = system.query(
        "SELECT 1 FROM stored_events WHERE topic = 'conversation.sms_delivered.v1'"
    )
    return bool(found)


def _spans(folder: Path) -> list[dict[str, Any]]:
    return [
        {**json.loads(line), "process": file.stem}
        for file in folder.glob("*.jsonl")
        for line in file.read_text().splitlines()
    ]


def _of_the_text(spans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the spans of the trace that the model was asked in."""
    traces = {span["context"]["trace_id"] for span in spans if span["name"] == "model"}
    if len(traces) != 1:
        return []
    return [span for span in spans if span["context"]["trace_id"] in traces]


def test_one_trace_spans_all_processes(traced: tuple[System, Path]) -> None:
    system, folder = traced

    def exported() -> list[dict[str, Any]]:
        found = _of_the_text(_spans(folder))
        return found if {span["name"] for span in found} >= set(STEPS) else []

    spans = system.wait(exported, 30, "all spans")
    by_id = {span["context"]["span_id"]: span for span in spans}
    callback = next(span for span in spans if span["name"] == "callback")
    line = [callback]
    while line[0]["parent_id"] is not None:
        line.insert(0, by_id[line[0]["parent_id"]])
    names = [span["name"] for span in line]
    # Both who asks outside and who acts on a fact are children of the step that led to it.
    assert names == [name for name in STEPS if name not in ("model", "carrier")]
    assert {span["process"] for span in spans} == {
        "ingress", "policy_gate", "turn_runner", "evaluator", "committer", "sender",
    }  # fmt: skip
    told = "".join(json.dumps(span) for span in spans)
    assert CANARY not in told
    assert PHONE.removeprefix("+1") not in told


def test_the_facts_carry_the_trace(traced: tuple[System, Path]) -> None:
    system, folder = traced
    spans = system.wait(lambda: _of_the_text(_spans(folder)), 30, "the spans")
    trace_id = spans[0]["context"]["trace_id"].removeprefix("0x")
    facts = system.query(
        "SELECT topic, convert_from(state, 'UTF8')::jsonb ->> 'traceparent' FROM stored_events"
        " WHERE originator_id LIKE 'conversation-%%'"
    )
    assert len(facts) >= 8
    assert {trace.split("-")[1] for _, trace in facts} == {trace_id}


def test_metrics_tell_of_the_text_and_of_nobody(traced: tuple[System, Path]) -> None:
    system, _ = traced
    health = json.loads((system.state / "health.json").read_text())

    def scraped() -> str:
        told = "".join(system.http.get(f"{url}/metrics").text for url in health.values())
        measured = re.search(
            r"^parley_backlog_measured_timestamp_seconds [1-9]", told, re.MULTILINE
        )
        return told if measured and "parley_queue_waiting{" in told else ""

    told = system.wait(scraped, 40, "the gauges")
    for series in (
        'parley_handled_total{outcome="done",process="callback"}',
        'parley_text_outcomes_total{outcome="delivered"}',
        'parley_facts_total{fact="conversation.turn_committed.v1"}',
        'parley_waited_seconds_bucket{le="0.005",process="evaluator"}',
        'parley_model_tokens_total{direction="output",model="offline"}',
        'parley_drafts_total{verdict="approved"}',
        'parley_queue_waiting{durable="sender_urgent",stream="FACTS"}',
        'parley_budget_microdollars{what="cap"} 1e+08',
        'parley_due{kind="turn"}',
        "parley_reply_seconds_count 1.0",
    ):
        assert series in told, series
    assert CANARY not in told
    assert PHONE.removeprefix("+1") not in told
    assert "conversation-" not in told
    assert "person-" not in told
