"""
A small HTTP client for posting webhooks: keep-alive, deadlines, and the status of the answer.

Nothing else of an answer matters here, so nothing else is read; a general client costs several
times the processor time, and the simulator shares the machine with what is measured.
"""

import asyncio
import ssl
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

# Below the 5 s after which uvicorn drops an idle connection, lest both act at the same moment.
_IDLE_S = 4.0
_LONGEST_HEAD = 64 * 1024
_PORTS = {"http": 80, "https": 443}


class ConnectionFailed(Exception):
    """There was no connection, or it broke before the answer."""


class NoAnswer(Exception):
    """The answer did not come in time."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads: the server, and what the request line and Host header say."""

    host: str
    port: int
    tls: bool
    authority: str
    path: str


class Poster:
    """A pool of connections; any number of posts may run at once."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, int, bool], list[_Connection]] = {}
        self._open: set[_Connection] = set()
        self._tls: ssl.SSLContext | None = None

    async def post(
        self, url: str, headers: bytes, body: bytes, connect_s: float, read_s: float
    ) -> int:
        """
        Post a body and return the HTTP status.

        `headers` are whole header lines.  Raises `ConnectionFailed`, `NoAnswer`, and `ValueError`
        for a URL that is not http or https.
        """
        target = target_of(url)
        connection = self._reusable(target) or await self._connected(target, connect_s)
        head = (
            f"POST {target.path} HTTP/1.1\r\nHost: {target.authority}\r\n"
            f"Content-Length: {len(body)}\r\n"
        )
        try:
            async with asyncio.timeout(read_s):
                status = await connection.ask(head.encode() + headers + b"\r\n" + body)
        except TimeoutError as error:
            connection.close()
            raise NoAnswer from error
        except asyncio.CancelledError:
            connection.close()
            raise
        if connection.reusable:
            self._idle.setdefault((target.host, target.port, target.tls), []).append(connection)
        return status

    def close(self) -> None:
        """Drop all connections."""
        for connection in tuple(self._open):
            connection.close()

    def _reusable(self, target: Target) -> "_Connection | None":
        idle = self._idle.get((target.host, target.port, target.tls), [])
        now = asyncio.get_running_loop().time()
        while idle:
            connection = idle.pop()
            if connection.reusable and now - connection.idle_since < _IDLE_S:
                return connection
            connection.close()
        return None

    async def _connected(self, target: Target, connect_s: float) -> "_Connection":
        loop = asyncio.get_running_loop()
        tls: ssl.SSLContext | None = None
        if target.tls:
            tls = self._tls = self._tls or ssl.create_default_context()
        try:
            async with asyncio.timeout(connect_s):
                _, connection = await loop.create_connection(
                    lambda: _Connection(loop, self._open), target.host, target.port, ssl=tls
                )
        except OSError as error:  # TimeoutError is one of them
            raise ConnectionFailed from error
        return connection


class _Connection(asyncio.Protocol):
    """One connection: one request at a time, and only the head of its answer is looked at."""

    def __init__(self, loop: asyncio.AbstractEventLoop, among: set["_Connection"]) -> None:
        self._loop = loop
        self._among = among
        self._transport: asyncio.WriteTransport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._received = bytearray()
        self.reusable = False
        self.idle_since = 0.0

    async def ask(self, request: bytes) -> int:
        """Send a request and return the status of its answer; raises `ConnectionFailed`."""
        self.reusable = False
        if self._transport is None or self._transport.is_closing():
            raise ConnectionFailed
        self._answer = self._loop.create_future()
        self._received.clear()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Close the connection."""
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection into use."""
        if isinstance(transport, asyncio.WriteTransport):
            self._transport = transport
        self._among.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits for an answer that there will be none."""
        del exc
        self.reusable = False
        self._among.discard(self)
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionFailed())

    def data_received(self, data: bytes) -> None:
        """Read the answer until its end is known."""
        if self._answer is None or self._answer.done():
            self.close()
            return
        self._received += data
        while self._received.startswith(b"HTTP/1.1 1") and b"\r\n\r\n" in self._received:
            del self._received[: self._received.index(b"\r\n\r\n") + 4]
        end = self._received.find(b"\r\n\r\n")
        if end >= 0:
            self._read(bytes(self._received[:end]), len(self._received) - end - 4)
        elif len(self._received) > _LONGEST_HEAD:
            self.close()

    def _read(self, head: bytes, body: int) -> None:
        if self._answer is None:
            return
        line, *fields = head.split(b"\r\n")
        words = line.split(b" ", 2)
        if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
            self.close()
            return
        length = _length(fields)
        if words[1] == b"204":
            length = 0
        if length is not None and body < length:
            return
        # An answer without a length, or one that ends the connection, is not read to its end.
        self.reusable = (
            body == length and words[0] == b"HTTP/1.1" and b"connection: close" not in head.lower()
        )
        self.idle_since = self._loop.time()
        self._answer.set_result(int(words[1]))
        if not self.reusable:
            self.close()


@lru_cache(maxsize=1024)
def target_of(url: str) -> Target:
    """Return where a URL leads; raises `ValueError` unless it is http or https with a host."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or not url.isascii() or " " in url:
        raise ValueError("not an http or https URL")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = parts.port or _PORTS[parts.scheme]
    authority = parts.netloc.rpartition("@")[2]
    return Target(parts.hostname, port, parts.scheme == "https", authority, path)


def _length(fields: list[bytes]) -> int | None:
    for field in fields:
        name, _, value = field.partition(b":")
        if name.lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return None
