"""Keeps the gauges of what waits up to date; one process does so for all."""

import asyncio
import contextlib
import time
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog
from prometheus_client import Gauge

from projections.backlog import Backlog, Waiting, backlog
from services.runtime import meters
from services.runtime.database import connected
from services.runtime.outside import Outside
from services.runtime.ports import Unavailable

log = structlog.get_logger()

EVERY_S = 15.0
# It changes slowly, and a bus full of repeats takes thousands of questions.
ASKED_EVERY_S = 60.0
_CONNECT: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 3,
    "application_name": "parley backlog",
    "options": (
        "-c default_transaction_read_only=on -c statement_timeout=10s -c search_path=public"
    ),
}
# Those that are there at zero, so that an alarm can tell nothing from not measured.
_KINDS = (
    "turn", "draft", "verdict", "answer", "text", "idle", "taken", "farewell", "package", "shift",
    "followup", "escalation", "report",
)  # fmt: skip
_TIERS = ("critical", "high", "medium")
_NOTHING = Waiting(0, None)


class BacklogWatch:
    """Looks every fifteen seconds; while PostgreSQL is away, the time of the last look stands."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._ask_at = 0.0

    async def run(self) -> None:
        """Look for ever."""
        try:
            while True:
                await self._tried()
                await asyncio.sleep(EVERY_S)
        finally:
            await self._aclose()

    async def look(self) -> None:
        """Look once.  Raises psycopg's errors and `OSError`."""
        if self._connection is None or self._connection.closed:
            self._connection = await connected(self._outside.settings.database_url, _CONNECT)
        now = self._outside.clock.now()
        policy = self._outside.policy
        found = await backlog(self._connection, now, timedelta(minutes=policy.idle_minutes))
        show(found, now, policy.budget_microdollars)
        await self._ask_the_bus()
        meters.measured_at.set_to_current_time()

    async def _ask_the_bus(self) -> None:
        """Now and then, see how full it is and whether it knows more than the journal."""
        now = time.monotonic()
        if now < self._ask_at:
            return
        with contextlib.suppress(Unavailable):
            # The bus first: by the time the journal is asked, it has all of that.
            announced = await self._outside.bus.announced()
            meters.journal_behind.set(max(announced - await self._outside.journal.head(), 0))
            for stream, share in (await self._outside.bus.fullness()).items():
                meters.stream_fullness.labels(stream).set(share)
            self._ask_at = now + ASKED_EVERY_S

    async def _tried(self) -> None:
        try:
            await self.look()
        except (psycopg.Error, OSError) as error:
            log.warning("the backlog was not measured", error=type(error).__name__)
            await self._aclose()

    async def _aclose(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def show(found: Backlog, now: datetime, cap: int) -> None:
    """Set the gauges; ages are counted from `now`."""
    for kind in _KINDS:
        waiting = found.due.get(kind, _NOTHING)
        meters.due.labels(kind).set(waiting.many)
        meters.due_oldest.labels(kind).set(_age(waiting, now))
    for tier in _TIERS:
        waiting = found.safety.get(tier, _NOTHING)
        meters.cases_open.labels(tier).set(waiting.many)
        meters.cases_oldest.labels(tier).set(_age(waiting, now))
        unseen = found.unacknowledged.get(tier, _NOTHING)
        meters.cases_unacknowledged.labels(tier).set(_age(unseen, now))
    meters.letters_waiting.set(found.dead_letters.many)
    _both(meters.shifts_waiting, meters.shifts_oldest, found.shifts, now)
    meters.relay_behind.set(found.unannounced)
    meters.unknown_texts.set(found.unknown_outcomes.many)
    money = {
        "cap": cap, "spent": found.spent, "reserved": found.reserved, "beside": found.beside,
    }  # fmt: skip
    for what, amount in money.items():
        meters.budget.labels(what).set(amount)


def _both(count: Gauge, oldest: Gauge, waiting: Waiting, now: datetime) -> None:
    count.set(waiting.many)
    oldest.set(_age(waiting, now))


def _age(waiting: Waiting, now: datetime) -> float:
    since = waiting.since
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)
