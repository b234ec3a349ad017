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
from domain.follow_up.state import FollowUp
from domain.person.state import Person
from domain.policy import Policy
from domain.schedule import is_quiet, opens_at

_SOON = timedelta(minutes=2)
_AFTER_CRISIS = timedelta(hours=1)


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
    verdict = _cancelled(follow_up, person) or _deferred(person, conversation, command.at, policy)
    if verdict is not None:
        return Fired(subject, {own: (verdict,)})
    return Fired(subject, _opened(follow_up, person, conversation, command))


def _cancelled(follow_up: FollowUp, person: Person) -> f.FollowUpCancelled | None:
    # A promise made before an erasure has lost its purpose, even if its person is known anew.
    if person.erased or follow_up.purpose == ERASED:
        return f.FollowUpCancelled(reason="erased")
    if person.consent == "revoked":
        return f.FollowUpCancelled(reason="revoked")
    return None if person.consent == "granted" else f.FollowUpCancelled(reason="no_consent")


def _deferred(
    person: Person, conversation: Conversation, at: datetime, policy: Policy
) -> f.FollowUpDeferred | None:
    zones = (person.timezone,) if person.timezone else person.zones
    if person.phase == "crisis":
        return f.FollowUpDeferred(reason="crisis", until=at + _AFTER_CRISIS)
    if is_quiet(at, zones, policy.quiet_hours):
        until = opens_at(at, zones, policy.quiet_hours)
        return f.FollowUpDeferred(reason="quiet_hours", until=until)
    if conversation.open_turn is not None:
        return f.FollowUpDeferred(reason="turn_open", until=at + _SOON)
    return None


def _opened(
    follow_up: FollowUp, person: Person, conversation: Conversation, command: Fire
) -> dict[str, tuple[Contract, ...]]:
    joins = conversation.status == "active" and person.conversation_id is not None
    conversation_id = person.conversation_id if joins else command.fresh_conversation_id
    assert conversation_id is not None
    heard = conversation.heard if joins else 0
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
            labels=Labels(),
            brief=Brief(
                brief_id="follow-up-1",
                priority="Keep the promise to come back to this.",
                need=follow_up.purpose,
            ),
        )
    )
    fired = f.FollowUpFired(conversation_id=conversation_id)
    return {
        follow_up_stream(command.follow_up_id): (fired,),
        conversation_stream(conversation_id): tuple(facts),
        person_stream(follow_up.person_id): ()
        if joins
        else (ConversationOpened(conversation_id=conversation_id),),
    }
