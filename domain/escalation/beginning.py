"""An escalation's turn: it is held, refused after all, or its text is requested."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts import conversation as c
from contracts import escalation as e
from contracts import person as p
from contracts.base import Contract
from contracts.identity import conversation_stream, escalation_stream, person_stream
from contracts.texts import Priority
from domain import segments
from domain.conversation.state import Conversation
from domain.escalation.ruled import Facts, over
from domain.escalation.state import Escalation
from domain.escalation.wording import bundled
from domain.person.state import Person, Waiting
from domain.policy import Policy
from domain.schedule import is_quiet, opens_at
from domain.turn.disclosure import disclosed

_RANK: Mapping[Priority, int] = {"urgent": 0, "high": 1, "normal": 2, "low": 3}
BUNDLED_AT_MOST = 6
"""So many escalations share one text, the leading one included."""
_AFTER_CRISIS = timedelta(hours=1)
_AFTER_REVIEWER = timedelta(minutes=15)
_AFTER_QUESTION = timedelta(hours=1)
_SOON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Begin:
    """
    The command: it may be an escalation's turn.

    `others` are those that may leave in the same text, by id: see `companions`.
    """

    escalation_id: str
    at: datetime
    fresh_conversation_id: str
    others: Mapping[str, Escalation]


def begin(
    state: Escalation, person: Person, conversation: Conversation, command: Begin, policy: Policy
) -> Facts:
    """
    Return what becomes of a waiting escalation now; nothing where it is held already.

    `conversation` is the person's current one, or a silent one where none is open.
    """
    if state.status != "waiting":
        return {}
    ended = _ended(state, person, command.at)
    if ended is not None:
        return over(command.escalation_id, state, person, ended)
    held = _held(state, person, conversation, command, policy)
    if held is None:
        return _started(state, person, conversation, command, policy)
    if held.reason == state.held and state.until is not None and state.until > command.at:
        return {}
    return {escalation_stream(command.escalation_id): (held,)}


def companions(person: Person, escalation_id: str, at: datetime) -> tuple[str, ...]:
    """Return which others may leave in the text of one: of low priority, without a question."""
    may = [one.escalation_id for one in person.waiting if _bundles(one, at)]
    return tuple(may[:BUNDLED_AT_MOST]) if escalation_id in may else ()


def queue(person: Person, at: datetime) -> tuple[str, ...]:
    """Return the waiting escalations whose time has come, the most urgent and oldest first."""
    ready = (one for one in person.waiting if one.not_before is None or one.not_before <= at)
    return tuple(one.escalation_id for one in sorted(ready, key=lambda one: _RANK[one.priority]))


def _bundles(one: Waiting, at: datetime) -> bool:
    ready = one.not_before is None or one.not_before <= at
    return ready and one.priority == "low" and not one.expects_reply


def _ended(
    state: Escalation, person: Person, at: datetime
) -> e.EscalationRefused | e.EscalationExpired | None:
    if person.erased or person.generation != state.generation:
        return e.EscalationRefused(reason="erased", at=at)
    if person.consent != "granted":
        reason: e.RefusalReason = "revoked" if person.consent == "revoked" else "consent_missing"
        return e.EscalationRefused(reason=reason, at=at)
    late = state.expires_at is not None and at >= state.expires_at
    return e.EscalationExpired(at=at) if late else None


def _held(
    state: Escalation, person: Person, conversation: Conversation, command: Begin, policy: Policy
) -> e.EscalationHeld | None:
    found = _why_held(state, person, conversation, command, policy)
    if found is None:
        return None
    reason, until = found
    # At its end it is looked at in any case: then it expires.
    until = until if state.expires_at is None else min(until, state.expires_at)
    again = reason == state.held
    return e.EscalationHeld(reason=reason, until=until, again=again, at=command.at)


def _why_held(
    state: Escalation, person: Person, conversation: Conversation, command: Begin, policy: Policy
) -> tuple[e.HeldReason, datetime] | None:
    at = command.at
    if state.not_before is not None and at < state.not_before:
        return "not_before", state.not_before
    if person.phase == "crisis":
        return "crisis", at + _AFTER_CRISIS
    if conversation.taken_by is not None:
        return "taken_over", at + _AFTER_REVIEWER
    if person.question is not None:
        return "question_pending", at + _AFTER_QUESTION
    zones = (person.timezone,) if person.timezone else person.zones
    through = state.priority == "urgent" and person.urgent_agreed
    if not through and is_quiet(at, zones, policy.quiet_hours):
        return "quiet_hours", opens_at(at, zones, policy.quiet_hours)
    if _behind(command.escalation_id, person, at):
        return "question_pending", at + _SOON
    return None


def _behind(escalation_id: str, person: Person, at: datetime) -> bool:
    """Return whether another is more urgent, or waits for longer: that one goes first."""
    waiting = queue(person, at)
    return escalation_id in waiting and waiting[0] != escalation_id


def _started(
    state: Escalation, person: Person, conversation: Conversation, command: Begin, policy: Policy
) -> Facts:
    joins = conversation.status == "active" and person.conversation_id is not None
    conversation_id = person.conversation_id if joins else command.fresh_conversation_id
    assert conversation_id is not None
    talk = conversation if joins else Conversation()
    together = _together(state, talk, command, policy)
    expires_at = state.expires_at or command.at
    own = escalation_stream(command.escalation_id)
    started = e.EscalationStarted(
        conversation_id=conversation_id,
        sms_id=own,
        bundled=tuple(together),
        closes_at=expires_at,
        at=command.at,
    )
    others = {
        escalation_stream(other): (
            started.model_copy(
                update={
                    "lead": command.escalation_id,
                    "bundled": (),
                    "closes_at": one.expires_at or expires_at,
                }
            ),
        )
        for other, one in together.items()
    }
    text = disclosed(
        bundled((state.text, *(one.text for one in together.values()))), talk, command.at
    )
    of_conversation: list[Contract] = []
    of_person: list[Contract] = []
    if not joins:
        of_conversation.append(
            c.ConversationStarted(
                person_id=state.person_id,
                generation=state.generation,
                initiated_by="agent",
                at=command.at,
                project_id=state.project_id,
                escalation_id=command.escalation_id,
            )
        )
        of_person.append(p.ConversationOpened(conversation_id=conversation_id))
    of_conversation.append(
        _text(state, text, command, policy, person.country, (command.escalation_id, *together))
    )
    of_person.append(
        p.QuestionPending(
            escalation_id=command.escalation_id,
            bundled=tuple(together),
            conversation_id=conversation_id,
            expects_reply=state.expects_reply,
            at=command.at,
        )
    )
    return {
        own: (started,),
        **others,
        conversation_stream(conversation_id): tuple(of_conversation),
        person_stream(state.person_id): tuple(of_person),
    }


def _together(
    state: Escalation, talk: Conversation, command: Begin, policy: Policy
) -> dict[str, Escalation]:
    """Return the others that fit into the text, in the order in which they came."""
    found: dict[str, Escalation] = {}
    if state.priority != "low" or state.expects_reply:
        return found
    for other, one in command.others.items():
        late = one.expires_at is not None and command.at >= one.expires_at
        if other == command.escalation_id or one.status != "waiting" or late:
            continue
        texts = (state.text, *(each.text for each in found.values()), one.text)
        whole = disclosed(bundled(texts), talk, command.at)
        if segments.count(whole).segments <= policy.max_segments:
            found[other] = one
    return found


def _text(
    state: Escalation,
    text: str,
    command: Begin,
    policy: Policy,
    country: str | None,
    carried: tuple[str, ...],
) -> c.SmsRequested:
    words = segments.normalise(text)
    size = segments.count(words)
    return c.SmsRequested(
        sms_id=escalation_stream(command.escalation_id),
        turn_id=None,
        kind="escalation",
        priority=state.priority,
        text=words,
        encoding=size.encoding,
        segments=size.segments,
        estimated_microdollars=policy.outbound(country, size.segments),
        at=command.at,
        expires_at=state.expires_at,
        escalations=carried,
    )
