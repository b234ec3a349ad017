"""What an escalation's past means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from contracts import escalation as e
from contracts.agent import Answer, EscalationStatus
from contracts.base import Contract
from contracts.recorded import Subject
from contracts.texts import Priority

Status = Literal["unknown", "waiting", "closed"] | EscalationStatus
_OVER: frozenset[Status] = frozenset(
    {"failed", "answered", "refused", "expired", "cancelled", "closed"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """A change of status that the agent is to be told of: the fact at `version` made it."""

    version: int
    status: EscalationStatus
    at: datetime
    conversation_id: str | None = None
    answer: Answer | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Escalation:
    """
    An escalation as its facts tell it.

    `waiting` covers held ones, `held` says why.  `lead` is the escalation in whose text this one
    leaves, if not in its own.  `untold` is what the agent does not know yet, in order.
    """

    version: int = 0
    status: Status = "unknown"
    person_id: str = ""
    generation: int = 0
    priority: Priority = "normal"
    text: str = ""
    project_id: str | None = None
    expects_reply: bool = False
    reply_options: tuple[str, ...] = ()
    not_before: datetime | None = None
    expires_at: datetime | None = None
    held: e.HeldReason | None = None
    until: datetime | None = None
    conversation_id: str | None = None
    sms_id: str | None = None
    lead: str | None = None
    bundled: tuple[str, ...] = ()
    sent_at: datetime | None = None
    untold: tuple[Change, ...] = ()

    @property
    def over(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.status in _OVER or (self.status == "delivered" and not self.expects_reply)

    @property
    def subject(self) -> Subject | None:
        """Whose key seals what is written about it; None for one refused at once."""
        return Subject(self.person_id, self.generation) if self.person_id else None


def evolve(state: Escalation, fact: Contract) -> Escalation:
    """Return the escalation after one more fact."""
    moved = replace(state, version=state.version + 1)
    step = _STEPS.get(type(fact))
    return moved if step is None else step(moved, fact)


def _changed(
    state: Escalation,
    status: EscalationStatus,
    at: datetime,
    answer: Answer | None = None,
    reason: str | None = None,
) -> Escalation:
    change = Change(state.version, status, at, state.conversation_id, answer, reason)
    return replace(state, status=status, untold=(*state.untold, change))


def _requested(state: Escalation, fact: e.EscalationRequested) -> Escalation:
    return replace(
        state,
        status="waiting",
        person_id=fact.person_id,
        generation=fact.generation,
        priority=fact.priority,
        text=fact.text,
        project_id=fact.project_id,
        expects_reply=fact.expects_reply,
        reply_options=fact.reply_options,
        not_before=fact.not_before,
        expires_at=fact.expires_at,
    )


def _held(state: Escalation, fact: e.EscalationHeld) -> Escalation:
    state = replace(state, held=fact.reason, until=fact.until)
    if fact.again:
        return state
    # For us it waits, whatever for; only the reason is news to the agent.
    return replace(_changed(state, "held", fact.at, reason=fact.reason), status="waiting")


def _started(state: Escalation, fact: e.EscalationStarted) -> Escalation:
    state = replace(
        state,
        held=None,
        until=None,
        conversation_id=fact.conversation_id,
        sms_id=fact.sms_id,
        lead=fact.lead,
        bundled=fact.bundled,
    )
    return _changed(state, "started", fact.at)


def _sent(state: Escalation, fact: e.EscalationSent) -> Escalation:
    return replace(_changed(state, "sent", fact.at), sent_at=fact.at)


def _delivered(state: Escalation, fact: e.EscalationDelivered) -> Escalation:
    return _changed(state, "delivered", fact.at)


def _failed(state: Escalation, fact: e.EscalationFailed) -> Escalation:
    return _changed(state, "failed", fact.at, reason=fact.reason)


def _answered(state: Escalation, fact: e.EscalationAnswered) -> Escalation:
    answer = Answer(text=fact.text, message_sid=fact.message_sid, at=fact.received_at)
    return _changed(
        replace(state, conversation_id=fact.conversation_id), "answered", fact.at, answer
    )


def _refused(state: Escalation, fact: e.EscalationRefused) -> Escalation:
    return _changed(state, "refused", fact.at, reason=fact.reason)


def _expired(state: Escalation, fact: e.EscalationExpired) -> Escalation:
    return _changed(state, "expired", fact.at)


def _cancelled(state: Escalation, fact: e.EscalationCancelled) -> Escalation:
    return _changed(state, "cancelled", fact.at)


def _closed(state: Escalation, fact: e.EscalationClosed) -> Escalation:
    return replace(_changed(state, "sent", fact.at, reason="unconfirmed"), status="closed")


def _lost(state: Escalation, fact: e.EscalationLost) -> Escalation:
    """What the agent knows the end of is over in silence; of anything else it hears."""
    state = replace(state, untold=())
    if fact.final:
        return replace(state, status="closed")
    return _changed(state, "failed", fact.at, reason="restored")


def _reported(state: Escalation, fact: e.EscalationReported) -> Escalation:
    untold = tuple(change for change in state.untold if change.version > fact.through)
    return replace(state, untold=untold)


_STEPS: Mapping[type[Contract], Callable[[Escalation, Any], Escalation]] = {
    e.EscalationRequested: _requested,
    e.EscalationHeld: _held,
    e.EscalationStarted: _started,
    e.EscalationSent: _sent,
    e.EscalationDelivered: _delivered,
    e.EscalationFailed: _failed,
    e.EscalationAnswered: _answered,
    e.EscalationRefused: _refused,
    e.EscalationExpired: _expired,
    e.EscalationCancelled: _cancelled,
    e.EscalationClosed: _closed,
    e.EscalationLost: _lost,
    e.EscalationReported: _reported,
}
