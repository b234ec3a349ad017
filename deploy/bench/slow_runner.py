"""`python -m deploy.bench.slow_runner`: the turn runner, with a model that takes its time."""

import asyncio
import contextlib
import json
import signal
import sys
import time
from collections import Counter
from dataclasses import replace

from contracts.proposal import TurnProposal
from domain.turn.context import Context
from services.runtime import logs
from services.runtime.outside import connect
from services.runtime.ports import Answer
from services.runtime.settings import Settings, read_settings
from services.turn_runner import build

TURNS = 10_000
THINKS_S = 5.0
# Turns begin at some hundreds a second: the first ones wait until all are there.
_TOGETHER_S = 90.0
_NAME = "slow"


class SlowModel:
    """Answers everybody the same `THINKS_S` after all have asked, and counts."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.waiting = 0
        self.most_waiting = 0
        self.begun = 0.0
        self.together_s = 0.0
        self._all = asyncio.Event()

    async def propose(self, context: Context) -> Answer:
        """Return the answer."""
        self.asked[context.turn_id] += 1
        self.waiting += 1
        self.most_waiting = max(self.most_waiting, self.waiting)
        self.begun = self.begun or time.monotonic()
        if self.waiting >= TURNS:
            self.together_s = time.monotonic() - self.begun
            self._all.set()
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all.wait(), _TOGETHER_S)
            await asyncio.sleep(THINKS_S)
        finally:
            self.waiting -= 1
        proposal = TurnProposal(reply="Let us look at your week together.")
        return Answer(proposal, _NAME, _NAME, 1, 1, 0, 1, None, int(THINKS_S * 1000))

    async def aclose(self) -> None:
        """Hold nothing."""


async def serve(settings: Settings) -> None:
    """Run until SIGTERM, then print what the model was asked."""
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    model = SlowModel()
    async with contextlib.AsyncExitStack() as stack:
        outside = await stack.enter_async_context(connect(settings, "slow_runner"))
        process = build(replace(outside, model=model))
        await outside.bus.subscribe(process.subscriptions)  # type: ignore[attr-defined]
        await ending.wait()
    told = {
        "asked": model.asked.total(),
        "turns": len(model.asked),
        "most_waiting": model.most_waiting,
        "together_s": model.together_s,
    }
    sys.stdout.write(json.dumps(told) + "\n")


def main() -> None:
    """Run with the settings of the environment."""
    settings = read_settings()
    logs.configure("turn_runner", settings.log_level, salt=settings.salt(), secrets=())
    asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
