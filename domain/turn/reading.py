"""What the classifier makes of one text: its labels and, where there is any, the danger."""

from dataclasses import dataclass
from typing import Literal

from contracts.labels import Labels

SafetyClass = Literal["crisis", "passive_death", "burnout_escape", "isolation"]
DangerKind = Literal[
    "self", "means", "other_harm", "third_party", "medical", "abuse", "exploitation", "aggression",
    "passive", "escape", "unsafe_now", "alone",
]  # fmt: skip
Tier = Literal["critical", "high", "medium"]


@dataclass(frozen=True, slots=True)
class Danger:
    """
    What a person must be met with at once, and a human must look at.

    `quotes` are the spans of the person's text that matched, `rules` the ids of the rules.
    """

    safety: SafetyClass
    kind: DangerKind
    tier: Tier
    quotes: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A classified text; `danger` is None for everything the model may answer."""

    labels: Labels
    danger: Danger | None = None
