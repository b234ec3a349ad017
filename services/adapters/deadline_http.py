"""HTTP requests that happen at most once: a deadline over all of it, and no repeats."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import cast

import aiohttp

# Shorter than the 5 s after which common servers drop an idle connection: a POST written to a
# connection that is just being closed has an unknown outcome, a new connection costs little.
KEEP_ALIVE_S = 3.0


class NoAnswer(Exception):
    """A request without an answer; `begun` says whether any of it may have left."""

    def __init__(self, reason: str, *, begun: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.begun = begun


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back, whatever its status."""

    status: int
    text: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class _Call:
    deadline: float
    begun: bool = False


class DeadlineHttp:
    """
    One session with kept connections, not more than `concurrency` of them.

    A request that finds no connection within a third of the deadline has not been sent.
    Redirects are never followed.
    """

    def __init__(self, deadline_s: float, concurrency: int) -> None:
        self._deadline_s = deadline_s
        self._concurrency = concurrency
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None
    ) -> HttpAnswer:
        """Make one request.  Raises `NoAnswer`."""
        call = _Call(asyncio.get_running_loop().time() + self._deadline_s)
        try:
            async with (
                asyncio.timeout_at(call.deadline),
                self._opened().request(
                    method,
                    url,
                    data=body,
                    headers=headers,
                    allow_redirects=False,
                    trace_request_ctx=call,
                ) as answer,
            ):
                content = await answer.read()
        except Exception as error:
            raise NoAnswer(type(error).__name__, begun=call.begun) from None
        return HttpAnswer(answer.status, content.decode("utf-8", "replace"), answer.headers)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            trace = aiohttp.TraceConfig()
            trace.on_connection_create_end.append(_begin)
            trace.on_connection_reuseconn.append(_begin)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._concurrency, keepalive_timeout=KEEP_ALIVE_S
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, connect=self._deadline_s / 3),
                trace_configs=[trace],
            )
        return self._session


async def _begin(session: aiohttp.ClientSession, context: SimpleNamespace, params: object) -> None:
    """
    Mark a request as begun, just before its first byte is written.

    A process that was stopped and wakes up after the deadline must not send: by then others may
    have concluded that nothing left.
    """
    del session, params
    call = cast("_Call", context.trace_request_ctx)
    if asyncio.get_running_loop().time() >= call.deadline:
        raise TimeoutError
    call.begun = True
