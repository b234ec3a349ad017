"""What is said in place of a draft that was refused: the honest text that fits why it was."""

from collections.abc import Sequence
from dataclasses import dataclass

from contracts.conversation import Flag, SafetyNote
from domain.turn.crisis_replies import crisis_line

ORDINARY = (
    "I couldn't find an answer to that which I can stand behind. Could you tell me a little more, "
    "or say it in other words?"
)
DISCLOSING = (
    "I'm an automated assistant, a program and not a person. What's the one thing you'd like to "
    "sort out first?"
)
_SAFE = "Before anything else I'd like to know that you're safe."
_ASKED_WHO = frozenset({"ai_disclosure_missing", "human_claim"})


@dataclass(frozen=True, slots=True)
class Fallback:
    """A text, and a note for a person to look at where somebody may be in danger."""

    text: str
    safety: SafetyNote | None = None


def fallback(flags: Sequence[Flag], country: str | None) -> Fallback:
    """
    Return what to say instead.

    A draft refused because it failed somebody in danger must not end in small talk: the line of
    the country is given, and a case is opened.
    """
    failed = [flag for flag in flags if flag.act == "block"]
    if any(flag.failure_mode.startswith("crisis.") for flag in failed):
        note = SafetyNote(kind="draft_failed_crisis", tier="high")
        return Fallback(f"{_SAFE} {crisis_line(country)}", note)
    if any(flag.flag in _ASKED_WHO for flag in failed):
        return Fallback(DISCLOSING)
    return Fallback(ORDINARY)
