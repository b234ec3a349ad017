"""Keeps projections up: one read of the journal for all, each with a position of its own."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import psycopg
import structlog
from prometheus_client import Gauge
from psycopg.rows import tuple_row

from projections.positions import INDEXED, Overtaken, Standing, lock, prepare, swap, take_in
from projections.view import AnyProjection
from services.runtime.database import connected_at_once
from services.runtime.failpoint import failpoint
from services.runtime.ports import Journal, Outline, Unavailable

# Of three times as many facts a page takes a fifth less time a fact.
PAGE = 3_000
_PAUSE_S = 0.02
_POLL_S = 1.0
_LONGEST_BACKOFF_S = 60.0
_LAG_UNREADY = 5_000
_CONNECT: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 3,
    "application_name": "parley projector",
    # A lost commit takes its position along, and the page is read again.
    "options": f"-c synchronous_commit=off -c lock_timeout=10s -c search_path=public {INDEXED}",
}

_lag = Gauge(
    "sms_projection_lag_events", "Facts of the journal not yet in the projection.", ["projection"]
)
_failing = Gauge(
    "sms_projection_failing", "Whether a projection could not take in a fact.", ["projection"]
)
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Follower:
    """A table that is kept up, and what went wrong with it last, if it did not recover."""

    standing: Standing
    failure: str = ""
    failures: int = 0
    retry_at: float = 0.0

    @property
    def table(self) -> str:
        """The table it keeps up."""
        return self.standing.projection.table

    def failed(self, error: Exception) -> float:
        """Note an error; return after how many seconds it is tried again."""
        backoff = min(2.0**self.failures, _LONGEST_BACKOFF_S)
        self.failures += 1
        self.retry_at = time.monotonic() + backoff
        # An error that names a place in the journal is ours, and holds no value of the fact.
        self.failure = str(error) if hasattr(error, "position") else type(error).__name__
        return backoff

    def moved(self, standing: Standing) -> None:
        """Note that it went on."""
        self.standing, self.failure, self.failures, self.retry_at = standing, "", 0, 0.0


class Following:
    """
    Applies the journal to projections, a page a transaction, for ever.

    Tables at the same position share the read and the commit.  One that fails is tried again
    later, alone, and the others go on; once it caught up, it joins them again.
    """

    def __init__(
        self, journal: Journal, database_url: str, projections: Sequence[AnyProjection]
    ) -> None:
        self._journal = journal
        self._url = database_url
        self._projections = projections
        self._connection: psycopg.Connection[Any] | None = None
        self._away = "not connected yet"
        self._end: int | None = None
        self.followers: list[Follower] = []

    async def run(self) -> None:
        """Follow the journal until cancelled."""
        try:
            while True:
                await self._patiently()
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                await asyncio.to_thread(connection.close)

    async def _patiently(self) -> None:
        try:
            await self._turn()
        except Overtaken:
            _log.warning("projections were moved by somebody else")
            self.followers = []
        except (Unavailable, psycopg.OperationalError) as error:
            if not self._away:
                _log.warning("database is away", error=type(error).__name__)
            self._away = f"away: {type(error).__name__}"
            await self.aclose()
            await asyncio.sleep(_POLL_S)

    async def _turn(self) -> None:
        taken = await self.step()
        if taken:
            await asyncio.sleep(0 if taken >= PAGE else _PAUSE_S)
        elif self._end is None:
            await asyncio.sleep(self._patience())
        else:
            await self._journal.wait(self._end, self._patience())

    async def step(self) -> int:
        """Apply one page to each group of tables; return how many facts that were."""
        if self._connection is None or not self.followers:
            await asyncio.to_thread(self._open)
        self._end, taken = None, 0
        for group, upto in self._groups():
            read = await self._read(group, upto)
            if read is None:
                continue
            if read.looked_at:
                await asyncio.to_thread(self._apply, group, read)
                taken += read.looked_at
            if upto is None and read.looked_at < PAGE:
                self._end = read.through
        await self._measure()
        await asyncio.to_thread(self._swap_ready)
        return taken

    async def reasons(self) -> dict[str, str]:
        """Return why the projections are not up to date."""
        if self._away:
            return {"database": self._away}
        head = await self._journal.head()
        return {
            follower.table: follower.failure or f"{head - follower.standing.position} behind"
            for follower in self.followers
            if follower.failure or head - follower.standing.position > _LAG_UNREADY
        }

    def _connected(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = connected_at_once(self._url, _CONNECT)
        return self._connection

    def _open(self) -> None:
        standings = prepare(self._connected(), self._projections)
        self.followers = [Follower(standing) for standing in standings]
        self._away = ""
        for follower in self.followers:
            if follower.standing.rebuilding:
                _log.info("projection is rebuilt", projection=follower.table)

    def _groups(self) -> list[tuple[list[Follower], int | None]]:
        """Return the tables that may go on by position, each with the next group's position."""
        now = time.monotonic()
        able = sorted(
            (follower for follower in self.followers if follower.retry_at <= now), key=_position
        )
        groups = [list(group) for _, group in groupby(able, key=_position)]
        if not groups:
            return []
        ends = [_position(group[0]) for group in groups[1:]]
        return list(zip(groups, [*ends, None], strict=True))

    async def _read(self, group: list[Follower], upto: int | None) -> Outline | None:
        """Return the next facts, none behind `upto`; None when they cannot be read."""
        names = frozenset().union(*(one.standing.projection.names for one in group))
        try:
            read = await self._journal.outline(_position(group[0]), PAGE, names)
        except (Unavailable, psycopg.OperationalError):
            raise
        except Exception as error:
            for follower in group:
                self._note(follower, error)
            return None
        if upto is None or read.through <= upto:
            return read
        return Outline([one for one in read.facts if one.position <= upto], upto, read.looked_at)

    def _apply(self, group: list[Follower], read: Outline) -> None:
        try:
            self._take_in(group, read)
        except (Overtaken, psycopg.OperationalError):
            raise
        except Exception as error:
            if len(group) == 1:
                self._note(group[0], error)
                return
            for follower in group:
                self._apply([follower], read)

    def _take_in(self, group: list[Follower], read: Outline) -> None:
        connection, standings = self._connected(), [follower.standing for follower in group]
        with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
            moved = take_in(cursor, standings, read.facts, read.through)
            failpoint("projector.applied")
        failpoint("projector.committed")
        for follower, standing in zip(group, moved, strict=True):
            follower.moved(standing)

    async def _measure(self) -> None:
        head = await self._journal.head() if self._end is None else self._end
        for follower in self.followers:
            _lag.labels(follower.table).set(head - _position(follower))
            _failing.labels(follower.table).set(bool(follower.failure))

    def _swap_ready(self) -> None:
        """Let every table that was rebuilt up to the journal's end take its place."""
        for follower in self.followers:
            if follower.standing.rebuilding and _position(follower) == self._end:
                self._swap(follower)

    def _swap(self, follower: Follower) -> None:
        connection = self._connected()
        with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
            if lock(cursor, follower.standing.projection) > follower.standing.position:
                return
            standing = swap(cursor, follower.standing)
        _log.info("projection was rebuilt", projection=standing.projection.name)
        name = standing.projection.name
        self.followers = [one for one in self.followers if one.table != name]
        follower.moved(standing)

    def _note(self, follower: Follower, error: Exception) -> None:
        backoff = follower.failed(error)
        _log.error(
            "projection failed",
            projection=follower.table,
            position=follower.standing.position,
            reason=follower.failure,
            backoff_s=backoff,
            exc_info=error,
        )

    def _patience(self) -> float:
        now = time.monotonic()
        retries = (one.retry_at - now for one in self.followers if one.retry_at > now)
        return min([_POLL_S, *retries])


def _position(follower: Follower) -> int:
    return follower.standing.position
