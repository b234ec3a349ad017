"""The facts of an escalation: the agent needs a person, and what became of that."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime

from contracts.base import Contract
from contracts.identity import ConversationId, EscalationId, MessageSid, PersonId, SmsId
from contracts.personal import Pii
from contracts.texts import Priority, WithheldReason

EscalationKind = Literal[
    "question", "approval", "alert", "notice", "update", "reminder", "info", "other"
]
RefusalReason = Literal[
    "malformed",
    "bad_recipient",
    "bad_priority",
    "bad_kind",
    "bad_text",
    "bad_time",
    "bad_reply_options",
    "empty",
    "too_long",
    "reserved_word",
    "already_expired",
    "unknown_user",
    "consent_missing",
    "revoked",
    "erased",
    "rate_limited",
]
HeldReason = Literal["not_before", "quiet_hours", "crisis", "taken_over", "question_pending"]
FailedReason = Literal["not_delivered", "restored"] | WithheldReason
Outcome = Literal[
    "answered", "refused", "expired", "cancelled", "failed", "delivered", "unconfirmed"
]


class EscalationRequested(Contract):
    """The agent needs a person, and may have them: it waits for its turn from now on."""

    name: ClassVar[str] = "escalation.requested.v1"
    person_id: PersonId
    generation: int
    priority: Priority
    kind: EscalationKind
    text: Annotated[str, Pii]
    project_id: str | None = None
    expects_reply: bool
    reply_options: tuple[Annotated[str, Pii], ...] = ()
    not_before: AwareDatetime | None = None
    expires_at: AwareDatetime
    at: AwareDatetime


class EscalationHeld(Contract):
    """
    It waits until `until`, when it is looked at again, and why.

    `again` says that it waited for the same reason before: that is no news to the agent.
    """

    name: ClassVar[str] = "escalation.held.v1"
    reason: HeldReason
    until: AwareDatetime
    again: bool = False
    at: AwareDatetime


class EscalationStarted(Contract):
    """
    Its text was requested, in a conversation that it opened or joined.

    `bundled` are others that leave in the same text; of those, `lead` names this one.  It is
    over at `closes_at` if nothing else happens.
    """

    name: ClassVar[str] = "escalation.started.v1"
    conversation_id: ConversationId
    sms_id: SmsId
    lead: EscalationId | None = None
    bundled: tuple[EscalationId, ...] = ()
    closes_at: AwareDatetime
    at: AwareDatetime


class EscalationSent(Contract):
    """The carrier has the text; it is over at `closes_at` if nothing else happens."""

    name: ClassVar[str] = "escalation.sent.v1"
    closes_at: AwareDatetime
    at: AwareDatetime


class EscalationDelivered(Contract):
    """
    The handset has the text, says the carrier.

    It is over at `closes_at` if nobody answers; None where no reply is expected: it is over now.
    """

    name: ClassVar[str] = "escalation.delivered.v1"
    closes_at: AwareDatetime | None
    at: AwareDatetime


class EscalationFailed(Contract):
    """The text did not reach the person and will not."""

    name: ClassVar[str] = "escalation.failed.v1"
    reason: FailedReason
    at: AwareDatetime


class EscalationAnswered(Contract):
    """The person answered, in whichever conversation."""

    name: ClassVar[str] = "escalation.answered.v1"
    conversation_id: ConversationId
    text: Annotated[str, Pii]
    message_sid: MessageSid
    received_at: AwareDatetime
    at: AwareDatetime


class EscalationRefused(Contract):
    """
    It will not be sent, and why; the text of one refused at once is not kept.

    With `at_once` it was never taken in, and whoever refused it tells the agent as well: nobody
    has to hear of the fact.
    """

    name: ClassVar[str] = "escalation.refused.v1"
    reason: RefusalReason
    at: AwareDatetime
    at_once: bool = False


class EscalationExpired(Contract):
    """Its time ran out: it was not sent, or nobody answered."""

    name: ClassVar[str] = "escalation.expired.v1"
    at: AwareDatetime


class EscalationCancelled(Contract):
    """The agent does not need the person any more."""

    name: ClassVar[str] = "escalation.cancelled.v1"
    at: AwareDatetime


class EscalationClosed(Contract):
    """A text that expects no reply was sent a day ago; no word of its delivery will come."""

    name: ClassVar[str] = "escalation.closed.v1"
    at: AwareDatetime


class EscalationLost(Contract):
    """
    The journal came back from an older backup and had forgotten how far this had come.

    It is over: nobody is asked again.  `told` is the last status that the agent had heard; unless
    that was a final one, the agent is told that it failed (`restored`) and may ask anew.
    """

    name: ClassVar[str] = "escalation.lost.v1"
    told: Literal[
        "held", "started", "sent", "delivered", "failed", "answered", "refused", "expired",
        "cancelled",
    ] | None  # fmt: skip
    final: bool
    at: AwareDatetime


class EscalationReported(Contract):
    """The agent was told of everything up to the fact at `through`."""

    name: ClassVar[str] = "escalation.reported.v1"
    through: int


class EscalationAdmitted(Contract):
    """One more escalation was let in; on a stream of its hour and of its minute, to be counted."""

    name: ClassVar[str] = "escalations.admitted.v1"
    escalation_id: EscalationId


EscalationFact = (
    EscalationRequested
    | EscalationHeld
    | EscalationStarted
    | EscalationSent
    | EscalationDelivered
    | EscalationFailed
    | EscalationAnswered
    | EscalationRefused
    | EscalationExpired
    | EscalationCancelled
    | EscalationClosed
    | EscalationLost
    | EscalationReported
)
