"""The agent is told what became of escalations: of each change once, in order."""

import asyncio
from collections.abc import Sequence

from contracts.agent import ESCALATIONS_UPDATED, EscalationUpdated
from contracts.identity import escalation_stream
from contracts.recorded import Cause
from domain.escalation import escalation
from domain.escalation.decisions import reported, updates
from domain.escalation.state import Escalation
from services.runtime import cloud_events
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.ports import Chapter, Entry


class Telling:
    """Publishes what the agent does not know, and remembers that it was told."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    async def tell(self, escalation_ids: Sequence[str], cause: Cause) -> None:
        """Tell what is not told yet of some escalations, each named once."""
        owns = await self._read(escalation_ids)
        told = await asyncio.gather(*map(self._published, escalation_ids, owns))
        pairs = zip(escalation_ids, told, strict=True)
        through = {own: last for own, last in pairs if last}
        if not through:
            return
        failpoint("agent.told")

        async def decide() -> Sequence[Entry]:
            now = zip(through.values(), await self._read(tuple(through)), strict=True)
            return [one.then(reported(one.state, last), None) for last, one in now]

        await self._outside.journal.act(decide, cause, self._outside.clock.now())

    async def _read(self, escalation_ids: Sequence[str]) -> Sequence[Chapter[Escalation]]:
        journal = self._outside.journal
        return await asyncio.gather(
            *(journal.read(escalation, escalation_stream(one)) for one in escalation_ids)
        )

    async def _published(self, escalation_id: str, own: Chapter[Escalation]) -> int:
        """Publish what is not told, in order; return the version of the last, 0 for none."""
        last = 0
        for last, update in updates(escalation_id, own.state):
            # What was lost with a backup may have been told under the same version before.
            again = ".restored" if update.reason == "restored" else ""
            await self._publish(f"{own.stream}.{last}{again}", update)
        return last

    async def _publish(self, message_id: str, update: EscalationUpdated) -> None:
        headers = cloud_events.headers(message_id, update.name, update.escalation_id, update.at)
        body = update.model_dump_json().encode()
        await self._outside.bus.tell(ESCALATIONS_UPDATED, body, message_id, headers)
