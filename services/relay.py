"""
The relay: announces every fact that has a listener, in the order of the journal.

It is the only one that announces, so nobody writes twice: a service appends and is done.  What it
announced after a crash again is a duplicate by its id, or harmless to who hears it.
"""

import asyncio

from contracts.catalogue import is_heard, is_urgent
from services.runtime.announcing import told_header
from services.runtime.behind import BehindTheBus
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.ports import Header, Standing, Unavailable
from services.runtime.process import Process

PAGE = 500
_WAIT_S = 1.0
_BEHIND_S = 0.5


def build(outside: Outside) -> Process:
    """Return the process."""
    relay = Relay(outside)
    return Process("relay", loops=(relay.run,), reasons=relay.reasons)


class Relay:
    """Reads a page, publishes it, remembers the position; one relay at a time."""

    def __init__(self, outside: Outside) -> None:
        self._journal, self._bus = outside.journal, outside.bus
        self._state = outside.relay_state
        self._standing: Standing | None = None
        self._why_not = ""

    async def reasons(self) -> dict[str, str]:
        """Return why nothing is announced, if nothing is."""
        return {"relay": self._why_not} if self._why_not else {}

    async def run(self) -> None:
        """Relay for ever.  Raises `BehindTheBus`."""
        try:
            while True:
                try:
                    await self._relay()
                except Unavailable as error:
                    self._standing, self._why_not = None, str(error)
                    await asyncio.sleep(_BEHIND_S)
        finally:
            await self._state.aclose()

    async def _relay(self) -> None:
        if self._standing is None:
            self._standing = await self._taken()
            if self._standing is None:
                # Another relay is active; this one stands by, and that is a healthy state.
                await asyncio.sleep(_WAIT_S)
                return
        if not await self._next_page(self._standing):
            await self._journal.wait(self._standing.position, _WAIT_S)

    async def _taken(self) -> Standing | None:
        standing = await self._state.acquire()
        if standing is not None:
            # The bus remembers what an older backup has forgotten, and would take new facts at
            # old positions for repeats.  It is asked first: whatever it was told of by then, by
            # a relay that has just lost its lock as well, is in the journal when that is asked.
            furthest = max(standing.position, await self._bus.announced())
            head = await self._journal.head()
            if furthest > head:
                raise BehindTheBus(furthest, head)
            self._why_not = ""
        return standing

    async def _next_page(self, standing: Standing) -> bool:
        page = await self._journal.headers(standing.position, PAGE)
        if not page:
            return False
        failpoint("relay.read")
        heard = (each for each in page if is_heard(each.name, each.fields))
        messages = [_message(standing.epoch, each) for each in heard]
        if messages:
            await self._bus.publish_many(messages)
            failpoint("relay.published")
        moved = Standing(standing.epoch, page[-1].position)
        await self._state.advance(moved)
        failpoint("relay.marked")
        self._standing = moved
        return True


def _message(epoch: int, header: Header) -> tuple[str, bytes, str]:
    told = told_header(header)
    urgent = is_urgent(header.fields)
    return told.as_message(f"{epoch}.{header.position}", urgent=urgent)
