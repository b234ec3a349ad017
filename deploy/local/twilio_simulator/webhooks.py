"""
The calls to the service: signed, retried and cut off as Twilio does it, and logged.

Connection overrides are read from the URL's fragment (which is neither sent nor signed), as in
twilio.com/docs/usage/webhooks/webhooks-connection-overrides: `ct` connect, `rt` read and `tt`
total milliseconds, `rc` retries, `rp` which failures are retried: `ct` (no connection, or lost
before an answer), `rt` (no answer in time), `4xx`, `5xx`, `all`.  By default one retry, and
only for a failed connection.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from time import perf_counter
from typing import Self
from urllib.parse import parse_qsl, quote_plus, urldefrag
from uuid import uuid4
from zlib import crc32

from deploy.local.twilio_simulator.calls import Answer, Call, CallLog, Failure, Params
from deploy.local.twilio_simulator.posting import ConnectionFailed, NoAnswer, Poster

# Calls about one phone go out one after the other, of different phones side by side.
_LANES = 64
_PAUSE_S = 0.1
_LONGEST_MS = 15_000


@dataclass(frozen=True, slots=True)
class Overrides:
    """How patient the calls to a URL are; times in seconds."""

    url: str
    connect_s: float = 5.0
    read_s: float = 15.0
    total_s: float = 15.0
    retries: int = 1
    retried: frozenset[str] = frozenset({"ct"})


class Webhooks:
    """
    Everything the service is told, on a bounded number of connections that are kept open.

    Use as an async context manager; calls still waiting at the end are dropped.
    """

    def __init__(self, auth_token: str, log: CallLog) -> None:
        self._token = auth_token.encode()
        self._log = log
        self._lanes = [asyncio.Queue[Call]() for _ in range(_LANES)]
        self._workers: list[asyncio.Task[None]] = []
        self._poster = Poster()

    async def __aenter__(self) -> Self:
        self._workers = [asyncio.create_task(self._work(lane)) for lane in self._lanes]
        return self

    async def __aexit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._poster.close()

    def post(self, call: Call) -> None:
        """Queue a call; it goes out when those before it in its lane are answered."""
        self._lanes[crc32(call.lane.encode()) % _LANES].put_nowait(call)

    def lose(self, call: Call) -> None:
        """Only log that a call was lost on its way."""
        self._log.call(call, Answer(0, "lost", 0.0), 0)

    async def _work(self, lane: asyncio.Queue[Call]) -> None:
        while True:
            call = await lane.get()
            status = await self._deliver(call)
            if call.answered is not None:
                call.answered(status)

    async def _deliver(self, call: Call) -> int:
        overrides = overrides_of(call.url)
        body = encoded(call.params)
        headers = (
            f"X-Twilio-Signature: {signature(self._token, overrides.url, call.params)}\r\n"
            f"I-Twilio-Idempotency-Token: {uuid4()}\r\n"
            "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
            "User-Agent: TwilioProxy/1.1\r\n"
            "Accept: */*\r\n"
        ).encode()
        began = perf_counter()
        attempt = 0
        while True:
            attempt += 1
            left = overrides.total_s - (perf_counter() - began)
            answer = await self._attempt(overrides, headers, body, left)
            self._log.call(call, answer, attempt)
            spent = perf_counter() - began + _PAUSE_S >= overrides.total_s
            if attempt > overrides.retries or spent or not _retried(answer, overrides.retried):
                return answer.status
            await asyncio.sleep(_PAUSE_S)

    async def _attempt(self, to: Overrides, headers: bytes, body: bytes, left: float) -> Answer:
        connect_s, read_s = min(to.connect_s, left), min(to.read_s, left)
        failure: Failure | None = None
        status = 0
        began = perf_counter()
        try:
            status = await self._poster.post(to.url, headers, body, connect_s, read_s)
        except ConnectionFailed:
            failure = "connect"
        except NoAnswer:
            failure = "read"
        return Answer(status, failure, round((perf_counter() - began) * 1000, 3))


def encoded(params: Params) -> bytes:
    """Return a form's body."""
    return "&".join(f"{name}={_quoted(value)}" for name, value in params).encode()


def _quoted(value: str) -> str:
    """Return a value for a form; most are SIDs and words that need no quoting."""
    return value if value.isalnum() and value.isascii() else quote_plus(value)


def signature(token: bytes, url: str, params: Sequence[tuple[str, str]]) -> str:
    """
    Return `X-Twilio-Signature`: base64 of HMAC-SHA1 over the URL and the sorted parameters.

    Rule: twilio.com/docs/usage/security#validating-requests.  A repeated equal parameter counts
    once, an empty one counts with its name.
    """
    text = url + "".join(name + value for name, value in sorted(set(params)))
    digest = hmac.new(token, text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


@lru_cache(maxsize=64)
def _fragment(fragment: str) -> Overrides:
    given = dict(parse_qsl(fragment))
    return Overrides(
        url="",
        connect_s=_seconds(given, "ct", 100, 10_000, 5_000),
        read_s=_seconds(given, "rt", 100, _LONGEST_MS, _LONGEST_MS),
        total_s=_seconds(given, "tt", 100, _LONGEST_MS, _LONGEST_MS),
        retries=_within(given.get("rc"), 0, 5, 1),
        retried=frozenset(given.get("rp", "ct").split(",")),
    )


def overrides_of(url: str) -> Overrides:
    """Return a URL without its fragment, and what the fragment says; nonsense is ignored."""
    bare, fragment = urldefrag(url)
    return replace(_fragment(fragment), url=bare)


def _seconds(given: dict[str, str], name: str, low: int, high: int, default: int) -> float:
    return _within(given.get(name), low, high, default) / 1000


def _within(value: str | None, low: int, high: int, default: int) -> int:
    if value is None or not value.isdecimal():
        return default
    return min(max(int(value), low), high)


def _retried(answer: Answer, retried: frozenset[str]) -> bool:
    words = {"connect": "ct", "read": "rt"}
    word = words[answer.failure] if answer.failure else f"{answer.status // 100}xx"
    good = not answer.failure and answer.status < 400
    return not good and ("all" in retried or word in retried)
