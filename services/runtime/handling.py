"""
How a message is handled: done, later, or never; nothing is swallowed, nothing is lost.

Done is acknowledged.  Later sleeps under a heartbeat or goes back to the queue, as often as it
takes.  Never is a dead letter and a fact that a person sees.  Only unexpected errors are counted.
"""

import asyncio
import random
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

import structlog
from pydantic import ValidationError

from services.runtime import meters, tracing
from services.runtime.failpoint import failpoint
from services.runtime.ports import Conflict, SubjectErased, Unavailable
from services.runtime.process import Later, Never

log = structlog.get_logger()

# A message that kills the process each time is delivered again and again without ever reaching
# an error handler; restarts and waits alone never come near this number.
POISON_DELIVERIES = 50
# What was given back so often waits here from then on: waiting must not look like poison.
_RELEASED_AT_MOST = 25
ERRORS_AT_MOST = 6
BACKOFF_S: tuple[float, ...] = (1, 5, 15, 60, 300)
_PAUSES_S: tuple[float, ...] = (0.2, 0.5, 1, 2, 5)
_CONFLICT_S: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.5)
_TELLINGS = 3
_COUNTED_AT_ONCE = 10_000


class Delivery(Protocol):
    """One delivery of a message, as the queue gives it."""

    @property
    def body(self) -> bytes:
        """The message."""
        ...

    @property
    def subject(self) -> str:
        """What it was published on."""
        ...

    @property
    def stream(self) -> str:
        """The stream it is from."""
        ...

    @property
    def consumer(self) -> str:
        """The durable that delivered it."""
        ...

    @property
    def sequence(self) -> int:
        """Its place in the stream."""
        ...

    @property
    def deliveries(self) -> int:
        """How often it was delivered, this time included."""
        ...

    @property
    def traceparent(self) -> str | None:
        """The trace context of whoever published it, where the message itself holds none."""
        ...

    async def in_progress(self) -> None:
        """Ask for more time."""
        ...

    async def ack(self) -> None:
        """Say that it is done."""
        ...

    async def nak(self, delay_s: float) -> None:
        """Give it back for so long."""
        ...

    async def term(self) -> None:
        """Say that it must not come back."""
        ...


PutAside = Callable[[Delivery, str], Awaitable[None]]
"""Keeps a copy and says so in the journal.  Raises `Unavailable`."""


class Handling:
    """
    Handles the deliveries of one subscription.

    `decode` raises `ValueError` (pydantic's is one) for what is no message of ours; `unreadable`
    is given the raw message before it is put aside.  Once `ending` is set nobody waits any more:
    what would sleep goes back to the queue, for another process.
    """

    def __init__(
        self,
        process: str,
        decode: Callable[[bytes], Any],
        handle: Callable[[Any], Awaitable[None]],
        put_aside: PutAside,
        *,
        heartbeat_s: float,
        unreadable: Callable[[bytes, str], Awaitable[None]] | None = None,
        backoff_s: tuple[float, ...] = BACKOFF_S,
        pauses_s: tuple[float, ...] = _PAUSES_S,
        ending: asyncio.Event | None = None,
    ) -> None:
        self._process = process
        self._decode = decode
        self._handle = handle
        self._put_aside = put_aside
        self._heartbeat_s = heartbeat_s
        self._unreadable = unreadable
        self._backoff_s = backoff_s
        self._pauses_s = pauses_s
        self._ending = ending or asyncio.Event()
        self._errors: OrderedDict[int, int] = OrderedDict()

    async def __call__(self, delivery: Delivery) -> None:
        """Handle one delivery to its end.  Cancelled, it leaves the message to be redelivered."""
        begun = time.monotonic()
        failpoint(f"{self._process}.fetched")
        with _Heart(delivery, self._heartbeat_s):
            outcome, about = await self._to_the_end(delivery)
        meters.count_handled(self._process, outcome, time.monotonic() - begun)
        log.info(
            "handled",
            consumer=delivery.consumer,
            subject=delivery.subject,
            sequence=delivery.sequence,
            deliveries=delivery.deliveries,
            outcome=outcome,
            duration_ms=round((time.monotonic() - begun) * 1000, 1),
            **about,
        )

    async def _to_the_end(self, delivery: Delivery) -> tuple[str, dict[str, Any]]:
        if delivery.deliveries > POISON_DELIVERIES:
            reason = "delivered too often: it may end the process"
            return await self._never(delivery, reason), {"reason": reason}
        try:
            message = self._decode(delivery.body)
        except ValueError as error:
            reason = reason_of(error)
            return await self._never(delivery, reason), {"reason": reason}
        since = getattr(message, "at", None) or getattr(message, "received_at", None)
        if isinstance(since, datetime) and delivery.deliveries == 1:
            meters.count_wait(self._process, since)
        return await self._traced(delivery, message)

    async def _traced(self, delivery: Delivery, message: Any) -> tuple[str, dict[str, Any]]:
        """Handle a message as a step of the trace that it belongs to."""
        given = getattr(message, "traceparent", None) or delivery.traceparent
        step = tracing.Step(
            self._process, tracing.understood(given), kind=tracing.SpanKind.CONSUMER
        )
        with step:
            outcome, about = await self._handled(delivery, message)
            if step.exported:
                step.note(_noted(delivery, outcome, about))
            if outcome in ("dead", "failed"):
                step.failed(outcome)
        return outcome, about

    async def _handled(self, delivery: Delivery, message: Any) -> tuple[str, dict[str, Any]]:
        about = _about(message)
        tries = 0
        while True:
            try:
                await self._handle(message)
            except Later as later:
                wait, why = later.after_s, later.why
                if later.release and delivery.deliveries < _RELEASED_AT_MOST:
                    await delivery.nak(wait)
                    return "later", {**about, "why": why, "after_s": wait}
            except (Unavailable, Conflict) as error:
                wait, why = self._pause(error, tries), str(error)
                tries += 1
                if isinstance(error, Unavailable):
                    log.warning("waits for a neighbour", why=why, backoff_s=round(wait, 2))
            except Exception as error:
                return await self._ended(delivery, error, about), about
            else:
                return await self._done(delivery), about
            if not await self._rest(delivery, wait):
                return "later", {**about, "why": why, "after_s": wait}

    async def _ended(self, delivery: Delivery, error: Exception, about: dict[str, Any]) -> str:
        match error:
            case SubjectErased():
                await delivery.ack()
                return "erased"
            case Never(reason=reason):
                about["reason"] = reason
                return await self._never(delivery, reason)
            case _:
                return await self._unexpected(delivery, error)

    def _pause(self, error: Exception, tries: int) -> float:
        steps = _CONFLICT_S if isinstance(error, Conflict) else self._pauses_s
        return steps[min(tries, len(steps) - 1)] * random.uniform(0.8, 1.2)

    async def _rest(self, delivery: Delivery, seconds: float) -> bool:
        """Sleep; return False, the message given back, if the process ends meanwhile."""
        begun = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                await self._ending.wait()
        except TimeoutError:
            return True
        await delivery.nak(max(seconds - (time.monotonic() - begun), 0.0))
        return False

    async def _done(self, delivery: Delivery) -> str:
        self._errors.pop(delivery.sequence, None)
        failpoint(f"{self._process}.handled")
        await delivery.ack()
        failpoint(f"{self._process}.acked")
        return "done"

    async def _unexpected(self, delivery: Delivery, error: Exception) -> str:
        count = self._errors.pop(delivery.sequence, 0) + 1
        log.error("failed", sequence=delivery.sequence, count=count, exc_info=error)
        if count >= ERRORS_AT_MOST:
            return await self._never(delivery, reason_of(error))
        self._errors[delivery.sequence] = count
        if len(self._errors) > _COUNTED_AT_ONCE:
            self._errors.popitem(last=False)
        wait = self._backoff_s[min(count, len(self._backoff_s)) - 1]
        await delivery.nak(wait * random.uniform(0.8, 1.2))
        return "failed"

    async def _never(self, delivery: Delivery, reason: str) -> str:
        """Put a message aside; while that is impossible it stays where it is."""
        tries = faults = 0
        # What ends the process could end it here, too.
        told = delivery.deliveries > POISON_DELIVERIES + _TELLINGS
        while True:
            try:
                if self._unreadable is not None and not told:
                    await self._unreadable(delivery.body, reason)
                told = True
                await self._put_aside(delivery, reason)
                break
            except (Unavailable, Conflict, Later) as error:
                log.warning("waits to put a message aside", why=str(error))
            except Exception:
                # A fault of ours must not hide the message from who looks at dead letters.
                faults += 1
                told = told or faults >= _TELLINGS
                log.exception("cannot put a message aside")
            if not await self._rest(delivery, self._pause(Unavailable(), tries)):
                return "later"
            tries += 1
        self._errors.pop(delivery.sequence, None)
        await delivery.term()
        return "dead"


class _Heart:
    """Asks for more time while a delivery is being handled; costs nothing for a quick one."""

    def __init__(self, delivery: Delivery, every_s: float) -> None:
        self._delivery = delivery
        self._every_s = every_s
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._beating: asyncio.Task[None] | None = None

    def __enter__(self) -> None:
        self._timer = self._loop.call_later(self._every_s, self._beat)

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._beating is not None:
            self._beating.cancel()

    def _beat(self) -> None:
        self._beating = self._loop.create_task(self._say())
        self._timer = self._loop.call_later(self._every_s, self._beat)

    async def _say(self) -> None:
        try:
            await self._delivery.in_progress()
        except Exception as error:  # the next beat may get through; else it is delivered again
            log.debug("a heartbeat was lost", error=type(error).__name__)


def reason_of(error: Exception) -> str:
    """Return what is wrong without any value in it: values are people's words."""
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_context=False, include_input=False)
        places = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'all of it'}: {one['type']}" for one in found
        )
        return f"not understood: {places}"[:300]
    if isinstance(error, ValueError):
        return f"not understood: {type(error).__name__}"
    return type(error).__name__


def _about(message: Any) -> dict[str, Any]:
    names = ("fact", "stream", "version", "cause", "correlation", "attempt_id", "sid", "status")
    return {name: getattr(message, name) for name in names if hasattr(message, name)}


def _noted(delivery: Delivery, outcome: str, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return a step's attributes: where the message stands and what came of it."""
    named = ("stream", "version", "correlation", "attempt_id", "status")
    return {
        "messaging.system": "nats",
        "messaging.destination.name": delivery.subject,
        "messaging.consumer.group.name": delivery.consumer,
        "parley.deliveries": delivery.deliveries,
        "parley.outcome": outcome,
        **{f"parley.{name}": about[name] for name in named if about.get(name) is not None},
    }
