"""The projector: page by page, each table with its position, and none that stops the others."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from contracts.recorded import Cause
from projections.due import DUE
from projections.inbox import INBOX
from projections.outbox import OUTBOX
from projections.positions import Overtaken
from projections.transcript import TRANSCRIPT
from projections.view import AnyProjection, Rows
from services.runtime import projecting
from services.runtime.ports import Entry, Outline, Unavailable
from services.runtime.projecting import Following
from tests.facts import NOON, TALK
from tests.journal_in_memory import MemoryJournal
from tests.projections.stories import committed, started, superseded

CAUSE = Cause("test", "test")
FOUR = (DUE, OUTBOX, INBOX, TRANSCRIPT)


class Log(MemoryJournal):
    """A journal that a test can append to, and break."""

    broken: Exception | None = None

    async def add(self, *facts: Any, talk: str = TALK) -> None:
        stream = f"conversation-{talk}"
        before = await self.history(stream)
        digest = before[-1].digest if before else ""
        await self.save([Entry(stream, len(before), digest, facts, None)], CAUSE, NOON)

    async def outline(self, after: int, limit: int, names: frozenset[str]) -> Outline:
        if self.broken is not None:
            raise self.broken
        return await super().outline(after, limit, names)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def url(connection: psycopg.Connection[Any], views_url: str) -> Iterator[str]:
    _cleared(connection)
    yield views_url
    _cleared(connection)


def _cleared(connection: psycopg.Connection[Any]) -> None:
    for (table,) in connection.execute(
        b"SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    ).fetchall():
        connection.execute(f"DROP TABLE {table}".encode())


Follow = Callable[..., Following]


@pytest.fixture
async def follow(log: Log, url: str) -> AsyncIterator[Follow]:
    made: list[Following] = []

    def begin(*projections: AnyProjection) -> Following:
        made.append(Following(log, url, projections or FOUR))
        return made[-1]

    yield begin
    for following in made:
        await following.aclose()


async def _drain(following: Following) -> None:
    while await following.step():
        pass


def _positions(connection: psycopg.Connection[Any]) -> dict[str, int]:
    return dict(connection.execute(b"SELECT name, position FROM projection_positions").fetchall())


def _count(connection: psycopg.Connection[Any], table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


def _failing(projection: AnyProjection, times: int) -> AnyProjection:
    """Return the projection, unable to take in anything so often."""
    left = [times]

    def fold(rows: Rows[Any], recorded: Any) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise RuntimeError("her words, which nobody may read")
        projection.fold(rows, recorded)

    return replace(projection, fold=fold)


QUIET = (started(), superseded(1), committed(1))


async def test_all_tables_move_together(
    log: Log, follow: Follow, connection: psycopg.Connection[Any]
) -> None:
    following = follow()
    await log.add(*QUIET)
    await _drain(following)
    assert _positions(connection) == dict.fromkeys(("due", "outbox", "inbox", "transcript"), 3)
    assert (_count(connection, "inbox"), _count(connection, "due")) == (1, 1)
    assert await following.reasons() == {}


async def test_one_that_fails_is_seen_and_stops_nobody(
    log: Log, follow: Follow, connection: psycopg.Connection[Any]
) -> None:
    following = follow(_failing(INBOX, 2), DUE)
    await log.add(*QUIET)
    await following.step()
    assert _positions(connection) == {"inbox": 0, "due": 3}
    assert _count(connection, "inbox") == 0
    reasons = await following.reasons()
    assert reasons == {"inbox": "inbox: RuntimeError at conversation.started.v1 in position 1"}
    assert "words" not in str(reasons)


async def test_one_that_failed_is_tried_again_and_joins_the_others(
    log: Log,
    follow: Follow,
    connection: psycopg.Connection[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    # Twice a step: once with the others, once alone.
    following = follow(_failing(INBOX, 3), DUE)
    await log.add(*QUIET)
    await following.step()
    await following.step()
    assert _positions(connection)["inbox"] == 0
    now[0] += 1.01
    await following.step()
    assert (await following.reasons())["inbox"]
    now[0] += 1.01
    await following.step()
    assert _positions(connection)["inbox"] == 0, "the second wait is longer"
    now[0] += 1.01
    await following.step()
    assert _positions(connection) == {"inbox": 3, "due": 3}
    assert await following.reasons() == {}
    await log.add(*QUIET, talk="d" * 32)
    await following.step()
    assert _positions(connection) == {"inbox": 6, "due": 6}


async def test_a_changed_fold_rebuilds_beside_the_live_table(
    log: Log, follow: Follow, connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projecting, "PAGE", 4)
    for number in range(5):
        await log.add(*QUIET, talk=f"{number:032x}")
    await _drain(follow())
    connection.execute(b"UPDATE inbox SET status = 'old'")
    following = follow(replace(INBOX, version=99), DUE)
    await following.step()
    kept = connection.execute(b"SELECT DISTINCT status FROM inbox").fetchall()
    assert kept == [("old",)], "the old table is read until the new one is whole"
    assert _positions(connection)["inbox_next"] == 4
    await _drain(following)
    assert connection.execute(b"SELECT DISTINCT status FROM inbox").fetchall() == [("active",)]
    assert "inbox_next" not in _positions(connection)
    left = connection.execute(
        b"SELECT indexname FROM pg_indexes WHERE indexname LIKE '%next%'"
    ).fetchall()
    assert left == []
    await log.add(*QUIET, talk="d" * 32)
    await _drain(following)
    assert _count(connection, "inbox") == 6


async def test_a_rebuild_goes_on_where_it_was_stopped(
    log: Log, follow: Follow, connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projecting, "PAGE", 4)
    for number in range(5):
        await log.add(*QUIET, talk=f"{number:032x}")
    await _drain(follow())
    changed = replace(INBOX, version=99)
    await follow(changed).step()
    again = follow(changed)
    await again.step()
    assert _positions(connection)["inbox_next"] == 8
    await _drain(again)
    assert _positions(connection)["inbox"] == 15


async def test_two_projectors_apply_each_fact_once(
    log: Log, follow: Follow, connection: psycopg.Connection[Any]
) -> None:
    one, other = follow(INBOX), follow(INBOX)
    await log.add(started())
    await _drain(one)
    await _drain(other)
    await log.add(superseded(1))
    await one.step()
    with pytest.raises(Overtaken):
        await other.step()
    assert _positions(connection) == {"inbox": 2}


async def test_rows_and_position_are_kept_together_or_not_at_all(
    log: Log, follow: Follow, connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        pass

    def dies(name: str) -> None:
        if name == "projector.applied":
            raise Died

    following = follow(INBOX)
    await log.add(*QUIET)
    monkeypatch.setattr(projecting, "failpoint", dies)
    with pytest.raises(Died):
        await following.step()
    assert (_positions(connection), _count(connection, "inbox")) == ({"inbox": 0}, 0)
    monkeypatch.undo()
    await _drain(follow(INBOX))
    assert (_positions(connection), _count(connection, "inbox")) == ({"inbox": 3}, 1)


async def test_a_fact_that_nobody_can_read_is_a_reason(
    log: Log, follow: Follow, connection: psycopg.Connection[Any]
) -> None:
    following = follow(INBOX, DUE)
    await log.add(*QUIET)
    log.broken = ValueError("her words")
    assert await following.step() == 0
    assert await following.reasons() == {"inbox": "ValueError", "due": "ValueError"}


async def test_a_journal_that_is_away_is_waited_for(log: Log, follow: Follow) -> None:
    following = follow(INBOX)
    await log.add(*QUIET)
    await following.step()
    log.broken = Unavailable("away")
    with pytest.raises(Unavailable):
        await following.step()


async def test_it_wakes_when_something_is_appended(
    log: Log, follow: Follow, connection: psycopg.Connection[Any]
) -> None:
    running = asyncio.create_task(follow(INBOX).run())
    try:
        async with asyncio.timeout(10):
            await log.add(*QUIET)
            while not await asyncio.to_thread(_stands, connection, 3):
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def _stands(connection: psycopg.Connection[Any], position: int) -> bool:
    try:
        return _positions(connection) == {"inbox": position}
    except psycopg.errors.UndefinedTable:
        return False
