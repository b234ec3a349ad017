"""
What the carrier knows and we do not: texts whose webhook was lost, and statuses never told.

A webhook is tried a few times and then given up; nothing but the carrier's list knows the text
then.  What is found is published as if it had just been told, so that one road decides about it:
a text that was heard after all is claimed already, and nothing.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog
from prometheus_client import Counter

from contracts.identity import inbound_stream
from contracts.sms import (
    STATUS_SUBJECT,
    DeliveryReport,
    InboundSms,
)
from domain.counting import counted
from domain.turn.pressing import lane_of
from projections.unfinished import Unfinished, unfinished
from services.runtime.database import connected
from services.runtime.handling import reason_of
from services.runtime.outside import Outside
from services.runtime.ports import Listed, Unavailable
from services.runtime.right_clock import RightClock

log = structlog.get_logger()

# At the first look: an outage of everything is rarely longer, and the journal knows the rest.
_AT_FIRST = timedelta(hours=24)
# The list may lag, and its clock is not ours.
_MARGIN = timedelta(minutes=2)
_LOOKS_A_PERIOD = 3
_SHORTEST_S = 1.0
# A webhook on its way is not lost: Twilio waits 15 s for its answer.
_ON_ITS_WAY = timedelta(seconds=15)
_STATUS_AFTER = timedelta(minutes=10)
_STATUS_WITHIN = timedelta(days=3)
_STATUSES_AT_ONCE = 20
_FINAL = frozenset({"delivered", "undelivered", "failed"})
_CONNECT: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 3,
    "application_name": "parley reconciling",
    "options": "-c statement_timeout=10s -c search_path=public",
}

_found = Counter("sms_found_by_listing_total", "What only the carrier's list told.", ["what"])


class Reconciling:
    """Looks through the carrier's list, three times in a reconciliation period."""

    def __init__(self, outside: Outside) -> None:
        settings = outside.settings
        self._outside = outside
        self._every_s = max(settings.reconcile_seconds / _LOOKS_A_PERIOD, _SHORTEST_S)
        self._young = min(_ON_ITS_WAY, timedelta(seconds=self._every_s))
        self._status_after = min(
            _STATUS_AFTER, timedelta(seconds=_LOOKS_A_PERIOD * settings.reconcile_seconds)
        )
        self._right = RightClock(outside)
        self._since: datetime | None = None
        self._known: dict[str, datetime] = {}
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def run(self) -> None:
        """Look again and again, for ever; a neighbour that is away is waited for."""
        try:
            while True:
                await asyncio.sleep(self._every_s)
                try:
                    if not await self._right.wrong():
                        await self.look()
                except (Unavailable, psycopg.Error, OSError) as error:
                    log.warning("not reconciled", why=type(error).__name__)
                    await self._let_go()
                except Exception as error:
                    log.exception("not reconciled", error=type(error).__name__)
        finally:
            await self._let_go()

    async def look(self) -> None:
        """Publish the texts that nobody told us of, in order, and statuses that are final."""
        now = self._outside.clock.now()
        await self._hear_lost_texts(now)
        await self._hear_lost_statuses(now)

    async def _hear_lost_texts(self, now: datetime) -> None:
        since = (self._since or now - _AT_FIRST) - _MARGIN
        listed = await self._outside.sms.received(since)
        for text in sorted(listed, key=lambda one: (one.created_at, one.sid)):
            if text.created_at <= now - self._young and not await self._heard(text):
                await self._tell(text)
        self._since = now - self._young
        self._known = {sid: at for sid, at in self._known.items() if at >= since - _MARGIN}

    async def _heard(self, text: Listed) -> bool:
        if text.sid in self._known:
            return True
        claim = await self._outside.journal.read(counted, inbound_stream(text.sid))
        if claim.version:
            self._known[text.sid] = text.created_at
        return claim.version > 0

    async def _tell(self, text: Listed) -> None:
        try:
            told = heard_by_listing(text, self._outside.settings.twilio_account_sid)
        except ValueError as error:
            # What comes by webhook would be refused as malformed, too.
            self._known[text.sid] = text.created_at
            log.warning("a listed text is none of ours", sid=text.sid, why=reason_of(error))
            return
        await self._publish(lane_of(told.text), told)
        log.warning("a webhook was lost", sid=text.sid)

    async def _hear_lost_statuses(self, now: datetime) -> None:
        span = (now - _STATUS_WITHIN, now - self._status_after)
        try:
            waiting = await unfinished(await self._connected(), *span, _STATUSES_AT_ONCE)
        except psycopg.errors.UndefinedTable:
            return  # the projector has not started for the first time yet
        for one in waiting:
            await self._ask_status(one, now)

    async def _ask_status(self, one: Unfinished, now: datetime) -> None:
        message = await self._outside.sms.fetch(one.provider_sid)
        if message is None or message.status not in _FINAL:
            return
        told = {
            "attempt_id": one.attempt_id,
            "sid": one.provider_sid,
            "status": message.status,
            "error_code": message.error_code,
            "received_at": now,
            "found_by": "listing",
        }
        await self._publish(STATUS_SUBJECT, DeliveryReport.model_validate(told))

    async def _publish(self, subject: str, told: InboundSms | DeliveryReport) -> None:
        body = told.model_dump_json(exclude_none=True).encode()
        await self._outside.bus.publish(subject, body, told.message_id)
        _found.labels(subject).inc()

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await connected(self._outside.settings.database_url, _CONNECT)
        return self._connection

    async def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def heard_by_listing(text: Listed, account_sid: str) -> InboundSms:
    """Return a listed text as its webhook would have told it.  Raises `ValueError`."""
    return InboundSms(
        sid=text.sid,
        account_sid=account_sid,
        sender=text.sender,
        to=text.to,
        text=text.text,
        received_at=text.created_at,
        media=text.media,
        segments=text.segments or 1,
        found_by="listing",
    )
