"""A follow-up is due: it fires as a turn like any other, waits, or is dropped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contracts import conversation as c
from contracts import follow_up as f
from contracts.base import Contract
from contracts.identity import conversation_stream, follow_up_stream, person_stream
from contracts.labels import Brief, Labels
from contracts.person import ConversationOpened
from contracts.personal import ERASED
from contracts.recorded import Subject
from domain.conversation.state import Conversation
from domain.follow_up.promises import (
    CHECK_IN,
    CHECKING,
    CHECKING_IN,
    FOLLOW_UP,
    PROMISED,
    SAFETY_CHECK,
    other_id,
)
from domain.follow_up.state import FollowUp
from domain.person.state import Person
from domain.policy import Policy
from domain.schedule import is_quiet, opens_at

_SOON = timedelta(minutes=2)
_AFTER_CRISIS = timedelta(hours=1)
# Whoever texted so lately is being talked to; a check would cut in.
_TALKED_WITHIN = timedelta(minutes=10)
_QUIET_FOR = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Fire:
    """The command: act on a follow-up whose time has come, with the ids that may be needed."""

    follow_up_id: str
    at: datetime
    fresh_conversation_id: str
    fresh_turn_id: str


@dataclass(frozen=True, slots=True)
class Fired:
    """The facts that follow, by stream; `subject` is whose key seals them."""

    subject: Subject
    facts: Mapping[str, tuple[Contract, ...]] = field(default_factory=dict)


def fire(
    follow_up: FollowUp,
    person: Person,
    conversation: Conversation,
    command: Fire,
    policy: Policy,
) -> Fired:
    """Return what becomes of a follow-up now; nothing if it is over or not due."""
    subject = Subject(follow_up.person_id, person.generation)
    own = follow_up_stream(command.follow_up_id)
    due = follow_up.due_at is not None and command.at >= follow_up.due_at
    if follow_up.status != "waiting" or not due:
        return Fired(subject)
    verdict = _cancelled(follow_up, person, conversation) or _deferred(
        follow_up, person, conversation, command.at, policy
    )
    if verdict is not None:
        return Fired(subject, {own: (verdict,)})
    return Fired(subject, _opened(follow_up, person, conversation, command))


def _cancelled(
    follow_up: FollowUp, person: Person, conversation: Conversation
) -> f.FollowUpCancelled | None:
    # A promise made before an erasure has lost its purpose, even if its person is known anew.
    if person.erased or follow_up.purpose == ERASED:
        return f.FollowUpCancelled(reason="erased")
    if person.consent == "revoked":
        return f.FollowUpCancelled(reason="revoked")
    if person.consent != "granted":
        return f.FollowUpCancelled(reason="no_consent")
    if follow_up.kind == "check_in" and person.memory.get(CHECK_IN) == "never":
        return f.FollowUpCancelled(reason="unwanted")
    if follow_up.kind != "safety_check":
        return None
    if conversation.taken_by is not None:
        return f.FollowUpCancelled(reason="reviewer")
    # Crisis ends only with the case that was why: somebody has looked after them meanwhile.
    over = follow_up.urgent and person.phase != "crisis"
    return f.FollowUpCancelled(reason="resolved") if over else None


def _deferred(
    follow_up: FollowUp,
    person: Person,
    conversation: Conversation,
    at: datetime,
    policy: Policy,
) -> f.FollowUpDeferred | None:
    zones = (person.timezone,) if person.timezone else person.zones
    if person.phase == "crisis" and not follow_up.urgent:
        return f.FollowUpDeferred(reason="crisis", until=at + _AFTER_CRISIS)
    if not follow_up.urgent and is_quiet(at, zones, policy.quiet_hours):
        until = opens_at(at, zones, policy.quiet_hours)
        return f.FollowUpDeferred(reason="quiet_hours", until=until)
    if conversation.open_turn is not None:
        return f.FollowUpDeferred(reason="turn_open", until=at + _SOON)
    if conversation.taken_by is not None:
        return f.FollowUpDeferred(reason="talking", until=at + _QUIET_FOR)
    last = conversation.last_heard_at if conversation.status == "active" else None
    if follow_up.kind == "safety_check" and last is not None and at < last + _TALKED_WITHIN:
        return f.FollowUpDeferred(reason="talking", until=last + _QUIET_FOR)
    return None


def _opened(
    follow_up: FollowUp, person: Person, conversation: Conversation, command: Fire
) -> dict[str, tuple[Contract, ...]]:
    joins = conversation.status == "active" and person.conversation_id is not None
    conversation_id = person.conversation_id if joins else command.fresh_conversation_id
    assert conversation_id is not None
    heard = conversation.heard if joins else 0
    checks = follow_up.kind == "safety_check"
    facts: list[Contract] = []
    if not joins:
        facts.append(
            c.ConversationStarted(
                person_id=follow_up.person_id,
                generation=person.generation,
                initiated_by="agent",
                at=command.at,
            )
        )
    facts.append(
        c.TurnAdmitted(
            turn_id=command.fresh_turn_id,
            trigger="follow_up",
            covers_from=heard + 1,
            covers_through=heard,
            due_at=command.at,
            labels=Labels(domain="safety", risk="elevated") if checks else Labels(),
            brief=_brief(follow_up),
        )
    )
    fired = f.FollowUpFired(conversation_id=conversation_id)
    return {
        follow_up_stream(command.follow_up_id): (fired,),
        conversation_stream(conversation_id): tuple(facts),
        person_stream(follow_up.person_id): ()
        if joins
        else (ConversationOpened(conversation_id=conversation_id),),
        **_again(follow_up, command, conversation_id),
    }


def _again(
    follow_up: FollowUp, command: Fire, conversation_id: str
) -> dict[str, tuple[Contract, ...]]:
    """Return the next check-in of those that the person agreed to."""
    if follow_up.every_days is None or follow_up.left <= 0:
        return {}
    following = f.FollowUpScheduled(
        person_id=follow_up.person_id,
        conversation_id=conversation_id,
        kind="check_in",
        purpose=follow_up.purpose,
        due_at=command.at + timedelta(days=follow_up.every_days),
        every_days=follow_up.every_days,
        left=follow_up.left - 1,
    )
    return {follow_up_stream(other_id(command.follow_up_id, follow_up.left)): (following,)}


def _brief(follow_up: FollowUp) -> Brief:
    brief_id, priority = _spoken(follow_up)
    return Brief(brief_id=brief_id, priority=priority, need=follow_up.purpose)


def _spoken(follow_up: FollowUp) -> tuple[str, str]:
    """Return which kind of turn it is: what was promised in a reply is about that alone."""
    if follow_up.kind == "safety_check":
        return SAFETY_CHECK, CHECKING
    if follow_up.kind == "check_in" and follow_up.every_days is not None:
        return "check-in-1", CHECKING_IN
    return FOLLOW_UP, PROMISED
