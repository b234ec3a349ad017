"""
The money in a sender's hands: lots of the month's budget, drawn on text by text.

A lot is reserved in the journal before the first text is paid from it, and every attempt names
its lot.  What became of a lot is told every few seconds, in totals.  A process that dies in
between leaves its lots open: they count as reserved until `lost_lots` closes them.
"""

import asyncio
import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from contracts.base import Contract
from contracts.conversation import Charge
from contracts.identity import number_key, spending_account, spending_stream
from contracts.recorded import Cause, Recorded
from contracts.spending import BudgetAllotted, SpendingFact
from domain.outbound import Reserve
from domain.spending import spending
from domain.spending.decisions import TEXTS_A_LOT, Ask, Settle, allot, month_of, settle
from domain.spending.funds import Funds, Held
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.ports import Conflict, Decide, Entry, Unavailable
from services.runtime.right_clock import RightClock
from services.runtime.settings import Settings

log = structlog.get_logger()

TELL_EVERY_S = 2.0
# What is spent is told at least so often while a lot is in use.
_TELL_AFTER_S = 10.0
_ROUNDS = 5
_CAUSE = Cause("sender:budget", "sender:budget")


def our_key(settings: Settings) -> str:
    """Return what stands for our sender in the names of spending streams."""
    sender = settings.twilio_messaging_service_sid or settings.twilio_phone_number
    return number_key(settings.secrets().pepper, sender)


@dataclass(slots=True)
class _Lot:
    """`held` is drawn for texts whose attempt is not stored yet, `used` is spent for good."""

    account: str
    lot_id: str
    microdollars: int
    urgent: bool
    expires_at: datetime
    held: int = 0
    used: int = 0
    texts: int = 0
    told: int = 0
    told_at: float = 0.0

    @property
    def left(self) -> int:
        return self.microdollars - self.held - self.used

    def settled(self, cap: int, at: datetime, *, closes: bool) -> Settle:
        return Settle(self.lot_id, self.used, self.texts, closes, cap, at)


class Allotment:
    """Reserves lots, hands out what they hold, tells what was spent."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._cap = outside.policy.budget_microdollars
        self._key = our_key(outside.settings)
        self._lots: dict[str, _Lot] = {}
        self._asking = asyncio.Lock()
        self._right = RightClock(outside)

    def funds(self, *, refused: bool = False) -> Funds:
        """Return what may be spent at this moment."""
        now = self._outside.clock.now()
        account = spending_account(self._key, month_of(now))
        lots = [
            Held(lot.lot_id, lot.left, lot.urgent)
            for lot in self._lots.values()
            if lot.account == account and now < lot.expires_at
        ]
        return Funds(account, lots, refused)

    def draw(self, charge: Charge | None) -> "Draw":
        """Take money out of a lot until it is known whether it is spent; None takes nothing."""
        if charge is None or charge.lot_id is None:
            return Draw(None, 0)
        return Draw(self._lots.get(charge.lot_id), charge.microdollars)

    async def reserve(self, wish: Reserve) -> bool:
        """Have enough for a text, by another lot if need be; return False if there is no room."""
        async with self._asking:
            if self.funds().lot_for(wish.microdollars, urgent=wish.urgent) is not None:
                return True
            return await self._ask(wish)

    async def _ask(self, wish: Reserve) -> bool:
        journal, now = self._outside.journal, self._outside.clock.now()
        account = spending_account(self._key, month_of(now))
        command = Ask(
            lot_id=self._outside.clock.fresh(),
            needed=wish.microdollars,
            wanted=wish.microdollars * TEXTS_A_LOT,
            urgent=wish.urgent,
            cap=self._cap,
            at=now,
        )

        async def decide() -> Sequence[Entry]:
            month = await journal.read(spending, spending_stream(account))
            return [month.then(allot(month.state, command), None)]

        saved = await self._saved(decide, now)
        failpoint("sender.reserved")
        for recorded in saved:
            if isinstance(recorded.fact, BudgetAllotted):
                self._take(account, recorded.fact)
                return True
        return False

    def _take(self, account: str, fact: BudgetAllotted) -> None:
        lot = _Lot(account, fact.lot_id, fact.microdollars, fact.urgent, fact.expires_at)
        lot.told_at = asyncio.get_running_loop().time()
        self._lots[fact.lot_id] = lot

    async def run(self) -> None:
        """Tell what was spent, for ever; at the end give back what is left."""
        try:
            while True:
                await asyncio.sleep(TELL_EVERY_S)
                await self._told(ending=False)
        finally:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TELL_EVERY_S):
                    await self._told(ending=True)

    async def _told(self, *, ending: bool) -> None:
        try:
            if not await self._right.wrong():
                await self.tell(ending=ending)
        except (Unavailable, Conflict) as error:
            log.warning("spending is told later", why=str(error))

    async def tell(self, *, ending: bool = False) -> None:
        """Settle what was spent of each lot, and close those that nobody needs any more."""
        for account in {lot.account for lot in self._lots.values()}:
            due = [lot for lot in self._lots.values() if lot.account == account]
            due = [lot for lot in due if self._over(lot, ending=ending) or self._late(lot)]
            if due:
                await self._settle(account, due, ending=ending)

    async def _settle(self, account: str, lots: Sequence[_Lot], *, ending: bool) -> None:
        journal, now = self._outside.journal, self._outside.clock.now()
        over = {lot.lot_id for lot in lots if self._over(lot, ending=ending)}
        for lot_id in over:
            # Nobody draws on a lot that is being closed.
            self._lots.pop(lot_id)
        commands = [lot.settled(self._cap, now, closes=lot.lot_id in over) for lot in lots]

        async def decide() -> Sequence[Entry]:
            month = await journal.read(spending, spending_stream(account))
            state, facts = month.state, list[SpendingFact]()
            for command in commands:
                more = settle(state, command)
                state = spending.fold(more, state)
                facts += more
            return [month.then(facts, None)]

        try:
            await self._saved(decide, now)
        except BaseException:
            self._lots |= {lot.lot_id: lot for lot in lots if lot.lot_id in over}
            raise
        failpoint("sender.settled")
        loop_time = asyncio.get_running_loop().time()
        for lot, command in zip(lots, commands, strict=True):
            lot.told, lot.told_at = command.microdollars, loop_time

    async def _saved(self, decide: Decide, at: datetime) -> Sequence[Recorded[Contract]]:
        """Decide and save; near the cap every sender asks often, and all on one stream."""
        for _ in range(_ROUNDS):
            try:
                return await self._outside.journal.act(decide, _CAUSE, at)
            except Conflict:
                await asyncio.sleep(random.uniform(0.01, 0.2))
        return await self._outside.journal.act(decide, _CAUSE, at)

    def _over(self, lot: _Lot, *, ending: bool) -> bool:
        """Return whether a lot can be closed: nothing is drawn, and nobody will draw again."""
        if lot.held:
            return False
        dry = lot.left < self._outside.policy.price_microdollars
        return ending or dry or self._outside.clock.now() >= lot.expires_at

    def _late(self, lot: _Lot) -> bool:
        waited = asyncio.get_running_loop().time() - lot.told_at
        return lot.used > lot.told and waited >= _TELL_AFTER_S


class Draw:
    """
    Money that is out of its lot while an attempt is being stored.

    Either `release` or `spend` ends it, whichever is called first.
    """

    def __init__(self, lot: _Lot | None, microdollars: int) -> None:
        self._lot = lot
        self._microdollars = microdollars
        if lot is not None:
            lot.held += microdollars

    def release(self) -> None:
        """Put it back: nothing was attempted."""
        lot, self._lot = self._lot, None
        if lot is not None:
            lot.held -= self._microdollars

    def spend(self) -> None:
        """Count it as spent."""
        lot, self._lot = self._lot, None
        if lot is not None:
            lot.held -= self._microdollars
            lot.used += self._microdollars
            lot.texts += 1
