"""The facts of a follow-up: promised, then kept, put off or dropped."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime

from contracts.base import Contract
from contracts.identity import ConversationId, PersonId
from contracts.personal import Pii


class FollowUpScheduled(Contract):
    """
    The agent said that it would come back to something, or comes back to who was in danger.

    `urgent` is a check so soon after a danger that neither night nor crisis holds it back;
    `every_days` says that another one follows, `left` how many more at most.
    """

    name: ClassVar[str] = "followup.scheduled.v1"
    person_id: PersonId
    conversation_id: ConversationId
    kind: Literal["check_in", "reminder", "answer_question", "safety_check"]
    purpose: Annotated[str, Pii]
    due_at: AwareDatetime
    urgent: bool = False
    every_days: int | None = None
    left: int = 0


class FollowUpDeferred(Contract):
    """It waits until `until`, and why."""

    name: ClassVar[str] = "followup.deferred.v1"
    reason: Literal["quiet_hours", "turn_open", "crisis", "talking"]
    until: AwareDatetime


class FollowUpFired(Contract):
    """The time came: a turn was admitted for it."""

    name: ClassVar[str] = "followup.fired.v1"
    conversation_id: ConversationId


class FollowUpCancelled(Contract):
    """It will not happen, and why."""

    name: ClassVar[str] = "followup.cancelled.v1"
    reason: Literal[
        "revoked",
        "erased",
        "no_consent",
        "operator",
        "resolved",
        "reviewer",
        "unwanted",
        "restored",
    ]


FollowUpFact = FollowUpScheduled | FollowUpDeferred | FollowUpFired | FollowUpCancelled
