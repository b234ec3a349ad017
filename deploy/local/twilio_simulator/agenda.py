"""Steps that fall due on the simulator's clock: a text on its way, its price, a late repeat."""

import asyncio
import heapq
from collections.abc import Callable
from itertools import count

from deploy.local.wound_clock import WoundClock

Step = Callable[[], None]

# The clock's file may be wound by another process: look again at least this often.
_LOOK_AGAIN_S = 1.0


class Agenda:
    """
    What to do when, in seconds of the woundable clock; one timer, no tasks.

    Steps of the same moment run in the order they were planned.  The owner calls `look` after
    winding the clock.
    """

    def __init__(self, clock: WoundClock) -> None:
        self._clock = clock
        self._steps: list[tuple[float, int, Step]] = []
        self._order = count()
        self._timer: asyncio.TimerHandle | None = None

    def after(self, seconds: float, step: Step) -> None:
        """Do `step` in so many seconds; for 0, in the loop's next turn."""
        loop = asyncio.get_running_loop()
        if seconds <= 0:
            loop.call_soon(step)
            return
        due = self._clock.now().timestamp() + seconds
        heapq.heappush(self._steps, (due, next(self._order), step))
        if self._steps[0][0] == due:
            self._arm()

    def look(self) -> None:
        """Do what is due now, and wait for the rest."""
        now = self._clock.now().timestamp()
        while self._steps and self._steps[0][0] <= now:
            heapq.heappop(self._steps)[2]()
        self._arm()

    def close(self) -> None:
        """Do nothing more."""
        self._steps.clear()
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._steps:
            wait = self._steps[0][0] - self._clock.now().timestamp()
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(min(max(wait, 0), _LOOK_AGAIN_S), self.look)
