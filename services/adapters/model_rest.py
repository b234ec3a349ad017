"""A provider that fails again and again is left alone for a while, so that nobody waits for it."""

import time
from collections.abc import Callable

_FAILURES = 3
_SHORTEST_S = 10.0
_LONGEST_S = 120.0


class Rest:
    """
    Counts failures in a row; after three, and for longer each time, nothing is asked.

    When the rest is over one failure begins the next one, one success ends it all.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._until = 0.0

    @property
    def resting(self) -> bool:
        """Whether nothing should be asked now."""
        return self._monotonic() < self._until

    def failed(self) -> bool:
        """
        Count one failure, and return whether a rest begins with it.

        Those of requests begun before the rest do not lengthen it.
        """
        if self.resting:
            return False
        self._failures += 1
        if self._failures >= _FAILURES:
            longer = 2.0 ** (self._failures - _FAILURES)
            self._until = self._monotonic() + min(_SHORTEST_S * longer, _LONGEST_S)
        return self.resting

    def answered(self) -> None:
        """Forget the failures."""
        self._failures, self._until = 0, 0.0
