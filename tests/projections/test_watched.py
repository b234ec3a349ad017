"""Safety cases, dead letters and the harness's health, as the console shows them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts import conversation as c
from contracts.dead_letter import DeadLetterDropped, DeadLettered, DeadLetterReplayed
from contracts.safety import SafetyCaseAcknowledged, SafetyCaseOpened, SafetyCaseResolved
from projections.dead_letters import DEAD_LETTERS
from projections.harness_health import HARNESS_HEALTH, Harness, waited_at
from projections.safety import SAFETY
from projections.view import AnyProjection
from tests.facts import ADA, NOON, TALK, later, turn_id
from tests.projections.stage import Stage

Set = Callable[[AnyProjection], Stage]

OPENED = SafetyCaseOpened(
    person_id=ADA, conversation_id=TALK, kind="self_harm", tier="high", quotes=("a", "b"),
    at=NOON,
)  # fmt: skip


def test_a_case_from_open_to_resolved(stage: Set) -> None:
    told = stage(SAFETY).after(OPENED, stream="safety-1")
    told.shows({"case_id": "1", "state": "open", "waits": True, "quotes": 2, "tier": "high"})
    told.after(SafetyCaseAcknowledged(by="grace", at=later(5)), stream="safety-1")
    told.shows({"state": "acknowledged", "waits": True, "acknowledged_by": "grace"})
    told.after(SafetyCaseResolved(by="eve", outcome="safe", at=later(9)), stream="safety-1")
    told.shows({"state": "resolved", "waits": False, "resolved_by": "eve", "version": 3})


@pytest.mark.parametrize(
    ("fact", "state"), [(DeadLetterReplayed, "replayed"), (DeadLetterDropped, "dropped")]
)
def test_a_dead_letter_waits_until_somebody_decides(stage: Set, fact: Any, state: str) -> None:
    aside = DeadLettered(
        stream="INBOUND", consumer="gate", subject="sms.inbound", sequence=3, attempts=6,
        reason="why", at=NOON,
    )  # fmt: skip
    told = stage(DEAD_LETTERS).after(aside, stream="deadletter-a.b.3")
    told.shows({"letter_id": "a.b.3", "state": "waiting", "settled_at": None})
    told.after(fact(by="grace", at=later(5)), stream="deadletter-a.b.3")
    told.shows({"state": state, "by": "grace", "settled_at": later(5)})


def _usage(model: str, cost: int | None) -> c.Usage:
    return c.Usage(
        model_asked="first", model_answered=model, requests=2, input_tokens=10, output_tokens=4,
        cost_microdollars=cost, latency_ms=300,
    )  # fmt: skip


def _turn(number: int, at: datetime, **trace: Any) -> c.TurnCommitted:
    return c.TurnCommitted(
        turn_id=turn_id(number), covers_from=number, covers_through=number, at=at,
        trace=c.Trace(**trace),
    )  # fmt: skip


FLAG = c.Flag(flag="too_long", failure_mode="form", rule="r-1", span="x", act="warn")


def test_turns_are_counted_by_the_hour_and_by_the_day(stage: Set) -> None:
    told = stage(HARNESS_HEALTH).after(
        _turn(1, NOON, mode="deterministic", gate="help", rule_sets=("r1",), waited_ms=90),
        _turn(
            2, later(60), mode="model", decision="approved", flags=(FLAG, FLAG),
            rule_sets=("r1", "r1"), usage=(_usage("a", 50), _usage("b", None)), waited_ms=900,
            model_ms=600,
        ),
        _turn(3, NOON + timedelta(hours=1), mode="model", decision="approved", waited_ms=10**7),
    )  # fmt: skip

    day, first, second = told.rows()

    assert (day.span, first.span, second.span) == (
        "day/2026-11-24", "hour/2026-11-24T17", "hour/2026-11-24T18",
    )  # fmt: skip
    assert (day.turns, first.turns, second.turns) == (3, 2, 1)
    assert (day.modes, first.modes) == (
        {"deterministic": 1, "model": 2}, {"deterministic": 1, "model": 1},
    )  # fmt: skip
    assert (first.gates, first.flags, first.failure_modes) == (
        {"help": 1}, {"too_long": 2}, {"form": 2},
    )  # fmt: skip
    assert first.rule_sets == {"r1": 2}
    assert (first.input_tokens, first.cost_microdollars, first.unpriced) == (20, 50, 1)
    assert first.models["a"] == {
        "turns": 1, "requests": 2, "input_tokens": 10, "output_tokens": 4,
        "cost_microdollars": 50, "model_ms": 300,
    }  # fmt: skip
    assert day.waited == {"100": 1, "1000": 1, "more": 1}
    assert first.blamed == {
        "a": {"turns": 1, "form": 2}, "b": {"turns": 1, "form": 2}, "r1": {"turns": 2, "form": 2},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("waited", "share", "expected"),
    [
        ({}, 0.5, None),
        ({"100": 10}, 0.5, 50),
        ({"100": 5, "300": 5}, 0.5, 100),
        ({"100": 5, "300": 5}, 0.9, 260),
        ({"100": 5, "more": 5}, 0.95, None),
    ],
)
def test_a_share_of_the_turns_was_answered_within(
    waited: dict[str, int], share: float, expected: int | None
) -> None:
    empty = Harness("s", "day", NOON, 0, {}, {}, {}, {}, {}, {}, {}, 0, 0, 0, 0, 0, 0, {}, {})

    assert waited_at(empty._replace(turns=sum(waited.values()), waited=waited), share) == expected
