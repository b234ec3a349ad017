"""What is counted: by words of the project alone, and where facts are stored."""

import re
from collections.abc import Iterable
from datetime import timedelta
from importlib import import_module

import pytest
from prometheus_client import REGISTRY

from contracts import conversation as c
from contracts.base import Contract
from contracts.safety import SafetyCaseOpened
from projections.backlog import Backlog, Waiting
from services.runtime import meters
from services.runtime.backlog_watch import show
from services.runtime.erasure_watch import newest, unfinished
from services.runtime.ports import Forgotten
from services.runtime.processes import PROCESSES
from tests.facts import NOON, TALK, sid, turn_id

# What may tell two series of a metric apart: each has few values, and none comes from outside.
LABELS = {
    "process", "outcome", "fact", "gate", "verdict", "flag", "act", "model", "direction", "kind",
    "follows", "final", "tier", "stream", "durable", "what", "route", "status", "by", "projection",
    "how",
}  # fmt: skip
OURS = re.compile(r"(?:parley|sms)_[a-z_]+")
OF_THE_LIBRARY = re.compile(r"(?:python|process)_[a-z_]+")


def test_every_metric_has_a_name_of_ours_and_bounded_labels() -> None:
    for module in PROCESSES.values():
        import_module(module)
    import_module("services.adapters.bus")
    import_module("services.adapters.webhook")
    seen = 0
    for collector in list(REGISTRY._collector_to_names):  # no other way to all
        names = REGISTRY._collector_to_names[collector]
        if all(OF_THE_LIBRARY.fullmatch(name) for name in names):
            continue
        seen += 1
        assert all(OURS.fullmatch(name) for name in names), names
        labels = set(getattr(collector, "_labelnames", ()))
        assert labels <= LABELS, (names, labels - LABELS)
    assert seen > 25


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


FLAG = c.Flag(flag="clinical_claim", failure_mode="x", rule="y", span="words", act="repair")
USAGE = c.Usage(
    model_asked="offline", requests=1, input_tokens=10, cached_tokens=4, output_tokens=5,
    cost_microdollars=7, latency_ms=200,
)  # fmt: skip


@pytest.mark.parametrize(
    ("fact", "name", "labels", "by"),
    [
        (
            c.DraftRefused(
                turn_id=turn_id(1), draft_version=3, action="repair", flags=(FLAG, FLAG), rule_set="1"
            ),
            "parley_flags_total", {"flag": "clinical_claim", "act": "repair"}, 2,
        ),
        (
            c.ModelFailed(turn_id=turn_id(1), covers_from=1, covers_through=1, kind="slow", usage=USAGE),
            "parley_model_tokens_total", {"model": "offline", "direction": "input"}, 6,
        ),
        (
            c.ModelFailed(turn_id=turn_id(1), covers_from=1, covers_through=1, kind="slow", usage=USAGE),
            "parley_model_cost_microdollars_total", {"model": "offline"}, 7,
        ),
        (
            c.MessageReceived(sid=sid(1), text="x", received_at=NOON, segments=3),
            "parley_segments_total", {"direction": "in"}, 3,
        ),
        (
            c.SmsFailed(
                attempt_id=f"{TALK}.1", sms_id="s", code=30003, reason="x", final=True, status="failed"
            ),
            "parley_text_outcomes_total", {"outcome": "failed"}, 1,
        ),
        (
            c.SmsFailed(attempt_id=f"{TALK}.1", sms_id="s", code=21610, reason="x", final=True),
            "parley_text_failures_total", {"follows": "opt_out", "final": "yes"}, 1,
        ),
        (
            c.SmsDelivered(attempt_id=f"{TALK}.1", sms_id="s", provider_sid=sid(1)),
            "parley_text_outcomes_total", {"outcome": "delivered"}, 1,
        ),
        (
            SafetyCaseOpened(
                person_id=None, conversation_id=None, kind="crisis", tier="critical", quotes=(),
                at=NOON,
            ),
            "parley_safety_cases_opened_total", {"tier": "critical"}, 1,
        ),
    ],
)  # fmt: skip
def test_a_stored_fact_is_counted(
    fact: Contract, name: str, labels: dict[str, str], by: float
) -> None:
    before = value(name, **labels), value("parley_facts_total", fact=fact.name)
    meters.count(fact)
    assert value(name, **labels) - before[0] == by
    assert value("parley_facts_total", fact=fact.name) - before[1] == 1


def test_a_report_on_the_way_is_no_second_text() -> None:
    def sent(via: str) -> c.SmsSent:
        return c.SmsSent(
            attempt_id=f"{TALK}.1", sms_id="s", provider_sid=sid(1), status="sent", via=via
        )  # type: ignore[arg-type]

    before = value("parley_text_outcomes_total", outcome="taken")
    for via in ("answer", "callback", "callback"):
        meters.count(sent(via))
    assert value("parley_text_outcomes_total", outcome="taken") - before == 1


def test_what_waits_is_shown_with_its_age_and_the_rest_as_zero() -> None:
    nothing = Waiting(0, None)
    show(
        Backlog(
            due={"draft": Waiting(3, NOON - timedelta(seconds=40))},
            safety={"high": Waiting(1, NOON - timedelta(minutes=1))},
            unacknowledged={"critical": Waiting(1, NOON - timedelta(minutes=2))},
            dead_letters=Waiting(2, NOON), shifts=nothing, unknown_outcomes=nothing,
            spent=10, reserved=20, beside=30, unannounced=7,
        ),
        NOON,
        cap=1_000,
    )  # fmt: skip
    assert value("parley_due", kind="draft") == 3
    assert value("parley_due_oldest_seconds", kind="draft") == 40
    assert value("parley_due", kind="turn") == 0
    assert value("parley_safety_case_oldest_seconds", tier="high") == 60
    assert value("parley_safety_case_unacknowledged_seconds", tier="critical") == 120
    assert value("parley_safety_case_unacknowledged_seconds", tier="high") == 0
    assert value("parley_dead_letters_waiting") == 2
    assert value("parley_relay_behind_facts") == 7
    shown = _money(("cap", "spent", "reserved", "beside"))
    assert shown == [1_000, 10, 20, 30]


def _money(what: Iterable[str]) -> list[float]:
    return [value("parley_budget_microdollars", what=one) for one in what]


def test_who_the_ledger_says_erased_and_is_still_known_is_counted() -> None:
    later = NOON + timedelta(hours=1)
    told = newest(
        [Forgotten("a", NOON, None), Forgotten("b", NOON, None), Forgotten("a", later, None)]
    )
    assert told == {"a": later, "b": NOON}
    assert unfinished(told, {}) == 0
    # One was registered before, one came back after it, one has only ever texted.
    assert unfinished(told, {"a": NOON + timedelta(minutes=9), "b": later}) == 1
    assert unfinished(told, {"a": None}) == 1
