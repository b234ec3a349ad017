"""The scheduler: finds what is due in a projection, and lets the stream decide about it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from contracts.identity import conversation_stream, id_of, person_stream
from contracts.recorded import Cause
from domain.conversation import conversation
from domain.conversation.decisions import released
from domain.conversation.ending import idle, said_farewell
from domain.follow_up import follow_up
from domain.follow_up.decisions import Fire, fire
from domain.person import person
from domain.person.expiring import unanswered
from domain.turn import recap
from projections.due import Due
from services.runtime.announcing import announce_again
from services.runtime.bookkeeping import Bookkeeping
from services.runtime.checkpointing import Checkpointing
from services.runtime.due import DueList
from services.runtime.entries import entries
from services.runtime.escalation_turns import EscalationTurns
from services.runtime.failpoint import failpoint
from services.runtime.handling import reason_of
from services.runtime.outside import Outside, signer_of
from services.runtime.ports import Entry, Unavailable
from services.runtime.process import Process
from services.runtime.reconciling import Reconciling
from services.runtime.right_clock import RightClock

log = structlog.get_logger()

LOOK_EVERY_S = 0.5
_AT_ONCE = 200
# What waits for a slow neighbour is announced seldomer and seldomer: the queue is not to fill
# with words about what everybody knows.
_SELDOMEST = timedelta(minutes=10)
_STEPS = frozenset({"turn", "draft", "verdict", "answer", "package", "report"})


class Again(NamedTuple):
    """When a step was last announced again, and how often it was."""

    at: datetime
    times: int


def build(outside: Outside) -> Process:
    """Return the process."""
    scheduler = Scheduler(outside)
    books = Bookkeeping(outside)
    lost = Reconciling(outside)
    right = RightClock(outside)
    checkpointing = Checkpointing(
        outside.journal, signer_of(outside.settings), outside.clock, right.wrong
    )
    loops = (scheduler.run, books.run, lost.run, checkpointing.run)
    return Process("scheduler", loops=loops, reasons=scheduler.reasons)


class Scheduler:
    """Looks at the projection `due`; whatever it finds is decided anew on its stream."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._turns = EscalationTurns(outside)
        self._due = DueList(outside.settings.database_url)
        self._limit = timedelta(seconds=max(2 * outside.settings.ack_wait_seconds, 3))
        self._announced: dict[tuple[str, str, int], Again] = {}
        self._after: Due | None = None
        self._right = RightClock(outside)
        self._why_not = ""

    async def reasons(self) -> dict[str, str]:
        """Return why nothing is scheduled, if nothing is."""
        return {"clock": self._why_not} if self._why_not else {}

    async def run(self) -> None:
        """Look every half second, for ever; a neighbour that is away is waited for."""
        try:
            while True:
                try:
                    await self.look()
                except Unavailable:
                    await asyncio.sleep(1.0)
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            await self._due.aclose()

    async def look(self) -> None:
        """Act once on what is due and urgent now, and on a page of the other things."""
        self._why_not = await self._right.wrong()
        if self._why_not:
            return
        now = self._outside.clock.now()
        idle_for = timedelta(minutes=self._outside.policy.idle_minutes)
        rows = await self._due.before(now, _AT_ONCE, idle_for, self._after)
        failpoint("scheduler.found")
        for row in rows:
            await self._tried(row, now)
        ordinary = [row for row in rows if not row.urgent]
        # What cannot be finished yet stays in the list: the next look begins behind it.
        self._after = ordinary[-1] if len(ordinary) == _AT_ONCE else None
        self._forget(now)

    async def _tried(self, row: Due, now: datetime) -> None:
        """Act on a row; one that cannot be acted on keeps no other from its turn."""
        try:
            await self._act(row, now)
        except Unavailable:
            raise
        except Exception as error:
            # It is due still, so the next look finds it again.
            log.warning("not acted on", kind=row.kind, stream=row.stream, error=reason_of(error))

    async def _act(self, row: Due, now: datetime) -> None:
        if row.kind in _STEPS:
            await self._again(row, now)
        elif row.kind == "text":
            await self._release(row, now)
        elif row.kind in ("idle", "taken", "farewell"):
            await self._end(row, now)
        elif row.kind == "shift":
            await self._offer(row, now)
        elif row.kind == "followup":
            await self._fire(row, now)
        elif row.kind == "consent":
            await self._expire(row, now)
        elif row.kind == "escalation":
            await self._turns.look(row.key, _job(row))
            failpoint("scheduler.escalated")

    async def _again(self, row: Due, now: datetime) -> None:
        """Announce a step again that nobody has finished within the limit."""
        key = (row.stream, row.key, row.version)
        before = self._announced.get(key, Again(row.due_at, 0))
        if now < before.at + self._wait(before.times):
            return
        outside = self._outside
        await announce_again(
            outside.bus, outside.journal, row.stream, row.version, outside.clock.fresh()
        )
        # Only now: what could not be announced is tried again as soon as it can be.
        self._announced[key] = Again(now, before.times + 1)

    async def _offer(self, row: Due, now: datetime) -> None:
        """Announce a package again whose offer nobody accepted, as soon as it is due."""
        key = f"{row.key}/{row.due_at.isoformat()}"
        await self._again(row._replace(key=key, due_at=row.due_at - self._wait(0)), now)

    def _wait(self, times: int) -> timedelta:
        """Return how long a step announced so often is left alone: doubling, to a bound."""
        return min(self._limit * (1 << min(times, 10)), max(_SELDOMEST, self._limit))

    async def _release(self, row: Due, now: datetime) -> None:
        journal = self._outside.journal

        async def decide() -> Sequence[Entry]:
            talk = await journal.read(conversation, row.stream)
            return [talk.then(released(talk.state, row.key, now), talk.state.subject)]

        if now < row.due_at + self._settling(row):
            return
        facts = await journal.act(decide, _job(row), now)
        failpoint("scheduler.released")
        if not facts:
            await self._again(row, now)

    def _settling(self, row: Due) -> timedelta:
        """A text just released or asked for is the sender's for a while."""
        waiting = row.fact.endswith((".sms_deferred.v1", ".sms_outcome_unknown.v1"))
        return timedelta() if waiting else self._limit

    async def _end(self, row: Due, now: datetime) -> None:
        journal, minutes = self._outside.journal, self._outside.policy.idle_minutes

        async def decide() -> Sequence[Entry]:
            talk = await journal.read(conversation, row.stream)
            whom = await journal.read(person, person_stream(talk.state.person_id))
            facts = said_farewell(talk.state, whom.state, now) or idle(talk.state, now, minutes)
            closed = tuple(
                recap.closed(talk.state, id_of(row.stream), fact.reason, now) for fact in facts
            )
            by_stream = {talk.stream: facts, whom.stream: closed}
            return entries((talk, whom), by_stream, talk.state.subject)

        await journal.act(decide, _job(row), now)
        failpoint("scheduler.ended")

    async def _fire(self, row: Due, now: datetime) -> None:
        outside = self._outside
        journal = outside.journal
        command = Fire(row.key, now, outside.clock.fresh(), outside.clock.fresh())

        async def decide() -> Sequence[Entry]:
            promise = await journal.read(follow_up, row.stream)
            whom = await journal.read(person, person_stream(promise.state.person_id))
            current = whom.state.conversation_id
            if current is None:
                fired = fire(
                    promise.state, whom.state, conversation.initial, command, outside.policy
                )
                return entries((promise, whom), fired.facts, fired.subject)
            talk = await journal.read(conversation, conversation_stream(current))
            fired = fire(promise.state, whom.state, talk.state, command, outside.policy)
            return entries((promise, whom, talk), fired.facts, fired.subject)

        await journal.act(decide, _job(row), now)
        failpoint("scheduler.fired")

    async def _expire(self, row: Due, now: datetime) -> None:
        journal = self._outside.journal

        async def decide() -> Sequence[Entry]:
            whom = await journal.read(person, row.stream)
            return [whom.then(unanswered(whom.state, now), whom.state.subject(row.key))]

        await journal.act(decide, _job(row), now)
        failpoint("scheduler.expired")

    def _forget(self, now: datetime) -> None:
        old = now - 2 * max(_SELDOMEST, self._limit)
        self._announced = {key: again for key, again in self._announced.items() if again.at > old}


def _job(row: Due) -> Cause:
    return Cause(f"due:{row.kind}", row.stream)
