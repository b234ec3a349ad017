"""The one typed thing the model gives for a turn: a proposal, of which nothing is done yet."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from contracts.base import Part
from contracts.personal import Pii

REPLY_LIMIT = 480

SafetyLevel = Literal["none", "watch", "needs_human"]
MemoryKey = Annotated[
    str, StringConstraints(pattern=r"^(profile|care|eligibility|assessment):[a-z0-9_]{1,40}$")
]


class MemoryWrite(Part):
    """Something to remember, with the id of the text that states it."""

    key: MemoryKey
    value: Annotated[str, Pii, Field(min_length=1, max_length=200)]
    evidence_sid: str = Field(max_length=40, description="id of the text that states this")


class FollowUpWish(Part):
    """A wish to come back to something after some hours."""

    kind: Literal["check_in", "reminder", "answer_question"]
    after_hours: Annotated[int, Field(ge=1, le=336)]
    purpose: Annotated[str, Pii, Field(min_length=1, max_length=120)]


class ProfileChange(Part):
    """The only two things of the profile that the model may propose to change."""

    field: Literal["preferred_name", "timezone"]
    value: Annotated[str, Pii, Field(min_length=1, max_length=60)]
    evidence_sid: str = Field(max_length=40, description="id of the text that states this")


class TurnProposal(Part):
    """
    Everything the model may propose for one turn; the harness decides what is kept.

    Recipients, consent, phase, money and schedules are not representable here: that is the
    first defence against a text that tries to command the model.
    """

    reply: Annotated[str, Pii, Field(min_length=1, max_length=REPLY_LIMIT)] = Field(
        description="plain SMS text, at most one next step"
    )
    memory_writes: Annotated[tuple[MemoryWrite, ...], Field(max_length=5)] = ()
    follow_ups: Annotated[tuple[FollowUpWish, ...], Field(max_length=1)] = ()
    profile_changes: Annotated[tuple[ProfileChange, ...], Field(max_length=2)] = ()
    safety: SafetyLevel = "none"
    conversation: Literal["continue", "ended"] = "continue"
