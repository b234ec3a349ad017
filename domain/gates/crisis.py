"""Danger to life now, one's own or another's: met before anything else."""

from domain.gates.danger import ruled
from domain.gates.situation import Ruling, Situation


def crisis(now: Situation) -> Ruling | None:
    """Meet it in fixed words, and open a case for a person to look at."""
    return ruled(now, "crisis")
