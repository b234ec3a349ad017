"""The embedded NATS: started, killed, started again, and closed to strangers."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.js.api import RetentionPolicy

from deploy.local import children
from deploy.local.cannot_start import CannotStart
from deploy.local.guests import guests
from deploy.local.nats import EmbeddedNats
from deploy.local.ports import free_port
from services.adapters.bus import NatsBus

ROOT = Path(__file__).parents[2]
PASSWORD = "open-sesame_1"
OWNER = """
import sys, time
from pathlib import Path
from deploy.local.nats import EmbeddedNats
server = EmbeddedNats(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), "open-sesame_1")
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def ports() -> tuple[int, int]:
    # Of two workers that look at once both would find the same ports free.
    worker = 200 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    port = free_port(16_222 + worker, set())
    return port, free_port(18_222 + worker, {port})


@pytest.fixture
def server(tmp_path: Path, ports: tuple[int, int]) -> Iterator[EmbeddedNats]:
    with EmbeddedNats(tmp_path / "nats", *ports, PASSWORD) as running:
        yield running


async def publish(url: str, *bodies: bytes) -> None:
    client = await nats.connect(url, allow_reconnect=False)
    stream = client.jetstream()
    await stream.add_stream(name="KEPT", subjects=["kept"], retention=RetentionPolicy.LIMITS)
    for body in bodies:
        await stream.publish("kept", body)
    await client.close()


async def kept(url: str) -> list[bytes]:
    client = await nats.connect(url, allow_reconnect=False)
    manager = client.jetstream()
    state = (await manager.stream_info("KEPT")).state
    numbers = range(state.first_seq, state.last_seq + 1)
    bodies = [(await manager.get_msg("KEPT", number)).data or b"" for number in numbers]
    await client.close()
    return bodies


def page(server: EmbeddedNats, name: str) -> Any:
    with urllib.request.urlopen(f"{server.monitor_url}/{name}", timeout=5) as answer:
        return json.loads(answer.read())


def test_every_message_is_synced_and_only_loopback_served(server: EmbeddedNats) -> None:
    varz = page(server, "varz")
    assert varz["jetstream"]["config"]["sync_always"] is True
    assert varz["jetstream"]["config"]["max_storage"] == 2 * 1024**3
    assert varz["max_payload"] == 256 * 1024
    assert varz["host"] == "127.0.0.1"
    assert varz["http_host"] == "127.0.0.1"
    assert varz["auth_required"] is True
    assert page(server, "healthz")["status"] == "ok"
    # The server itself, not a script around it.
    assert varz["server_name"].encode() in Path(f"/proc/{server.pid}/cmdline").read_bytes()
    assert Path(f"/proc/{server.pid}/exe").resolve().name == "nats-server"


def test_strangers_are_kept_out_and_the_password_is_kept_private(
    server: EmbeddedNats, tmp_path: Path
) -> None:
    def answer(**credentials: str) -> bytes:
        port = int(server.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
            client.recv(4096)
            options = {"verbose": True, "pedantic": False, **credentials}
            client.sendall(f"CONNECT {json.dumps(options)}\r\n".encode())
            return client.recv(4096)

    assert b"Authorization Violation" in answer()
    assert b"Authorization Violation" in answer(user="parley", **{"pass": "wrong"})
    assert answer(user="parley", **{"pass": PASSWORD}) == b"+OK\r\n"
    assert (tmp_path / "nats" / "nats.conf").stat().st_mode & 0o777 == 0o600
    assert PASSWORD.encode() not in Path(f"/proc/{server.pid}/cmdline").read_bytes()


def test_a_guest_says_and_hears_its_own(tmp_path: Path, ports: tuple[int, int]) -> None:
    with EmbeddedNats(tmp_path / "nats", *ports, PASSWORD, guests=guests(PASSWORD)) as server:
        asyncio.run(_as_ingress(server))
    said = (tmp_path / "nats.log").read_text()
    assert 'user:ingress" - Publish Violation - Subject "fact.x.v1"' in said
    assert 'user:ingress" - Subscription Violation - Subject "sms.inbound"' in said
    assert said.count("Violation") == 2


async def _as_ingress(server: EmbeddedNats) -> None:
    bus = NatsBus(server.url, "provision", 5.0)
    await bus.connect()
    await bus.provision()
    await bus.aclose()
    ingress = NatsBus(server.url_of("ingress"), "ingress", 5.0)
    await ingress.connect()
    try:
        await ingress.publish("sms.inbound", b"{}", "in:1")
        client = ingress._client
        assert client is not None
        await client.publish("fact.x.v1", b"{}")
        await client.subscribe("sms.inbound")
        await client.flush()
    finally:
        await ingress.aclose()


def test_streams_survive_a_stop_and_a_kill(server: EmbeddedNats) -> None:
    url, first = server.url, server.pid
    asyncio.run(publish(url, b"one"))
    server.stop()
    assert server.pid is None
    assert first is not None
    assert not children.is_alive(first)

    server.start()
    assert server.url == url
    asyncio.run(publish(url, b"two"))
    killed = server.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    assert children.wait_dead(killed, 5)
    server.start()
    server.start()
    assert asyncio.run(kept(url)) == [b"one", b"two"]


def test_our_death_ends_it_and_the_next_start_works_at_once(
    tmp_path: Path, ports: tuple[int, int]
) -> None:
    command = [sys.executable, "-c", OWNER, str(tmp_path / "nats"), *map(str, ports)]
    owner = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    orphan = int(owner.stdout.readline())
    server = EmbeddedNats(tmp_path / "nats", *ports, PASSWORD)
    asyncio.run(publish(server.url, b"before the kill"))
    owner.kill()
    owner.communicate()
    with server:
        assert not children.is_alive(orphan)
        assert asyncio.run(kept(server.url)) == [b"before the kill"]


def test_a_second_server_over_the_same_streams_is_refused(
    server: EmbeddedNats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.local.nats._ORPHAN_PATIENCE_S", 0.1)
    other = EmbeddedNats(tmp_path / "nats", 14_900, 18_900, PASSWORD)
    with pytest.raises(CannotStart, match=f"still works on .* kill {server.pid}"):
        other.start()
    asyncio.run(publish(server.url, b"unharmed"))


@pytest.mark.parametrize("which", [0, 1])
def test_a_taken_port_is_named(tmp_path: Path, ports: tuple[int, int], which: int) -> None:
    with (
        socket.create_server(("127.0.0.1", ports[which])),
        pytest.raises(CannotStart, match=f"needs port {ports[which]} of 127.0.0.1"),
    ):
        EmbeddedNats(tmp_path / "nats", *ports, PASSWORD).start()
    with EmbeddedNats(tmp_path / "nats", *ports, PASSWORD) as server:
        assert page(server, "healthz")["status"] == "ok"


def test_a_start_that_fails_is_told_from_the_log(tmp_path: Path, ports: tuple[int, int]) -> None:
    folder = tmp_path / "nats"
    folder.mkdir()
    (folder / "store").write_text("not a folder")
    with pytest.raises(CannotStart, match=r"NATS did not start: .*JetStream: .*all of it in"):
        EmbeddedNats(folder, *ports, PASSWORD).start()


def test_a_long_path_with_quotes_and_a_frozen_server(
    tmp_path: Path, ports: tuple[int, int]
) -> None:
    folder = tmp_path / ("long" * 40) / 'a "quoted" {path} # ü' / "nats"
    server = EmbeddedNats(folder, *ports, PASSWORD)
    server.start()
    asyncio.run(publish(server.url, b"one"))
    pid = server.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 5
    assert not children.is_alive(pid)


def test_a_password_that_would_break_the_configuration_is_a_bug(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        EmbeddedNats(tmp_path, 14_222, 18_222, 'x" }')
