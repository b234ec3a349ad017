"""What a safety case's past means."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from contracts.base import Contract
from contracts.safety import SafetyCaseAcknowledged, SafetyCaseOpened, SafetyCaseResolved

Standing = Literal["none", "open", "acknowledged", "resolved"]


@dataclass(frozen=True, slots=True)
class SafetyCase:
    """A case as its facts tell it; `standing` none means that it was never opened."""

    standing: Standing = "none"
    person_id: str | None = None
    conversation_id: str | None = None
    kind: str = ""
    tier: str = ""
    quotes: tuple[str, ...] = ()
    opened_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    outcome: str | None = None

    @property
    def waits(self) -> bool:
        """Whether somebody has still to close it."""
        return self.standing in ("open", "acknowledged")

    @property
    def grave(self) -> bool:
        """Whether the person stays in crisis for as long as the case waits."""
        return self.tier in ("critical", "high")


def evolve(state: SafetyCase, fact: Contract) -> SafetyCase:
    """Return the case after one more fact."""
    match fact:
        case SafetyCaseOpened():
            return replace(
                state,
                standing="open",
                person_id=fact.person_id,
                conversation_id=fact.conversation_id,
                kind=fact.kind,
                tier=fact.tier,
                quotes=fact.quotes,
                opened_at=fact.at,
            )
        case SafetyCaseAcknowledged():
            return replace(
                state, standing="acknowledged", acknowledged_by=fact.by, acknowledged_at=fact.at
            )
        case SafetyCaseResolved():
            return replace(
                state,
                standing="resolved",
                resolved_by=fact.by,
                resolved_at=fact.at,
                outcome=fact.outcome,
            )
        case _:
            return state
