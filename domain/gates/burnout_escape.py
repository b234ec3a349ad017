"""About to leave the one cared for, or unable to keep them safe."""

from domain.gates.danger import ruled
from domain.gates.situation import Ruling, Situation


def burnout_escape(now: Situation) -> Ruling | None:
    """Meet it in fixed words, and open a case for a person to look at."""
    return ruled(now, "burnout_escape")
