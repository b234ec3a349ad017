"""Hearing through FastStream: it fetches and parses; a crew of ours handles, with a heartbeat."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import nats.errors
import structlog
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from nats.aio.msg import Msg

from contracts.announcement import Announcement, subject_of
from contracts.base import Contract
from contracts.catalogue import listening
from contracts.sms import (
    INBOUND_SUBJECT,
    INBOUND_URGENT_SUBJECT,
    STATUS_SUBJECT,
    DeliveryReport,
    InboundSms,
)
from services.adapters import streams
from services.runtime import tracing
from services.runtime.handling import Handling, PutAside
from services.runtime.process import (
    AgentSubscription,
    FactSubscription,
    InboundSubscription,
    StatusSubscription,
    Subscription,
)

log = structlog.get_logger()

AWAY = (nats.errors.Error, OSError, TimeoutError, ConnectionError)
# A server that was killed forgets who waits: after so long we ask again.
_FETCH_S = 2.0
_BATCH_AT_MOST = 16
_CANCEL_S = 2.0


@dataclass(frozen=True, slots=True)
class Ear:
    """One durable of one stream, with what is said there and who handles it."""

    stream: str
    durable: str
    subject: str
    workers: int
    contract: type[Contract]
    process: str
    handle: Callable[[Any], Awaitable[None]]
    unreadable: Callable[[bytes, str], Awaitable[None]] | None = None
    read: Callable[[bytes], Any] | None = None

    @property
    def batch(self) -> int:
        """How many messages are asked for at once: never more than may begin at once."""
        return max(1, min(_BATCH_AT_MOST, self.workers // 4))


def ears(subscriptions: Sequence[Subscription]) -> Iterator[Ear]:
    """Return what is listened to for the subscriptions of a process."""
    for subscription in subscriptions:
        match subscription:
            case FactSubscription(process, handle, workers, urgent_workers):
                for lane, many in (("", workers), ("_urgent", urgent_workers)):
                    # The durable filters for all its facts; a subscriber has to name one.
                    first = min(listening()[process])
                    subject = subject_of(first, urgent=bool(lane))
                    yield Ear(
                        streams.FACTS, process + lane, subject, many, Announcement, process, handle
                    )
            case InboundSubscription(handle, unreadable, workers, urgent_workers):
                for durable, subject, many in (
                    ("policy_gate", INBOUND_SUBJECT, workers),
                    ("policy_gate_urgent", INBOUND_URGENT_SUBJECT, urgent_workers),
                ):
                    yield Ear(
                        streams.INBOUND, durable, subject, many, InboundSms,
                        "policy_gate", handle, unreadable,
                    )  # fmt: skip
            case StatusSubscription(handle, workers):
                yield Ear(
                    streams.STATUS, "sender", STATUS_SUBJECT, workers, DeliveryReport,
                    "callback", handle,
                )  # fmt: skip
            case AgentSubscription(subject, contract, handle, read, workers):
                yield Ear(
                    streams.AGENT_IN, streams.durable_of(subject), subject, workers, contract,
                    "global_agent", handle, read=read,
                )  # fmt: skip


class Crew:
    """
    The workers of one durable: a task a message.

    FastStream fetches again only when `take` has returned, and `take` returns when there is room
    for another batch: whatever was fetched is being handled, under a heartbeat.
    """

    def __init__(
        self, handling: Callable[[Any], Awaitable[None]], workers: int, batch: int
    ) -> None:
        self._handling = handling
        self._most = workers - batch
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()

    async def take(self, delivery: "JetStreamDelivery") -> None:
        """Begin to handle a delivery; return when there is room for more."""
        task = asyncio.create_task(self._handled(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._left)
        if len(self._tasks) > self._most:
            self._room.clear()
            await self._room.wait()

    async def drain(self, until: float) -> None:
        """Wait for the tasks until the loop's clock shows `until`, then cancel the rest."""
        loop = asyncio.get_running_loop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=max(until - loop.time(), 0.0))
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CANCEL_S)

    def open(self) -> None:
        """Let whoever waits for room go: nothing more will be fetched."""
        self._most = 1_000_000
        self._room.set()

    def _left(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if len(self._tasks) <= self._most:
            self._room.set()

    async def _handled(self, delivery: "JetStreamDelivery") -> None:
        try:
            await self._handling(delivery)
        except Exception:
            # It was not acknowledged, so it comes again.
            log.exception("not handled", sequence=delivery.sequence)


class Hearing:
    """FastStream's subscribers for some subscriptions, and their crews."""

    def __init__(
        self, broker: NatsBroker, put_aside: PutAside, heartbeat_s: float, inbox: str
    ) -> None:
        self._broker = broker
        self._inbox = inbox
        self._put_aside = put_aside
        self._heartbeat_s = heartbeat_s
        self._ending = asyncio.Event()
        self._crews: list[Crew] = []

    def add(self, ear: Ear) -> None:
        """Hear a durable from `start` on."""
        handling = Handling(
            ear.process,
            ear.read or ear.contract.model_validate_json,
            ear.handle,
            self._put_aside,
            heartbeat_s=self._heartbeat_s,
            unreadable=ear.unreadable,
            ending=self._ending,
        )
        crew = Crew(handling, ear.workers, ear.batch)
        self._crews.append(crew)
        stream, durable = ear.stream, ear.durable

        async def consume(message: Any) -> None:
            await crew.take(JetStreamDelivery(message.raw_message, stream, durable))

        subscriber_of(self._broker, ear, self._inbox)(consume)

    async def start(self) -> None:
        """Begin to hear."""
        await self._broker.start()

    async def stop(self, grace_s: float) -> None:
        """Fetch nothing more, let handlers finish for `grace_s`, then close the connection."""
        until = asyncio.get_running_loop().time() + grace_s
        self._ending.set()
        for crew in self._crews:
            crew.open()
        for subscriber in self._broker.subscribers:
            await subscriber.stop()
        await asyncio.gather(*(crew.drain(until) for crew in self._crews))
        await self._broker.stop()


def subscriber_of(broker: NatsBroker, ear: Ear, inbox: str = "_INBOX.") -> Any:
    """
    Return FastStream's subscriber of a durable that `provision` has made.

    `inbox` ends in a dot: the broker's own prefix does not reach subscribers.
    """
    return broker.subscriber(
        ear.subject,
        durable=ear.durable,
        stream=JStream(ear.stream, declare=False),
        pull_sub=PullSub(batch_size=ear.batch, timeout=_FETCH_S),
        ack_policy=AckPolicy.MANUAL,
        no_reply=True,
        inbox_prefix=inbox.encode(),
        decoder=_undecoded,
        title=f"{ear.durable} of {ear.stream}",
        description=f"`{ear.process}` hears {ear.contract.__name__}.",
    )


def described(subscriptions: Sequence[Subscription]) -> NatsBroker:
    """Return a broker that is never started: what it subscribes to, for the AsyncAPI document."""
    broker = NatsBroker(logger=None)
    for ear in ears(subscriptions):

        async def consume(message: Any) -> None:
            """Handle one message."""

        consume.__annotations__["message"] = ear.contract
        consume.__name__ = ear.durable
        subscriber_of(broker, ear)(consume)
    return broker


async def _undecoded(message: Any) -> Any:
    """Leave the decoding to us: FastStream's own would put a bad message out of our reach."""
    return message


class JetStreamDelivery:
    """One delivery of JetStream; implements `Delivery`."""

    __slots__ = ("_message", "consumer", "stream")

    def __init__(self, message: Msg, stream: str, consumer: str) -> None:
        self._message = message
        self.stream = stream
        self.consumer = consumer

    @property
    def body(self) -> bytes:
        """The message."""
        return self._message.data

    @property
    def subject(self) -> str:
        """What it was published on."""
        return self._message.subject

    @property
    def sequence(self) -> int:
        """Its place in the stream."""
        return int(self._message.metadata.sequence.stream)

    @property
    def deliveries(self) -> int:
        """How often it was delivered, this time included."""
        return int(self._message.metadata.num_delivered)

    @property
    def traceparent(self) -> str | None:
        """The trace context of whoever published it, where one was given."""
        return (self._message.headers or {}).get(tracing.HEADER)

    async def in_progress(self) -> None:
        """Ask for more time."""
        await self._message.in_progress()

    async def ack(self) -> None:
        """Say that it is done."""
        await _settled(self._message.ack())

    async def nak(self, delay_s: float) -> None:
        """Give it back for so long."""
        await _settled(self._message.nak(delay=max(delay_s, 0.01)))

    async def term(self) -> None:
        """Say that it must not come back."""
        await _settled(self._message.term())


async def _settled(said: Awaitable[None]) -> None:
    """Lose an acknowledgement without an error: the message comes again, which is harmless."""
    try:
        await said
    except AWAY as error:
        log.warning("an acknowledgement was lost", error=type(error).__name__)
