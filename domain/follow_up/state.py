"""What a follow-up's past means."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from contracts import follow_up as f
from contracts.base import Contract


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A promise to come back; `due_at` moves when it is deferred."""

    status: Literal["unknown", "waiting", "fired", "cancelled"] = "unknown"
    person_id: str = ""
    purpose: str = ""
    due_at: datetime | None = None


def evolve(state: FollowUp, fact: Contract) -> FollowUp:
    """Return the follow-up after one more fact."""
    match fact:
        case f.FollowUpScheduled():
            return FollowUp("waiting", fact.person_id, fact.purpose, fact.due_at)
        case f.FollowUpDeferred():
            return replace(state, due_at=fact.until)
        case f.FollowUpFired():
            return replace(state, status="fired")
        case f.FollowUpCancelled():
            return replace(state, status="cancelled")
        case _:
            return state
