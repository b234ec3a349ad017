"""What the model is made to say: a proposal, or that it gave none."""

from collections.abc import Mapping, Sequence
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from contracts.proposal import (
    FollowUpWish,
    MemoryWrite,
    ProfileChange,
    SafetyLevel,
    TurnProposal,
)
from domain.turn.context import Said

_NOBODY = Said("person", "", "SM0")


class Answer(BaseModel):
    """
    One answer of the model: a `reply` with effects, or `fails` with the kind of its failure.

    `memory` and `profile` cite the newest text that holds the value, or else the last one;
    `evidence` is an id to cite instead.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    reply: str | None = None
    fails: str | None = None
    memory: Mapping[str, str] = {}
    profile: Mapping[Literal["preferred_name", "timezone"], str] = {}
    evidence: str | None = None
    follow_up: FollowUpWish | None = None
    safety: SafetyLevel = "none"
    ends: bool = False

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if (self.reply is None) == (self.fails is None):
            raise ValueError("the model either gives a reply or fails")
        if self.fails is None:
            try:
                self.proposal(())
            except ValidationError as error:
                raise ValueError(_why(error)) from None
        return self

    def proposal(self, texts: Sequence[Said]) -> TurnProposal:
        """Return the typed proposal about these texts of the person, oldest first."""
        return TurnProposal(
            reply=self.reply or "",
            memory_writes=tuple(
                MemoryWrite(key=key, value=value, evidence_sid=self._cited(value, texts))
                for key, value in self.memory.items()
            ),
            profile_changes=tuple(
                ProfileChange(field=field, value=value, evidence_sid=self._cited(value, texts))
                for field, value in self.profile.items()
            ),
            follow_ups=() if self.follow_up is None else (self.follow_up,),
            safety=self.safety,
            conversation="ended" if self.ends else "continue",
        )

    def _cited(self, value: str, texts: Sequence[Said]) -> str:
        if self.evidence is not None:
            return self.evidence
        last = texts[-1] if texts else _NOBODY
        holding = (said for said in reversed(texts) if value.casefold() in said.text.casefold())
        return next(holding, last).sid or ""


def _why(error: ValidationError) -> str:
    """Return why a model could not even propose that: its answers are typed."""
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f"no model could propose this, its answers are typed: {place}: {first['msg']}"
