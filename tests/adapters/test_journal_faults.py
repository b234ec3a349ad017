"""The journal while PostgreSQL, its processes or the line to it fail."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Sequence
from typing import Self

import psycopg
import pytest
import pytest_asyncio

from contracts.base import Contract
from contracts.recorded import Recorded
from services.adapters.journal import AsyncJournal, open_journal
from services.runtime.ports import Conflict, Entry, Unavailable
from tests.adapters.cut_line import CutLine, Fault
from tests.adapters.journal_facts import AT, CAUSE, COUNT, SECRETS, new, phase, say
from tests.adapters.postgres_fixture import PostgresServer

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def line(database_url: str) -> AsyncIterator[CutLine]:
    async with CutLine(database_url).listening() as carrying:
        yield carrying


async def stored_versions(database_url: str, stream: str) -> list[int]:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        cursor = await connection.execute(
            "SELECT originator_version FROM stored_events WHERE originator_id = %s ORDER BY 1",
            [stream],
        )
        return [row[0] for row in await cursor.fetchall()]


@pytest.mark.parametrize("fault", [Fault.LOSE_REQUEST, Fault.LOSE_ANSWER])
async def test_an_ambiguous_commit_is_stored_once(
    database_url: str, line: CutLine, fault: Fault
) -> None:
    async with await open_journal(line.url, SECRETS) as journal:
        await say(journal, "conversation-1", [phase()])
        connections = line.connections
        chapter = await journal.read(COUNT, "conversation-1")
        line.fault = fault
        saved = await journal.save([chapter.then([phase(), phase()], None)], CAUSE, AT)
        assert line.fault is Fault.NONE
        assert line.connections > connections
        assert await stored_versions(database_url, "conversation-1") == [1, 2, 3]
        assert list(await journal.history("conversation-1"))[1:] == saved


async def test_a_lost_answer_does_not_hide_a_conflict(database_url: str, line: CutLine) -> None:
    async with (
        await open_journal(line.url, SECRETS) as journal,
        await open_journal(database_url, SECRETS) as other,
    ):
        await say(journal, "conversation-1", [phase()])
        await say(other, "conversation-1", [phase()])
        line.fault = Fault.LOSE_ANSWER
        with pytest.raises(Conflict):
            await journal.save([Entry("conversation-1", 1, "", (phase(),), None)], CAUSE, AT)
        assert await stored_versions(database_url, "conversation-1") == [1, 2]


async def test_of_a_lost_batch_each_save_has_its_own_answer(
    database_url: str, line: CutLine
) -> None:
    async with await open_journal(line.url, SECRETS) as journal:
        await say(journal, "conversation-0", [phase()])
        line.fault = Fault.LOSE_ANSWER
        outcomes = await asyncio.gather(
            journal.save([new("conversation-0", phase())], CAUSE, AT),
            *(journal.save([new(f"conversation-{n}", phase())], CAUSE, AT) for n in range(1, 9)),
            return_exceptions=True,
        )
        assert isinstance(outcomes[0], Conflict)
        assert all(isinstance(outcome, Sequence) for outcome in outcomes[1:])
        assert await journal.head() == len(await journal.page(0, 100)) == 9


async def test_silence_is_not_waited_out(line: CutLine) -> None:
    async with await open_journal(line.url, SECRETS, patience=0.6) as journal:
        await say(journal, "conversation-1", [phase()])
        loop = asyncio.get_running_loop()
        begun = loop.time()
        line.fault = Fault.SILENCE
        with pytest.raises(Unavailable, match="unknown"):
            await journal.save([new("conversation-2", phase())], CAUSE, AT)
        line.fault = Fault.SILENCE
        with pytest.raises(Unavailable):
            await journal.read(COUNT, "conversation-1")
        assert line.fault is Fault.NONE
        assert loop.time() - begun < 2
        await say(journal, "conversation-2", [phase()])
        assert len(await journal.history("conversation-2")) == 1


async def test_a_lost_read_is_read_again(line: CutLine) -> None:
    async with await open_journal(line.url, SECRETS) as journal:
        saved = await say(journal, "conversation-1", [phase()])
        for fault in (Fault.LOSE_REQUEST, Fault.LOSE_ANSWER):
            line.fault = fault
            assert await journal.history("conversation-1") == saved
            assert await journal.page(0, 5) == saved
            line.fault = fault
            assert await journal.page(0, 5) == saved


async def test_nobody_waits_longer_than_the_patience(line: CutLine) -> None:
    async with await open_journal(line.url, SECRETS, patience=0.5) as journal:
        await say(journal, "conversation-1", [phase()])
        line.refuse = True
        line.fault = Fault.LOSE_REQUEST
        loop = asyncio.get_running_loop()
        begun = loop.time()
        outcomes = await asyncio.gather(
            *(journal.save([new(f"conversation-{n}", phase())], CAUSE, AT) for n in range(2, 90)),
            *(journal.read(COUNT, f"conversation-{n}") for n in range(90)),
            return_exceptions=True,
        )
        line.fault = Fault.LOSE_REQUEST
        refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        assert all(isinstance(outcome, Unavailable) for outcome in refused)
        assert len(refused) >= 88
        assert loop.time() - begun < 2.5
        line.refuse, line.fault = False, Fault.NONE
        assert (await journal.read(COUNT, "conversation-1")).version == 1
        await say(journal, "conversation-1", [phase()])


async def test_a_cancelled_caller_harms_nobody(database_url: str) -> None:
    async with await open_journal(database_url, SECRETS) as journal:
        await say(journal, "conversation-1", [phase()])
        saves = [
            asyncio.create_task(journal.save([new(f"conversation-{n}", phase())], CAUSE, AT))
            for n in range(2, 8)
        ]
        reads = [asyncio.create_task(journal.history("conversation-1")) for _ in range(4)]
        await asyncio.sleep(0)
        saves[0].cancel()
        saves[3].cancel()
        reads[0].cancel()
        outcomes = await asyncio.gather(*saves, *reads, return_exceptions=True)
        cancelled = [isinstance(outcome, asyncio.CancelledError) for outcome in outcomes]
        assert cancelled == [number in {0, 3, 6} for number in range(10)]
        await say(journal, "conversation-1", [phase()])


async def test_a_stalled_lock_holder_only_delays(database_url: str) -> None:
    async with (
        await open_journal(database_url, SECRETS, patience=0.5) as journal,
        await psycopg.AsyncConnection.connect(database_url) as stalled,
    ):
        await say(journal, "conversation-1", [phase()])
        await stalled.execute(
            "INSERT INTO stored_events VALUES ('conversation-x', 1, 'person.phase_changed.v1', '')"
        )
        with pytest.raises(Unavailable):
            await journal.save([new("conversation-2", phase())], CAUSE, AT)
        assert len(await journal.history("conversation-1")) == 1
        await stalled.rollback()
        await asyncio.sleep(0.1)
        assert await say(journal, "conversation-3", [phase()])


class Writers:
    """Eight writers that append until told to stop and remember what was confirmed."""

    def __init__(self, journal: AsyncJournal) -> None:
        self._journal = journal
        self._confirmed: dict[str, int] = {}
        self._stop = asyncio.Event()
        self.unavailable = 0
        self._tasks = [asyncio.create_task(self._write(f"conversation-{n}")) for n in range(8)]

    async def _write(self, stream: str) -> None:
        self._confirmed[stream] = 0
        while not self._stop.is_set():
            try:
                chapter = await self._journal.read(COUNT, stream)
                # What a failed save left is seen by reading, never lost, never doubled.
                assert 0 <= chapter.version - self._confirmed[stream] <= 1
                saved = await self._journal.save([chapter.then([phase()], None)], CAUSE, AT)
                self._confirmed[stream] = saved[0].version
            except Unavailable:
                self.unavailable += 1
                self._confirmed[stream] = await self._read_again(stream)
            await asyncio.sleep(0.001)

    async def _read_again(self, stream: str) -> int:
        while True:
            try:
                return (await self._journal.read(COUNT, stream)).version
            except Unavailable:
                self.unavailable += 1

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        # Also where the test failed: a journal does not close while somebody writes.
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> dict[str, int]:
        """Return how many facts of each stream were confirmed."""
        self._stop.set()
        await asyncio.gather(*self._tasks)
        return self._confirmed


async def check(journal: AsyncJournal, confirmed: dict[str, int]) -> None:
    log: list[Recorded[Contract]] = []
    while page := await journal.page(log[-1].position if log else 0, 500):
        log += page
    for stream, version in confirmed.items():
        versions = [recorded.version for recorded in log if recorded.stream == stream]
        assert versions == list(range(1, version + 1))
        assert version > 0, stream


async def backends(database_url: str) -> list[int]:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        cursor = await connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'parley'"
            " AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [row[0] for row in await cursor.fetchall()]


async def test_ended_backends_lose_and_double_nothing(database_url: str) -> None:
    async with (
        await open_journal(database_url, SECRETS, patience=30) as journal,
        Writers(journal) as writers,
    ):
        async with await psycopg.AsyncConnection.connect(database_url) as killer:
            for _ in range(6):
                await asyncio.sleep(0.12)
                await killer.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'parley' AND datname = current_database()"
                )
        await asyncio.sleep(0.1)
        confirmed = await writers.stop()
        assert writers.unavailable == 0
        await check(journal, confirmed)


async def test_a_killed_backend_loses_and_doubles_nothing(
    database_url: str, postgres: PostgresServer
) -> None:
    async with (
        await open_journal(database_url, SECRETS, patience=30) as journal,
        Writers(journal) as writers,
    ):
        await asyncio.sleep(0.2)
        victims = await backends(database_url)
        os.kill(victims[0], signal.SIGKILL)
        await asyncio.sleep(0.8)
        confirmed = await writers.stop()
        await check(journal, confirmed)


async def test_a_killed_server_loses_and_doubles_nothing(
    database_url: str, postgres: PostgresServer
) -> None:
    async with (
        await open_journal(database_url, SECRETS, patience=30) as journal,
        Writers(journal) as writers,
    ):
        for _ in range(2):
            await asyncio.sleep(0.2)
            await asyncio.to_thread(postgres.kill)
            await asyncio.to_thread(postgres.start)
        await asyncio.sleep(0.2)
        confirmed = await writers.stop()
        assert writers.unavailable == 0
        await check(journal, confirmed)


async def test_a_stopped_backend_is_not_waited_for(database_url: str) -> None:
    async with await open_journal(database_url, SECRETS, patience=0.6) as journal:
        await say(journal, "conversation-1", [phase()])
        await journal.page(0, 1)
        stopped = await backends(database_url)
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(Unavailable):
                await journal.save([new("conversation-2", phase())], CAUSE, AT)
            with pytest.raises(Unavailable):
                await journal.page(0, 1)
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
        await say(journal, "conversation-1", [phase()])
        assert len(await stored_versions(database_url, "conversation-2")) <= 1


async def test_a_journal_does_not_open_without_its_database() -> None:
    with pytest.raises(Unavailable):
        await open_journal("postgresql://postgres@127.0.0.1:1/none", SECRETS, patience=1)
