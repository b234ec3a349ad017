"""Many people who text at once, straight to the webhook and signed as the carrier does."""

import asyncio
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import cast

from deploy.bench.deployment import Deployment
from deploy.bench.texts import post
from tests.journeys.system import System, number

SENT = "SELECT count(*) FROM stored_events WHERE topic = 'conversation.sms_sent.v1'"
_FIRST = 60_000


def gathered(system: System, size: int) -> list[str]:
    """Register so many people who agreed; return their numbers."""
    people = [number(_FIRST + each) for each in range(size)]
    system.people(*people)
    return people


@contextmanager
def texting(system: System, people: Sequence[str]) -> Generator[None]:
    """Let all of them text as fast as they can; go on once half of their texts were taken."""
    begun, half = threading.Event(), len(people) // 2

    async def both() -> None:
        target = cast("Deployment", system)
        words = "How can I get a break this week?"
        await post(target, people[:half], 0, words, first=0xC0 << 100)
        begun.set()
        await post(target, people[half:], 0, words, first=0xC1 << 100)

    thread = threading.Thread(target=lambda: asyncio.run(both()), daemon=True)
    thread.start()
    try:
        assert begun.wait(120)
        yield
    finally:
        thread.join(300)


def waiting(system: System, people: Sequence[str], before: int) -> int:
    """Return how many of them have no answer yet; `before` were sent when they began."""
    return len(people) - (int(system.query(SENT)[0][0]) - before)
