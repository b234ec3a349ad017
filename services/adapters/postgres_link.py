"""
One connection to PostgreSQL that costs little and comes back by itself.

psycopg connects; prepared statements then go through its libpq connection directly, with binary
parameters written by hand: half the CPU of a cursor, on a path that every turn takes dozens of
times.  One statement is under way at a time.
"""

import asyncio
import struct
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import psycopg
from psycopg import errors, pq

from services.adapters.recorder import CONNECT, Settings

Parameter: TypeAlias = bytes | None

# SQLSTATE classes after which a session is over: connection exceptions, operator intervention
# (shutdown, crash).  Whether the statement took effect is then unknown.
_BACKEND_GONE = ("08", "57P")
_GOOD = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)

_ARRAY = struct.Struct("!iiIii")
_TEXT, _BYTEA, _INT4, _INT8 = 25, 17, 23, 20
_LENGTH = struct.Struct("!i")
_INT4_ITEM = struct.Struct("!ii")
_INT8_ITEM = struct.Struct("!iq")
_EMPTY = {oid: struct.pack("!iiI", 0, 0, oid) for oid in (_TEXT, _BYTEA, _INT4, _INT8)}


def _array(oid: int, items: list[bytes]) -> bytes:
    if not items:
        return _EMPTY[oid]
    return _ARRAY.pack(1, 0, oid, len(items), 1) + b"".join(items)


def texts(items: Sequence[str]) -> bytes:
    """Return a `text[]` parameter."""
    encoded = [item.encode() for item in items]
    return _array(_TEXT, [_LENGTH.pack(len(item)) + item for item in encoded])


def blobs(items: Sequence[bytes]) -> bytes:
    """Return a `bytea[]` parameter."""
    return _array(_BYTEA, [_LENGTH.pack(len(item)) + item for item in items])


def int4s(items: Sequence[int]) -> bytes:
    """Return an `integer[]` parameter."""
    return _array(_INT4, [_INT4_ITEM.pack(4, item) for item in items])


def int8s(items: Sequence[int]) -> bytes:
    """Return a `bigint[]` parameter."""
    return _array(_INT8, [_INT8_ITEM.pack(8, item) for item in items])


def int8(item: int) -> bytes:
    """Return a `bigint` parameter."""
    return item.to_bytes(8, "big", signed=True)


def read_int4s(raw: bytes | None) -> list[int]:
    """Return the items of an `integer[]` result without nulls."""
    return [item for _, item in _INT4_ITEM.iter_unpack(raw[20:])] if raw else []


def read_int8s(raw: bytes | None) -> list[int]:
    """Return the items of a `bigint[]` result without nulls."""
    return [item for _, item in _INT8_ITEM.iter_unpack(raw[20:])] if raw else []


class LinkLost(Exception):
    """
    The connection is gone, or the deadline came first.

    `doubtful` says that a statement had been sent: it may have taken effect or may yet.
    """

    def __init__(self, reason: str, *, doubtful: bool) -> None:
        super().__init__(reason)
        self.doubtful = doubtful


Then: TypeAlias = Callable[[Any, Exception | None], None]


class Link:
    """
    A connection that is made when first needed and again when lost.

    `statements` are the SQL texts by name, prepared when first used.  `heard` is called for each
    NOTIFY, `lost` when the connection goes.  Errors of a statement are psycopg's, with the
    server's sentence and none of the values.
    """

    def __init__(
        self,
        database_url: str,
        statements: Mapping[bytes, bytes],
        settings: Settings,
        heard: Callable[[], None] | None = None,
        lost: Callable[[], None] | None = None,
    ) -> None:
        self._url = database_url
        self._statements = statements
        self._settings = settings
        self._heard = heard
        self._lost = lost
        self._one_at_a_time = asyncio.Lock()
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._pg: Any = None
        self._socket = -1
        self._prepared: set[bytes] = set()
        self._then: Then | None = None
        self._freed: asyncio.Future[None] | None = None
        self._result: Any = None
        self._deadline = 0.0
        self._watch: asyncio.TimerHandle | None = None

    @property
    def connected(self) -> bool:
        """Whether there is a connection that looks alive."""
        return self._pg is not None

    def start(
        self, name: bytes, parameters: Sequence[Parameter], deadline: float, then: Then
    ) -> bool:
        """
        Send a statement at once if nothing is in the way; return whether it was sent.

        `then` is called with libpq's result (all columns binary) or with the error, from within
        the loop: no task has to be woken for it.
        """
        if self._then is not None or name not in self._prepared or self._one_at_a_time.locked():
            return False
        try:
            self._send_prepared(name, parameters)
        except psycopg.OperationalError:
            self._drop("sending failed")
            return False
        self._expect(then, deadline)
        return True

    async def run(self, name: bytes, parameters: Sequence[Parameter], deadline: float) -> Any:
        """
        Run a statement, connecting and preparing it if need be, and return libpq's result.

        `deadline` is the loop's time.  Raises `LinkLost`, or psycopg's error for its SQLSTATE.
        """
        async with self._one_at_a_time:
            await self._open(deadline)
            if name not in self._prepared:
                text = self._statements[name]
                await self._exchange(
                    lambda: self._pg.send_prepare(name, text), deadline, matters=False
                )
                self._prepared.add(name)
            return await self._exchange(lambda: self._send_prepared(name, parameters), deadline)

    async def execute(self, text: bytes, deadline: float) -> None:
        """Run a statement without parameters or rows.  Raises `LinkLost`."""
        async with self._one_at_a_time:
            await self._open(deadline)
            await self._exchange(lambda: self._pg.send_query(text), deadline)

    async def close(self) -> None:
        """Close the connection; the next statement makes another."""
        async with self._one_at_a_time:
            self._drop("closed")

    # Connecting

    async def _open(self, deadline: float) -> None:
        if self._pg is not None:
            return
        connection: psycopg.AsyncConnection[Any] | None = None
        try:
            async with asyncio.timeout_at(deadline):
                connection = await psycopg.AsyncConnection.connect(self._url, **CONNECT)
                await connection.execute(self._settings.as_sql().encode(), prepare=False)
        except (psycopg.OperationalError, TimeoutError, OSError) as error:
            if connection is not None:
                await connection.close()
            # psycopg's error refers to itself: without this the half-made connection stays open
            # until the next full garbage collection, and a server that hung finds hundreds.
            traceback.clear_frames(error.__traceback__)
            raise LinkLost(f"cannot connect: {type(error).__name__}", doubtful=False) from error
        except BaseException:
            if connection is not None:
                await connection.close()
            raise
        self._connection, self._pg = connection, connection.pgconn
        self._pg.nonblocking = 1
        self._prepared.clear()
        self._socket = self._pg.socket
        asyncio.get_running_loop().add_reader(self._socket, self._readable)

    def _drop(self, reason: str) -> None:
        """Let go of the connection and tell whoever waits for an answer."""
        if self._pg is None:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._socket)
        loop.remove_writer(self._socket)
        self._pg.finish()
        self._pg = self._connection = None
        self._prepared.clear()
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        self._tell(None, LinkLost(reason, doubtful=True))
        if self._lost is not None:
            self._lost()

    # One statement

    def _send_prepared(self, name: bytes, parameters: Sequence[Parameter]) -> None:
        pg = self._pg
        pg.send_query_prepared(name, parameters, [1] * len(parameters), 1)
        if pg.flush():
            asyncio.get_running_loop().add_writer(self._socket, self._writable)

    def _expect(self, then: Then, deadline: float) -> None:
        self._then, self._result, self._deadline = then, None, deadline
        if self._watch is None:
            self._watch = asyncio.get_running_loop().call_at(deadline, self._overdue)

    def _overdue(self) -> None:
        """Give up on an answer that is late; one timer serves many statements."""
        self._watch = None
        if self._then is None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() >= self._deadline:
            self._drop("no answer in time")
        else:
            self._watch = loop.call_at(self._deadline, self._overdue)

    def _tell(self, result: Any, error: Exception | None) -> None:
        then, self._then, self._result = self._then, None, None
        if self._freed is not None and not self._freed.done():
            self._freed.set_result(None)
        if then is not None:
            then(result, error)

    async def _exchange(
        self, send: Callable[[], None], deadline: float, *, matters: bool = True
    ) -> Any:
        while self._then is not None:
            self._freed = asyncio.get_running_loop().create_future()
            await self._freed
        if self._pg is None:
            raise LinkLost("no connection", doubtful=False)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def then(result: Any, error: Exception | None) -> None:
            if not answer.done():
                answer.set_result((result, error))

        try:
            send()
            self._expect(then, deadline)
            self._writable()
            result, error = await answer
        except psycopg.OperationalError as unsent:
            self._drop("sending failed")
            raise LinkLost(f"cannot send: {type(unsent).__name__}", doubtful=matters) from unsent
        except asyncio.CancelledError:
            self._drop("cancelled")
            raise
        if isinstance(error, LinkLost):
            raise LinkLost(str(error), doubtful=matters)
        if error is not None:
            raise error
        return result

    def _writable(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            if self._pg is not None and self._pg.flush():
                loop.add_writer(self._socket, self._writable)
            else:
                loop.remove_writer(self._socket)
        except psycopg.OperationalError:
            self._drop("sending failed")

    def _readable(self) -> None:
        pg = self._pg
        try:
            pg.consume_input()
            if self._heard is not None:
                while pg.notifies() is not None:
                    self._heard()
            if self._then is None:
                return
            while not pg.is_busy():
                found = pg.get_result()
                if found is None:
                    break
                self._result = found
            else:
                return
        except psycopg.OperationalError:
            self._drop("connection lost")
            return
        self._conclude(self._result)

    def _conclude(self, result: Any) -> None:
        if result is None or self._pg.status == pq.ConnStatus.BAD:
            self._drop("connection lost")
        elif result.status in _GOOD:
            self._tell(result, None)
        else:
            error = _error(result)
            if (error.sqlstate or "").startswith(_BACKEND_GONE):
                self._drop("the server ended the connection")
            else:
                self._tell(None, error)


def _error(result: Any) -> psycopg.Error:
    """Return psycopg's error for a failed statement, with the server's sentence only."""
    field = result.error_field
    state = (field(pq.DiagnosticField.SQLSTATE) or b"XX000").decode()
    message = (field(pq.DiagnosticField.MESSAGE_PRIMARY) or b"").decode(errors="replace")
    try:
        kind = errors.lookup(state)
    except KeyError:
        kind = psycopg.DatabaseError
    return kind(f"{message} ({state})")
