"""A clock that moves by two days, forward and back, in one process: no fact comes of it."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from contracts import conversation as c
from contracts import follow_up as f
from contracts import person as p
from contracts.identity import follow_up_stream
from contracts.recorded import Cause, Subject
from contracts.texts import SmsKind
from domain.follow_up import follow_up
from domain.policy import Policy
from projections.catalogue import PROJECTIONS
from services import scheduler
from services.adapters.journal import AsyncJournal, open_journal
from services.adapters.keys import Secrets
from services.runtime import allotment, bookkeeping
from services.runtime.outside import Outside
from services.runtime.ports import Entry
from services.runtime.process import Later
from services.runtime.projecting import Following
from services.runtime.right_clock import RightClock
from services.sender import Sender
from tests.adapters.postgres_fixture import PostgresServer
from tests.domain.test_outbound import wanted
from tests.services.money import SETTINGS, Carrier, Texts, outside_of

TWO_DAYS = timedelta(days=2)


class JumpingClock:
    """The machine's clock, put forward or back."""

    def __init__(self) -> None:
        self.off = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.off

    def wound(self) -> timedelta:
        return timedelta()

    def fresh(self) -> str:
        return uuid.uuid4().hex


class Stage:
    """A process's surroundings, with something of every kind that a later clock would act on."""

    def __init__(self, url: str, journal: AsyncJournal) -> None:
        self.url, self.journal = url, journal
        self.clock, self.carrier = JumpingClock(), Carrier()
        self.outside: Outside = outside_of(
            self.carrier, policy=Policy(), journal=journal, clock=self.clock
        )
        self.outside.settings = SETTINGS.model_copy(update={"database_url": url})  # type: ignore[misc]
        self.texts = Texts(journal)

    async def asked(self, kind: SmsKind = "reply") -> c.SmsRequested:
        return wanted(kind, at=self.clock.now())

    async def waiting(self) -> None:
        """Let a follow-up be due tomorrow, and a conversation be open that will be idle."""
        promise = await self.journal.read(follow_up, follow_up_stream("d" * 32))
        scheduled = f.FollowUpScheduled(
            person_id=f"{1:032x}", conversation_id=f"{1 + 2**64:032x}", kind="reminder",
            purpose="rest", due_at=self.clock.now() + timedelta(days=1),
        )  # fmt: skip
        entry = promise.then((scheduled,), Subject(f"{1:032x}", 1))
        await self.journal.save([entry], Cause("test", "test"), self.clock.now())

    async def project(self) -> None:
        following = Following(self.journal, self.url, PROJECTIONS)
        while await following.step():
            pass
        await following.aclose()


@pytest.fixture
async def stage(postgres: PostgresServer) -> AsyncIterator[Stage]:
    url = postgres.new_database()
    async with await open_journal(url, Secrets(bytes(32), b"pepper")) as journal:
        yield Stage(url, journal)


async def test_no_fact_is_appended_by_a_clock_that_jumps(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bookkeeping, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(allotment, "TELL_EVERY_S", 0.05)
    sending, planning = Sender(stage.outside), scheduler.build(stage.outside)
    assert planning.reasons is not None
    told = await stage.texts.asked(await stage.asked())
    await stage.waiting()
    await sending.hear(await stage.texts.asked(await stage.asked()))
    await stage.project()
    head = await stage.journal.head()

    for off in (TWO_DAYS, -TWO_DAYS):
        stage.clock.off = off
        with pytest.raises(Later, match="our clock is off"):
            await sending.hear(told)
        async with _running(*planning.loops, sending.allotment.run):
            await asyncio.sleep(0.3)
            assert await planning.reasons()
        assert await stage.journal.head() == head

    stage.clock.off = timedelta()
    async with _running(*planning.loops):
        async with asyncio.timeout(10):
            while await planning.reasons():
                await asyncio.sleep(0.05)
    await sending.hear(told)
    assert len(stage.carrier.sent) == 2


@asynccontextmanager
async def _running(*loops: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Let a process's loops run; at their end they tell what they always do."""
    running = [asyncio.ensure_future(loop()) for loop in loops]
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def test_what_is_said_in_a_crisis_asks_no_clock(stage: Stage) -> None:
    told = await stage.texts.asked(await stage.asked("crisis"))
    stage.clock.off = -TWO_DAYS

    await Sender(stage.outside).hear(told)

    assert len(stage.carrier.sent) == 1


async def test_a_clock_behind_the_last_fact_is_wrong(stage: Stage) -> None:
    assert await RightClock(stage.outside).wrong() == ""
    stage.clock.off = timedelta(minutes=2)
    late = Entry("person-x", 0, "", (p.PhaseChanged(phase="active"),), None)
    await stage.journal.save([late], Cause("test", "test"), stage.clock.now())
    stage.clock.off = timedelta()

    assert await RightClock(stage.outside).wrong() == "behind the last fact"
