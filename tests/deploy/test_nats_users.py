"""The written configuration on real servers: a process says and hears its own, no more."""

import asyncio
import os
import re
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import nats
import pytest

from contracts.announcement import Announcement
from contracts.sms import DeliveryReport, InboundSms
from deploy.local.nats import _installed_program
from deploy.operations import nats_keys, nats_users
from services.adapters import streams
from services.adapters.bus import NatsBus
from services.adapters.dead_letter_box import DeadLetterBox
from services.runtime.handling import Delivery
from services.runtime.ports import Journal, Unavailable
from services.runtime.process import (
    FactSubscription,
    InboundSubscription,
    StatusSubscription,
    Subscription,
)
from services.runtime.processes import PROCESSES
from tests.facts import NOON, TALK, sid, sms

CONFIG = Path(__file__).resolve().parents[2] / "deploy" / "nats"
ACK_WAIT_S = 5.0
_VIOLATION = re.compile(r'permissions violation for \w+ to "(\S+)"', re.IGNORECASE)
# What somebody may publish on, and what nobody but the operator may.
_SUBJECTS = {
    *(
        subject.replace("fact.>", "fact.conversation.sms_requested.v1").replace(".>", ".1")
        for user in (*PROCESSES, "agent")
        for subject in nats_users.may_publish(user)
        if "*" not in subject
    ),
    "$JS.API.CONSUMER.DELETE.FACTS.sender",
    "$JS.API.STREAM.CREATE.OTHER",
    "$JS.API.STREAM.UPDATE.INBOUND",
    "$JS.API.STREAM.PURGE.INBOUND",
    "$JS.API.STREAM.DELETE.FACTS",
    "anything.else",
}


@dataclass(slots=True)
class Servers:
    """Servers with the written configuration, and the seeds of their users."""

    folder: Path
    config: str
    ports: list[int]
    routes: list[int] = field(default_factory=list)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def prepare(self) -> None:
        """Write what the servers read, with places of this machine in it."""
        text = (CONFIG / self.config).read_text().replace('"/data"', "$STORE")
        if self.routes:
            # Names of a deployment that nobody here resolves; the command line brings others.
            begin, end = text.index("  routes: ["), text.index("  ]\n") + 4
            text = text[:begin] + text[end:]
        (self.folder / self.config).write_text(text)
        (self.folder / "users.conf").write_text((CONFIG / "users.conf").read_text())
        (self.folder / "tls.conf").write_text("")
        nats_keys.make(self.folder / "keys")

    def start(self) -> None:
        """Start every server."""
        for number in range(len(self.ports)):
            with (self.folder / f"{number}.log").open("ab") as log:
                server = subprocess.Popen(
                    [str(_installed_program()), *self._arguments(number)],
                    cwd=self.folder, env=self.environment(number), stdout=log, stderr=log,
                )  # fmt: skip
            self.running.append(server)

    def _arguments(self, number: int) -> Sequence[str]:
        """Return the written configuration with addresses of this machine put over it."""
        given = (
            "--config", self.config,
            "--addr", "127.0.0.1", "--port", str(self.ports[number]), "--http_port", "-1",
        )  # fmt: skip
        if not self.routes:
            return given
        routes = ",".join(f"nats://127.0.0.1:{port}" for port in self.routes)
        here = f"nats://127.0.0.1:{self.routes[number]}"
        return (*given, "--cluster_listen", here, "--routes", routes)

    def environment(self, number: int) -> dict[str, str]:
        """Return what a server is told beside its configuration."""
        public = dict(
            line.split("=", 1)
            for line in (self.folder / "keys" / "nkeys.env").read_text().splitlines()
        )
        own = {"NATS_SERVER_NAME": f"nats-{number}", "STORE": f"store-{number}"}
        return {**os.environ, **public, **own}

    def seed(self, user: str) -> str:
        """Return a user's secret key."""
        return (self.folder / "keys" / f"{user}.seed").read_text()

    @property
    def url(self) -> str:
        """The first server's address."""
        return f"nats://127.0.0.1:{self.ports[0]}"

    @property
    def copies(self) -> int:
        """How many copies of each message are kept."""
        return len(self.ports)

    def stop(self) -> None:
        """End all servers."""
        for server in self.running:
            server.kill()
            server.wait(10)


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]
    finally:
        for one in held:
            one.close()


@contextmanager
def _serving(servers: Servers) -> Iterator[Servers]:
    servers.prepare()
    servers.start()
    try:
        asyncio.run(_provisioned(servers))
        yield servers
    finally:
        servers.stop()


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with _serving(Servers(tmp_path_factory.mktemp("nats"), "single.conf", _free_ports(1))) as made:
        yield made


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Servers]:
    ports = _free_ports(6)
    with _serving(Servers(tmp_path, "nats.conf", ports[:3], ports[3:])) as made:
        yield made


async def _provisioned(servers: Servers) -> None:
    deadline = time.monotonic() + 60
    while True:
        bus = NatsBus(
            servers.url, "provision", ACK_WAIT_S, servers.copies, servers.seed("operator")
        )
        try:
            async with asyncio.timeout(5):
                await bus.connect()
            await bus.provision()
            await bus.aclose()
            return
        except Exception:
            # The servers have to find each other and elect a leader first.
            with suppress(Exception):
                await bus.aclose()
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)


@asynccontextmanager
async def _bus(servers: Servers, process: str) -> AsyncIterator[NatsBus]:
    made = NatsBus(servers.url, process, ACK_WAIT_S, servers.copies, servers.seed(process))
    await made.connect()
    try:
        yield made
    finally:
        await made.aclose()


def test_what_is_written_follows_from_the_code() -> None:
    assert (CONFIG / "users.conf").read_text() == nats_users.written()


@pytest.mark.parametrize("name", ["nats.conf", "single.conf"])
def test_the_server_accepts_the_configuration_as_it_is(
    one: Servers, tmp_path: Path, name: str
) -> None:
    for file in (name, "users.conf"):
        (tmp_path / file).write_text((CONFIG / file).read_text())
    (tmp_path / "tls.conf").write_text("")
    done = subprocess.run(
        [str(_installed_program()), "-t", "--config", name],
        cwd=tmp_path, env=one.environment(0), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_seeds_are_for_their_owner_alone_and_are_kept(tmp_path: Path) -> None:
    public = nats_keys.make(tmp_path / "keys")
    assert set(public) == {nats_users.variable_of(user) for user in nats_users.users()}
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "keys").glob("*.seed"))
    assert nats_keys.make(tmp_path / "keys") == public


@pytest.mark.parametrize("process", PROCESSES)
async def test_every_process_may_ask_what_it_asks_at_its_start(one: Servers, process: str) -> None:
    async with _bus(one, process) as bus:
        assert await bus.ready() is None
        assert list(await bus.drift(_subscriptions(process))) == []
        if process in ("sender", "scheduler", "relay", "projector"):
            assert await bus.announced() >= 0
        assert set(await bus.fullness()) == set(streams.NAMES)


def _subscriptions(process: str) -> list[Subscription]:
    async def nothing(_: object) -> None:
        return

    if process == "policy_gate":
        return [InboundSubscription(nothing)]
    if process == "sender":
        return [FactSubscription(process, nothing), StatusSubscription(nothing)]
    facts = ("turn_runner", "evaluator", "committer", "global_agent")
    return [FactSubscription(process, nothing)] if process in facts else []


async def test_texts_facts_and_reports_reach_whom_they_are_for(one: Servers) -> None:
    heard: asyncio.Queue[object] = asyncio.Queue()

    async def hear(message: object) -> None:
        heard.put_nowait(message)

    async def aside(_: Delivery, __: str) -> None:
        raise AssertionError("nothing is put aside here")

    told = Announcement(
        fact="conversation.sms_requested.v1", stream=f"conversation-{TALK}", version=7,
        position=1, at=NOON, cause="c", correlation="c",
    )  # fmt: skip
    report = DeliveryReport(
        attempt_id=f"{TALK}.8", sid=sid(1), status="delivered", received_at=NOON
    )
    async with (
        _bus(one, "ingress") as ingress,
        _bus(one, "relay") as relay,
        _bus(one, "policy_gate") as gate,
        _bus(one, "sender") as sender,
    ):
        for bus, subscriptions in (
            (gate, [InboundSubscription(hear)]),
            (sender, [FactSubscription("sender", hear), StatusSubscription(hear)]),
        ):
            bus.equip(aside)
            await bus.subscribe(subscriptions)
        await ingress.publish("sms.inbound", sms(1, "hello").model_dump_json().encode(), "in:1")
        await ingress.publish("sms.status", report.model_dump_json().encode(), "status:1")
        await relay.announce(told, "1.1", urgent=False)
        got = [await asyncio.wait_for(heard.get(), 20) for _ in range(3)]
    kinds = {type(message) for message in got}
    assert kinds == {InboundSms, DeliveryReport, Announcement}


async def test_the_console_cleans_up_after_an_erasure_and_replays(one: Servers) -> None:
    letter = {"Dlq-Letter": "INBOUND.policy_gate.1", "Dlq-Subject": "sms.inbound"}
    async with _bus(one, "policy_gate") as gate:
        await gate.tell("dlq.INBOUND.policy_gate", b"{}", "dead:1", letter)
    async with _bus(one, "console") as console:
        box = DeadLetterBox(console.stream, cast("Journal", None))
        found = await box.letters()
        assert [each.subject for each in found] == ["sms.inbound"]
        await box.replay(found[0])
        assert (await console.shred(lambda *_: True))["INBOUND"] >= 1
        assert await box.letters() == []


@pytest.mark.parametrize("user", [*PROCESSES, "agent"])
async def test_nobody_says_what_is_anothers(one: Servers, user: str) -> None:
    own = set(nats_users.may_publish(user))
    foreign = {subject for subject in _SUBJECTS if not _covered(subject, own)}
    assert len(foreign) > 20
    assert await _refused(one, user, foreign) == {subject.lower() for subject in foreign}


def _covered(subject: str, allowed: Collection[str]) -> bool:
    return subject in allowed or any(
        subject.startswith(each.removesuffix(">")) for each in allowed if each.endswith(".>")
    )


async def test_nobody_hears_what_is_anothers(one: Servers) -> None:
    wanted = {"sms.inbound", "fact.>", "_INBOX_sender.>", "agent.>", ">"}
    refused: set[str] = set()
    async with _client(one, "evaluator", refused) as client:
        for subject in wanted:
            await client.subscribe(subject)
        await _until(lambda: len(refused) == len(wanted))
    assert refused == {subject.lower() for subject in wanted}


def test_nobody_comes_in_without_a_key(one: Servers) -> None:
    with socket.create_connection(("127.0.0.1", one.ports[0]), timeout=10) as client:
        client.sendall(b'CONNECT {"verbose":false}\r\nPING\r\n')
        said = b""
        while b"-ERR" not in said and (more := client.recv(4096)):
            said += more
    assert b"Authorization Violation" in said
    assert b"PONG" not in said


async def _refused(servers: Servers, user: str, subjects: Collection[str]) -> set[str]:
    """Return on which of these subjects a user may not publish, as the client says them: small."""
    refused: set[str] = set()
    async with _client(servers, user, refused) as client:
        for subject in subjects:
            # Refused or kept, it is no message that anybody could read.
            await client.publish(subject, b"")
        await _until(lambda: len(refused) >= len(subjects))
    return refused


async def _until(met: Callable[[], bool]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            while not met():
                await asyncio.sleep(0.01)


@asynccontextmanager
async def _client(servers: Servers, user: str, refused: set[str]) -> AsyncIterator[nats.NATS]:
    async def said(error: Exception) -> None:
        found = _VIOLATION.search(str(error))
        if found:
            refused.add(found[1])

    client = await nats.connect(
        servers.url, allow_reconnect=False, error_cb=said,
        nkeys_seed_str=servers.seed(user), inbox_prefix=f"_INBOX_{user}".encode(),
    )  # fmt: skip
    try:
        yield client
    finally:
        await client.close()


@pytest.mark.soak
async def test_texts_are_kept_while_one_server_of_three_is_gone(cluster: Servers) -> None:
    for process in PROCESSES:
        async with _bus(cluster, process) as bus:
            assert list(await bus.drift(_subscriptions(process))) == []
    cluster.running[2].kill()
    cluster.running[2].wait(10)
    body = sms(2, "hello").model_dump_json().encode()
    async with _bus(cluster, "ingress") as ingress:
        for _ in range(60):
            try:
                await ingress.publish("sms.inbound", body, "in:2")
                return
            except Unavailable:
                # Where the leader of the stream was there, the others elect one.
                await asyncio.sleep(0.5)
    raise AssertionError("nothing was kept with two servers of three")
