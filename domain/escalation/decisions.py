"""What may happen to an escalation; every decision answers with nothing to what it knows."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from contracts import conversation as c
from contracts import escalation as e
from contracts import person as p
from contracts.agent import EscalationUpdated, EscalationWanted
from contracts.identity import (
    conversation_stream,
    escalation_stream,
    escalations_stream,
    person_stream,
)
from contracts.recorded import Subject
from domain.conversation.outbox import Outgoing
from domain.conversation.state import Conversation
from domain.escalation.beginning import Begin, begin
from domain.escalation.checks import Admitted, Asked, refusal
from domain.escalation.ruled import Facts, Ruled, joined, over
from domain.escalation.state import Escalation, evolve
from domain.escalation.wording import worded
from domain.person.state import Person
from domain.person.state import evolve as evolve_person
from domain.policy import Policy

GOOD_FOR = timedelta(hours=24)
"""How long one without `expires_at` is good for, and how long a delivery is waited for."""


@dataclass(frozen=True, slots=True)
class Request:
    """The command: the agent needs a person; `person_id` is None where nobody is known."""

    wanted: EscalationWanted
    person_id: str | None
    admitted: Admitted
    at: datetime
    fresh_conversation_id: str


def request(
    state: Escalation, person: Person, conversation: Conversation, command: Request, policy: Policy
) -> Ruled:
    """Return that a request is refused, or that it is taken in and what becomes of it at once."""
    if state.status != "unknown":
        return Ruled()
    wanted, at = command.wanted, command.at
    own = escalation_stream(wanted.escalation_id)
    reason = why_not(state, person, command, policy)
    if reason is not None or command.person_id is None:
        return Ruled(None, {own: refused(state, reason or "unknown_user", at)})
    requested = _requested(command, command.person_id, person.generation)
    waiting = p.QuestionWaiting(
        escalation_id=wanted.escalation_id,
        priority=wanted.priority,
        expects_reply=wanted.expects_reply,
        not_before=wanted.not_before,
        at=at,
    )
    admitted = e.EscalationAdmitted(escalation_id=wanted.escalation_id)
    taken_in: Facts = {
        own: (requested,),
        person_stream(command.person_id): (waiting,),
        escalations_stream(hour_of(at)): (admitted,),
        escalations_stream(minute_of(at)): (admitted,),
    }
    turn = Begin(wanted.escalation_id, at, command.fresh_conversation_id, {})
    begun = begin(
        evolve(state, requested), evolve_person(person, waiting), conversation, turn, policy
    )
    return Ruled(Subject(command.person_id, person.generation), joined(taken_in, begun))


def hour_of(at: datetime) -> str:
    """Return the hour that a request is counted in."""
    return at.strftime("%Y-%m-%dT%H")


def minute_of(at: datetime) -> str:
    """Return the minute that a request is counted in."""
    return at.strftime("%Y-%m-%dT%H%M")


def _requested(command: Request, person_id: str, generation: int) -> e.EscalationRequested:
    wanted = command.wanted
    begins = max(command.at, wanted.not_before or command.at)
    return e.EscalationRequested(
        person_id=person_id,
        generation=generation,
        priority=wanted.priority,
        kind=wanted.kind,
        text=worded(wanted),
        project_id=wanted.project_id,
        expects_reply=wanted.expects_reply,
        reply_options=wanted.reply_options or (),
        not_before=wanted.not_before,
        expires_at=wanted.expires_at or begins + GOOD_FOR,
        at=command.at,
    )


def why_not(
    state: Escalation, person: Person, command: Request, policy: Policy
) -> e.RefusalReason | None:
    """Return why a request would be refused; None if it would be taken in, or is known already."""
    if state.status != "unknown":
        return None
    asked = Asked(command.wanted, person, command.admitted, command.at, policy)
    reason = refusal(asked)
    return "unknown_user" if reason is None and command.person_id is None else reason


def refused(
    state: Escalation, reason: e.RefusalReason, at: datetime
) -> tuple[e.EscalationRefused, ...]:
    """Return that a request is not taken in, if it is new; whoever says so tells the agent."""
    if state.status != "unknown":
        return ()
    return (e.EscalationRefused(reason=reason, at=at, at_once=True),)


def cancel(
    escalation_id: str, state: Escalation, person: Person, conversation: Conversation, at: datetime
) -> Facts:
    """
    Return the end of what the agent does not need any more, its text taken back if it can be.

    One that nobody has heard of yet is cancelled in advance: the request may come behind it.
    """
    if state.over:
        return {}
    facts = over(escalation_id, state, person, e.EscalationCancelled(at=at))
    text = conversation.outbox.texts.get(state.sms_id or "")
    shared = state.lead is not None or bool(state.bundled)
    if text is None or shared or text.status not in ("requested", "deferred"):
        return facts
    withheld = c.SmsWithheld(sms_id=text.sms_id, reason="withdrawn")
    return {**facts, conversation_stream(state.conversation_id or ""): (withheld,)}


def texted(
    escalation_id: str, state: Escalation, person: Person, text: Outgoing | None, at: datetime
) -> Facts:
    """Return what the way of its text means for an escalation, as far as it is not known yet."""
    if text is None or state.over or state.status in ("unknown", "waiting"):
        return {}
    own = escalation_stream(escalation_id)
    if text.status == "withheld":
        return over(escalation_id, state, person, _withheld(text, at))
    if text.status == "failed":
        failed = e.EscalationFailed(reason="not_delivered", at=at)
        return over(escalation_id, state, person, failed)
    if text.status not in ("sent", "delivered"):
        return {}
    expires_at = state.expires_at or at
    sent: Facts = {}
    if state.status == "started":
        closes_at = expires_at if state.expects_reply else at + GOOD_FOR
        sent = {own: (e.EscalationSent(closes_at=closes_at, at=at),)}
    if text.status == "sent" or state.status == "delivered":
        return sent
    if state.expects_reply:
        return joined(sent, {own: (e.EscalationDelivered(closes_at=expires_at, at=at),)})
    delivered = e.EscalationDelivered(closes_at=None, at=at)
    return joined(sent, over(escalation_id, state, person, delivered))


def _withheld(text: Outgoing, at: datetime) -> e.EscalationExpired | e.EscalationFailed:
    reason = text.withheld or "withdrawn"
    if reason == "expired":
        return e.EscalationExpired(at=at)
    return e.EscalationFailed(reason=reason, at=at)


def closed(
    escalation_id: str, state: Escalation, person: Person, text: Outgoing | None, at: datetime
) -> Facts:
    """
    Return the end of one that was started and whose time is over, if it is.

    A text that may or may not have left is waited for: then it expires by itself, or was sent.
    """
    if state.over or state.status in ("unknown", "waiting"):
        return {}
    if not state.expects_reply and state.sent_at is not None:
        late = at >= state.sent_at + GOOD_FOR
        return over(escalation_id, state, person, e.EscalationClosed(at=at)) if late else {}
    if state.expires_at is None or at < state.expires_at:
        return {}
    if text is not None and not text.settled:
        return _expired_unsent(escalation_id, state, person, text, at)
    return over(escalation_id, state, person, e.EscalationExpired(at=at))


def _expired_unsent(
    escalation_id: str, state: Escalation, person: Person, text: Outgoing, at: datetime
) -> Facts:
    if text.status not in ("requested", "deferred"):
        return {}
    facts = over(escalation_id, state, person, e.EscalationExpired(at=at))
    if state.lead is not None or state.bundled:
        return facts
    withheld = c.SmsWithheld(sms_id=text.sms_id, reason="expired")
    return {**facts, conversation_stream(state.conversation_id or ""): (withheld,)}


def dropped(escalation_id: str, state: Escalation, person: Person, at: datetime) -> Facts:
    """Return the end of what nobody may be asked any more: consent was taken back, or erased."""
    if state.over or state.status == "unknown":
        return {}
    reason: Literal["erased", "revoked"] = "revoked"
    if person.erased or person.generation != state.generation:
        reason = "erased"
    elif person.consent != "revoked":
        return {}
    if state.status == "waiting":
        return over(escalation_id, state, person, e.EscalationRefused(reason=reason, at=at))
    return over(escalation_id, state, person, e.EscalationFailed(reason=reason, at=at))


def updates(escalation_id: str, state: Escalation) -> tuple[tuple[int, EscalationUpdated], ...]:
    """Return what the agent is to be told, in order: the fact's version, and the message."""
    return tuple(
        (
            change.version,
            EscalationUpdated(
                escalation_id=escalation_id,
                status=change.status,
                conversation_id=change.conversation_id,
                at=change.at,
                answer=change.answer,
                reason=change.reason,
            ),
        )
        for change in state.untold
    )


def reported(state: Escalation, through: int) -> tuple[e.EscalationReported, ...]:
    """Return that the agent was told of everything up to a fact, if that is news."""
    if not any(change.version <= through for change in state.untold):
        return ()
    return (e.EscalationReported(through=through),)
