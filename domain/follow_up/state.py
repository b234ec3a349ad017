"""What a follow-up's past means."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from contracts import follow_up as f
from contracts.base import Contract


@dataclass(frozen=True, slots=True)
class FollowUp:
    """
    A promise to come back; `due_at` moves when it is deferred.

    `every_days` and `left` say whether another one follows when it fires.
    """

    status: Literal["unknown", "waiting", "fired", "cancelled"] = "unknown"
    person_id: str = ""
    conversation_id: str = ""
    purpose: str = ""
    due_at: datetime | None = None
    kind: Literal["check_in", "reminder", "answer_question", "safety_check"] = "reminder"
    urgent: bool = False
    every_days: int | None = None
    left: int = 0


def evolve(state: FollowUp, fact: Contract) -> FollowUp:
    """Return the follow-up after one more fact."""
    match fact:
        case f.FollowUpScheduled():
            return FollowUp(
                status="waiting",
                person_id=fact.person_id,
                conversation_id=fact.conversation_id,
                purpose=fact.purpose,
                due_at=fact.due_at,
                kind=fact.kind,
                urgent=fact.urgent,
                every_days=fact.every_days,
                left=fact.left,
            )
        case f.FollowUpDeferred():
            return replace(state, due_at=fact.until)
        case f.FollowUpFired():
            return replace(state, status="fired")
        case f.FollowUpCancelled():
            return replace(state, status="cancelled")
        case _:
            return state
