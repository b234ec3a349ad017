"""Keeping alive: what has ended is started again, soon at first and later if it ends again."""

import time
from collections.abc import Callable
from dataclasses import dataclass

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
_LIVED_WELL_S = 10.0
_LOOK_S = 0.25


@dataclass(slots=True)
class Kept:
    """
    One thing to keep alive: `alive` says whether it is, `start` starts it again.

    A start that raises counts as an end.  After ten good seconds the pauses begin anew.
    """

    name: str
    alive: Callable[[], bool]
    start: Callable[[], None]
    started_at: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    again_at: float | None = None

    def due_s(self) -> float:
        """Return in how many seconds it wants to be looked at."""
        if self.again_at is None:
            return _LOOK_S
        return max(0.0, min(self.again_at - time.monotonic(), _LOOK_S))

    def look(self) -> str | None:
        """Start it again if it has ended and its pause is over; return what happened, if it."""
        now = time.monotonic()
        if self.again_at is None:
            if self.alive():
                return None
            if now - self.started_at > _LIVED_WELL_S:
                self.pause_s = FIRST_PAUSE_S
            self.again_at = now + self.pause_s
            self.pause_s = min(self.pause_s * 2, LONGEST_PAUSE_S)
            return f"{self.name} has ended; starting it again in {self.again_at - now:.1f} s"
        if now < self.again_at:
            return None
        self.again_at, self.started_at = None, now
        try:
            self.start()
        except Exception as error:
            return f"{self.name} does not start: {error}"
        return f"{self.name} started again"
