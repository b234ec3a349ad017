"""The one path of a read: many waiting reads become one round trip."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import psycopg

from contracts.recorded import Subject
from services.adapters.keys import KeyVault
from services.adapters.mapper import StoredRow
from services.adapters.postgres_link import (
    Link,
    LinkLost,
    Parameter,
    int4s,
    int8,
    int8s,
    texts,
)
from services.adapters.recorder import Settings
from services.runtime.ports import Unavailable

MAX_READS = 64
LAST = 2**63 - 1
_RETRY_S = 0.05
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

_STATEMENTS = {
    b"tails": (
        b"SELECT r.n::int4, e.notification_id, e.originator_version, e.topic, e.state"
        b" FROM unnest($1::text[], $2::int8[], $3::int8[])"
        b" WITH ORDINALITY AS r (stream, after, upto, n)"
        b" JOIN stored_events AS e ON e.originator_id = r.stream"
        b" AND e.originator_version > r.after AND e.originator_version <= r.upto"
        b" ORDER BY r.n, e.originator_version"
    ),
    b"keys": (
        b"SELECT r.n::int4, k.wrapped FROM unnest($1::text[], $2::int4[])"
        b" WITH ORDINALITY AS r (subject, generation, n)"
        b" JOIN subject_keys AS k ON k.subject = r.subject AND k.generation = r.generation"
    ),
    b"page": (
        b"SELECT notification_id, originator_id, originator_version, topic, state"
        b" FROM stored_events WHERE notification_id > $1::int8"
        b" ORDER BY notification_id LIMIT $2::int8"
    ),
    b"head": b"SELECT coalesce(max(notification_id), 0) FROM stored_events",
    b"now": b"SELECT clock_timestamp()",
}


class _Tail(NamedTuple):
    stream: str
    after: int
    upto: int
    deadline: float
    done: asyncio.Future[list[StoredRow]]


class Reader:
    """
    Reads the journal over one connection, trying again until `patience` seconds are over.

    Raises `Unavailable` then.
    """

    def __init__(self, database_url: str, settings: Settings, patience: float) -> None:
        self._link = Link(database_url, _STATEMENTS, settings)
        self._patience = patience
        self._wanted: set[Subject] = set()
        self._looking = asyncio.Lock()
        self._next_look: asyncio.Task[None] | None = None

    async def _run(
        self, name: bytes, parameters: Sequence[Parameter], deadline: float | None = None
    ) -> Any:
        loop = asyncio.get_running_loop()
        if deadline is None:
            deadline = loop.time() + self._patience
        while True:
            try:
                return await self._link.run(name, parameters, deadline)
            except (LinkLost, psycopg.OperationalError) as error:
                if loop.time() + _RETRY_S >= deadline:
                    raise Unavailable("PostgreSQL is away") from error
            await asyncio.sleep(_RETRY_S)

    async def page(self, after: int, limit: int) -> list[StoredRow]:
        """Return up to `limit` rows behind position `after`, in order."""
        result = await self._run(b"page", [int8(after), int8(limit)])
        value, number = result.get_value, int.from_bytes
        return [
            StoredRow(
                number(value(line, 0)),
                value(line, 1).decode(),
                number(value(line, 2)),
                value(line, 3).decode(),
                value(line, 4),
            )
            for line in range(result.ntuples)
        ]

    async def head(self) -> int:
        """Return the last position; 0 when the journal is empty."""
        return int.from_bytes((await self._run(b"head", [])).get_value(0, 0))

    async def now(self) -> datetime:
        """Return the database's clock."""
        raw = (await self._run(b"now", [])).get_value(0, 0)
        return _EPOCH + timedelta(microseconds=int.from_bytes(raw, signed=True))

    async def learn_keys(self, vault: KeyVault, subjects: Iterable[Subject]) -> None:
        """Look up the keys of the subjects that the vault does not know."""
        asked = vault.unknown(subjects)
        if asked:
            self._wanted.update(asked)
            await self._looked_up(vault)

    async def _looked_up(self, vault: KeyVault) -> None:
        """Wait for a look that begins from now on; those who ask meanwhile share it."""
        if self._next_look is None:
            self._next_look = asyncio.get_running_loop().create_task(self._look(vault))
        await asyncio.shield(self._next_look)

    async def _look(self, vault: KeyVault) -> None:
        async with self._looking:
            self._next_look = None
            asked = sorted(self._wanted, key=lambda each: (each.person_id, each.generation))
            self._wanted.clear()
            found = await self._run(b"keys", _subjects(asked))
            vault.learn(asked, _keys(asked, found))

    async def aclose(self) -> None:
        """Close the connection."""
        await self._link.close()


class GroupRead(Reader):
    """Reads streams: what is asked while a read is under way goes into the next, together."""

    def __init__(self, database_url: str, settings: Settings, patience: float) -> None:
        super().__init__(database_url, settings, patience)
        self._waiting: list[_Tail] = []
        self._busy = False
        self._fetching: asyncio.Task[None] | None = None

    async def tail(self, stream: str, after: int, upto: int = LAST) -> list[StoredRow]:
        """Return a stream's rows with `after` < version <= `upto`, in order."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[list[StoredRow]] = loop.create_future()
        self._waiting.append(_Tail(stream, after, upto, loop.time() + self._patience, done))
        if not self._busy:
            # Not at once: whoever else was woken together with us may read, too.
            self._busy = True
            loop.call_soon(self._begin)
        return await done

    async def aclose(self) -> None:
        """Finish what is being read and close the connection."""
        while self._busy:  # noqa: ASYNC110  # once in a life; an event would cost every batch
            await asyncio.sleep(0.005)
        await super().aclose()

    def _begin(self) -> None:
        """Send the next query, if anything waits."""
        batch = self._waiting[:MAX_READS]
        del self._waiting[:MAX_READS]
        self._busy = bool(batch)
        if not batch:
            return
        sent = self._link.start(
            b"tails", _tails(batch), _soonest(batch), partial(self._arrived, batch)
        )
        if not sent:
            self._fetch_soon(batch)

    def _arrived(self, batch: list[_Tail], result: Any, error: Exception | None) -> None:
        if error is None:
            _deliver(batch, result)
            # Those who were just answered go first: what they read next joins the next query.
            asyncio.get_running_loop().call_soon(self._begin)
        else:
            self._fetch_soon(batch)

    def _fetch_soon(self, batch: list[_Tail]) -> None:
        self._fetching = asyncio.get_running_loop().create_task(self._fetch(batch))

    async def _fetch(self, batch: list[_Tail]) -> None:
        try:
            while batch:
                batch = await self._try(batch)
        except Exception as bug:
            _fail(batch, bug)
        finally:
            self._begin()

    async def _try(self, batch: list[_Tail]) -> list[_Tail]:
        """Answer a batch, or give up on those whose patience is over; return the others."""
        try:
            _deliver(batch, await self._run(b"tails", _tails(batch), _soonest(batch)))
        except Unavailable as away:
            over = asyncio.get_running_loop().time() + _RETRY_S
            _fail([each for each in batch if each.deadline <= over], away)
        return [each for each in batch if not each.done.done()]


def _subjects(asked: Sequence[Subject]) -> list[Parameter]:
    return [
        texts([each.person_id for each in asked]),
        int4s([each.generation for each in asked]),
    ]


def _keys(asked: Sequence[Subject], result: Any) -> Iterator[tuple[Subject, bytes]]:
    for line in range(result.ntuples):
        yield asked[int.from_bytes(result.get_value(line, 0)) - 1], result.get_value(line, 1)


def _tails(batch: Sequence[_Tail]) -> list[Parameter]:
    return [
        texts([each.stream for each in batch]),
        int8s([each.after for each in batch]),
        int8s([each.upto for each in batch]),
    ]


def _soonest(batch: Sequence[_Tail]) -> float:
    return min([each.deadline for each in batch])


def _fail(batch: Sequence[_Tail], error: Exception) -> None:
    for each in batch:
        if not each.done.done():
            each.done.set_exception(error)


def _deliver(batch: Sequence[_Tail], result: Any) -> None:
    value, number = result.get_value, int.from_bytes
    rows: list[list[StoredRow]] = [[] for _ in batch]
    for line in range(result.ntuples):
        which = number(value(line, 0)) - 1
        rows[which].append(
            StoredRow(
                number(value(line, 1)),
                batch[which].stream,
                number(value(line, 2)),
                value(line, 3).decode(),
                value(line, 4),
            )
        )
    for each, found in zip(batch, rows, strict=True):
        if not each.done.done():
            each.done.set_result(found)
