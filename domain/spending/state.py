"""What a month's facts about money come to; micro-dollars throughout."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import assert_never

from contracts import spending as s


@dataclass(frozen=True, slots=True)
class Lot:
    """A reserve that is open: what it was, and how much of it is spent already."""

    microdollars: int
    urgent: bool
    expires_at: datetime
    settled: int = 0
    texts: int = 0

    @property
    def left(self) -> int:
        """What of it still counts as reserved."""
        return self.microdollars - self.settled


@dataclass(frozen=True, slots=True)
class Spending:
    """
    One number's money in one month.

    `spent` and `reserved` are what counts against the cap, `beside` what does not.  `lots` are the
    open ones only: a closed one means nothing more.  `crossed` and `exhausted` are what was said
    already, each with the cap it was said about.
    """

    spent: int = 0
    reserved: int = 0
    beside: int = 0
    texts: int = 0
    lots: Mapping[str, Lot] = field(default_factory=lambda: MappingProxyType({}))
    crossed: frozenset[tuple[int, int]] = frozenset()
    exhausted: frozenset[tuple[str, int]] = frozenset()

    @property
    def taken(self) -> int:
        """What is not free any more."""
        return self.spent + self.reserved


def evolve(state: Spending, fact: s.SpendingFact) -> Spending:
    """Return the month after one more fact."""
    match fact:
        case s.BudgetAllotted():
            lot = Lot(fact.microdollars, fact.urgent, fact.expires_at)
            state = replace(state, reserved=state.reserved + lot.microdollars)
            return _with_lot(state, fact.lot_id, lot)
        case s.BudgetSettled(why="lot"):
            return _settled(state, fact)
        case s.BudgetSettled():
            texts = state.texts + fact.texts
            if fact.beside:
                return replace(state, beside=state.beside + fact.microdollars, texts=texts)
            return replace(state, spent=state.spent + fact.microdollars, texts=texts)
        case s.BudgetReturned():
            return _returned(state, fact)
        case s.ThresholdCrossed():
            crossed = state.crossed | {(fact.percent, fact.cap_microdollars)}
            return replace(state, crossed=crossed)
        case s.BudgetExhausted():
            exhausted = state.exhausted | {(fact.room, fact.cap_microdollars)}
            return replace(state, exhausted=exhausted)
        case s.PriceExceeded():
            return state
        case _:
            assert_never(fact)


def _settled(state: Spending, fact: s.BudgetSettled) -> Spending:
    spent = replace(state, spent=state.spent + fact.microdollars, texts=state.texts + fact.texts)
    lot = state.lots.get(fact.lot_id or "")
    if lot is None:
        return spent
    fewer = replace(lot, settled=lot.settled + fact.microdollars, texts=lot.texts + fact.texts)
    reserved = state.reserved - fact.microdollars
    return _with_lot(replace(spent, reserved=reserved), fact.lot_id or "", fewer)


def _returned(state: Spending, fact: s.BudgetReturned) -> Spending:
    lots = {key: lot for key, lot in state.lots.items() if key != fact.lot_id}
    reserved = state.reserved - fact.microdollars
    return replace(state, reserved=reserved, lots=MappingProxyType(lots))


def _with_lot(state: Spending, lot_id: str, lot: Lot) -> Spending:
    return replace(state, lots=MappingProxyType({**state.lots, lot_id: lot}))
