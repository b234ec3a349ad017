"""Checkpoints: once a day the journal since the last one is summed up, signed and appended."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime

import structlog

from contracts.checkpoint import CheckpointSigned
from contracts.identity import CHECKPOINT_STREAM
from contracts.recorded import Cause
from domain.checkpoint import Checkpoints, Tree, checkpoints, is_due, leaf, statement
from services.runtime.ports import Chapter, Clock, Conflict, Entry, Journal, Signer, Unavailable

log = structlog.get_logger()

_PAGE = 500
_EVERY_S = 60.0
Wrong = Callable[[], Awaitable[str]]
"""Says what is wrong with the clock: a wrong one names no day."""


class Checkpointing:
    """Signs what was appended; two that do so at once are one checkpoint."""

    def __init__(
        self, journal: Journal, signer: Signer, clock: Clock, wrong: Wrong | None = None
    ) -> None:
        self._journal = journal
        self._signer = signer
        self._clock = clock
        self._wrong = wrong

    async def sign(self, at: datetime) -> CheckpointSigned | None:
        """Append a checkpoint up to now; None where nothing is new since the last one."""
        last = await self._journal.read(checkpoints, CHECKPOINT_STREAM)
        head = await self._journal.head()
        tree = Tree()
        through = last.state.through
        async for position, digest in self._digests(last.state.through, head):
            tree.add(leaf(position, digest))
            through = position
        # The last checkpoint's own fact is behind it, always.
        if tree.count <= (1 if last.version else 0):
            return None
        signed = self._signed(last.state, tree, through, at)
        return signed if await self._append(last, signed, at) else None

    async def due(self, now: datetime) -> bool:
        """Return whether a day has ended that has no checkpoint."""
        last = await self._journal.read(checkpoints, CHECKPOINT_STREAM)
        first = await self._journal.headers(0, 1)
        return bool(first) and is_due(last.state, datetime.fromisoformat(first[0].at), now)

    async def run(self) -> None:
        """Sign once a day, for ever; a neighbour that is away is waited for."""
        while True:
            try:
                await self.look()
            except Unavailable as error:
                log.debug("no checkpoint now", why=str(error))
            await asyncio.sleep(_EVERY_S)

    async def look(self) -> None:
        """Sign if a day has ended, and the clock that says so is right."""
        if self._wrong is not None and await self._wrong():
            return
        now = self._clock.now()
        if await self.due(now):
            await self.sign(now)

    def _signed(
        self, last: Checkpoints, tree: Tree, through: int, at: datetime
    ) -> CheckpointSigned:
        unsigned = CheckpointSigned(
            number=last.number + 1,
            after=last.through,
            through=through,
            facts=tree.count,
            root=tree.root(),
            previous=last.digest,
            at=at,
            key=self._signer.public,
            signature="",
        )
        return unsigned.model_copy(update={"signature": self._signer.sign(statement(unsigned))})

    async def _append(
        self, last: Chapter[Checkpoints], signed: CheckpointSigned, at: datetime
    ) -> bool:
        entry: Sequence[Entry] = [last.then((signed,), None)]
        cause = Cause("checkpoint", CHECKPOINT_STREAM)
        try:
            await self._journal.save(entry, cause, at)
        except Conflict:
            return False
        return True

    async def _digests(self, after: int, upto: int) -> AsyncIterator[tuple[int, str]]:
        while page := await self._journal.digests(after, _PAGE):
            for position, digest in page:
                if position > upto:
                    return
                yield position, digest
            after = page[-1][0]
