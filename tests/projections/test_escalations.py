"""What the agent needs people for, as the console lists it and the scheduler finds it."""

from collections.abc import Callable

import pytest

from contracts import escalation as e
from contracts.base import Contract
from projections.due import DUE
from projections.escalations import ESCALATIONS
from projections.view import AnyProjection
from tests.facts import ADA, NOON, TALK, later, sid
from tests.projections.stage import Stage

Set = Callable[[AnyProjection], Stage]
STREAM = "escalation-e-1"
REQUESTED = e.EscalationRequested(
    person_id=ADA, generation=1, priority="high", kind="question", text="Is she home?",
    project_id="p-1", expects_reply=True, expires_at=later(900), at=NOON,
)  # fmt: skip
HELD = e.EscalationHeld(reason="crisis", until=later(60), at=later(1))
AGAIN = e.EscalationHeld(reason="crisis", until=later(120), again=True, at=later(60))
STARTED = e.EscalationStarted(
    conversation_id=TALK, sms_id="escalation-e-1", closes_at=later(900), at=later(2)
)
SENT = e.EscalationSent(closes_at=later(900), at=later(3))
DELIVERED = e.EscalationDelivered(closes_at=later(900), at=later(4))
ANSWERED = e.EscalationAnswered(
    conversation_id=TALK, text="yes", message_sid=sid(1), received_at=later(5), at=later(5)
)
LAST: tuple[tuple[Contract, str, str | None], ...] = (
    (ANSWERED, "answered", None),
    (e.EscalationFailed(reason="not_delivered", at=later(5)), "failed", "not_delivered"),
    (e.EscalationExpired(at=later(5)), "expired", None),
    (e.EscalationCancelled(at=later(5)), "cancelled", None),
    (e.EscalationRefused(reason="revoked", at=later(5)), "refused", "revoked"),
    (e.EscalationClosed(at=later(5)), "sent", "unconfirmed"),
    (e.EscalationLost(told="sent", final=False, at=later(5)), "failed", "restored"),
    (e.EscalationDelivered(closes_at=None, at=later(5)), "delivered", None),
)


def test_an_escalation_in_one_line(stage: Set) -> None:
    told = stage(ESCALATIONS).after(REQUESTED, HELD, stream=STREAM)
    row = {
        "escalation_id": "e-1", "person_id": ADA, "project_id": "p-1", "priority": "high",
        "requested_at": NOON, "final": False,
    }  # fmt: skip
    told.shows({**row, "status": "held", "reason": "crisis", "until": later(60)})
    told.after(STARTED, SENT, DELIVERED, stream=STREAM)
    told.shows(
        {**row, "status": "delivered", "conversation_id": TALK, "reason": None, "version": 5}
    )


@pytest.mark.parametrize(("last", "status", "reason"), LAST)
def test_how_it_ended(stage: Set, last: Contract, status: str, reason: str | None) -> None:
    told = stage(ESCALATIONS).after(REQUESTED, STARTED, SENT, last, stream=STREAM)
    told.shows({"status": status, "reason": reason, "final": True, "until": None})


def test_one_refused_at_once_is_listed_without_a_person(stage: Set) -> None:
    refused = e.EscalationRefused(reason="too_long", at=NOON)
    told = stage(ESCALATIONS).after(refused, stream=STREAM)
    told.shows({"person_id": None, "status": "refused", "reason": "too_long", "final": True})


def test_it_is_looked_at_when_its_time_comes_and_never_after_its_end(stage: Set) -> None:
    told = stage(DUE).after(REQUESTED, HELD, e.EscalationReported(through=2), stream=STREAM)
    row = {"id": "escalation/e-1", "kind": "escalation", "key": "e-1"}
    told.shows({**row, "due_at": later(60)})
    told.after(AGAIN, stream=STREAM)
    told.shows({**row, "due_at": later(120)})
    told.after(STARTED, e.EscalationReported(through=5), stream=STREAM)
    told.shows({**row, "due_at": later(900)})


@pytest.mark.parametrize("last", [last for last, _, _ in LAST])
def test_what_is_over_is_nothing_to_look_at(stage: Set, last: Contract) -> None:
    told = stage(DUE).after(REQUESTED, STARTED, SENT, last, stream=STREAM)
    told.shows({"id": "report/e-1", "kind": "report", "version": 4})
    told.after(e.EscalationReported(through=4), stream=STREAM)
    told.shows()


def test_of_an_end_that_the_agent_knows_it_is_not_told(stage: Set) -> None:
    lost = e.EscalationLost(told="answered", final=True, at=later(5))
    stage(DUE).after(REQUESTED, STARTED, lost, stream=STREAM).shows()


def test_a_status_that_was_not_told_yet_is_told_again(stage: Set) -> None:
    told = stage(DUE).after(REQUESTED, STARTED, stream=STREAM)
    told.after(SENT, e.EscalationReported(through=2), stream=STREAM)

    assert [(row.kind, row.version) for row in told.rows()] == [("escalation", 3), ("report", 3)]
