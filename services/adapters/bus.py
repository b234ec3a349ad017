"""The message queue: NATS JetStream, published to durably and heard through FastStream."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import nats.errors
import nats.js.errors
import structlog
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, PullSub
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from pydantic_core import from_json

from contracts.announcement import Announcement, subject_of
from contracts.catalogue import listening
from contracts.sms import INBOUND_SUBJECT, STATUS_SUBJECT, DeliveryReport, InboundSms
from services.adapters import streams
from services.runtime.handling import Handling, PutAside
from services.runtime.ports import Journal, Unavailable
from services.runtime.process import (
    FactSubscription,
    InboundSubscription,
    StatusSubscription,
    Subscription,
)

log = structlog.get_logger()

PUBLISH_S = 3.0
_FULL = 10_077  # JetStream's error code: the stream's limit is reached
# How many messages are asked for at once.  What waits behind busy workers has no heartbeat, so
# it is few; what is delivered twice is harmless.
_BATCH = 8
_FETCH_S = 5.0
_AWAY = (nats.errors.Error, OSError, TimeoutError, ConnectionError)


class NatsBus:
    """
    One connection for what is published, one for what is heard.

    `closed` is set when a connection is gone for good: then the process must end, because it
    would never hear again.
    """

    def __init__(self, url: str, process: str, ack_wait_s: float) -> None:
        self._url = url
        self._process = process
        self._ack_wait_s = ack_wait_s
        self.closed = asyncio.Event()
        self._client: Client | None = None
        self._broker: NatsBroker | None = None
        self._ending = False
        self._put_aside: PutAside | None = None

    # Connection

    async def connect(self) -> None:
        """Connect for publishing.  Raises `Unavailable`."""
        try:
            self._client = await nats.connect(
                self._url,
                name=f"parley {self._process}",
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.2,
                connect_timeout=3,
                allow_reconnect=True,
                closed_cb=self._was_closed,
                error_cb=_say,
            )
        except _AWAY as error:
            raise Unavailable(f"NATS is away: {type(error).__name__}") from None

    async def aclose(self) -> None:
        """Close both connections."""
        self._ending = True
        if self._broker is not None:
            await self._broker.stop()
        if self._client is not None and not self._client.is_closed:
            await self._client.close()

    def equip(self, put_aside: PutAside) -> None:
        """Say what becomes of dead letters; needed before `subscribe`."""
        self._put_aside = put_aside

    @property
    def stream(self) -> JetStreamContext:
        """JetStream, on the publishing connection."""
        assert self._client is not None
        return self._client.jetstream(timeout=PUBLISH_S)

    async def _was_closed(self) -> None:
        if not self._ending:
            self.closed.set()

    # Publishing

    async def publish(self, subject: str, body: bytes, message_id: str) -> None:
        """Publish durably: returns after the acknowledgement.  Raises `Unavailable`."""
        await self.publish_many([(subject, body, message_id)])

    async def publish_many(self, messages: Sequence[tuple[str, bytes, str]]) -> None:
        """Publish messages in their order; returns after the last acknowledgement."""
        client = self._client
        if client is None or not client.is_connected:
            # nats-py would keep it and send it later, after its sender was told that it failed.
            raise Unavailable("NATS is away")
        stream = self.stream
        try:
            waiting = [
                asyncio.ensure_future(
                    stream.publish(
                        subject, body, timeout=PUBLISH_S, headers={"Nats-Msg-Id": message_id}
                    )
                )
                for subject, body, message_id in messages
            ]
            await asyncio.gather(*waiting)
        except nats.js.errors.APIError as error:
            full = error.err_code == _FULL
            raise Unavailable("a stream is full" if full else "NATS refused a message") from None
        except _AWAY as error:
            raise Unavailable(f"NATS is away: {type(error).__name__}") from None

    async def announce(self, told: Announcement, message_id: str, *, urgent: bool) -> None:
        """Announce one fact.  Raises `Unavailable`."""
        await self.publish(*told.as_message(message_id, urgent=urgent))

    async def ready(self) -> str | None:
        """Return None if a durable publish would be accepted, else the reason why not."""
        client = self._client
        if client is None or not client.is_connected:
            return "not connected"
        try:
            state = await self.stream.stream_info(streams.INBOUND)
        except nats.js.errors.NotFoundError:
            return "the stream INBOUND is missing"
        except _AWAY as error:
            return f"NATS does not answer: {type(error).__name__}"
        limit = state.config.max_bytes or 0
        if limit > 0 and state.state.bytes >= limit:
            return "the stream INBOUND is full"
        return None

    # Checks

    async def provision(self) -> None:
        """Make the streams and durables.  Raises `Unavailable`."""
        try:
            await streams.provision(self.stream, self._ack_wait_s)
        except _AWAY as error:
            raise Unavailable(f"NATS refused: {error}") from None

    async def drift(self, subscriptions: Sequence[Subscription]) -> Sequence[str]:
        """Return how streams and durables differ from what is declared: a sentence each."""
        del subscriptions
        try:
            return await streams.drift(self.stream, [self._process], self._ack_wait_s)
        except _AWAY as error:
            raise Unavailable(f"NATS is away: {type(error).__name__}") from None

    async def announced(self) -> int:
        """Return the last position of the journal that was announced; 0 if none."""
        try:
            state = (await self.stream.stream_info(streams.FACTS)).state
            if state.messages == 0:
                return 0
            last = await self.stream.get_msg(streams.FACTS, seq=state.last_seq)
        except nats.js.errors.NotFoundError:
            return 0
        except _AWAY as error:
            raise Unavailable(f"NATS is away: {type(error).__name__}") from None
        return int(from_json(last.data or b"{}").get("position", 0))

    # Hearing

    async def subscribe(self, subscriptions: Sequence[Subscription]) -> None:
        """Begin to hear."""
        if not subscriptions:
            return
        broker = NatsBroker(
            self._url,
            name=f"parley {self._process} hears",
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            connect_timeout=3,
            closed_cb=self._was_closed,
            error_cb=_say,
            graceful_timeout=30,
            apply_types=False,
            logger=None,
        )
        for subscription in subscriptions:
            self._add(broker, subscription)
        self._broker = broker
        await broker.start()

    async def drain(self, grace_s: float) -> None:
        """Hear nothing more and let the handlers that run finish."""
        self._ending = True
        if self._broker is not None:
            self._broker.config.broker_config.graceful_timeout = grace_s
            await self._broker.stop()
            self._broker = None

    def _add(self, broker: NatsBroker, subscription: Subscription) -> None:
        match subscription:
            case FactSubscription():
                lanes = (("", subscription.workers), ("_urgent", subscription.urgent_workers))
                for lane, workers in lanes:
                    subject = subject_of(listening()[subscription.process][0], urgent=bool(lane))
                    self._hear(
                        broker,
                        streams.FACTS,
                        subscription.process + lane,
                        subject,
                        workers,
                        self._handling(
                            subscription.process, Announcement.model_validate_json,
                            subscription.handle,
                        ),
                    )  # fmt: skip
            case InboundSubscription():
                handling = self._handling(
                    "policy_gate",
                    InboundSms.model_validate_json,
                    subscription.handle,
                    subscription.unreadable,
                )
                workers = subscription.workers
                self._hear(
                    broker, streams.INBOUND, "policy_gate", INBOUND_SUBJECT, workers, handling
                )
            case StatusSubscription():
                handling = self._handling(
                    "callback", DeliveryReport.model_validate_json, subscription.handle
                )
                workers = subscription.workers
                self._hear(broker, streams.STATUS, "sender", STATUS_SUBJECT, workers, handling)

    def _handling(
        self,
        process: str,
        decode: Callable[[bytes], Any],
        handle: Callable[[Any], Awaitable[None]],
        unreadable: Callable[[bytes, str], Awaitable[None]] | None = None,
    ) -> Handling:
        assert self._put_aside is not None
        return Handling(
            process,
            decode,
            handle,
            self._put_aside,
            heartbeat_s=self._ack_wait_s / 3,
            unreadable=unreadable,
        )

    def _hear(
        self,
        broker: NatsBroker,
        stream: str,
        durable: str,
        subject: str,
        workers: int,
        handling: Handling,
    ) -> None:
        @broker.subscriber(
            subject,
            durable=durable,
            stream=JStream(stream, declare=False),
            pull_sub=PullSub(batch_size=min(_BATCH, workers), timeout=_FETCH_S),
            max_workers=workers,
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
            decoder=_undecoded,
            title=f"{durable} hears {stream}",
        )
        async def consume(message: Any) -> None:
            await handling(JetStreamDelivery(message.raw_message, stream, durable))


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
    def headers(self) -> dict[str, str]:
        """Its headers."""
        return self._message.headers or {}

    @property
    def sequence(self) -> int:
        """Its place in the stream."""
        return int(self._message.metadata.sequence.stream)

    @property
    def deliveries(self) -> int:
        """How often it was delivered, this time included."""
        return int(self._message.metadata.num_delivered)

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
    except _AWAY as error:
        log.warning("an acknowledgement was lost", error=type(error).__name__)


async def _say(error: Exception) -> None:
    log.warning("nats", error=type(error).__name__)


async def connect_bus(settings: Any, process: str, journal: Journal | None = None) -> NatsBus:
    """Return the bus of a process, connected.  Raises `Unavailable`."""
    from services.adapters.dead_letter_box import DeadLetterBox  # noqa: PLC0415

    bus = NatsBus(settings.nats_url, process, settings.ack_wait_seconds)
    await bus.connect()
    if journal is not None:
        bus.equip(DeadLetterBox(bus.stream, journal).put_aside)
    return bus
