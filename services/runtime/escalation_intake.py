"""The agent's requests come in: many are refused at once, one after the other is let in."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from contracts.agent import ESCALATIONS_REQUESTED, EscalationWanted, Recipient
from contracts.escalation import RefusalReason
from contracts.identity import escalation_stream, escalations_stream, person_id
from contracts.recorded import Cause
from contracts.texts import Priority
from domain.conversation.state import Conversation
from domain.counting import counted
from domain.escalation import escalation
from domain.escalation.checks import Admitted, crowded
from domain.escalation.decisions import Request, hour_of, minute_of, refused, request, why_not
from domain.escalation.reading import Malformed
from domain.escalation.state import Escalation
from domain.person import person
from services.runtime.entries import entries
from services.runtime.escalation_telling import Telling
from services.runtime.escalation_turns import EscalationTurns
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.pacing import Pacing
from services.runtime.ports import Chapter, Entry
from services.runtime.together import Together
from services.runtime.users import Users

# So many are looked at in a second, urgent ones first: what is too much is known within moments.
_LOOKED_AT_A_SECOND = 100.0
_REFUSED_EVERY_S = 1.0
_REFUSED_AT_ONCE = 64


class _Refusal(NamedTuple):
    escalation_id: str
    reason: RefusalReason


class Intake:
    """Takes requests in, or refuses them; their sender hears of it in any case."""

    def __init__(self, outside: Outside, turns: EscalationTurns, telling: Telling) -> None:
        self._outside, self._journal = outside, outside.journal
        self._turns, self._telling = turns, telling
        self._users = Users(outside.settings.database_url, outside.journal)
        self._pepper = outside.settings.secrets().pepper
        self._looks = Pacing(_LOOKED_AT_A_SECOND)
        # A text to a person costs as much as an answer to one: what may be let in within a minute
        # is spread over it, so that those who are answered meanwhile hardly notice.
        self._doors = Pacing(outside.policy.escalations_per_minute / 60)
        self._refusals: Together[_Refusal, None] = Together(
            self._refuse, every_s=_REFUSED_EVERY_S, most=_REFUSED_AT_ONCE
        )
        # All that are let in are counted on one stream: at once they would only conflict.
        self._counting = asyncio.Lock()
        self._entering = 0
        self._full: dict[Priority, str] = {}

    async def requested(self, wanted: EscalationWanted | Malformed) -> None:
        """Take a request in, or refuse it."""
        urgent = not isinstance(wanted, Malformed) and wanted.priority == "urgent"
        await self._looks.take(1, urgent=urgent)
        reason = wanted.reason if isinstance(wanted, Malformed) else await self._taken_in(wanted)
        if reason is not None:
            await self._refusals.ask(_Refusal(wanted.escalation_id, reason))
        failpoint("agent.requested")

    async def _taken_in(self, wanted: EscalationWanted) -> RefusalReason | None:
        """Take a request in; return why not, if it is not."""
        if await self._too_many(wanted.priority):
            return "rate_limited"
        own = await self._own(wanted.escalation_id)
        if own.state.status != "unknown":
            # It comes again: whoever refused it may have died before the agent was told.
            await self._telling.tell((wanted.escalation_id,), _cause(wanted.escalation_id))
            return None
        whom = await self._recipient(wanted.to)
        reason = await self._why_not(own.state, wanted, whom)
        if reason is not None:
            return reason
        self._entering += 1
        try:
            await self._doors.take(1, urgent=wanted.priority == "urgent")
            async with self._counting:
                return await self._let_in(wanted, whom)
        finally:
            self._entering -= 1

    async def _too_many(self, priority: Priority) -> bool:
        """Return whether one more would be too many, whoever it is for."""
        at = self._outside.clock.now()
        # Once a minute is full it stays so: a runaway is refused without a look at anything.
        if self._full.get(priority) == minute_of(at):
            return True
        hour, minute = await self._counted(at)
        on_their_way = Admitted(hour.state + self._entering, minute.state + self._entering)
        full = crowded(on_their_way, priority, self._outside.policy)
        if full:
            self._full[priority] = minute_of(at)
        return full

    async def _counted(self, at: datetime) -> Sequence[Chapter[int]]:
        streams = (escalations_stream(hour_of(at)), escalations_stream(minute_of(at)))
        return await asyncio.gather(*(self._journal.read(counted, one) for one in streams))

    async def _recipient(self, to: Recipient) -> str | None:
        if to.phone is not None:
            place = self._outside.numbers.place(to.phone)
            return None if place is None else person_id(self._pepper, place.number)
        return None if to.user_id is None else await self._users.person_id(to.user_id)

    async def _why_not(
        self, own: Escalation, wanted: EscalationWanted, whom: str | None
    ) -> RefusalReason | None:
        """Return why a request is refused, how many there are of them left aside."""
        state = person.initial if whom is None else (await self._turns.person(whom)).state
        command = Request(wanted, whom, Admitted(), self._outside.clock.now(), "")
        return why_not(own, state, command, self._outside.policy)

    async def _let_in(self, wanted: EscalationWanted, whom: str | None) -> RefusalReason | None:
        """Append that a request is taken in; return why it is not, if that has changed."""
        at, fresh = self._outside.clock.now(), self._outside.clock.fresh()
        reason: RefusalReason | None = None

        async def decide() -> Sequence[Entry]:
            nonlocal reason
            own = await self._own(wanted.escalation_id)
            met = None if whom is None else await self._turns.person(whom)
            state = person.initial if met is None else met.state
            talk = await self._turns.conversation(state.conversation_id)
            hour, minute = await self._counted(at)
            command = Request(wanted, whom, Admitted(hour.state, minute.state), at, fresh)
            reason = why_not(own.state, state, command, self._outside.policy)
            if reason is not None:
                return ()
            current = Conversation() if talk is None else talk.state
            ruled = request(own.state, state, current, command, self._outside.policy)
            chapters: tuple[Chapter[Any] | None, ...] = (own, met, talk, hour, minute)
            read = [chapter for chapter in chapters if chapter is not None]
            return entries(read, ruled.facts, ruled.subject)

        await self._journal.act(decide, _cause(wanted.escalation_id), at)
        return reason

    async def _refuse(self, refusals: Sequence[_Refusal]) -> Sequence[None]:
        """Refuse many in one save and tell the agent: what is known already, is told at most."""
        at = self._outside.clock.now()
        reasons: dict[str, RefusalReason] = {}
        for refusal in refusals:
            reasons.setdefault(refusal.escalation_id, refusal.reason)

        async def decide() -> Sequence[Entry]:
            owns = await asyncio.gather(*map(self._own, reasons))
            return [
                replace(own.then(refused(own.state, reason, at), None), cause=_cause(one))
                for own, (one, reason) in zip(owns, reasons.items(), strict=True)
            ]

        # Each has a cause of its own.
        cause = Cause(ESCALATIONS_REQUESTED, ESCALATIONS_REQUESTED)
        await self._journal.act(decide, cause, at)
        failpoint("agent.refused")
        await self._telling.tell(tuple(reasons), cause)
        return [None] * len(refusals)

    async def _own(self, escalation_id: str) -> Chapter[Escalation]:
        return await self._journal.read(escalation, escalation_stream(escalation_id))


def _cause(escalation_id: str) -> Cause:
    return Cause(f"{ESCALATIONS_REQUESTED}:{escalation_id}", escalation_stream(escalation_id))
