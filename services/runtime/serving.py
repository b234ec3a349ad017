"""HTTP servers inside a process: uvicorn, told when to stop by us instead of by signals."""

import asyncio
import contextlib
import socket
from collections.abc import Generator

import uvicorn
from starlette.types import ASGIApp

CONCURRENCY = 1_000
_GRACE_S = 5
_IDLE_S = 75
_BACKLOG = 2_048


class PortTaken(Exception):
    """Another program listens where a server of ours should; `str()` is a sentence."""


class WebServer:
    """
    One application on one listening socket.

    `serve` returns after `stop`, when the requests under way are answered.  Beyond
    `CONCURRENCY` requests at once it answers 503, so that waiting costs the client and not us.
    """

    def __init__(self, app: ASGIApp, listening: socket.socket) -> None:
        self._socket = listening
        self._server = _Server(
            uvicorn.Config(
                app,
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                # Behind a proxy the signature is checked against PUBLIC_URL, never a header.
                proxy_headers=False,
                limit_concurrency=CONCURRENCY,
                timeout_keep_alive=_IDLE_S,
                timeout_graceful_shutdown=_GRACE_S,
                backlog=_BACKLOG,
            )
        )

    @property
    def port(self) -> int:
        """The port it listens on."""
        port: int = self._socket.getsockname()[1]
        return port

    async def serve(self) -> None:
        """Serve until `stop`."""
        await self._server.serve(sockets=[self._socket])

    async def started(self) -> None:
        """Return when requests are answered."""
        await self._server.answering.wait()

    def stop(self) -> None:
        """Take no more requests, answer those under way, then return from `serve`."""
        self._server.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one.  Raises `PortTaken`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise PortTaken(
            f"Cannot listen on {host} port {port}: {error.strerror}."
            " Stop the program that has it, or choose another port."
        ) from error
    # An answer is written in two pieces. Without this the second waits for the first to be
    # acknowledged, 40 ms; whoever is accepted here inherits it. (asyncio sets it for sockets
    # that name TCP as their protocol, which those of `create_server` do not.)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answering = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, and say so."""
        await super().startup(sockets)
        self.answering.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals to the process."""
        yield
