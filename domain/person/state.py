"""What a person's past means: who they are to us, and what we may send."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from contracts import person as p
from contracts.base import Contract
from contracts.identity import conversation_of
from contracts.recorded import Subject
from contracts.texts import Priority, SmsKind
from domain.replacing import replace

# The longest window a rule looks back is one hour at RATE_LIMIT_PER_HOUR; more is kept so
# that the opt-out confirmation of the last revocation is still seen.
PERMITS_KEPT = 400


@dataclass(frozen=True, slots=True)
class Permit:
    """One text that was allowed to leave."""

    attempt_id: str
    kind: SmsKind
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """An escalation that waits until this person may be asked or told something."""

    escalation_id: str
    priority: Priority
    expects_reply: bool
    not_before: datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    """
    What the person is being asked or told now.

    `asked_at` is when its text was allowed to leave; before, nothing can be an answer to it.
    """

    escalation_id: str
    conversation_id: str
    expects_reply: bool
    asked_at: datetime | None = None


# How many conversations that are over the next one is told of.
EARLIER_KEPT = 3


@dataclass(frozen=True, slots=True)
class Earlier:
    """A conversation that is over: when it ended, and what may be told of it."""

    at: datetime | None
    recap: str


@dataclass(frozen=True, slots=True)
class Person:
    """
    A person as their facts tell them.

    `generation` 0 means never registered; `known` that somebody registered, asked or linked
    them, rather than that they merely texted; `consent_open` that the request of `asked_at` is
    unanswered; `confirmed_by` is the attempt that the one confirmation of the last revocation was
    permitted to; `escalated` when the agent's newest requests for them were taken in.  `asking`
    is the open question of getting to know each other, `profile_asked` every time that one was
    asked.  `earlier` are the last conversations that left something to tell, oldest first.
    """

    version: int = 0
    generation: int = 0
    number: str = ""
    known: bool = False
    user_id: str | None = None
    display_name: str | None = None
    country: str | None = None
    timezone: str | None = None
    zones: tuple[str, ...] = ()
    consent: p.Consent = "pending"
    asked_at: datetime | None = None
    consent_open: bool = False
    granted_at: datetime | None = None
    revoked_at: datetime | None = None
    confirmed_by: str | None = None
    phase: p.Phase = "onboarding"
    loop_stage: p.LoopStage = "consent"
    conversation_id: str | None = None
    last_conversation_id: str | None = None
    memory: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    asking: p.ProfileQuestion | None = None
    asked_profile_at: datetime | None = None
    profile_asked: tuple[p.ProfileQuestion, ...] = ()
    profile_settled: frozenset[p.ProfileQuestion] = frozenset()
    stranger_answered_at: datetime | None = None
    number_failed: int | None = None
    number_failed_at: datetime | None = None
    permits: tuple[Permit, ...] = ()
    urgent_agreed: bool = False
    question: Question | None = None
    waiting: tuple[Waiting, ...] = ()
    escalated: tuple[datetime, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    erased: bool = False

    def subject(self, person_id: str) -> Subject:
        """Return whose key seals what is written about this person now."""
        return Subject(person_id, self.generation)

    def permitted_since(self, since: datetime) -> int:
        """Return how many texts were allowed to leave since then."""
        return sum(permit.at > since for permit in self.permits)


def evolve(state: Person, fact: Contract) -> Person:
    """Return the person after one more fact."""
    moved = replace(state, version=state.version + 1)
    step = _STEPS.get(type(fact))
    return moved if step is None else step(moved, fact)


def _registered(state: Person, fact: p.Registered) -> Person:
    met = fact.source in ("sms", "listing")
    if state.generation and fact.generation > state.generation:
        # A new generation keeps nothing but the revocation (and that its number is known).
        state = Person(
            version=state.version,
            consent="revoked" if state.consent == "revoked" else "pending",
            revoked_at=state.revoked_at,
            confirmed_by=state.confirmed_by,
        )
    return replace(
        state,
        generation=fact.generation,
        number=fact.number,
        known=state.known or not met,
        display_name=fact.display_name or state.display_name,
        country=fact.country or state.country,
        timezone=fact.timezone or state.timezone,
        zones=fact.zones or state.zones,
        erased=False,
    )


def _linked(state: Person, fact: p.UserLinked) -> Person:
    return replace(state, user_id=fact.user_id, known=True)


def _asked(state: Person, fact: p.ConsentRequested) -> Person:
    consent = "pending" if state.consent == "expired" else state.consent
    return replace(
        state, asked_at=fact.evidence.at, consent=consent, consent_open=True, known=True
    )


def _granted(state: Person, fact: p.ConsentGranted) -> Person:
    at = fact.evidence.at
    if state.revoked_at is not None and at <= state.revoked_at:
        return state
    phase = "active" if state.phase == "paused" else state.phase
    return replace(
        state,
        consent="granted",
        granted_at=at,
        asked_at=None,
        consent_open=False,
        known=True,
        phase=phase,
    )


def _revoked(state: Person, fact: p.ConsentRevoked) -> Person:
    heard_late = fact.evidence.source == "provider" and state.granted_at is not None
    if heard_late and state.granted_at is not None and state.granted_at > fact.evidence.at:
        # The carrier tells of a block that the person has lifted since by START.
        return state
    return replace(
        state,
        consent="revoked",
        revoked_at=fact.evidence.at,
        asked_at=None,
        consent_open=False,
        confirmed_by=None,
        urgent_agreed=False,
    )


def _expired(state: Person, fact: p.ConsentExpired) -> Person:
    del fact
    consent = state.consent if state.consent == "revoked" else "expired"
    return replace(state, consent=consent, consent_open=False)


def _phase(state: Person, fact: p.PhaseChanged) -> Person:
    return replace(state, phase=fact.phase)


def _stage(state: Person, fact: p.LoopStageAdvanced) -> Person:
    return replace(state, loop_stage=fact.loop_stage)


def _profile_asked(state: Person, fact: p.ProfileAsked) -> Person:
    return replace(
        state,
        asking=fact.question,
        asked_profile_at=fact.at,
        profile_asked=(*state.profile_asked, fact.question),
    )


def _profile_settled(state: Person, fact: p.ProfileSettled) -> Person:
    return replace(
        state,
        asking=None if state.asking == fact.question else state.asking,
        profile_settled=state.profile_settled | {fact.question},
    )


def _kept(state: Person, fact: p.MemoryKept) -> Person:
    return replace(state, memory=MappingProxyType({**state.memory, fact.key: fact.value}))


def _superseded(state: Person, fact: p.MemorySuperseded | p.MemoryForgotten) -> Person:
    left = {key: value for key, value in state.memory.items() if key != fact.key}
    # Whoever asks for something to be forgotten does not want it back in other words.
    earlier = () if isinstance(fact, p.MemoryForgotten) else state.earlier
    return replace(state, memory=MappingProxyType(left), earlier=earlier)


def _profile(state: Person, fact: p.ProfileChanged) -> Person:
    if fact.field == "timezone":
        return replace(state, timezone=fact.value, zones=fact.zones or state.zones)
    return replace(state, display_name=fact.value)


def _opened(state: Person, fact: p.ConversationOpened) -> Person:
    return replace(
        state, conversation_id=fact.conversation_id, last_conversation_id=fact.conversation_id
    )


def _closed(state: Person, fact: p.ConversationClosed) -> Person:
    if fact.recap:
        kept = (*state.earlier, Earlier(fact.at, fact.recap))[-EARLIER_KEPT:]
        state = replace(state, earlier=kept)
    current = state.conversation_id == fact.conversation_id
    return replace(state, conversation_id=None) if current else state


def _stranger(state: Person, fact: p.StrangerMet) -> Person:
    return replace(state, stranger_answered_at=fact.at) if fact.answered else state


def _permitted(state: Person, fact: p.TextPermitted) -> Person:
    permit = Permit(fact.attempt_id, fact.kind, fact.at)
    return replace(
        state,
        permits=(*state.permits, permit)[-PERMITS_KEPT:],
        confirmed_by=fact.attempt_id if fact.kind == "opt_out" else state.confirmed_by,
        question=_asked_now(state.question, fact),
    )


def _asked_now(question: Question | None, fact: p.TextPermitted) -> Question | None:
    own = question is not None and question.conversation_id == conversation_of(fact.attempt_id)
    if question is None or question.asked_at is not None or not own or fact.kind != "escalation":
        return question
    return replace(question, asked_at=fact.at)


def _agreed(state: Person, fact: p.UrgentAgreed) -> Person:
    del fact
    return state if state.consent == "revoked" else replace(state, urgent_agreed=True)


def _waiting(state: Person, fact: p.QuestionWaiting) -> Person:
    one = Waiting(fact.escalation_id, fact.priority, fact.expects_reply, fact.not_before)
    return replace(
        state,
        waiting=(*state.waiting, one),
        escalated=(*state.escalated, fact.at)[-PERMITS_KEPT:],
    )


def _pending(state: Person, fact: p.QuestionPending) -> Person:
    leaving = (fact.escalation_id, *fact.bundled)
    return replace(
        state,
        question=Question(fact.escalation_id, fact.conversation_id, fact.expects_reply),
        waiting=tuple(one for one in state.waiting if one.escalation_id not in leaving),
    )


def _question_settled(state: Person, fact: p.QuestionSettled) -> Person:
    pending = state.question
    over = pending is not None and pending.escalation_id == fact.escalation_id
    return replace(
        state,
        question=None if over else pending,
        waiting=tuple(one for one in state.waiting if one.escalation_id != fact.escalation_id),
    )


def _number_failed(state: Person, fact: p.NumberFailed) -> Person:
    return replace(state, number_failed=fact.code, number_failed_at=fact.at)


def _erased(state: Person, fact: p.Erased) -> Person:
    del fact
    return Person(
        version=state.version,
        generation=state.generation,
        consent="revoked" if state.consent == "revoked" else "pending",
        revoked_at=state.revoked_at,
        confirmed_by=state.confirmed_by,
        erased=True,
    )


_STEPS: Mapping[type[Contract], Callable[[Person, Any], Person]] = {
    p.Registered: _registered,
    p.UserLinked: _linked,
    p.ConsentRequested: _asked,
    p.ConsentGranted: _granted,
    p.UrgentAgreed: _agreed,
    p.ConsentRevoked: _revoked,
    p.ConsentExpired: _expired,
    p.PhaseChanged: _phase,
    p.LoopStageAdvanced: _stage,
    p.ProfileAsked: _profile_asked,
    p.ProfileSettled: _profile_settled,
    p.MemoryKept: _kept,
    p.MemorySuperseded: _superseded,
    p.MemoryForgotten: _superseded,
    p.ProfileChanged: _profile,
    p.ConversationOpened: _opened,
    p.ConversationClosed: _closed,
    p.StrangerMet: _stranger,
    p.TextPermitted: _permitted,
    p.QuestionWaiting: _waiting,
    p.QuestionPending: _pending,
    p.QuestionSettled: _question_settled,
    p.NumberFailed: _number_failed,
    p.Erased: _erased,
}
