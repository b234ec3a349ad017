"""Hearing over a real server: lanes, workers, drains, and durables that vanish."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from faststream.specification import AsyncAPI

from contracts.agent import (
    ESCALATIONS_CANCELLED,
    ESCALATIONS_REQUESTED,
    ESCALATIONS_UPDATED,
    EscalationWanted,
    EscalationWithdrawn,
)
from contracts.announcement import Announcement
from contracts.catalogue import listening
from contracts.sms import (
    INBOUND_SUBJECT,
    INBOUND_URGENT_SUBJECT,
    STATUS_SUBJECT,
    DeliveryReport,
    InboundSms,
)
from deploy.local.nats import EmbeddedNats
from domain.escalation.reading import Malformed
from services.adapters import bus as bus_module
from services.adapters import streams
from services.adapters.bus import NatsBus
from services.adapters.bus_hearing import described, ears
from services.adapters.dead_letter_box import DeadLetterBox
from services.runtime import dead_letters
from services.runtime.escalations import read_request
from services.runtime.ports import Letter, Unavailable
from services.runtime.process import (
    AgentSubscription,
    FactSubscription,
    InboundSubscription,
    Later,
    StatusSubscription,
    Subscription,
)
from tests.adapters.nats_fixture import ACK_WAIT_S
from tests.facts import TALK, sid, sms
from tests.journal_in_memory import MemoryJournal

AT = datetime(2026, 11, 24, tzinfo=UTC)
DRAFTED = "conversation.reply_drafted.v1"


def told(version: int, fact: str = DRAFTED) -> Announcement:
    return Announcement(
        fact=fact, stream="conversation-1", version=version, position=version, at=AT,
        cause="c", correlation="k",
    )  # fmt: skip


@contextlib.asynccontextmanager
async def hearing(
    server: EmbeddedNats, process: str, *subscriptions: Subscription
) -> AsyncIterator[NatsBus]:
    heard = NatsBus(server.url, process, ACK_WAIT_S)
    await heard.connect()
    heard.equip(DeadLetterBox(heard.stream, MemoryJournal()).put_aside)
    await heard.subscribe(subscriptions)
    try:
        yield heard
    finally:
        await heard.aclose()


async def until(look: Callable[[], object], patience: float = 8.0) -> None:
    async with asyncio.timeout(patience):
        while not look():
            await asyncio.sleep(0.005)


async def pending(bus: NatsBus, stream: str, durable: str) -> tuple[int, int]:
    """Return how many messages are out, and how many wait."""
    info = await bus.stream.consumer_info(stream, durable)
    return info.num_ack_pending or 0, info.num_pending or 0


async def nothing(message: Any) -> None:
    del message


@pytest.mark.parametrize("process", sorted(listening()))
async def test_a_process_hears_every_fact_it_listens_to_in_both_lanes_and_no_other(
    bus: NatsBus, nats_server: EmbeddedNats, process: str
) -> None:
    heard: list[str] = []

    async def handle(announced: Announcement) -> None:
        heard.append(announced.fact)

    async with hearing(nats_server, process, FactSubscription(process, handle)):
        every = sorted({name for names in listening().values() for name in names})
        for number, fact in enumerate(every):
            await bus.announce(told(number, fact), f"1.{number}", urgent=False)
            await bus.announce(told(number, fact), f"2.{number}", urgent=True)
        wanted = sorted(2 * list(listening()[process]))
        await until(lambda: len(heard) >= len(wanted))
        await asyncio.sleep(0.05)

    assert sorted(heard) == wanted


@pytest.mark.parametrize("workers", [1, 5, 9])
async def test_no_more_work_at_once_than_there_are_workers_and_nothing_waits_unheard(
    bus: NatsBus, nats_server: EmbeddedNats, workers: int
) -> None:
    now = most = done = 0

    async def handle(announced: Announcement) -> None:
        nonlocal now, most, done
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        done += 1

    for number in range(1, 4 * workers + 1):
        await bus.announce(told(number), f"1.{number}", urgent=False)
    async with hearing(
        nats_server, "evaluator", FactSubscription("evaluator", handle, workers=workers)
    ):
        await until(lambda: done == 4 * workers)

    assert most <= workers
    assert most >= max(1, workers * 3 // 4)


async def test_a_waiting_crowd_is_never_delivered_twice(
    bus: NatsBus, nats_server: EmbeddedNats
) -> None:
    runs: dict[int, int] = {}

    async def handle(announced: Announcement) -> None:
        runs[announced.version] = runs.get(announced.version, 0) + 1
        await asyncio.sleep(1.5 * ACK_WAIT_S)

    for number in range(12):
        await bus.announce(told(number), f"1.{number}", urgent=False)
    async with hearing(nats_server, "evaluator", FactSubscription("evaluator", handle, workers=6)):
        await until(lambda: len(runs) == 12, 10)
        await asyncio.sleep(1.6 * ACK_WAIT_S)

    assert set(runs.values()) == {1}


async def test_a_drain_lets_handlers_finish_and_sends_sleepers_home(
    bus: NatsBus, nats_server: EmbeddedNats
) -> None:
    ends: list[str] = []

    async def handle(announced: Announcement) -> None:
        if announced.version == 2:
            ends.append("sleeps")
            raise Later(60, "a long pause")
        ends.append("works")
        await asyncio.sleep(0.3)
        ends.append("done")

    loop = asyncio.get_running_loop()
    subscription = FactSubscription("evaluator", handle, workers=2)
    async with hearing(nats_server, "evaluator", subscription) as heard:
        await bus.announce(told(1), "1.1", urgent=False)
        await bus.announce(told(2), "1.2", urgent=False)
        await until(lambda: len(ends) == 2)
        begun = loop.time()
        await heard.drain(10)
        took = loop.time() - begun
        acked = (await bus.stream.consumer_info(streams.FACTS, "evaluator")).ack_floor

    assert ends[-1] == "done"
    assert took < 3
    assert acked is not None
    assert acked.stream_seq == 1
    assert not heard.closed.is_set()


async def test_who_does_not_finish_in_time_is_cancelled_and_the_message_comes_again(
    bus: NatsBus, nats_server: EmbeddedNats
) -> None:
    cancelled: list[int] = []
    again: list[int] = []

    async def stuck(announced: Announcement) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(announced.version)
            raise

    async def quick(announced: Announcement) -> None:
        again.append(announced.version)

    await bus.announce(told(1), "1.1", urgent=False)
    async with hearing(nats_server, "evaluator", FactSubscription("evaluator", stuck)) as heard:
        await asyncio.sleep(0.2)
        await heard.drain(0.1)
    async with hearing(nats_server, "evaluator", FactSubscription("evaluator", quick)):
        await until(lambda: again)

    assert (cancelled, again) == ([1], [1])


async def test_a_neighbour_that_was_away_leaves_no_dead_letter(
    bus: NatsBus, nats_server: EmbeddedNats
) -> None:
    tries: list[int] = []

    async def handle(announced: Announcement) -> None:
        tries.append(announced.version)
        if len(tries) < 4:
            raise Unavailable("PostgreSQL is away")

    async with hearing(nats_server, "evaluator", FactSubscription("evaluator", handle)):
        await bus.announce(told(1), "1.1", urgent=False)
        await until(lambda: len(tries) == 4)
        await asyncio.sleep(0.05)
        assert await pending(bus, streams.FACTS, "evaluator") == (0, 0)

    assert (await bus.stream.stream_info(streams.DLQ)).state.messages == 0


async def test_a_durable_that_vanishes_ends_the_process(
    bus: NatsBus, nats_server: EmbeddedNats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "_WATCH_S", 0.05)
    async with hearing(nats_server, "evaluator", FactSubscription("evaluator", nothing)) as heard:
        await asyncio.sleep(0.2)
        assert not heard.closed.is_set()
        await bus.stream.delete_consumer(streams.FACTS, "evaluator_urgent")
        await asyncio.wait_for(heard.closed.wait(), 5)


async def test_texts_and_reports_are_heard_and_leave_their_queues(
    bus: NatsBus, nats_server: EmbeddedNats
) -> None:
    heard: list[object] = []

    async def handle(message: object) -> None:
        heard.append(message)

    report = DeliveryReport(attempt_id=f"{TALK}.5", sid=sid(1), status="delivered", received_at=AT)
    async with hearing(
        nats_server, "policy_gate", InboundSubscription(handle), StatusSubscription(handle)
    ):
        await bus.publish(INBOUND_SUBJECT, sms(1, "hello").model_dump_json().encode(), "in:1")
        await bus.publish(INBOUND_SUBJECT, sms(1, "hello").model_dump_json().encode(), "in:1")
        await bus.publish(STATUS_SUBJECT, report.model_dump_json().encode(), "st:1")
        await until(lambda: len(heard) == 2)
        await asyncio.sleep(0.1)

    assert sms(1, "hello") in heard
    assert report in heard
    assert len(heard) == 2
    assert (await bus.stream.stream_info(streams.INBOUND)).state.messages == 0
    assert (await bus.stream.stream_info(streams.STATUS)).state.messages == 0


async def test_a_pressing_text_does_not_wait_behind_others(
    bus: NatsBus, nats_server: EmbeddedNats
) -> None:
    heard: list[str] = []
    on = asyncio.Event()

    async def handle(text: InboundSms) -> None:
        if text.text == "hello":
            await on.wait()
        heard.append(text.text)

    async with hearing(nats_server, "policy_gate", InboundSubscription(handle, workers=4)):
        for count in range(20):
            told = sms(count, "hello").model_dump_json().encode()
            await bus.publish(INBOUND_SUBJECT, told, f"in:{count}")
        told = sms(99, "i want to die").model_dump_json().encode()
        await bus.publish(INBOUND_URGENT_SUBJECT, told, "in:99")
        await until(lambda: bool(heard))
        on.set()
        await until(lambda: len(heard) == 21)

    assert heard[0] == "i want to die"


async def _waiting(box: DeadLetterBox) -> list[Letter]:
    return [letter async for letter in dead_letters.waiting(box)]


async def test_a_letter_is_replayed_once_or_dropped_and_the_journal_says_so(
    bus: NatsBus, nats_server: EmbeddedNats
) -> None:
    journal = MemoryJournal()
    box = DeadLetterBox(bus.stream, journal)
    async with hearing(nats_server, "policy_gate", InboundSubscription(nothing)) as heard:
        heard.equip(box.put_aside)
        await bus.publish(INBOUND_SUBJECT, b"{1", "in:1")
        await bus.publish(INBOUND_SUBJECT, b"{2", "in:2")
        async with asyncio.timeout(5):
            while len(await _waiting(box)) < 2:
                await asyncio.sleep(0.01)
    first, second = await _waiting(box)
    named = dead_letters.id_of_letter(first)
    await dead_letters.drop(box, journal, dead_letters.id_of_letter(second), "op", AT)
    await dead_letters.replay(box, journal, named, "op", AT)
    with pytest.raises(dead_letters.NoSuchLetter):
        await dead_letters.replay(box, journal, named, "op", AT)

    assert await _waiting(box) == []
    message = await bus.stream.get_last_msg(streams.INBOUND, INBOUND_SUBJECT)
    assert message.data == b"{1"
    assert first.reason.startswith("not understood")
    assert (first.subject, first.consumer, first.attempts) == (INBOUND_SUBJECT, "policy_gate", 1)


async def test_what_the_agent_says_is_heard_by_its_subject(
    bus: NatsBus, nats_server: EmbeddedNats
) -> None:
    asked: list[object] = []
    dropped: list[EscalationWithdrawn] = []

    async def ask(request: object) -> None:
        asked.append(request)

    async def drop(withdrawn: EscalationWithdrawn) -> None:
        dropped.append(withdrawn)

    heard = (
        AgentSubscription(ESCALATIONS_REQUESTED, EscalationWanted, ask, read_request),
        AgentSubscription(ESCALATIONS_CANCELLED, EscalationWithdrawn, drop),
    )
    async with hearing(nats_server, "global_agent", *heard):
        wrong = b'{"escalation_id": "e-1", "to": {"user_id": "u"}, "text": 7}'
        await bus.publish(ESCALATIONS_REQUESTED, wrong, "1")
        await bus.publish(ESCALATIONS_CANCELLED, b'{"escalation_id": "e-1"}', "2")
        async with asyncio.timeout(8):
            while not (asked and dropped):
                await asyncio.sleep(0.01)

    assert asked == [Malformed("e-1", "bad_text")]
    assert dropped[0].escalation_id == "e-1"


async def test_what_is_told_has_its_headers(bus: NatsBus) -> None:
    headers = {"ce-id": "e-1.1", "ce-type": "t"}
    for _ in range(2):
        await bus.tell(ESCALATIONS_UPDATED, b"{}", "e-1.1", headers)

    message = await bus.stream.get_last_msg(streams.AGENT_OUT, ESCALATIONS_UPDATED)
    assert {**headers, "Nats-Msg-Id": "e-1.1"}.items() <= (message.headers or {}).items()
    assert (await bus.stream.stream_info(streams.AGENT_OUT)).state.messages == 1


def test_the_subscribers_can_be_described_without_a_server() -> None:
    every: list[Subscription] = [FactSubscription(process, nothing) for process in listening()]
    every += [InboundSubscription(nothing), StatusSubscription(nothing)]
    schema = AsyncAPI(described(every)).to_specification().to_jsonable()

    titles = {ear.durable + " of " + ear.stream for ear in ears(every)}
    assert titles <= set(schema["channels"])
    assert {"InboundSms", "DeliveryReport", "Announcement"} <= set(schema["components"]["schemas"])


def test_the_streams_fit_into_the_embedded_server() -> None:
    assert sum(config.max_bytes or 0 for config in streams.STREAMS) < 2_000_000_000
    for ear in ears([FactSubscription("turn_runner", nothing, 10_000)]):
        durable = next(each for each in streams.durables(30) if each.name == ear.durable)
        assert (durable.config.max_ack_pending or 0) >= ear.workers


@pytest.mark.parametrize(
    ("subject", "stream"),
    [
        ("sms.inbound", "INBOUND"), ("sms.status", "STATUS"), ("fact.x.v1.urgent", "FACTS"),
        ("dlq.FACTS.sender", "DLQ"), ("agent.shifts.accepted", "AGENT_IN"),
        ("agent.escalations.updated", "AGENT_OUT"), ("else", None),
    ],
)  # fmt: skip
def test_a_subject_belongs_to_one_stream(subject: str, stream: str | None) -> None:
    assert streams.stream_of(subject) == stream


async def test_drift_of_streams_and_durables_is_told_one_by_one_and_mended(bus: NatsBus) -> None:
    from dataclasses import replace

    evaluator: list[Subscription] = [FactSubscription("evaluator", nothing)]
    assert await bus.drift(evaluator) == []
    facts = next(each for each in streams.STREAMS if each.name == streams.FACTS)
    await bus.stream.update_stream(replace(facts, max_bytes=5_000_000, duplicate_window=60.0))
    durable = next(each for each in streams.durables(ACK_WAIT_S) if each.name == "evaluator")
    await bus.stream.add_consumer(
        streams.FACTS, replace(durable.config, filter_subject="fact.other.v1", max_ack_pending=3)
    )
    await bus.stream.delete_stream(streams.DLQ)
    told_of = " ".join(await bus.drift(evaluator))

    for wanted in (
        "FACTS has max_bytes 5000000", "FACTS has duplicate_window 60", "stream DLQ is missing",
        "evaluator has max_ack_pending 3", "evaluator hears ['fact.other.v1']",
    ):  # fmt: skip
        assert wanted in told_of
    assert await bus.drift([InboundSubscription(nothing)]) != []
    await bus.provision()
    assert await bus.drift(evaluator) == []


async def test_readiness_tells_what_is_missing_or_doubtful(
    bus: NatsBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await bus.ready() is None
    with pytest.raises(Unavailable):
        await bus.publish("nobody.keeps.this", b"x", "1")
    assert await bus.ready() == "a message was not acknowledged just now"
    monkeypatch.setattr(bus_module, "_DOUBT_S", 0.0)
    assert await bus.ready() is None
    await bus.stream.delete_stream(streams.STATUS)
    assert await bus.ready() == "the stream STATUS is missing"
