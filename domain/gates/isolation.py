"""Nobody at all to turn to."""

from domain.gates.danger import ruled
from domain.gates.situation import Ruling, Situation


def isolation(now: Situation) -> Ruling | None:
    """Meet it in fixed words, and open a case for a person to look at."""
    return ruled(now, "isolation")
