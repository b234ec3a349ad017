"""What the four safety gates share: how danger of one class is ruled on."""

from contracts.conversation import SafetyNote
from contracts.person import PhaseChanged
from domain.gates.situation import Ruling, Situation
from domain.turn.crisis_replies import crisis_reply
from domain.turn.reading import SafetyClass


def ruled(now: Situation, safety: SafetyClass) -> Ruling | None:
    """Return the ruling where the text's danger is of this class."""
    danger = now.reading.danger
    if danger is None or danger.safety != safety:
        return None
    before = sum(line.author == "agent" for line in now.conversation.lines)
    again = before if now.person.phase == "crisis" else 0
    grave = safety in ("crisis", "passive_death")
    phase = (PhaseChanged(phase="crisis"),) if grave and now.person.phase != "crisis" else ()
    revoked = now.person.consent == "revoked"
    return Ruling(
        gate=safety,
        reply=None if revoked else crisis_reply(danger, now.person.country, again=again),
        kind="crisis",
        priority="urgent",
        closes_turn=True,
        person=phase,
        safety=SafetyNote(kind=danger.kind, tier=danger.tier, quotes=danger.quotes),
    )
