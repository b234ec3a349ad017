"""A real NATS for the tests of this folder: started once a session, empty streams for each test."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from deploy.local.nats import EmbeddedNats
from deploy.local.ports import free_port
from services.adapters import streams
from services.adapters.bus import NatsBus

ACK_WAIT_S = 1.0


@pytest.fixture(scope="session")
def nats_server() -> Iterator[EmbeddedNats]:
    """The server."""
    with TemporaryDirectory(prefix="nats-") as folder:
        # Two workers that look for a free port at once would find the same one.
        worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        port = free_port(14_222 + 200 * worker, set())
        monitor = free_port(port + 1, {port})
        with EmbeddedNats(Path(folder) / "nats", port, monitor, "secret") as server:
            yield server


@pytest.fixture
async def bus(nats_server: EmbeddedNats) -> AsyncIterator[NatsBus]:
    """A connected bus over fresh streams."""
    made = NatsBus(nats_server.url, "test", ACK_WAIT_S)
    await made.connect()
    for config in streams.STREAMS:
        with contextlib.suppress(Exception):
            await made.stream.delete_stream(config.name or "")
    await made.provision()
    try:
        yield made
    finally:
        await made.aclose()
        await asyncio.sleep(0)
