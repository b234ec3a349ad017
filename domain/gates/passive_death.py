"""A wish to be dead: named, asked about, never let go."""

from domain.gates.danger import ruled
from domain.gates.situation import Ruling, Situation


def passive_death(now: Situation) -> Ruling | None:
    """Meet it in fixed words, and open a case for a person to look at."""
    return ruled(now, "passive_death")
