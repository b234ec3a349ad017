"""The bus over a real server: what is published is heard, drift is told, outages are waited out."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg

from contracts.agent import ESCALATIONS_UPDATED
from contracts.announcement import Announcement
from contracts.sms import INBOUND_SUBJECT, InboundSms
from deploy.local.nats import EmbeddedNats
from services.adapters import streams
from services.adapters.bus import NatsBus
from services.adapters.dead_letter_box import DeadLetterBox
from services.runtime import dead_letters
from services.runtime.ports import Unavailable
from services.runtime.process import FactSubscription, InboundSubscription, Later
from tests.adapters.nats_fixture import ACK_WAIT_S
from tests.facts import sms
from tests.journal_in_memory import MemoryJournal

AT = datetime(2026, 11, 24, tzinfo=UTC)


def told(version: int, fact: str = "conversation.reply_drafted.v1") -> Announcement:
    return Announcement(
        fact=fact, stream="conversation-1", version=version, position=version, at=AT,
        cause="c", correlation="k",
    )  # fmt: skip


async def until(look: Callable[[], object], patience: float = 8.0) -> None:
    async with asyncio.timeout(patience):
        while not look():
            await asyncio.sleep(0.01)


async def listening(
    server: EmbeddedNats, process: str, handle: Callable[..., Awaitable[None]], **more: object
) -> tuple[NatsBus, MemoryJournal]:
    journal = MemoryJournal()
    bus = NatsBus(server.url, process, ACK_WAIT_S)
    await bus.connect()
    bus.equip(DeadLetterBox(bus.stream, journal).put_aside)
    kind = InboundSubscription if process == "policy_gate" else FactSubscription
    made = (
        InboundSubscription(handle)
        if kind is InboundSubscription
        else FactSubscription(process, handle, **more)  # type: ignore[arg-type]
    )
    await bus.subscribe([made])
    return bus, journal


async def test_facts_are_heard_once_in_both_lanes(bus: NatsBus, nats_server: EmbeddedNats) -> None:
    heard: list[int] = []

    async def handle(announced: Announcement) -> None:
        heard.append(announced.version)

    listener, _ = await listening(nats_server, "evaluator", handle)
    try:
        for version in range(1, 21):
            await bus.announce(told(version), f"1.{version}", urgent=version % 5 == 0)
        await bus.announce(told(3), "1.3", urgent=False)
        await until(lambda: len(heard) >= 20)
        await asyncio.sleep(0.1)
    finally:
        await listener.aclose()

    assert sorted(heard) == list(range(1, 21))


async def test_a_slow_handler_runs_once(bus: NatsBus, nats_server: EmbeddedNats) -> None:
    runs = 0

    async def handle(announced: Announcement) -> None:
        nonlocal runs
        runs += 1
        await asyncio.sleep(2.5 * ACK_WAIT_S)

    listener, _ = await listening(nats_server, "evaluator", handle)
    try:
        await bus.announce(told(1), "1.1", urgent=False)
        await asyncio.sleep(3.2 * ACK_WAIT_S)
    finally:
        await listener.aclose()

    assert runs == 1


async def test_what_was_released_comes_again(bus: NatsBus, nats_server: EmbeddedNats) -> None:
    tries: list[float] = []

    async def handle(announced: Announcement) -> None:
        tries.append(asyncio.get_running_loop().time())
        if len(tries) == 1:
            raise Later(0.3, "not yet", release=True)

    listener, _ = await listening(nats_server, "turn_runner", handle)
    try:
        fact = "conversation.turn_admitted.v1"
        await bus.announce(told(1, fact), "1.1", urgent=False)
        await until(lambda: len(tries) == 2)
    finally:
        await listener.aclose()

    assert 0.25 < tries[1] - tries[0] < 2.0


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[1,2]", b"\xff\xfe", b'{"sid": "SM1"}', b'{"schema_version": 2}'],
)
async def test_what_is_no_message_is_put_aside_and_can_be_sent_again(
    bus: NatsBus, nats_server: EmbeddedNats, raw: bytes
) -> None:
    heard: list[str] = []

    async def handle(text: InboundSms) -> None:
        heard.append(text.sid)

    listener, journal = await listening(nats_server, "policy_gate", handle)
    box = DeadLetterBox(bus.stream, journal)
    try:
        await bus.publish(INBOUND_SUBJECT, raw, "bad")
        await bus.publish(INBOUND_SUBJECT, sms(1, "hello").model_dump_json().encode(), "good")
        letters: list[object] = []
        async with asyncio.timeout(8):
            while not letters:
                letters = list(await box.letters())
                await asyncio.sleep(0.02)
        await until(lambda: heard)
        letter = (await box.letters())[0]
        await dead_letters.replay(box, journal, dead_letters.id_of_letter(letter), "op", AT)
        await asyncio.sleep(0.3)
        again = await box.letters()
    finally:
        await listener.aclose()

    assert heard == [sms(1, "hello").sid]
    assert "hello" not in letter.reason
    assert len(again) == 1
    assert again[0].source_sequence != letter.source_sequence


async def test_letters_are_read_by_the_page_also_past_what_was_decided(bus: NatsBus) -> None:
    for number in range(230):
        told = {"Dlq-Stream": "INBOUND", "Dlq-Consumer": "gate", "Dlq-Sequence": str(number)}
        await bus.stream.publish("dlq.INBOUND.gate", b"", headers=told)
    for sequence in range(10, 221):
        await bus.stream.delete_msg(streams.DLQ, sequence)
    box = DeadLetterBox(bus.stream, MemoryJournal())

    left = [letter.sequence async for letter in dead_letters.waiting(box)]

    assert left == [*range(1, 10), *range(221, 231)]


async def test_drift_is_told(bus: NatsBus) -> None:
    assert (
        await streams.drift(
            bus.stream,
            [(streams.FACTS, "evaluator"), (streams.FACTS, "evaluator_urgent")],
            ACK_WAIT_S,
        )
        == []
    )

    await bus.stream.delete_consumer(streams.FACTS, "evaluator_urgent")
    differing = await streams.drift(
        bus.stream,
        [(streams.FACTS, "evaluator"), (streams.FACTS, "evaluator_urgent")],
        ACK_WAIT_S + 4,
    )

    assert any("evaluator has ack_wait" in sentence for sentence in differing)
    assert "The durable evaluator_urgent of FACTS is missing." in differing


async def test_a_full_stream_is_told_and_nothing_is_dropped(bus: NatsBus) -> None:
    config = next(each for each in streams.STREAMS if each.name == streams.INBOUND)
    from dataclasses import replace

    await bus.stream.update_stream(replace(config, max_bytes=2_000))
    with pytest.raises(Unavailable, match="full"):
        for count in range(50):
            await bus.publish(INBOUND_SUBJECT, b"x" * 200, f"n{count}")

    assert (await bus.stream.stream_info(streams.INBOUND)).state.first_seq == 1


async def test_the_last_announced_position_is_known(bus: NatsBus) -> None:
    assert await bus.announced() == 0

    await bus.announce(told(41), "1.41", urgent=False)

    assert await bus.announced() == 41


async def test_what_a_stream_holds_is_read_from_its_end_and_not_past_its_beginning(
    bus: NatsBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject, asked = ESCALATIONS_UPDATED, list[int]()
    for number in range(6):
        await bus.publish(subject, str(number).encode(), f"newest-{number}")
    await bus.stream.purge_stream(streams.AGENT_OUT, seq=5)
    get = JetStreamContext.get_msg

    async def counted(self: JetStreamContext, name: str, seq: int) -> RawStreamMsg:
        asked.append(seq)
        return await get(self, name, seq=seq)

    monkeypatch.setattr(JetStreamContext, "get_msg", counted)

    assert [raw async for raw in bus.newest(streams.AGENT_OUT, subject)] == [b"5", b"4"]
    assert asked == [6, 5]


async def test_a_killed_server_is_waited_for(nats_server: EmbeddedNats, bus: NatsBus) -> None:
    heard: list[int] = []

    async def handle(announced: Announcement) -> None:
        heard.append(announced.version)

    listener, _ = await listening(nats_server, "evaluator", handle)
    try:
        await bus.announce(told(1), "1.1", urgent=False)
        await until(lambda: heard)
        await asyncio.to_thread(nats_server.stop)
        with pytest.raises(Unavailable):
            await bus.announce(told(2), "1.2", urgent=False)
        nats_server.start()
        async with asyncio.timeout(15):
            while True:
                try:
                    await bus.announce(told(2), "1.2", urgent=False)
                    break
                except Unavailable:
                    await asyncio.sleep(0.1)
        await until(lambda: 2 in heard, 15)
    finally:
        await listener.aclose()

    assert not bus.closed.is_set()
