"""What the global agent and Parley say to each other about escalations, on `agent.*`."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, ConfigDict, Field, StrictBool

from contracts.base import Contract, Part
from contracts.escalation import EscalationKind
from contracts.identity import PLAIN, ConversationId, EscalationId, MessageSid
from contracts.personal import Pii
from contracts.texts import Priority

ESCALATIONS_REQUESTED = "agent.escalations.requested"
ESCALATIONS_CANCELLED = "agent.escalations.cancelled"
ESCALATIONS_UPDATED = "agent.escalations.updated"
SHIFTS_REQUESTED = "agent.shifts.requested"
SHIFTS_ACCEPTED = "agent.shifts.accepted"

EscalationStatus = Literal[
    "held", "started", "sent", "delivered", "failed", "answered", "refused", "expired", "cancelled"
]
# An agent newer than this version may say more than is understood here.
_LENIENT = ConfigDict(extra="ignore")


class Recipient(Part):
    """Whom it is for: a user of the global agent, or a phone number in E.164; one of them."""

    model_config = _LENIENT

    user_id: Annotated[str, Field(min_length=1, max_length=200, pattern=PLAIN)] | None = None
    phone: Annotated[str, Field(min_length=1, max_length=32), Pii] | None = None


class EscalationWanted(Contract):
    """
    The agent needs a person: it asks or tells them something.

    `text` is what the person reads.  Without `expires_at` it is good for a day.  With
    `reply_options` only a text that is one of them is the answer.
    """

    model_config = _LENIENT

    name: ClassVar[str] = "agent.escalations.requested.v1"
    escalation_id: EscalationId
    to: Recipient
    priority: Priority = "normal"
    kind: EscalationKind = "question"
    text: Annotated[str, Field(max_length=10_000), Pii]
    project_id: Annotated[str, Field(max_length=200, pattern=PLAIN)] | None = None
    expects_reply: StrictBool = True
    not_before: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    reply_options: Annotated[tuple[Annotated[str, Pii], ...], Field(max_length=10)] | None = None


class EscalationWithdrawn(Contract):
    """The agent does not need the person any more."""

    model_config = _LENIENT

    name: ClassVar[str] = "agent.escalations.cancelled.v1"
    escalation_id: EscalationId


class Answer(Part):
    """What the person answered, with the carrier's id of that text."""

    text: Annotated[str, Pii]
    message_sid: MessageSid
    at: AwareDatetime


class EscalationUpdated(Contract):
    """
    An escalation's status changed.

    Final are `answered`, `failed`, `refused`, `expired`, `cancelled`; without `expects_reply`
    also `delivered`, and a `sent` whose `reason` is `unconfirmed`.
    """

    name: ClassVar[str] = "agent.escalations.updated.v1"
    escalation_id: EscalationId
    status: EscalationStatus
    conversation_id: ConversationId | None = None
    at: AwareDatetime
    answer: Answer | None = None
    reason: str | None = None
