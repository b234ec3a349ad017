"""The classifier's vocabulary, and the brief that follows from it."""

from typing import Annotated, Literal

from contracts.base import Part
from contracts.personal import Pii

Domain = Literal[
    "safety",
    "medical_urgent",
    "medication",
    "symptom_question",
    "benefits",
    "legal_planning",
    "respite",
    "care_logistics",
    "family_conflict",
    "emotional_support",
    "grief_end_of_life",
    "isolation_support",
    "account_or_identity",
    "smalltalk",
]
Risk = Literal["low", "elevated", "high", "critical"]
Urgency = Literal["routine", "soon", "today", "now"]

RISK_ORDER: tuple[Risk, ...] = ("low", "elevated", "high", "critical")


class Labels(Part):
    """
    What the classifier saw in a text; `rules` names the rule behind each label.

    `missing` is what a good answer would need and no text has said.
    """

    domain: Domain = "smalltalk"
    risk: Risk = "low"
    urgency: Urgency = "routine"
    missing: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    rule_set: str = "classifier-1"


class Brief(Part):
    """
    What matters in this turn, in the order a chief of staff would say it.

    `need` may repeat what was promised to the person, so it is theirs.  `unknown` is what a good
    answer would need and neither a text nor memory says, the most useful first.
    """

    brief_id: str
    priority: str
    need: Annotated[str, Pii]
    recipient_risk: str | None = None
    memory_to_use: tuple[str, ...] = ()
    memory_to_capture: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    next_step: str = "Offer exactly one next step, or ask exactly one question."
