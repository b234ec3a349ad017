"""A pause for everybody while a neighbour takes nothing: one tries, the others wait."""

import random
import time
from collections.abc import Callable

from services.runtime.process import Later

_LONGEST_S = 60.0
_LONGEST_URGENT_S = 5.0


class Breaker:
    """
    Opens when something was certainly not taken, for 1, 2, 4 … 60 s with jitter, or as told.

    While it is open nothing is attempted, so that an outage of minutes leaves a handful of
    recorded attempts instead of thousands.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._until = 0.0
        self._trying_until = 0.0
        self._tried_at = 0.0

    def pause_s(self, *, urgent: bool = False) -> float:
        """Return how long it stays open from now, in seconds."""
        left = max(self._until - self._monotonic(), 0.05)
        return min(left, _LONGEST_URGENT_S) if urgent else left

    def check(self, *, urgent: bool = False) -> None:
        """
        Raise `Later` while it is open.

        After failures the first to come when the pause is over tries alone for a moment.  For an
        urgent text a pause is over after a few seconds: whoever is in danger waits for it.
        """
        now = self._monotonic()
        until = min(self._until, self._tried_at + _LONGEST_URGENT_S) if urgent else self._until
        if now < until:
            raise Later(until - now, "the carrier is away")
        if self._failures:
            if now < self._trying_until:
                raise Later(self._trying_until - now, "one is trying the carrier")
            self._trying_until = now + 1.0
        self._tried_at = now

    def open(self, told_s: float | None = None) -> None:
        """Pause after something was not taken."""
        self._failures += 1
        backoff = min(_LONGEST_S, 2.0 ** min(self._failures - 1, 6)) * random.uniform(0.5, 1.0)
        self._until = self._monotonic() + (told_s if told_s is not None else backoff)

    def close(self) -> None:
        """Let everybody go."""
        self._failures, self._until, self._trying_until = 0, 0.0, 0.0
