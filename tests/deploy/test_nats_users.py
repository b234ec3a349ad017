"""The written configuration on three real servers: a process says and hears its own, no more."""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import nats
import pytest
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeout
from nats.js.errors import NoStreamResponseError, ServiceUnavailableError

from contracts.announcement import Announcement
from contracts.sms import DeliveryReport, InboundSms
from deploy.local.nats import _installed_program
from deploy.operations import nats_keys, nats_users
from services.adapters.bus import NatsBus
from services.runtime.handling import Delivery
from services.runtime.process import (
    FactSubscription,
    InboundSubscription,
    StatusSubscription,
    Subscription,
)
from services.runtime.processes import PROCESSES
from tests.facts import NOON, TALK, sid, sms

CONFIG = Path(__file__).resolve().parents[2] / "deploy" / "nats"
_FREE = (NatsTimeout, NoRespondersError, NoStreamResponseError, ServiceUnavailableError)


@dataclass(slots=True)
class Cluster:
    """Three servers, and the seeds of their users."""

    folder: Path
    ports: list[int]
    routes: list[int]
    servers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, number: int) -> None:
        """Start one server."""
        with (self.folder / f"{number}.log").open("ab") as log:
            server = subprocess.Popen(
                [str(_installed_program()), *self.arguments(number)],
                cwd=self.folder, env=self.environment(number), stdout=log, stderr=log,
            )  # fmt: skip
        self.servers.append(server)

    def arguments(self, number: int) -> Sequence[str]:
        """Return the written configuration with places of this machine put over it."""
        routes = ",".join(f"nats://127.0.0.1:{port}" for port in self.routes)
        return (
            "--config", "nats.conf",
            "--addr", "127.0.0.1", "--port", str(self.ports[number]), "--http_port", "-1",
            "--cluster_listen", f"nats://127.0.0.1:{self.routes[number]}", "--routes", routes,
        )  # fmt: skip

    def environment(self, number: int) -> dict[str, str]:
        """Return what the servers are told beside their configuration."""
        public = dict(
            line.split("=", 1)
            for line in (self.folder / "keys" / "nkeys.env").read_text().splitlines()
        )
        return {
            **os.environ,
            **public,
            "NATS_SERVER_NAME": f"nats-{number}",
            "STORE": f"store-{number}",
        }

    def seed(self, user: str) -> str:
        """Return a user's secret key."""
        return (self.folder / "keys" / f"{user}.seed").read_text()

    def url(self, number: int = 0) -> str:
        """Return a server's address."""
        return f"nats://127.0.0.1:{self.ports[number]}"

    def stop(self) -> None:
        """End all servers."""
        for server in self.servers:
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


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("nats")
    text = (CONFIG / "nats.conf").read_text()
    # Names of a deployment that nobody here resolves; the command line brings others.
    begin, end = text.index("  routes: ["), text.index("  ]\n") + 4
    placed = (text[:begin] + text[end:]).replace('"/data"', "$STORE")
    (folder / "nats.conf").write_text(placed)
    (folder / "users.conf").write_text((CONFIG / "users.conf").read_text())
    (folder / "tls.conf").write_text("")
    nats_keys.make(folder / "keys")
    ports = _free_ports(6)
    made = Cluster(folder, ports[:3], ports[3:])
    for number in range(3):
        made.start(number)
    try:
        asyncio.run(_provisioned(made))
        yield made
    finally:
        made.stop()


async def _provisioned(cluster: Cluster) -> None:
    deadline = time.monotonic() + 60
    while True:
        bus = NatsBus(cluster.url(), "provision", 5.0, 3, cluster.seed("operator"))
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
            await asyncio.sleep(0.3)


@asynccontextmanager
async def _bus(cluster: Cluster, process: str) -> AsyncIterator[NatsBus]:
    made = NatsBus(cluster.url(), process, 5.0, 3, cluster.seed(process))
    await made.connect()
    try:
        yield made
    finally:
        await made.aclose()


def test_what_is_written_follows_from_the_code() -> None:
    assert (CONFIG / "users.conf").read_text() == nats_users.written()


def test_the_server_accepts_the_configuration_as_it_is(cluster: Cluster, tmp_path: Path) -> None:
    for name in ("nats.conf", "users.conf"):
        (tmp_path / name).write_text((CONFIG / name).read_text())
    (tmp_path / "tls.conf").write_text("")
    done = subprocess.run(
        [str(_installed_program()), "-t", "--config", "nats.conf"],
        cwd=tmp_path, env=cluster.environment(0), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_seeds_are_for_their_owner_alone_and_are_kept(tmp_path: Path) -> None:
    public = nats_keys.make(tmp_path / "keys")
    assert set(public) == {nats_users.variable_of(user) for user in nats_users.users()}
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "keys").glob("*.seed"))
    assert nats_keys.make(tmp_path / "keys") == public


@pytest.mark.parametrize("process", PROCESSES)
async def test_every_process_may_ask_what_it_asks_at_its_start(
    cluster: Cluster, process: str
) -> None:
    async with _bus(cluster, process) as bus:
        assert await bus.ready() is None
        assert list(await bus.drift(_subscriptions(process))) == []
        if process in ("sender", "scheduler", "relay"):
            assert await bus.announced() >= 0


def _subscriptions(process: str) -> list[Subscription]:
    async def nothing(_: object) -> None:
        return

    if process == "policy_gate":
        return [InboundSubscription(nothing)]
    if process == "sender":
        return [FactSubscription(process, nothing), StatusSubscription(nothing)]
    facts = ("turn_runner", "evaluator", "committer", "global_agent")
    return [FactSubscription(process, nothing)] if process in facts else []


async def test_texts_facts_and_reports_reach_whom_they_are_for(cluster: Cluster) -> None:
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
        _bus(cluster, "ingress") as ingress,
        _bus(cluster, "relay") as relay,
        _bus(cluster, "policy_gate") as gate,
        _bus(cluster, "sender") as sender,
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


@pytest.mark.parametrize(
    ("user", "subject"),
    [
        ("ingress", "fact.conversation.sms_requested.v1"),
        ("ingress", "agent.escalations.requested"),
        ("ingress", "dlq.INBOUND.policy_gate"),
        ("evaluator", "fact.conversation.draft_approved.v1"),
        ("sender", "sms.inbound"),
        ("relay", "sms.inbound"),
        ("console", "agent.escalations.requested"),
        ("global_agent", "agent.escalations.requested"),
        ("agent", "sms.inbound"),
        ("agent", "agent.shifts.requested"),
        ("evaluator", "dlq.FACTS.sender"),
    ],
)
async def test_nobody_says_what_is_anothers(cluster: Cluster, user: str, subject: str) -> None:
    assert not await _asked(cluster, user, subject)


async def test_nobody_takes_what_is_anothers(cluster: Cluster) -> None:
    for subject in (
        "$JS.API.CONSUMER.MSG.NEXT.FACTS.sender",
        "$JS.API.CONSUMER.DELETE.FACTS.sender",
        "$JS.API.STREAM.PURGE.INBOUND",
        "$JS.API.STREAM.MSG.GET.INBOUND",
    ):
        assert not await _asked(cluster, "evaluator", subject), subject
    assert not await _heard(cluster, "evaluator", "sms.inbound")
    assert not await _heard(cluster, "evaluator", "_INBOX_sender.>")


def test_nobody_comes_in_without_a_key(cluster: Cluster) -> None:
    with socket.create_connection(("127.0.0.1", cluster.ports[0]), timeout=10) as client:
        client.sendall(b'CONNECT {"verbose":false}\r\nPING\r\n')
        said = b""
        while b"-ERR" not in said and (more := client.recv(4096)):
            said += more
    assert b"Authorization Violation" in said
    assert b"PONG" not in said


async def _quiet(_: Exception) -> None:
    return


async def _asked(cluster: Cluster, user: str, subject: str) -> bool:
    """Whether somebody answers what a user publishes on a subject."""
    client = await _client(cluster, user, _quiet)
    try:
        await client.request(subject, b"{}", timeout=0.7)
    except _FREE:
        return False
    else:
        return True
    finally:
        await client.close()


async def _heard(cluster: Cluster, user: str, subject: str) -> bool:
    """Whether the server lets a user listen to a subject."""
    refused = asyncio.Event()

    async def said(error: Exception) -> None:
        if "permissions violation" in str(error).lower():
            refused.set()

    client = await _client(cluster, user, said)
    try:
        await client.subscribe(subject)
        await client.flush()
        async with asyncio.timeout(1):
            await refused.wait()
    except TimeoutError:
        return True
    else:
        return False
    finally:
        await client.close()


async def _client(cluster: Cluster, user: str, said: object) -> nats.NATS:
    return await nats.connect(
        cluster.url(), allow_reconnect=False, error_cb=said,  # type: ignore[arg-type]
        nkeys_seed_str=cluster.seed(user), inbox_prefix=f"_INBOX_{user}".encode(),
    )  # fmt: skip


async def test_texts_are_kept_while_one_server_of_three_is_gone(cluster: Cluster) -> None:
    """The last test: it kills the server that the others do not talk to."""
    cluster.servers[2].kill()
    cluster.servers[2].wait(10)
    body = sms(2, "hello").model_dump_json().encode()
    async with _bus(cluster, "ingress") as ingress:
        for _ in range(60):
            try:
                await ingress.publish("sms.inbound", body, "in:2")
                break
            except Exception:
                # Where the leader of the stream was there, the others elect one.
                await asyncio.sleep(0.5)
        else:
            raise AssertionError("nothing was kept with two servers of three")
