"""Every way in which the handling of a message can end."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from contracts.sms import InboundSms
from services.runtime.handling import (
    ERRORS_AT_MOST,
    POISON_DELIVERIES,
    Handling,
    reason_of,
)
from services.runtime.ports import Conflict, SubjectErased, Unavailable
from services.runtime.process import Later, Never
from tests.facts import sms

SECRET = "my sister Zenobia"
Handle = Callable[[Any], Awaitable[None]]


class FakeDelivery:
    subject = "sms.inbound"
    stream = "INBOUND"
    consumer = "policy_gate"
    traceparent: str | None = None

    def __init__(self, body: bytes, deliveries: int = 1, sequence: int = 7) -> None:
        self.body = body
        self.deliveries = deliveries
        self.sequence = sequence
        self.said: list[str] = []
        self.delays: list[float] = []

    async def in_progress(self) -> None:
        self.said.append("in progress")

    async def ack(self) -> None:
        self.said.append("ack")

    async def nak(self, delay_s: float) -> None:
        self.said.append("nak")
        self.delays.append(delay_s)

    async def term(self) -> None:
        self.said.append("term")


class Box:
    """Where dead letters go; away for the first `away` times."""

    def __init__(self, away: int = 0) -> None:
        self.reasons: list[str] = []
        self.away = away

    async def __call__(self, delivery: object, reason: str) -> None:
        if self.away:
            self.away -= 1
            raise Unavailable("the dead letters are away")
        self.reasons.append(reason)


def text(number: int = 1) -> bytes:
    return sms(number, SECRET).model_dump_json().encode()


def handling(handle: Handle, box: Box, **more: Any) -> Handling:
    return Handling(
        "policy_gate", InboundSms.model_validate_json, handle, box,
        heartbeat_s=more.pop("heartbeat_s", 10.0), backoff_s=(1, 5, 15, 60, 300),
        pauses_s=(0.001, 0.002), **more,
    )  # fmt: skip


def raising(*errors: Exception) -> tuple[Handle, list[object]]:
    """Return a handler that raises these one after the other, then is content."""
    calls: list[object] = []

    async def handle(message: object) -> None:
        calls.append(message)
        if len(calls) <= len(errors):
            raise errors[len(calls) - 1]

    return handle, calls


@pytest.fixture(autouse=True)
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What is logged, kept off the terminal."""
    # A logger that was used once keeps to what was configured then, and to its level.
    before = structlog.get_config()
    structlog.reset_defaults()
    monkeypatch.setattr("services.runtime.handling.log", structlog.get_logger())
    with capture_logs() as kept:
        yield kept
    structlog.configure(**before)


async def test_done_is_acknowledged_once() -> None:
    handle, calls = raising()
    delivery, box = FakeDelivery(text()), Box()

    await handling(handle, box)(delivery)

    assert delivery.said == ["ack"]
    assert calls == [sms(1, SECRET)]
    assert box.reasons == []


async def test_later_sleeps_in_place() -> None:
    handle, calls = raising(Later(0.01, "not yet"), Later(0.01, "not yet"))
    delivery = FakeDelivery(text())

    await handling(handle, Box())(delivery)

    assert delivery.said == ["ack"]
    assert len(calls) == 3


async def test_later_may_give_the_message_back() -> None:
    handle, calls = raising(Later(4.5, "the burst is not over", release=True))
    delivery = FakeDelivery(text())

    await handling(handle, Box())(delivery)

    assert (delivery.said, delivery.delays, len(calls)) == (["nak"], [4.5], 1)


async def test_what_was_given_back_often_waits_here_and_never_looks_like_poison() -> None:
    handle, calls = raising(Later(0.001, "still not", release=True))
    delivery, box = FakeDelivery(text(), deliveries=POISON_DELIVERIES - 1), Box()

    await handling(handle, box)(delivery)

    assert (delivery.said, len(calls), box.reasons) == (["ack"], 2, [])


async def test_a_neighbour_that_is_away_is_waited_for_and_never_counted() -> None:
    away = [Unavailable("PostgreSQL is away")] * (ERRORS_AT_MOST * 3)
    handle, calls = raising(*away)
    delivery, box = FakeDelivery(text()), Box()

    await handling(handle, box)(delivery)

    assert delivery.said == ["ack"]
    assert len(calls) == ERRORS_AT_MOST * 3 + 1
    assert box.reasons == []


async def test_a_conflict_is_tried_again_soon() -> None:
    handle, calls = raising(Conflict("somebody was first"))
    delivery = FakeDelivery(text())
    begun = asyncio.get_running_loop().time()

    await handling(handle, Box(), heartbeat_s=9)(delivery)

    assert (delivery.said, len(calls)) == (["ack"], 2)
    assert asyncio.get_running_loop().time() - begun < 1.0


async def test_an_erased_person_is_done_with(lines: list[Any]) -> None:
    handle, calls = raising(SubjectErased("a key was deleted"))
    delivery, box = FakeDelivery(text()), Box()

    await handling(handle, box)(delivery)

    assert (delivery.said, box.reasons, len(calls)) == (["ack"], [], 1)
    assert lines[-1]["outcome"] == "erased"


async def test_never_is_a_dead_letter_at_once() -> None:
    handle, calls = raising(Never("no such conversation"))
    delivery, box = FakeDelivery(text()), Box()

    await handling(handle, box)(delivery)

    assert (delivery.said, box.reasons, len(calls)) == (["term"], ["no such conversation"], 1)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not understood: all of it: json_invalid"),
        (b"{", "not understood: all of it: json_invalid"),
        (b"\xff\xfe\x00", "not understood: all of it: json_invalid"),
        (b'{"text": "\xff"}', "not understood: all of it: json_invalid"),
        (b"[1,2]", "not understood: all of it: model_type"),
        (text().replace(b'"text"', b'"words"'), "text: missing; words: extra_forbidden"),
        (json.dumps({**json.loads(text()), "media": SECRET}).encode(), "media: int_parsing"),
        (json.dumps({**json.loads(text()), "v": 2}).encode(), "v: extra_forbidden"),
    ],
)
async def test_what_is_no_message_is_a_dead_letter_that_quotes_nothing(
    raw: bytes, reason: str, lines: list[Any]
) -> None:
    handle, calls = raising()
    delivery, box = FakeDelivery(raw), Box()

    await handling(handle, box)(delivery)

    assert delivery.said == ["term"]
    assert calls == []
    assert reason in box.reasons[0]
    assert "Zenobia" not in box.reasons[0]
    assert "Zenobia" not in str(lines)


async def test_an_unexpected_error_is_given_back_and_counted() -> None:
    handle, calls = raising(*[KeyError(SECRET)] * ERRORS_AT_MOST)
    box = Box()
    handled = handling(handle, box)
    said: list[str] = []
    delays: list[float] = []
    for delivered in range(1, ERRORS_AT_MOST + 1):
        delivery = FakeDelivery(text(), deliveries=delivered)
        await handled(delivery)
        said += delivery.said
        delays += delivery.delays

    assert said == ["nak"] * 5 + ["term"]
    assert all(
        0.8 * wanted <= delay <= 1.2 * wanted
        for wanted, delay in zip((1, 5, 15, 60, 300), delays, strict=True)
    )
    assert box.reasons == ["KeyError"]
    assert len(calls) == ERRORS_AT_MOST


async def test_errors_are_counted_for_each_message_and_forgotten_when_it_is_done() -> None:
    handle, _ = raising(*[RuntimeError()] * (ERRORS_AT_MOST - 1))
    box = Box()
    handled = handling(handle, box)
    for _ in range(ERRORS_AT_MOST - 1):
        await handled(FakeDelivery(text()))
    await handled(FakeDelivery(text()))
    failing, _ = raising(*[RuntimeError()] * (ERRORS_AT_MOST - 1))
    handled._handle = failing
    last: list[str] = []
    for _ in range(ERRORS_AT_MOST - 1):
        delivery = FakeDelivery(text())
        await handled(delivery)
        last += delivery.said

    assert box.reasons == []
    assert last == ["nak"] * (ERRORS_AT_MOST - 1)


async def test_a_message_that_ends_processes_is_put_aside_unread() -> None:
    handle, calls = raising()
    delivery, box = FakeDelivery(text(), deliveries=POISON_DELIVERIES + 1), Box()

    await handling(handle, box)(delivery)

    assert (delivery.said, calls) == (["term"], [])
    assert "too often" in box.reasons[0]


async def test_a_dead_letter_waits_for_its_box() -> None:
    handle, _ = raising(Never("no use"))
    delivery, box = FakeDelivery(text()), Box(away=3)

    await handling(handle, box)(delivery)

    assert delivery.said == ["term"]
    assert box.reasons == ["no use"]


async def test_somebody_is_told_of_an_unreadable_text_before_it_is_put_aside() -> None:
    steps: list[object] = []

    async def unreadable(raw: bytes, reason: str) -> None:
        steps.append(raw)
        if len(steps) == 1:
            raise Unavailable("PostgreSQL is away")

    async def box(delivery: object, reason: str) -> None:
        steps.append("put aside")

    handled = handling(raising()[0], box, unreadable=unreadable)  # type: ignore[arg-type]
    await handled(FakeDelivery(b"{"))

    assert steps == [b"{", b"{", "put aside"]


async def test_a_fault_in_telling_does_not_hide_the_letter() -> None:
    async def unreadable(raw: bytes, reason: str) -> None:
        raise ZeroDivisionError

    delivery, box = FakeDelivery(b"{"), Box()

    await handling(raising()[0], box, unreadable=unreadable)(delivery)

    assert delivery.said == ["term"]
    assert len(box.reasons) == 1


async def test_a_long_handler_asks_for_time_and_a_short_one_does_not() -> None:
    async def long(message: object) -> None:
        await asyncio.sleep(0.1)

    slow, quick = FakeDelivery(text()), FakeDelivery(text())
    await handling(long, Box(), heartbeat_s=0.02)(slow)
    await handling(raising()[0], Box(), heartbeat_s=0.02)(quick)
    await asyncio.sleep(0.05)

    assert slow.said.count("in progress") >= 3
    assert slow.said[-1] == "ack"
    assert quick.said == ["ack"]


@pytest.mark.parametrize("error", [Later(60, "a pause"), Unavailable("away")])
async def test_who_sleeps_gives_back_when_the_process_ends(error: Exception) -> None:
    handle, calls = raising(error)
    ending = asyncio.Event()
    delivery = FakeDelivery(text())
    handled = handling(handle, Box(), ending=ending)
    handled._pauses_s = (60.0,)
    task = asyncio.create_task(handled(delivery))
    await asyncio.sleep(0.02)
    assert delivery.said == []
    ending.set()
    await asyncio.wait_for(task, 1.0)

    assert delivery.said == ["nak"]
    assert 45 < delivery.delays[0] < 75
    assert len(calls) == 1


async def test_cancelled_it_leaves_the_message_to_come_again() -> None:
    async def handle(message: object) -> None:
        await asyncio.sleep(60)

    delivery = FakeDelivery(text())
    task = asyncio.create_task(handling(handle, Box())(delivery))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert delivery.said == []


async def test_one_line_is_logged_a_message_and_says_nothing_personal(lines: list[Any]) -> None:
    await handling(raising()[0], Box())(FakeDelivery(text(), deliveries=2))

    assert len(lines) == 1
    line = lines[0]
    assert (line["event"], line["outcome"], line["subject"]) == ("handled", "done", "sms.inbound")
    assert (line["sequence"], line["deliveries"], line["consumer"]) == (7, 2, "policy_gate")
    assert line["duration_ms"] >= 0
    assert "Zenobia" not in str(line)
    assert "+1" not in str(line)


def test_a_reason_is_short_and_names_no_value() -> None:
    assert reason_of(KeyError(SECRET)) == "KeyError"
    assert reason_of(ValueError(SECRET)) == "not understood: ValueError"
