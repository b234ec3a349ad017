"""
The one path of an append: many waiting saves become one transaction.

Commits are serial whatever one does (the order of positions is the order of commits), so the only
thing that scales is to put several saves into one.  A save that is refused takes nobody with it:
the append call leaves it out.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psycopg
from psycopg import errors

from contracts.recorded import Subject
from services.adapters.keys import NewKey
from services.adapters.mapper import StoredRow
from services.adapters.postgres_link import (
    Link,
    LinkLost,
    Parameter,
    blobs,
    int4s,
    int8s,
    read_int4s,
    read_int8s,
    texts,
)
from services.adapters.recorder import APPEND, ERASED_KEY, Settings
from services.runtime.ports import Conflict, SubjectErased, Unavailable

MAX_REQUESTS = 64
MAX_BYTES = 150_000
_RETRY_S = 0.05

_STATEMENTS = {
    b"append": APPEND.format(*(f"${number}" for number in range(1, 17))).encode(),
    b"stored": (
        b"SELECT r.n::int4, e.notification_id, e.state"
        b" FROM unnest($1::text[], $2::int8[]) WITH ORDINALITY AS r (stream, version, n)"
        b" JOIN stored_events AS e"
        b" ON e.originator_id = r.stream AND e.originator_version = r.version"
    ),
}

# Nothing was stored and the same may work in a moment: locks, time limits, too many connections,
# a full disk, a server that is starting.
_PASSING = (
    errors.LockNotAvailable,
    errors.QueryCanceled,
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.InsufficientResources,
    errors.ReadOnlySqlTransaction,
)


@dataclass(slots=True, eq=False)
class Request:
    """
    One save: what must hold, and what to store if it does.

    `heads` are the streams with the versions they must stand at, `needs` the keys that must
    exist, `keys` those to store, `forget` the person whose keys go.
    """

    heads: Sequence[tuple[str, int]]
    needs: Sequence[Subject]
    rows: Sequence[StoredRow]
    keys: Sequence[NewKey] = ()
    forget: str | None = None
    size: int = 0
    deadline: float = 0.0
    doubtful: bool = False
    repeated: bool = False
    done: asyncio.Future[list[int]] = field(init=False)


def parameters(batch: Sequence[Request]) -> list[Parameter]:
    """Return the arguments of the append call for a batch, its requests numbered from 0."""
    head_request: list[int] = []
    heads: list[tuple[str, int]] = []
    fact_request: list[int] = []
    rows: list[StoredRow] = []
    for number, each in enumerate(batch):
        heads += each.heads
        head_request += [number] * len(each.heads)
        rows += each.rows
        fact_request += [number] * len(each.rows)
    return [
        int4s(head_request),
        texts([head[0] for head in heads]),
        int8s([head[1] for head in heads]),
        *_about_keys(batch),
        int4s(fact_request),
        texts([row.stream for row in rows]),
        int8s([row.version for row in rows]),
        texts([row.topic for row in rows]),
        blobs([row.state for row in rows]),
    ]


def _about_keys(batch: Sequence[Request]) -> list[Parameter]:
    needs = [(number, need) for number, each in enumerate(batch) for need in each.needs]
    keys = [(number, key) for number, each in enumerate(batch) for key in each.keys]
    forget = [each.forget for each in batch if each.forget is not None]
    if not needs and not keys and not forget:
        return _NO_KEYS
    return [
        int4s([number for number, _ in needs]),
        texts([need.person_id for _, need in needs]),
        int4s([need.generation for _, need in needs]),
        int4s([number for number, _ in keys]),
        texts([key.subject.person_id for _, key in keys]),
        int4s([key.subject.generation for _, key in keys]),
        blobs([key.wrapped for _, key in keys]),
        texts(forget),
    ]


_NO_KEYS: list[Parameter] = [
    int4s([]), texts([]), int4s([]), int4s([]), texts([]), int4s([]), blobs([]), texts([]),
]  # fmt: skip


class GroupCommit:
    """
    Appends requests in the order they came, up to 64 or 150 kB in one transaction.

    A request is answered within `patience` seconds: with its positions, `Conflict`,
    `SubjectErased` or `Unavailable`.  When the connection dies during a commit, what was stored
    is looked up on the next one: bytes that hold the save's own random id cannot be another's.
    """

    def __init__(self, database_url: str, settings: Settings, patience: float) -> None:
        self._link = Link(database_url, _STATEMENTS, settings)
        self._patience = patience
        self._waiting: deque[Request] = deque()
        self._busy = False
        self._closing = False
        self._settling: asyncio.Task[None] | None = None

    async def append(self, request: Request) -> list[int]:
        """Return the positions of the request's rows once they are durable."""
        if self._closing:
            raise Unavailable("the journal is closed")
        loop = asyncio.get_running_loop()
        request.done = loop.create_future()
        request.deadline = loop.time() + self._patience
        request.size = sum([len(row.state) + 200 for row in request.rows])
        self._waiting.append(request)
        if not self._busy:
            # Not at once: whoever else was woken together with us may append, too.
            self._busy = True
            loop.call_soon(self._begin)
        return await request.done

    async def aclose(self) -> None:
        """Finish what is waiting and close the connection."""
        self._closing = True
        while self._busy:  # noqa: ASYNC110  # once in a life; an event would cost every batch
            await asyncio.sleep(0.005)
        await self._link.close()

    def _begin(self) -> None:
        """Send the next transaction, if anything waits."""
        batch = self._next()
        self._busy = bool(batch)
        if not batch:
            return
        deadline = min([each.deadline for each in batch])
        if not self._link.start(
            b"append", parameters(batch), deadline, partial(self._arrived, batch)
        ):
            self._settle_soon(batch, None)

    def _arrived(self, batch: list[Request], result: Any, error: Exception | None) -> None:
        if error is None:
            _deliver(batch, result)
        if all(each.done.done() for each in batch):
            # Those who were just answered go first: what they append next joins the next batch.
            asyncio.get_running_loop().call_soon(self._begin)
        else:
            self._settle_soon(batch, error)

    def _settle_soon(self, batch: list[Request], error: Exception | None) -> None:
        self._settling = asyncio.get_running_loop().create_task(self._settle_all(batch, error))

    async def _settle_all(self, batch: list[Request], error: Exception | None) -> None:
        try:
            await self._settle(batch, error)
        except Exception as bug:
            _fail(batch, bug)
        finally:
            self._begin()

    def _next(self) -> list[Request]:
        """
        Take what goes into one transaction.

        Two requests on one stream do not share one: the second is decided after the first.
        Whoever forgets a person does so alone.
        """
        batch: list[Request] = []
        streams: set[str] = set()
        size = 0
        while self._waiting and len(batch) < MAX_REQUESTS:
            request = self._waiting[0]
            if batch and (
                size + request.size > MAX_BYTES
                or request.forget is not None
                or batch[0].forget is not None
                or any(stream in streams for stream, _ in request.heads)
            ):
                break
            self._waiting.popleft()
            if request.done.done():
                continue
            batch.append(request)
            size += request.size
            streams.update(stream for stream, _ in request.heads)
        return batch

    async def _settle(self, batch: list[Request], error: Exception | None) -> None:
        """Append until every request has its answer or its time is over."""
        while True:
            if isinstance(error, LinkLost):
                for each in batch:
                    each.doubtful = each.doubtful or error.doubtful
            elif error is not None and not isinstance(error, _PASSING):
                await self._settle_apart(batch, error)
            if error is not None:
                _expire(batch, asyncio.get_running_loop().time())
            batch = [each for each in batch if not each.done.done()]
            if not batch:
                return
            if error is not None:
                await asyncio.sleep(_RETRY_S)
            error = await self._try(batch)

    async def _settle_apart(self, batch: list[Request], error: Exception) -> None:
        """Find out who of a batch is guilty of an error, one transaction each."""
        if len(batch) == 1:
            _fail(batch, _meaning(error))
            return
        for each in batch:
            if not each.done.done():
                await self._settle([each], None)

    async def _try(self, batch: list[Request]) -> Exception | None:
        deadline = min(each.deadline for each in batch)
        try:
            if any(each.doubtful for each in batch):
                await self._look_up(batch, deadline)
            else:
                _deliver(batch, await self._link.run(b"append", parameters(batch), deadline))
        except (LinkLost, psycopg.Error) as error:
            return error
        return None

    async def _look_up(self, batch: list[Request], deadline: float) -> None:
        """
        Answer the requests that a lost connection did store; the others are appended again.

        A backend cut off from its client may still commit after this look: then the repeated
        append finds the stream moved on, and a second look tells whose facts those are.
        """
        rows = [(each, row) for each in batch for row in each.rows]
        result = await self._link.run(
            b"stored",
            [
                texts([row.stream for _, row in rows]),
                int8s([row.version for _, row in rows]),
            ],
            deadline,
        )
        found: dict[int, list[int]] = {}
        for line in range(result.ntuples):
            request, row = rows[int.from_bytes(result.get_value(line, 0)) - 1]
            if result.get_value(line, 2) == row.state:
                position = int.from_bytes(result.get_value(line, 1))
                found.setdefault(id(request), []).append(position)
        for request in batch:
            positions = found.get(id(request), [])
            if len(positions) == len(request.rows):
                _answer(request, sorted(positions))
            elif request.repeated and request.doubtful:
                _fail([request], Conflict("a stream has moved on"))
            request.repeated = request.repeated or request.doubtful
            request.doubtful = False


def _deliver(batch: list[Request], result: Any) -> None:
    """Tell each request of a batch what the append call said of it."""
    positions = iter(read_int8s(result.get_value(0, 0)))
    refused = read_int4s(result.get_value(0, 1))
    reasons = dict(zip(refused, read_int4s(result.get_value(0, 2)), strict=True))
    for number, request in enumerate(batch):
        reason = reasons.get(number)
        if reason is None:
            _answer(request, [next(positions) for _ in request.rows])
        elif reason == ERASED_KEY:
            _fail([request], SubjectErased("a key was deleted"))
        elif request.repeated:
            request.doubtful = True
        else:
            _fail([request], Conflict("a stream has moved on"))


def _expire(batch: list[Request], now: float) -> None:
    for each in batch:
        if each.deadline <= now + _RETRY_S:
            unknown = (
                "a save's outcome is unknown" if each.doubtful else "nothing was appended in time"
            )
            _fail([each], Unavailable(unknown))


def _answer(request: Request, positions: list[int]) -> None:
    if not request.done.done():
        request.done.set_result(positions)


def _fail(requests: Sequence[Request], error: Exception) -> None:
    for request in requests:
        if not request.done.done():
            request.done.set_exception(error)


def _meaning(error: Exception) -> Exception:
    return Conflict("a key exists already") if isinstance(error, errors.UniqueViolation) else error
