"""The global agent's side: what it asks of people comes in, and what became of that goes out."""

from dataclasses import replace

from contracts.announcement import Announcement
from services.runtime.escalations import Escalations
from services.runtime.outside import Outside
from services.runtime.process import FactSubscription, Process
from services.runtime.right_clock import RightClock
from services.runtime.shifts import Shifts

PROCESS = "global_agent"


def build(outside: Outside) -> Process:
    """Return the process: each half hears the agent's subjects and the facts that concern it."""
    escalations, shifts = Escalations(outside), Shifts(outside)
    halves = (escalations, shifts)

    right = RightClock(outside)

    async def hear(announced: Announcement) -> None:
        for half in halves:
            await half.hear(announced)

    # What expires, is held or comes too often is said by the clock.
    said = tuple(
        replace(one, handle=right.guarded(one.handle))
        for one in (*escalations.subscriptions(), *shifts.subscriptions())
    )
    return Process(PROCESS, (FactSubscription(PROCESS, right.guarded(hear)), *said))
