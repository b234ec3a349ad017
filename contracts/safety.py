"""The facts of a safety case: opened for a person to look at, closed only with an outcome."""

from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime

from contracts.base import Contract
from contracts.identity import ConversationId, PersonId
from contracts.personal import Pii


class SafetyCaseOpened(Contract):
    """Somebody must look: a crisis text, or a text that could not be read."""

    name: ClassVar[str] = "safety.case_opened.v1"
    person_id: PersonId | None
    conversation_id: ConversationId | None
    kind: str
    tier: Literal["critical", "high", "medium"]
    quotes: tuple[Annotated[str, Pii], ...]
    at: AwareDatetime


class SafetyCaseAcknowledged(Contract):
    """A reviewer looks after the case; `by` is the name they work under here."""

    name: ClassVar[str] = "safety.case_acknowledged.v1"
    by: str
    at: AwareDatetime


class SafetyCaseResolved(Contract):
    """
    A reviewer closed the case; `outcome` is their note, which may speak of the person.

    It is None where the person was erased: nothing of them can be kept any more.
    """

    name: ClassVar[str] = "safety.case_resolved.v1"
    by: str
    outcome: Annotated[str, Pii] | None
    at: AwareDatetime


SafetyFact = SafetyCaseOpened | SafetyCaseAcknowledged | SafetyCaseResolved
