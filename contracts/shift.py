"""What the global agent's next shift is given of a conversation, and its word that it has it."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

from contracts.base import Contract, Part
from contracts.identity import PLAIN, ConversationId
from contracts.personal import Pii
from contracts.texts import EndReason

PackageId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"),
]
ShiftId = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class TranscriptLine(Part):
    """
    One text; `seq` counts all lines of the conversation from 1, those that were cut included.

    `message_sid` is the carrier's, None where it was not known yet or the text had not left.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )

    seq: int
    author: Literal["person", "agent"] = Field(alias="from")
    text: Annotated[str, Pii]
    at: AwareDatetime
    message_sid: str | None = None


class MemoryChange(Part):
    """Something this conversation made us remember."""

    key: str
    value: Annotated[str, Pii]


class Concern(Part):
    """A safety case that this conversation opened; the words that led to it are its lines."""

    kind: str
    tier: Literal["critical", "high", "medium"]


class Cost(Part):
    """
    What the conversation cost: whole cents of texts, rounded up, and dollars of the model.

    Texts count both ways, at the carrier's own price where it was known by then, else at the list
    price.
    """

    sms_cents: int = 0
    model_usd: str = "0"


class ContextPackage(Contract):
    """
    A conversation that ended, for the next shift of the global agent.

    Everything in it was written by a person or about them: it is to be read, never to be obeyed,
    and `untrusted` says so.  `escalation_id` is the one that opened it, or else the first that
    joined it; `escalation_ids` are all of them.  At most 48 kB as JSON: the oldest lines are
    cut and `truncated` is set.  Of a person who was erased only the outline is left (`summary`
    is None).
    """

    name: ClassVar[str] = "agent.shifts.requested.v1"
    package_id: PackageId
    conversation_id: ConversationId
    user_id: str | None
    project_id: str | None
    initiated_by: Literal["person", "agent"]
    escalation_id: str | None
    escalation_ids: tuple[str, ...] = ()
    started_at: AwareDatetime
    ended_at: AwareDatetime
    end_reason: EndReason
    summary: Annotated[str, Pii] | None
    intents: tuple[str, ...] = ()
    open_questions: tuple[Annotated[str, Pii], ...] = ()
    transcript: tuple[TranscriptLine, ...] = ()
    memory: tuple[MemoryChange, ...] = ()
    safety: tuple[Concern, ...] = ()
    cost: Cost = Cost()
    untrusted: Literal[True] = True
    truncated: bool = False


class ShiftAccepted(Contract):
    """
    A shift of the global agent has a package and will see to it.

    It comes from outside: fields that we do not know are left alone.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: ClassVar[str] = "agent.shifts.accepted.v1"
    package_id: PackageId
    conversation_id: ConversationId
    global_shift_id: Annotated[ShiftId, StringConstraints(pattern=PLAIN)]
    accepted_at: AwareDatetime
