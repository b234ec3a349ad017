"""The facts of a person: who they are to us, what they agreed to, what we may send."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime

from contracts.base import Contract
from contracts.escalation import Outcome
from contracts.evidence import Evidence, Source
from contracts.identity import ConversationId, EscalationId, PersonId
from contracts.personal import Pii
from contracts.texts import EndReason, Priority, SmsKind

Phase = Literal["onboarding", "active", "paused", "crisis"]
LoopStage = Literal["consent", "profile", "active"]
Consent = Literal["pending", "granted", "revoked", "expired"]


class Registered(Contract):
    """
    A number became known; only this fact makes a generation of the person's keys.

    `zones` are the IANA zones the person could be in, declared first; without a declared one,
    all zones of the number's area.
    """

    name: ClassVar[str] = "person.registered.v1"
    generation: int
    number: Annotated[str, Pii]
    source: Source
    display_name: Annotated[str, Pii] | None = None
    timezone: str | None = None
    zones: tuple[str, ...] = ()
    country: str | None = None


class UserLinked(Contract):
    """The person is this user of the global agent."""

    name: ClassVar[str] = "person.user_linked.v1"
    user_id: str


class ConsentRequested(Contract):
    """The person was asked for consent; the question stays open for 24 hours."""

    name: ClassVar[str] = "person.consent_requested.v1"
    evidence: Evidence


class ConsentGranted(Contract):
    """The person agreed to be texted."""

    name: ClassVar[str] = "person.consent_granted.v1"
    evidence: Evidence


class UrgentAgreed(Contract):
    """The person agreed that urgent texts may reach them in quiet hours as well."""

    name: ClassVar[str] = "person.urgent_agreed.v1"
    evidence: Evidence


class ConsentRevoked(Contract):
    """The person took consent back; nothing may be sent but one confirmation."""

    name: ClassVar[str] = "person.consent_revoked.v1"
    evidence: Evidence


class ConsentExpired(Contract):
    """Consent ran out, or the request for it did: nobody answered for a day."""

    name: ClassVar[str] = "person.consent_expired.v1"
    evidence: Evidence


class PhaseChanged(Contract):
    """The person's phase: onboarding, active, paused or crisis."""

    name: ClassVar[str] = "person.phase_changed.v1"
    phase: Phase


class LoopStageAdvanced(Contract):
    """The person's stage in getting to know each other: consent, profile, active."""

    name: ClassVar[str] = "person.loop_stage_advanced.v1"
    loop_stage: LoopStage


ProfileQuestion = Literal[
    "name", "recipient", "situation", "weighs", "place", "timezone", "check_in"
]


class ProfileAsked(Contract):
    """The person is asked one question of getting to know each other; it is open for a day."""

    name: ClassVar[str] = "person.profile_asked.v1"
    question: ProfileQuestion
    at: AwareDatetime


class ProfileSettled(Contract):
    """The person answered a question, or skipped it, and is not asked it again."""

    name: ClassVar[str] = "person.profile_settled.v1"
    question: ProfileQuestion
    outcome: Literal["answered", "skipped"]


class MemoryKept(Contract):
    """
    Something the person said is remembered, with the text that states it.

    `value` is all that is remembered under the key from now on: a set is written united.
    """

    name: ClassVar[str] = "person.memory_kept.v1"
    key: str
    value: Annotated[str, Pii]
    evidence_sid: str
    conversation_id: ConversationId


class MemorySuperseded(Contract):
    """
    What was remembered under a key is no longer so: `evidence_sid` says otherwise.

    The newer value follows in the same save as `MemoryKept`.
    """

    name: ClassVar[str] = "person.memory_superseded.v1"
    key: str
    evidence_sid: str
    conversation_id: ConversationId


class MemoryForgotten(Contract):
    """What was remembered under a key is remembered no more, because the person asked for it."""

    name: ClassVar[str] = "person.memory_forgotten.v1"
    key: str
    reason: Literal["asked", "operator"]
    evidence_sid: str | None = None


class ProfileChanged(Contract):
    """The person told their name or their time zone."""

    name: ClassVar[str] = "person.profile_changed.v1"
    field: Literal["preferred_name", "timezone"]
    value: Annotated[str, Pii]
    zones: tuple[str, ...] = ()
    evidence_sid: str


class ConversationOpened(Contract):
    """The person's current conversation; always in one save with `ConversationStarted`."""

    name: ClassVar[str] = "person.conversation_opened.v1"
    conversation_id: ConversationId


class ConversationClosed(Contract):
    """
    The current conversation is over; always in one save with `ConversationEnded`.

    `recap` is what the next conversation is told of this one, in the person's words; None where
    nothing may be, as of somebody who is being erased and has no key to seal it with.
    """

    name: ClassVar[str] = "person.conversation_closed.v1"
    conversation_id: ConversationId
    reason: EndReason
    at: AwareDatetime | None = None
    recap: Annotated[str, Pii] | None = None


class StrangerMet(Contract):
    """A number nobody registered was answered; at most once a day."""

    name: ClassVar[str] = "person.stranger_met.v1"
    at: AwareDatetime
    answered: bool


class StrangerAnswered(Contract):
    """
    One stranger was answered today; on a stream of the day, so that all together have a cap.

    Whoever can text a public number can make us pay for the answers (SMS pumping).
    """

    name: ClassVar[str] = "strangers.answered.v1"
    person_id: PersonId
    at: AwareDatetime


class TextPermitted(Contract):
    """
    A text may leave, decided on the version of the person's stream at which consent was read.

    Saved together with `SmsAttempted`: a revocation that lands in between makes the save fail.
    `through_quiet_hours` says that it may although it is quiet: the person agreed to urgent ones.
    """

    name: ClassVar[str] = "person.text_permitted.v1"
    attempt_id: str
    kind: SmsKind
    at: AwareDatetime
    through_quiet_hours: bool = False


class QuestionWaiting(Contract):
    """
    The agent needs this person: one more escalation waits for its turn.

    On the person's stream, so that they are asked one thing at a time, and counted.
    """

    name: ClassVar[str] = "person.question_waiting.v1"
    escalation_id: EscalationId
    priority: Priority
    expects_reply: bool
    not_before: AwareDatetime | None = None
    at: AwareDatetime


class QuestionPending(Contract):
    """What the person is being asked or told now; nothing else is, until it is settled."""

    name: ClassVar[str] = "person.question_pending.v1"
    escalation_id: EscalationId
    bundled: tuple[EscalationId, ...] = ()
    conversation_id: ConversationId
    expects_reply: bool
    at: AwareDatetime


class QuestionSettled(Contract):
    """An escalation of this person, pending or waiting, is over, and how it ended."""

    name: ClassVar[str] = "person.question_settled.v1"
    escalation_id: EscalationId
    outcome: Outcome
    at: AwareDatetime


class NumberFailed(Contract):
    """The carrier says that the number cannot be reached."""

    name: ClassVar[str] = "person.number_failed.v1"
    code: int
    at: AwareDatetime


class PersonalTextRevealed(Contract):
    """
    Somebody had the person's words shown to them in the clear, and said why.

    Of one conversation alone where that is named, else all that is kept of the person.
    """

    name: ClassVar[str] = "person.personal_text_revealed.v1"
    by: str
    why: str
    at: AwareDatetime
    conversation_id: ConversationId | None = None


class Erased(Contract):
    """The person's keys are gone; what they said can no longer be read.  `by` is who did it."""

    name: ClassVar[str] = "person.erased.v1"
    person_id: PersonId
    at: AwareDatetime
    by: str | None = None


PersonFact = (
    Registered
    | UserLinked
    | ConsentRequested
    | ConsentGranted
    | UrgentAgreed
    | ConsentRevoked
    | ConsentExpired
    | PhaseChanged
    | LoopStageAdvanced
    | ProfileAsked
    | ProfileSettled
    | MemoryKept
    | MemorySuperseded
    | MemoryForgotten
    | ProfileChanged
    | ConversationOpened
    | ConversationClosed
    | StrangerMet
    | TextPermitted
    | QuestionWaiting
    | QuestionPending
    | QuestionSettled
    | NumberFailed
    | PersonalTextRevealed
    | Erased
)
