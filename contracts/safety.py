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


SafetyFact = SafetyCaseOpened
