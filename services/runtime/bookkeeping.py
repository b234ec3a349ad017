"""
The books are put straight: lots of senders that died, and the carrier's own prices.

Both follow from facts alone.  A lot that is long past its end is settled at what its attempts
name; the price of a text is asked of the carrier once it can be known, and the difference is
settled in the same save that records it.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog

from contracts.conversation import SmsPriced
from contracts.identity import spending_account, spending_stream
from contracts.recorded import Cause
from domain.conversation import conversation
from domain.spending import spending
from domain.spending.decisions import (
    LOST_AFTER,
    Priced,
    Settle,
    month_of,
    settle,
    true_up,
)
from projections.charges import Charged, drawn_on, through, unpriced
from services.runtime.allotment import our_key
from services.runtime.database import connected
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.ports import Entry, Unavailable
from services.runtime.right_clock import RightClock

log = structlog.get_logger()

LOOK_EVERY_S = 5.0
_AT_ONCE = 50
_FEW = 8
# Twilio's price can take a day; a text without one after so long keeps its list price.
_PRICED_WITHIN = timedelta(days=3)
_CONNECT: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 3,
    "application_name": "parley books",
    "options": "-c statement_timeout=10s -c search_path=public",
}


class Bookkeeping:
    """Closes lost lots and settles prices, a few at a time."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._key = our_key(outside.settings)
        self._cap = outside.policy.budget_microdollars
        self._price_after = timedelta(seconds=outside.settings.price_after_seconds)
        self._right = RightClock(outside)
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._after: Charged | None = None
        self._again: dict[str, datetime] = {}

    async def run(self) -> None:
        """Look every few seconds, for ever."""
        try:
            while True:
                await asyncio.sleep(LOOK_EVERY_S)
                try:
                    if not await self._right.wrong():
                        await self.look()
                except (Unavailable, psycopg.Error, OSError) as error:
                    log.warning("the books wait", why=type(error).__name__)
                    await self._let_go()
                except Exception as error:
                    log.exception("the books wait", error=type(error).__name__)
        finally:
            await self._let_go()

    async def look(self) -> None:
        """Close what is lost of this month and the last, and ask for a page of prices."""
        now = self._outside.clock.now()
        for month in {month_of(now), month_of(now - timedelta(days=1))}:
            await self.close_lost(spending_account(self._key, month))
        await self.ask_prices()

    async def close_lost(self, account: str) -> None:
        """Settle and close the lots of an account that nobody can draw on any more."""
        journal, now = self._outside.journal, self._outside.clock.now()
        head = await journal.head()
        month = await journal.read(spending, spending_stream(account))
        lost = [key for key, lot in month.state.lots.items() if now >= lot.expires_at + LOST_AFTER]
        if not lost:
            return
        connection = await self._connected()
        # Nothing was attempted on them since: what is counted up to here is all there is.
        if await through(connection) < head:
            return
        for lot_id in lost:
            drawn = await drawn_on(connection, lot_id)
            await self._close(
                account,
                Settle(lot_id, drawn.microdollars, drawn.texts, True, self._cap, now, lost=True),
            )

    async def _close(self, account: str, command: Settle) -> None:
        journal = self._outside.journal

        async def decide() -> Sequence[Entry]:
            month = await journal.read(spending, spending_stream(account))
            return [month.then(settle(month.state, command), None)]

        await journal.act(decide, Cause("books:lot", account), command.at)
        failpoint("books.closed")

    async def ask_prices(self) -> None:
        """Ask the carrier what a page of texts cost, and settle the differences."""
        now = self._outside.clock.now()
        page = await unpriced(
            await self._connected(), now - self._price_after, _AT_ONCE, self._after
        )
        self._after = page[-1] if len(page) == _AT_ONCE else None
        due = [row for row in page if self._again.get(row.attempt_id, now) <= now]
        found: list[tuple[Charged, int]] = []
        for begin in range(0, len(due), _FEW):
            some = due[begin : begin + _FEW]
            prices = await asyncio.gather(*(self._price(row, now) for row in some))
            found += [
                (row, price) for row, price in zip(some, prices, strict=True) if price is not None
            ]
        for account in {row.account for row, _ in found}:
            await self._true_up(account, [pair for pair in found if pair[0].account == account])

    async def _price(self, row: Charged, now: datetime) -> int | None:
        """Return what a text cost; None while the carrier does not say."""
        if row.status == "absent":
            return 0
        message = await self._outside.sms.fetch(row.provider_sid or "")
        if message is not None and message.price_microdollars is not None:
            self._again.pop(row.attempt_id, None)
            return message.price_microdollars
        if now - row.at > _PRICED_WITHIN:
            return row.estimated
        self._again[row.attempt_id] = now + max(now - row.at, self._price_after)
        return None

    async def _true_up(self, account: str, found: Sequence[tuple[Charged, int]]) -> None:
        journal, now = self._outside.journal, self._outside.clock.now()

        async def decide() -> Sequence[Entry]:
            entries: dict[str, Entry] = {}
            priced: list[Priced] = []
            for row, charged in found:
                talk = await journal.read(conversation, row.stream)
                attempt = talk.state.outbox.try_of(row.attempt_id)
                text = talk.state.outbox.text_of(row.attempt_id)
                if attempt is None or text is None or attempt.priced or row.stream in entries:
                    continue
                fact = SmsPriced(
                    attempt_id=row.attempt_id,
                    sms_id=text.sms_id,
                    account=account,
                    microdollars=charged,
                    estimated_microdollars=row.estimated,
                    via="absent" if row.status == "absent" else "provider",
                )
                entries[row.stream] = talk.then((fact,), None)
                # Beside the cap only what left was counted at all.
                counted = 0 if row.lot_id is None and row.status == "absent" else row.estimated
                priced.append(Priced(counted, charged, row.lot_id is None))
            month = await journal.read(spending, spending_stream(account))
            facts = true_up(month.state, priced, self._cap, now)
            return [*entries.values(), month.then(facts, None)]

        await journal.act(decide, Cause("books:price", account), now)
        failpoint("books.priced")

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            url = self._outside.settings.database_url
            self._connection = await connected(url, _CONNECT)
        return self._connection

    async def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
