"""The relay between a real PostgreSQL and a real NATS."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from contracts.announcement import Announcement
from contracts.conversation import SmsReleased, SmsWithheld
from contracts.person import PhaseChanged
from services.adapters import streams
from services.adapters.bus import NatsBus
from services.adapters.journal import AsyncJournal, open_journal
from services.adapters.relay_state import PostgresRelayState
from services.relay import Relay, build
from services.runtime.announcing import announce_again
from services.runtime.behind import BehindTheBus
from services.runtime.ports import Standing, Unavailable
from tests.adapters.journal_facts import SECRETS, say

TALK = "conversation-" + "c" * 32
RELEASED = "fact.conversation.sms_released.v1"


def released(number: int, priority: Any = "normal") -> SmsReleased:
    return SmsReleased(sms_id=f"{number:032x}", priority=priority, why="deferred")


@pytest.fixture
async def journal(database_url: str) -> AsyncIterator[AsyncJournal]:
    async with await open_journal(database_url, SECRETS) as opened:
        yield opened


@pytest.fixture
async def world(
    journal: AsyncJournal, bus: NatsBus, database_url: str
) -> Callable[[], SimpleNamespace]:
    """What makes another relay's outside."""

    def made() -> SimpleNamespace:
        return SimpleNamespace(
            journal=journal, bus=bus, relay_state=PostgresRelayState(database_url)
        )

    return made


@contextlib.asynccontextmanager
async def running(outside: SimpleNamespace) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(Relay(outside).run())  # type: ignore[arg-type]
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, BehindTheBus):
            await task


async def told(bus: NatsBus) -> list[tuple[str, str, Announcement]]:
    """Return everything that FACTS holds: subject, id, announcement."""
    state = (await bus.stream.stream_info(streams.FACTS)).state
    found: list[tuple[str, str, Announcement]] = []
    for sequence in range(max(state.first_seq, 1), state.last_seq + 1):
        message = await bus.stream.get_msg(streams.FACTS, seq=sequence)
        found.append(
            (
                message.subject or "",
                (message.headers or {})["Nats-Msg-Id"],
                Announcement.model_validate_json(message.data or b""),
            )
        )
    return found


async def until(bus: NatsBus, count: int, patience: float = 10.0) -> None:
    async with asyncio.timeout(patience):
        while (await bus.stream.stream_info(streams.FACTS)).state.messages < count:
            await asyncio.sleep(0.005)


async def position(database_url: str) -> tuple[int, int]:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        cursor = await connection.execute("SELECT epoch, position FROM relay_state")
        row = await cursor.fetchone()
        assert row is not None
        return row


async def test_facts_with_listeners_are_announced_in_order_and_nothing_of_their_content(
    world: Callable[[], SimpleNamespace], journal: AsyncJournal, bus: NatsBus, database_url: str
) -> None:
    await say(journal, TALK, [released(1), PhaseChanged(phase="active"), released(2, "urgent")])
    async with running(world()):
        await until(bus, 2)
        await say(journal, TALK, [released(number) for number in range(3, 1_203)])
        await until(bus, 1_202)
        async with asyncio.timeout(5):
            while (await position(database_url))[1] < 1_203:
                await asyncio.sleep(0.01)

    found = await told(bus)
    assert [subject for subject, _, _ in found[:3]] == [RELEASED, f"{RELEASED}.urgent", RELEASED]
    assert [each.version for _, _, each in found] == [1, *range(3, 1_204)]
    assert [message_id for _, message_id, _ in found[:2]] == ["1.1", "1.3"]
    first = found[0][2]
    assert (first.stream, first.position, first.fact) == (TALK, 1, released(1).name)
    assert first.cause.startswith("sms.inbound:")
    assert first.traceparent is not None
    assert await bus.announced() == 1_203


async def test_the_way_of_a_text_is_announced_for_escalations_alone(
    world: Callable[[], SimpleNamespace], journal: AsyncJournal, bus: NatsBus
) -> None:
    withheld = [
        SmsWithheld(sms_id=sms_id, reason="expired") for sms_id in ("f" * 32, "escalation-e-1")
    ]
    await say(journal, TALK, [*withheld, released(1)])
    async with running(world()):
        await until(bus, 2)

    assert [each.version for _, _, each in await told(bus)] == [2, 3]


async def test_a_fact_is_announced_within_moments(
    world: Callable[[], SimpleNamespace], journal: AsyncJournal, bus: NatsBus
) -> None:
    loop = asyncio.get_running_loop()
    took: list[float] = []
    async with running(world()):
        await say(journal, TALK, [released(1)])
        await until(bus, 1)
        for number in range(2, 12):
            await asyncio.sleep(0.02)
            begun = loop.time()
            await say(journal, TALK, [released(number)])
            await until(bus, number)
            took.append(loop.time() - begun)

    assert sorted(took)[len(took) // 2] < 0.1


async def test_one_relay_works_and_another_takes_over_where_it_stood(
    world: Callable[[], SimpleNamespace], journal: AsyncJournal, bus: NatsBus
) -> None:
    first, second = world(), world()
    async with running(first) as working:
        await say(journal, TALK, [released(1)])
        await until(bus, 1)
        assert await second.relay_state.acquire() is None
        async with running(second):
            await asyncio.sleep(0.1)
            await say(journal, TALK, [released(2)])
            await until(bus, 2)
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working
            await say(journal, TALK, [released(3)])
            await until(bus, 3)

    assert [message_id for _, message_id, _ in await told(bus)] == ["1.1", "1.2", "1.3"]


async def test_a_lost_lock_is_taken_again(
    world: Callable[[], SimpleNamespace], journal: AsyncJournal, bus: NatsBus, database_url: str
) -> None:
    async with running(world()):
        await say(journal, TALK, [released(1)])
        await until(bus, 1)
        async with await psycopg.AsyncConnection.connect(database_url) as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'parley relay' AND datname = current_database()"
            )
        await say(journal, TALK, [released(2)])
        await until(bus, 2)
        await say(journal, TALK, [released(3)])
        await until(bus, 3)

    assert [each.version for _, _, each in await told(bus)] == [1, 2, 3]


async def test_what_was_announced_but_not_marked_is_a_repeat_that_nobody_hears(
    world: Callable[[], SimpleNamespace], journal: AsyncJournal, bus: NatsBus, database_url: str
) -> None:
    await say(journal, TALK, [released(number) for number in range(1, 6)])
    async with running(world()):
        await until(bus, 5)
        while (await position(database_url))[1] < 5:
            await asyncio.sleep(0.01)
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("UPDATE relay_state SET position = 2")
    async with running(world()):
        await say(journal, TALK, [released(6)])
        await until(bus, 6)

    assert [each.version for _, _, each in await told(bus)] == [1, 2, 3, 4, 5, 6]


async def test_a_new_epoch_is_noticed_and_its_announcements_are_new(
    world: Callable[[], SimpleNamespace], journal: AsyncJournal, bus: NatsBus, database_url: str
) -> None:
    async with running(world()):
        await say(journal, TALK, [released(1)])
        await until(bus, 1)
        assert (await PostgresRelayState(database_url).new_epoch()).epoch == 2
        await say(journal, TALK, [released(2)])
        await until(bus, 2)
        await say(journal, TALK, [released(3)])
        async with asyncio.timeout(5):
            while await position(database_url) != (2, 3):
                await asyncio.sleep(0.01)

    assert (await told(bus))[-1][1] == "2.3"


async def test_a_position_is_not_moved_in_an_epoch_that_is_over(database_url: str) -> None:
    state = PostgresRelayState(database_url)
    standing = await state.acquire()
    assert standing == Standing(1, 0)
    await state.new_epoch()
    try:
        with pytest.raises(Unavailable, match="new epoch"):
            await state.advance(Standing(1, 5))
        assert await state.acquire() == Standing(2, 0)
        await state.advance(Standing(2, 5))
        assert await PostgresRelayState(database_url).position() == 5
    finally:
        await state.aclose()


async def test_a_journal_that_is_older_than_the_bus_is_refused(
    world: Callable[[], SimpleNamespace], journal: AsyncJournal, bus: NatsBus
) -> None:
    await say(journal, TALK, [released(1)])
    async with running(world()):
        await until(bus, 1)
    await bus.publish(*(await told(bus))[0][2].model_copy(update={"position": 9}).as_message(
        "1.9", urgent=False
    ))  # fmt: skip
    async with running(world()) as refusing:
        done, _ = await asyncio.wait({refusing}, timeout=5)
        assert done
        assert isinstance(refusing.exception(), BehindTheBus)

    await bus.forget_announced()
    assert await bus.announced() == 0


async def test_an_announcement_again_is_new_to_the_bus_and_does_not_hide_the_last(
    world: Callable[[], SimpleNamespace], journal: AsyncJournal, bus: NatsBus
) -> None:
    await say(journal, TALK, [released(1, "urgent"), PhaseChanged(phase="active"), released(2)])
    async with running(world()):
        await until(bus, 2)
    assert await announce_again(bus, journal, TALK, 1, "n1")
    assert await announce_again(bus, journal, TALK, 1, "n1")
    assert not await announce_again(bus, journal, TALK, 2, "n1")
    assert not await announce_again(bus, journal, TALK, 99, "n1")

    found = await told(bus)
    assert [subject for subject, _, _ in found] == [
        f"{RELEASED}.urgent", RELEASED, f"{RELEASED}.urgent",
    ]  # fmt: skip
    assert found[0][2] == found[2][2]
    assert await bus.announced() == 3


async def test_a_bus_that_is_away_loses_nothing(
    world: Callable[[], SimpleNamespace], journal: AsyncJournal, bus: NatsBus,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    outside = world()
    away = True
    real = bus.publish_many

    async def publish_many(messages: Any) -> None:
        if away:
            raise Unavailable("NATS is away")
        await real(messages)

    monkeypatch.setattr(bus, "publish_many", publish_many)
    process = build(outside)  # type: ignore[arg-type]
    assert process.reasons is not None
    task = asyncio.ensure_future(process.loops[0]())
    try:
        await say(journal, TALK, [released(1), released(2)])
        async with asyncio.timeout(5):
            while not await process.reasons():
                await asyncio.sleep(0.01)
        away = False
        await until(bus, 2)
        async with asyncio.timeout(5):
            while await process.reasons():
                await asyncio.sleep(0.01)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    assert [each.version for _, _, each in await told(bus)] == [1, 2]


async def test_what_another_relay_announces_meanwhile_is_no_older_journal() -> None:
    """The relay that has just lost the lock announces a fact that was stored a moment ago."""
    stored = 7

    async def announced() -> int:
        nonlocal stored
        stored = 8
        return 8

    async def head() -> int:
        return stored

    async def acquire() -> Standing:
        return Standing(1, 7)

    relay = Relay(
        SimpleNamespace(
            journal=SimpleNamespace(head=head),
            bus=SimpleNamespace(announced=announced),
            relay_state=SimpleNamespace(acquire=acquire),
        )  # type: ignore[arg-type]
    )

    assert await relay._taken() == Standing(1, 7)
