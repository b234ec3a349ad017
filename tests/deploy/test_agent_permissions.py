"""The permissions that are written down, on a real server: only the agent speaks for the agent."""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import nats
import pytest
from nats.js.api import StreamConfig

from deploy.local.nats import _installed_program
from services.adapters.streams import STREAMS

PERMISSIONS = Path(__file__).resolve().parents[2] / "deploy" / "agent_example" / "permissions.conf"
PASSWORDS = {
    "PARLEY_NATS_PASSWORD": "p", "AGENT_NATS_PASSWORD": "a", "OPERATOR_NATS_PASSWORD": "o",
}  # fmt: skip
OF_THE_AGENT = (
    "agent.escalations.requested", "agent.escalations.cancelled", "agent.shifts.accepted",
)  # fmt: skip


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("nats")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    (folder / "nats.conf").write_text(
        f'host: "127.0.0.1"\nport: {number}\njetstream {{ store_dir: "store" }}\n'
        'include "permissions.conf"\n'
    )
    (folder / "permissions.conf").write_text(PERMISSIONS.read_text())
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [str(_installed_program()), "--config", "nats.conf"],
            cwd=folder, env={**os.environ, **PASSWORDS}, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _await(number)
            asyncio.run(_streams(number))
            yield number
        finally:
            server.terminate()
            server.wait(10)


def _await(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("NATS does not listen")


async def _client(port: int, user: str, refused: asyncio.Event | None = None) -> nats.NATS:
    """Connect as a user; `refused` is set once the server says that something is not theirs."""

    async def heard(error: Exception) -> None:
        if refused is not None and "permissions violation" in str(error).lower():
            refused.set()

    return await nats.connect(
        f"nats://{user}:{user[0]}@127.0.0.1:{port}",
        error_cb=heard,
        inbox_prefix=b"_INBOX_agent" if user == "agent" else b"_INBOX",
        allow_reconnect=False,
    )


async def _streams(port: int) -> None:
    client = await _client(port, "operator")
    for config in STREAMS:
        kept = StreamConfig(name=config.name, subjects=config.subjects)
        await client.jetstream().add_stream(kept)
    await client.close()


async def _said(port: int, user: str, subject: str) -> bool:
    """Whether the server keeps what a user says on a subject."""
    refused = asyncio.Event()
    client = await _client(port, user, refused)
    saying = asyncio.ensure_future(client.jetstream(timeout=10).publish(subject, b"{}"))
    refusal = asyncio.ensure_future(refused.wait())
    try:
        done, _ = await asyncio.wait({saying, refusal}, return_when=asyncio.FIRST_COMPLETED)
        assert len(done) == 1
        return saying in done and saying.exception() is None
    finally:
        for waiting in (saying, refusal):
            waiting.cancel()
        await asyncio.gather(saying, refusal, return_exceptions=True)
        await client.close()


@pytest.mark.parametrize("subject", OF_THE_AGENT)
@pytest.mark.parametrize(("user", "may"), [("agent", True), ("operator", True), ("parley", False)])
async def test_only_the_agent_and_an_operator_say_what_the_agent_says(
    port: int, user: str, may: bool, subject: str
) -> None:
    assert await _said(port, user, subject) is may


@pytest.mark.parametrize(
    "subject", ["sms.inbound", "fact.x.v1", "agent.shifts.requested", "dlq.x.y"]
)
async def test_the_agent_says_nothing_else(port: int, subject: str) -> None:
    assert not await _said(port, "agent", subject)
    assert await _said(port, "parley", subject)


async def test_the_agent_hears_what_it_is_offered(port: int) -> None:
    assert await _said(port, "parley", "agent.shifts.requested")
    client = await _client(port, "agent")
    try:
        offers = await client.jetstream().pull_subscribe(
            "agent.shifts.requested", "shifts", stream="AGENT_OUT"
        )
        [message] = await offers.fetch(1, timeout=5)
        await message.ack()
    finally:
        await client.close()
    assert message.data == b"{}"
