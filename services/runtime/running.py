"""Running one process: connect, check, start, wait for the end, drain."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from services.adapters.keys import WrongSecret
from services.runtime import failpoint, logs, tracing
from services.runtime.behind import BehindTheBus
from services.runtime.garbage import collect_rarely
from services.runtime.health import Reasons, health_app
from services.runtime.outside import Outside, connect
from services.runtime.ports import Bus, Unavailable
from services.runtime.process import Process, Subscription
from services.runtime.processes import build_of
from services.runtime.serving import PortTaken, WebServer, listen
from services.runtime.settings import Settings, SettingsRefused

GOOD, FAILED, REFUSED, DAMAGED = 0, 1, 4, 5
START_S = 60.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 3.0
# Those that do something in the world; the relay looks by itself, as often as it takes over.
_ACTING = ("sender", "scheduler")

log = structlog.get_logger()


class Refused(Exception):
    """The process must not run; `str()` is for a person, `code` the exit code."""

    def __init__(self, sentence: str, code: int = REFUSED) -> None:
        super().__init__(sentence)
        self.code = code


class Queue(Bus, Protocol):
    """What running a process asks of the message queue, beside what services ask."""

    closed: asyncio.Event
    """Set when the connection is gone for good: it never comes back by itself."""

    async def subscribe(self, subscriptions: Sequence[Subscription]) -> None:
        """Begin to hear."""
        ...

    async def drain(self, grace_s: float) -> None:
        """Hear nothing more and let the handlers that run finish."""
        ...

    async def drift(self, subscriptions: Sequence[Subscription]) -> Sequence[str]:
        """Return how streams and durables differ from what is declared: a sentence each."""
        ...

    async def announced(self) -> int:
        """Return the last position of the journal that was announced; 0 if none."""
        ...


@dataclass(frozen=True, slots=True)
class Places:
    """Sockets that somebody listens on for us already, and whom to tell that we are ready."""

    app: socket.socket | None = None
    health: socket.socket | None = None
    ready: Callable[[], None] | None = None
    supervisor: int | None = None


HERE = Places()


def run(name: str, settings: Settings, places: Places = HERE) -> int:
    """Run a process until it is told to end; return its exit code."""
    logs.configure(name, settings.log_level, salt=settings.salt(), secrets=settings.confidential())
    if settings.failpoints is not None:
        failpoint.arm(settings.failpoints, parent=places.supervisor)
    try:
        with tracing.exporting(name, settings):
            return asyncio.run(_run(name, settings, places))
    except Refused as refusal:
        log.critical("refused to start", why=str(refusal))
        return refusal.code
    except BehindTheBus as refusal:
        log.critical("refused to run", why=str(refusal))
        return DAMAGED
    except (SettingsRefused, WrongSecret, PortTaken) as refusal:
        log.critical("refused to start", why=str(refusal))
        return REFUSED


async def _run(name: str, settings: Settings, places: Places) -> int:
    missing = settings.missing(name)
    if missing:
        raise SettingsRefused(missing)
    build = build_of(name)
    ending = _ended_by_signal()
    async with contextlib.AsyncExitStack() as stack:
        outside = await _connected(stack, settings, name, ending)
        if outside is None:
            return GOOD
        queue: Queue = outside.bus  # type: ignore[assignment]
        process = build(outside)
        await _refuse_drift(queue, process)
        if name in _ACTING:
            await _refuse_behind(outside, queue)
        return await _work(process, outside, queue, places, ending)


async def _connected(
    stack: contextlib.AsyncExitStack, settings: Settings, name: str, ending: asyncio.Event
) -> Outside | None:
    """Connect, again and again for `START_S`; None if we are told to end meanwhile."""
    loop = asyncio.get_running_loop()
    deadline, pause = loop.time() + START_S, _FIRST_PAUSE_S
    while not ending.is_set():
        try:
            return await stack.enter_async_context(connect(settings, name))
        except Unavailable as error:
            if loop.time() + pause > deadline:
                raise Refused(f"Gave up after {START_S:.0f} s: {error}.", FAILED) from error
            log.warning("not connected yet", why=str(error), backoff_s=pause)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), pause)
        pause = min(pause * 2, _LONGEST_PAUSE_S)
    return None


async def _refuse_drift(queue: Queue, process: Process) -> None:
    drift = await queue.drift(process.subscriptions)
    if drift:
        raise Refused(" ".join(drift) + " Run `parley provision`.")


async def _refuse_behind(outside: Outside, queue: Queue) -> None:
    """Refuse to act on a journal that has forgotten what it once announced."""
    announced, head = await queue.announced(), await outside.journal.head()
    if announced > head:
        raise BehindTheBus(announced, head)


async def _work(
    process: Process, outside: Outside, queue: Queue, places: Places, ending: asyncio.Event
) -> int:
    collect_rarely()
    servers = _servers(process, outside, queue, places)
    serving = [asyncio.create_task(server.serve(), name="server") for server in servers]
    loops = [asyncio.create_task(_coroutine(loop), name="loop") for loop in process.loops]
    try:
        for server, task in zip(servers, serving, strict=True):
            await _first(server.started(), task)
        await queue.subscribe(process.subscriptions)
        log.info("ready", port=servers[0].port if process.app is not None else None)
        if places.ready is not None:
            places.ready()
        code = await _until_the_end(ending, queue, [*loops, *serving])
    finally:
        await _drain(queue, servers, serving, loops, outside.settings.drain_seconds)
    log.info("ended", exit_code=code)
    return code


def _servers(
    process: Process, outside: Outside, queue: Queue, places: Places
) -> tuple[WebServer, ...]:
    settings = outside.settings

    async def bus() -> dict[str, str]:
        reason = await queue.ready()
        return {} if reason is None else {"bus": reason}

    async def journal() -> dict[str, str]:
        try:
            await outside.journal.head()
        except Unavailable as error:
            return {"journal": str(error)}
        return {}

    # Ingress is ready when a text can be kept, whatever else is away.
    own: tuple[Reasons, ...] = (process.reasons,) if process.reasons is not None else ()
    checks = (bus, *own) if process.name == "ingress" else (bus, journal, *own)
    health = places.health or listen(settings.health_host, settings.health_port)
    found = (WebServer(health_app(process.name, checks), health),)
    if process.app is None:
        return found
    listening = places.app or listen(process.host, process.port)
    return (WebServer(process.app, listening), *found)


async def _until_the_end(
    ending: asyncio.Event, queue: Queue, tasks: Sequence[asyncio.Task[None]]
) -> int:
    asked = asyncio.create_task(ending.wait())
    cut = asyncio.create_task(queue.closed.wait())
    done, _ = await asyncio.wait({asked, cut, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    for waiting in (asked, cut):
        waiting.cancel()
    if asked in done:
        return GOOD
    if cut in done:
        log.error("the connection to the bus is closed for good")
        return FAILED
    ended = next(task for task in tasks if task in done)
    error = ended.exception()
    if isinstance(error, BehindTheBus):
        log.critical("refused to go on", why=str(error))
        return DAMAGED
    log.error("a part of the process ended", name=ended.get_name(), exc_info=error)
    return FAILED


async def _drain(
    queue: Queue,
    servers: Sequence[WebServer],
    serving: Sequence[asyncio.Task[None]],
    loops: Sequence[asyncio.Task[None]],
    grace_s: float,
) -> None:
    """Take nothing new, finish what is under way, then let go."""
    for server in servers[:-1]:
        server.stop()
    try:
        async with asyncio.timeout(grace_s + 1):
            await queue.drain(grace_s)
    except Exception as error:
        # What was not finished is delivered again: no reason to end badly.
        log.warning("the queue did not drain", exc_info=error)
    servers[-1].stop()
    for loop in loops:
        loop.cancel()
    await asyncio.gather(*loops, *serving, return_exceptions=True)


async def _first(wanted: Awaitable[None], instead: asyncio.Task[None]) -> None:
    """Wait for `wanted`, or raise what ended `instead`."""
    waiting = asyncio.ensure_future(wanted)
    await asyncio.wait({waiting, instead}, return_when=asyncio.FIRST_COMPLETED)
    if not waiting.done():
        waiting.cancel()
        instead.result()
        raise RuntimeError("a server ended before it had started")


def _coroutine(loop: Callable[[], Awaitable[None]]) -> Coroutine[Any, Any, None]:
    async def run_loop() -> None:
        await loop()

    return run_loop()


def _ended_by_signal() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set; the second one ends us at once."""
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()

    def end(sent: signal.Signals) -> None:
        log.info("told to end", signal=sent.name)
        ending.set()
        loop.remove_signal_handler(sent)
        signal.signal(sent, signal.SIG_DFL)

    for sent in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(sent) is not signal.SIG_IGN:
            loop.add_signal_handler(sent, end, sent)
    return ending
