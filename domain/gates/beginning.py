"""Whoever agrees moves on: from the consent that was asked for to getting to know each other."""

from contracts.person import LoopStageAdvanced, PhaseChanged
from domain.person.state import Person


def begins(person: Person) -> tuple[LoopStageAdvanced | PhaseChanged, ...]:
    """Return the facts by which a consent moves a person on."""
    facts: list[LoopStageAdvanced | PhaseChanged] = []
    if person.loop_stage == "consent":
        facts.append(LoopStageAdvanced(loop_stage="profile"))
    if person.phase == "paused":
        facts.append(PhaseChanged(phase="active"))
    return tuple(facts)
