"""The message queue: NATS JetStream, published to durably and heard through FastStream."""

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import nats
import nats.js.errors
import structlog
from faststream.nats import NatsBroker
from faststream.nats.security import NatsNKey
from nats.aio.client import Client
from nats.js import JetStreamContext
from pydantic_core import from_json

from contracts.announcement import Announcement
from services.adapters import streams
from services.adapters.bus_hearing import AWAY, Ear, Hearing, ears
from services.runtime import meters, tracing
from services.runtime.handling import PutAside
from services.runtime.ports import Belongs, Journal, Unavailable
from services.runtime.process import Subscription

log = structlog.get_logger()

PUBLISH_S = 3.0
_AT_ONCE = 128
_FORBIDDEN = "permissions violation"
_FULL = 10_077  # JetStream's error code: the stream's limit is reached
# After a publish was not acknowledged we are not ready for so long, then let another one try: a
# server with a full disk answers every question and keeps nothing.
_DOUBT_S = 5.0
_WATCH_S = 5.0
# The relay's ids are `<epoch>.<position>`; repeated announcements have others.
_RELAYED = re.compile(r"[0-9]+\.([0-9]+)")
_LOOK_BACK = 5_000
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class NatsBus:
    """
    One connection for what is published, one for what is heard.

    `closed` is set when a connection, or a durable that we hear, is gone for good: then the
    process must end, because it would never hear again.
    """

    def __init__(
        self,
        url: str,
        process: str,
        ack_wait_s: float,
        replicas: int = 1,
        nkey_seed: str | None = None,
    ) -> None:
        self._url = url
        self._nkey_seed = nkey_seed
        self._process = process
        self._ack_wait_s = ack_wait_s
        self._replicas = replicas
        self.closed = asyncio.Event()
        self._client: Client | None = None
        self._hearing: Hearing | None = None
        self._watch: asyncio.Task[None] | None = None
        self._ending = False
        self._put_aside: PutAside | None = None
        self._doubted_at: float | None = None

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
                inbox_prefix=streams.inbox_of(self._process).encode(),
                nkeys_seed_str=self._nkey_seed,
            )
        except AWAY as error:
            raise Unavailable(f"NATS is away: {type(error).__name__}") from None

    async def aclose(self) -> None:
        """Close both connections."""
        await self.drain(0.0)
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
        """
        Publish messages in their order; returns after the last acknowledgement.

        Raises `Unavailable`: some may have been kept all the same, so they are to be published
        again under the same ids.
        """
        with self._publishing():
            for begin in range(0, len(messages), _AT_ONCE):
                batch = messages[begin : begin + _AT_ONCE]
                await asyncio.gather(*(self._publish_one(*message) for message in batch))

    async def tell(
        self, subject: str, body: bytes, message_id: str, headers: Mapping[str, str]
    ) -> None:
        """Publish durably, with more headers than the id.  Raises `Unavailable`."""
        with self._publishing():
            await self._publish_one(subject, body, message_id, headers)

    @contextlib.contextmanager
    def _publishing(self) -> Generator[None]:
        """Turn the client's errors into ours, and remember whether it was in doubt."""
        client = self._client
        if client is None or not client.is_connected:
            # nats-py would keep it and send it later, after its sender was told that it failed.
            raise Unavailable("NATS is away")
        try:
            yield
        except nats.js.errors.APIError as error:
            self._doubted_at = time.monotonic()
            full = error.err_code == _FULL
            raise Unavailable("a stream is full" if full else "NATS refused a message") from None
        except AWAY as error:
            self._doubted_at = time.monotonic()
            raise Unavailable(f"NATS is away: {type(error).__name__}") from None
        self._doubted_at = None

    async def _publish_one(
        self, subject: str, body: bytes, message_id: str, headers: Mapping[str, str] = _NO_HEADERS
    ) -> None:
        complete = {**headers, "Nats-Msg-Id": message_id}
        traceparent = tracing.here()
        if traceparent is not None:
            complete[tracing.HEADER] = traceparent
        await self.stream.publish(
            subject,
            body,
            timeout=PUBLISH_S,
            stream=streams.stream_of(subject),
            headers=complete,
        )

    async def announce(self, told: Announcement, message_id: str, *, urgent: bool) -> None:
        """Announce one fact.  Raises `Unavailable`."""
        await self.publish(*told.as_message(message_id, urgent=urgent))

    async def ready(self) -> str | None:
        """Return None if a durable publish would be accepted, else the reason why not."""
        client = self._client
        if client is None or not client.is_connected:
            return "not connected"
        if self._doubted_at is not None and time.monotonic() - self._doubted_at < _DOUBT_S:
            return "a message was not acknowledged just now"
        for name in (streams.INBOUND, streams.STATUS):
            reason = await self._refuses(name)
            if reason is not None:
                return reason
        return None

    async def _refuses(self, name: str) -> str | None:
        try:
            state = await self.stream.stream_info(name)
        except nats.js.errors.NotFoundError:
            return f"the stream {name} is missing"
        except AWAY as error:
            return f"NATS does not answer: {type(error).__name__}"
        limit = state.config.max_bytes or 0
        full = limit > 0 and state.state.bytes + streams.LARGEST > limit
        return f"the stream {name} is full" if full else None

    async def fullness(self) -> Mapping[str, float]:
        """Return the share of its bytes that each stream keeps.  Raises `Unavailable`."""
        found: dict[str, float] = {}
        for name in streams.NAMES:
            try:
                info = await self.stream.stream_info(name)
            except nats.js.errors.NotFoundError:
                continue
            except AWAY as error:
                raise Unavailable(f"NATS is away: {type(error).__name__}") from None
            found[name] = info.state.bytes / (info.config.max_bytes or 1)
        return found

    # Checks

    async def provision(self) -> None:
        """Make the streams and durables.  Raises `Unavailable`."""
        try:
            await streams.provision(self.stream, self._ack_wait_s, self._replicas)
        except AWAY as error:
            raise Unavailable(f"NATS refused: {error}") from None

    async def drift(self, subscriptions: Sequence[Subscription]) -> Sequence[str]:
        """Return how streams and durables differ from what is declared: a sentence each."""
        names = [(ear.stream, ear.durable) for ear in ears(subscriptions)]
        try:
            return await streams.drift(self.stream, names, self._ack_wait_s, self._replicas)
        except AWAY as error:
            raise Unavailable(f"NATS is away: {type(error).__name__}") from None

    async def announced(self) -> int:
        """Return the last position of the journal that the relay announced; 0 if none."""
        try:
            state = (await self.stream.stream_info(streams.FACTS)).state
            oldest = max(state.first_seq, state.last_seq - _LOOK_BACK, 1)
            furthest = 0
            for sequence in range(state.last_seq, oldest - 1, -1):
                relayed, position = await self._announced_at(sequence)
                if relayed:
                    return position
                furthest = max(furthest, position)
        except nats.js.errors.NotFoundError:
            return 0
        except AWAY as error:
            raise Unavailable(f"NATS is away: {type(error).__name__}") from None
        return furthest

    async def _announced_at(self, sequence: int) -> tuple[bool, int]:
        """Return whether the relay said a message of FACTS itself, and the position it names."""
        try:
            found = await self.stream.get_msg(streams.FACTS, seq=sequence)
        except nats.js.errors.NotFoundError:
            return False, 0
        relayed = _RELAYED.fullmatch((found.headers or {}).get("Nats-Msg-Id", ""))
        if relayed is not None:
            return True, int(relayed[1])
        with contextlib.suppress(ValueError, TypeError, AttributeError):
            return False, int(from_json(found.data or b"{}").get("position", 0))
        return False, 0

    async def newest(self, name: str, subject: str) -> AsyncIterator[bytes]:
        """Give what a stream holds on a subject, the newest first.  Raises `Unavailable`."""
        try:
            state = (await self.stream.stream_info(name)).state
            # What is older than the first is gone, and would be asked for one by one.
            for sequence in range(state.last_seq, max(state.first_seq, 1) - 1, -1):
                with contextlib.suppress(nats.js.errors.NotFoundError):
                    found = await self.stream.get_msg(name, seq=sequence)
                    if found.subject == subject:
                        yield found.data or b""
        except nats.js.errors.NotFoundError:
            return
        except AWAY as error:
            raise Unavailable(f"NATS is away: {type(error).__name__}") from None

    async def shred(self, belongs: Belongs) -> Mapping[str, int]:
        """Delete every message with content that belongs to whom is erased.  See `Bus`."""
        deleted: dict[str, int] = {}
        try:
            for name in streams.WITH_CONTENT:
                deleted[name] = await self._shred_stream(name, belongs)
        except nats.js.errors.APIError as error:
            raise Unavailable(f"NATS refused: {error.err_code}") from None
        except AWAY as error:
            raise Unavailable(f"NATS is away: {type(error).__name__}") from None
        return deleted

    async def _shred_stream(self, name: str, belongs: Belongs) -> int:
        deleted, sequence = 0, 1
        while True:
            try:
                found = await self.stream.get_msg(name, seq=sequence, subject=">", next=True)
            except nats.js.errors.NotFoundError:
                return deleted
            here = found.seq or sequence
            subject = (found.headers or {}).get("Dlq-Subject") or found.subject or ""
            if belongs(name, subject, found.data or b""):
                # The server overwrites what it deletes so, where purging only forgets it.
                with contextlib.suppress(nats.js.errors.NotFoundError):
                    deleted += await self.stream.delete_msg(name, here)
            sequence = here + 1

    async def forget_announced(self) -> None:
        """
        Delete every announcement: what is unfinished must be announced again, in a new epoch.

        For a journal that was restored from an older backup, whose positions come a second time.
        """
        try:
            await self.stream.purge_stream(streams.FACTS)
        except AWAY as error:
            raise Unavailable(f"NATS is away: {type(error).__name__}") from None

    # Hearing

    async def subscribe(self, subscriptions: Sequence[Subscription]) -> None:
        """Begin to hear."""
        heard = tuple(ears(subscriptions))
        if not heard:
            return
        assert self._put_aside is not None, "equip comes before subscribe"
        inbox = f"{streams.inbox_of(self._process)}."
        hearing = Hearing(self._broker(), self._put_aside, self._ack_wait_s / 3, inbox)
        for ear in heard:
            hearing.add(ear)
        self._hearing = hearing
        await hearing.start()
        self._watch = asyncio.create_task(self._watch_durables(heard), name="durables")

    async def drain(self, grace_s: float) -> None:
        """Hear nothing more and let the handlers that run finish."""
        self._ending = True
        if self._watch is not None:
            self._watch.cancel()
        hearing, self._hearing = self._hearing, None
        if hearing is not None:
            await hearing.stop(grace_s)

    def _broker(self) -> NatsBroker:
        return NatsBroker(
            self._url,
            name=f"parley {self._process} hears",
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            connect_timeout=3,
            closed_cb=self._was_closed,
            error_cb=_say,
            inbox_prefix=streams.inbox_of(self._process),
            security=None if self._nkey_seed is None else NatsNKey.from_seed(self._nkey_seed),
            graceful_timeout=1,
            apply_types=False,
            logger=None,
        )

    async def _watch_durables(self, heard: Sequence[Ear]) -> None:
        """End the process when a durable is gone: fetching from it would be silent for ever."""
        while True:
            await asyncio.sleep(_WATCH_S)
            gone = await self._gone(heard)
            if gone is not None:
                log.error("a durable is gone", durable=gone.durable)
                self.closed.set()
                return

    async def _gone(self, heard: Sequence[Ear]) -> Ear | None:
        for ear in heard:
            try:
                found = await self.stream.consumer_info(ear.stream, ear.durable)
            except nats.js.errors.NotFoundError:
                return ear
            except AWAY:
                return None
            names = (ear.stream, ear.durable)
            meters.queue_waiting.labels(*names).set(found.num_pending or 0)
            meters.queue_unacknowledged.labels(*names).set(found.num_ack_pending or 0)
        return None


async def _say(error: Exception) -> None:
    said = str(error)
    if _FORBIDDEN in said.lower():
        # Whoever published hears of it as a time-out alone; this names the subject.
        log.error("nats refuses us", why=said)
        return
    log.warning("nats", error=type(error).__name__)


async def connect_bus(settings: Any, process: str, journal: Journal | None = None) -> NatsBus:
    """Return the bus of a process, connected.  Raises `Unavailable`."""
    from services.adapters.dead_letter_box import DeadLetterBox  # noqa: PLC0415

    seed = settings.nats_nkey_seed
    bus = NatsBus(
        settings.nats_url,
        process,
        settings.ack_wait_seconds,
        replicas=settings.nats_replicas,
        nkey_seed=None if seed is None else seed.get_secret_value(),
    )
    await bus.connect()
    if journal is not None:
        bus.equip(DeadLetterBox(bus.stream, journal).put_aside)
    return bus
