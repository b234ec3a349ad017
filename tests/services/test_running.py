"""One process from its connection to its end: ready, drained, refused, or failed."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services.adapters.keys import WrongSecret
from services.runtime import running
from services.runtime.behind import BehindTheBus
from services.runtime.ports import Unavailable
from services.runtime.process import Process
from services.runtime.running import Places, run
from services.runtime.serving import listen
from services.runtime.settings import Settings, read_settings

SETTINGS = {
    "PARLEY_DATABASE_URL": "postgresql://x@127.0.0.1/x",
    "PARLEY_NATS_URL": "nats://127.0.0.1:4222",
    "PARLEY_PEPPER": "p" * 40,
    "PARLEY_MASTER_KEY": "q" * 43,
    "PARLEY_PUBLIC_URL": "http://127.0.0.1:8080",
    "PARLEY_TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "PARLEY_TWILIO_AUTH_TOKENS": "t" * 32,
    "PARLEY_TWILIO_PHONE_NUMBER": "+14155550100",
}


class FakeQueue:
    def __init__(self) -> None:
        self.closed = asyncio.Event()
        self.steps: list[str] = []
        self.differs: list[str] = []
        self.last = 0

    async def subscribe(self, subscriptions: Sequence[object]) -> None:
        self.steps.append("subscribe")

    async def drain(self, grace_s: float) -> None:
        self.steps.append("drain")

    async def drift(self, subscriptions: Sequence[object]) -> Sequence[str]:
        return self.differs

    async def announced(self) -> int:
        return self.last

    async def ready(self) -> str | None:
        return None


class FakeJournal:
    end = 0
    away = False

    async def head(self) -> int:
        if self.away:
            raise Unavailable("PostgreSQL is away")
        return self.end


@dataclass
class World:
    """The process under test and what it meets."""

    queue: FakeQueue = field(default_factory=FakeQueue)
    journal: FakeJournal = field(default_factory=FakeJournal)
    fails: list[Exception] = field(default_factory=list[Exception])
    loops: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    app: Starlette | None = None
    connections: int = 0
    closed: bool = False
    health: socket.socket = field(default_factory=lambda: listen("127.0.0.1", 0))
    served: socket.socket = field(default_factory=lambda: listen("127.0.0.1", 0))

    def settings(self, **given: str) -> Settings:
        return read_settings(SETTINGS | {f"PARLEY_{name}": value for name, value in given.items()})

    def url(self, listening: socket.socket, path: str) -> str:
        return f"http://127.0.0.1:{listening.getsockname()[1]}{path}"

    @contextlib.asynccontextmanager
    async def connect(self, settings: Settings, name: str) -> AsyncGenerator[Any]:
        self.connections += 1
        if self.fails:
            raise self.fails.pop(0)
        yield SimpleNamespace(settings=settings, journal=self.journal, bus=self.queue)
        self.closed = True

    def run(self, name: str = "relay", when_ready: Callable[[], None] | None = None) -> int:
        places = Places(app=self.served, health=self.health, ready=when_ready)
        return run(name, self.settings(), places)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    one = World()
    monkeypatch.setattr(running, "connect", one.connect)
    monkeypatch.setattr(
        running,
        "build_of",
        lambda name: lambda _: Process(name, loops=tuple(one.loops), app=one.app),
    )
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    before = {sent: signal.getsignal(sent) for sent in (signal.SIGTERM, signal.SIGINT)}
    yield one
    for sent, handler in before.items():
        signal.signal(sent, handler)
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook = hook
    structlog.reset_defaults()
    one.health.close()
    one.served.close()


def told_to_end(sent: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), sent)


def get(url: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_drains_and_ends_well(world: World, sent: signal.Signals):
    cancelled: list[bool] = []

    async def loop() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    world.loops.append(loop)
    assert world.run(when_ready=told_to_end(sent)) == 0
    assert world.queue.steps == ["subscribe", "drain"]
    assert cancelled == [True]
    assert world.closed


@pytest.mark.parametrize(
    ("error", "code"), [(None, 1), (ValueError("x"), 1), (BehindTheBus(11, 10), 5)]
)
def test_a_loop_that_ends_ends_the_process(world: World, error: Exception | None, code: int):
    async def loop() -> None:
        if error is not None:
            raise error

    world.loops.append(loop)
    assert world.run() == code
    assert world.closed


def test_a_connection_closed_for_good_ends_the_process(world: World):
    assert world.run(when_ready=world.queue.closed.set) == 1


def test_it_connects_again_until_it_can(world: World):
    world.fails = [Unavailable("x"), Unavailable("x")]
    assert world.run(when_ready=told_to_end()) == 0
    assert world.connections == 3


def test_it_gives_up_after_the_deadline(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(running, "START_S", 0.15)
    world.fails = [Unavailable("x")] * 9
    assert world.run() == 1


def test_wrong_secrets_are_refused(world: World):
    world.fails = [WrongSecret("PEPPER")]
    assert world.run() == 4


def test_drift_is_refused(world: World, capsys: pytest.CaptureFixture[str]):
    world.queue.differs = ["The stream FACTS is missing."]
    assert world.run() == 4
    assert "The stream FACTS is missing. Run `parley provision`." in capsys.readouterr().out


def test_missing_settings_are_refused(world: World):
    assert run("relay", read_settings({}), Places()) == 4
    assert world.connections == 0


@pytest.mark.parametrize(("name", "code"), [("sender", 5), ("scheduler", 5), ("ingress", 0)])
def test_a_journal_behind_the_bus_stops_those_who_act(world: World, name: str, code: int):
    world.queue.last, world.journal.end = 11, 10
    assert world.run(name, told_to_end()) == code


def test_a_journal_ahead_of_the_bus_is_usual(world: World):
    world.queue.last, world.journal.end = 10, 11
    assert world.run("sender", told_to_end()) == 0


def test_a_taken_port_is_refused(world: World, capsys: pytest.CaptureFixture[str]):
    world.app = Starlette()
    taken = world.served.getsockname()[1]

    def build(name: str) -> Callable[[object], Process]:
        return lambda _: Process(name, app=world.app, port=taken)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "build_of", build)
        assert run("relay", world.settings(), Places(health=world.health)) == 4
    assert f"port {taken}: Address already in use" in capsys.readouterr().out


async def _asked(world: World, answers: list[Any], *urls: str) -> None:
    for url in urls:
        answers.append(await asyncio.to_thread(get, url))
    told_to_end()()
    await asyncio.sleep(60)


def test_the_application_and_health_are_served(world: World):
    async def hello(_: Request) -> PlainTextResponse:
        return PlainTextResponse("hello")

    world.app = Starlette(routes=[Route("/", hello)])
    answers: list[Any] = []
    urls = [world.url(world.served, "/")]
    urls += [world.url(world.health, path) for path in ("/livez", "/readyz", "/metrics")]
    world.loops.append(lambda: _asked(world, answers, *urls))
    assert world.run() == 0
    assert answers[0] == (200, b"hello")
    assert answers[1][0] == 200
    assert json.loads(answers[2][1]) == {"process": "relay", "ready": True, "reasons": {}}
    assert b"process_cpu_seconds_total" in answers[3][1]


@pytest.mark.parametrize(("name", "status"), [("relay", 503), ("ingress", 200)])
def test_without_the_journal_all_but_ingress_are_not_ready(world: World, name: str, status: int):
    world.journal.away = True
    answers: list[Any] = []
    world.loops.append(lambda: _asked(world, answers, world.url(world.health, "/readyz")))
    assert world.run(name) == 0
    assert answers[0][0] == status
    assert bool(json.loads(answers[0][1])["reasons"]) == (status == 503)


def test_whoever_is_accepted_gets_small_answers_at_once() -> None:
    with listen("127.0.0.1", 0) as listening:
        calling = socket.create_connection(listening.getsockname())
        accepted, _ = listening.accept()
        with calling, accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
