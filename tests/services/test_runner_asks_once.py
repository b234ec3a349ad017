"""A turn whose model is slow is asked about once, however often it is announced."""

import asyncio
from types import SimpleNamespace
from typing import Any

from services.turn_runner import TurnRunner


class _Slow(TurnRunner):
    def __init__(self) -> None:
        super().__init__(SimpleNamespace())  # type: ignore[arg-type]
        self.asked = 0
        self.over = asyncio.Event()

    async def _answer(self, announced: Any) -> None:
        del announced
        self.asked += 1
        await self.over.wait()


async def test_a_reminder_of_a_turn_that_is_being_answered_asks_nobody() -> None:
    runner = _Slow()
    told: Any = SimpleNamespace(stream="conversation-1", version=3)
    first = asyncio.create_task(runner.run(told))
    await asyncio.sleep(0)

    await runner.run(told)
    runner.over.set()
    await first
    assert runner.asked == 1

    await runner.run(told)
    assert runner.asked == 2
