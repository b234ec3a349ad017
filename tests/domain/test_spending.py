"""A month's money: stories, and the cap at every prefix of the log with eight senders."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import spending as s
from domain.spending import spending
from domain.spending.decisions import (
    LOT_FOR,
    Ask,
    Priced,
    Settle,
    allot,
    beside,
    closed_to_ordinary,
    month_of,
    next_month,
    settle,
    true_up,
)
from domain.spending.prices import ABROAD, Price, price_of
from domain.spending.state import Spending
from tests.facts import NOON, later

CAP = 1_000_000
TEXT = 8_300


def ask(lot: str = "a", needed: int = TEXT, *, urgent: bool = False, cap: int = CAP) -> Ask:
    return Ask(lot, needed, 50 * needed, urgent, cap, NOON)


def paid(lot: str = "a", microdollars: int = TEXT, *, closes: bool = False) -> Settle:
    return Settle(lot, microdollars, microdollars // TEXT, closes, CAP, later(10))


def after(*decisions: Sequence[s.SpendingFact]) -> Spending:
    return spending.fold(fact for facts in decisions for fact in facts)


def spent(microdollars: int) -> Spending:
    return replace(Spending(), spent=microdollars)


def test_a_sender_reserves_for_fifty_texts_but_no_more_than_a_part_of_the_room() -> None:
    plenty = allot(Spending(), ask(cap=100 * CAP))
    little = allot(Spending(), ask())

    assert [fact.microdollars for fact in plenty if isinstance(fact, s.BudgetAllotted)] == [
        415_000
    ]
    assert [fact.microdollars for fact in little if isinstance(fact, s.BudgetAllotted)] == [
        27 * TEXT
    ]
    assert after(little).reserved == 27 * TEXT


def test_a_lot_is_allotted_once() -> None:
    assert allot(after(allot(Spending(), ask())), ask()) == ()


def test_what_is_settled_is_no_longer_reserved_and_the_rest_is_returned() -> None:
    lot = allot(Spending(), ask())
    first = settle(after(lot), paid(microdollars=2 * TEXT))
    last = settle(after(lot, first), paid(microdollars=3 * TEXT, closes=True))
    month = after(lot, first, last)

    assert after(lot, first).taken == 27 * TEXT
    assert [type(fact).__name__ for fact in last] == ["BudgetSettled", "BudgetReturned"]
    assert (month.spent, month.reserved, month.texts) == (3 * TEXT, 0, 3)
    assert not month.lots


def test_settling_twice_is_nothing() -> None:
    lot = allot(Spending(), ask())
    once = settle(after(lot), paid())

    assert settle(after(lot, once), paid()) == ()
    closed = settle(after(lot, once), paid(closes=True))
    assert settle(after(lot, once, closed), paid(closes=True)) == ()


def test_a_lot_never_pays_for_more_than_it_holds() -> None:
    lot = allot(Spending(), ask())
    settled = settle(after(lot), paid(microdollars=2 * CAP, closes=True))

    assert after(lot, settled).spent == 27 * TEXT


def test_the_last_tenth_is_kept_for_urgent_texts() -> None:
    month = spent(CAP * 9 // 10)

    refused = allot(month, ask())
    urgent = allot(month, ask(urgent=True))

    assert [type(fact).__name__ for fact in refused] == ["BudgetExhausted"]
    assert isinstance(urgent[0], s.BudgetAllotted)
    assert urgent[0].urgent


def test_exhaustion_is_said_once_for_each_cap() -> None:
    month = spent(CAP)
    said = allot(month, ask(urgent=True))
    known = spending.fold(said, month)

    assert isinstance(said[0], s.BudgetExhausted)
    assert said[0].room == "urgent"
    assert allot(known, ask(urgent=True)) == ()
    assert isinstance(allot(known, ask(urgent=True, cap=2 * CAP))[0], s.BudgetAllotted)


@pytest.mark.parametrize(
    ("before", "more", "percents"),
    [
        (0, CAP // 2 - 1, []),
        (0, CAP // 2, [50]),
        (0, CAP, [50, 80, 100]),
        (CAP // 2, CAP * 3 // 10, [50, 80]),
    ],
)
def test_thresholds_are_said_as_they_are_crossed(
    before: int, more: int, percents: list[int]
) -> None:
    lot = s.BudgetAllotted(
        lot_id="a", microdollars=more, urgent=True, cap_microdollars=CAP, at=NOON,
        expires_at=later(300),
    )  # fmt: skip
    month = spending.fold([lot], spent(before))

    said = settle(month, paid(microdollars=more))

    crossed = [fact for fact in said if isinstance(fact, s.ThresholdCrossed)]
    assert [fact.percent for fact in crossed] == percents
    again = spending.fold([*said, lot.model_copy(update={"lot_id": "b"})], month)
    repeated = settle(again, paid("b", microdollars=1))
    told = [fact.percent for fact in repeated if isinstance(fact, s.ThresholdCrossed)]
    assert not set(told) & set(percents)


def test_a_lot_lasts_five_minutes_and_never_into_the_next_month() -> None:
    late = datetime(2026, 12, 31, 23, 58, tzinfo=UTC)
    first, last = allot(Spending(), ask())[0], allot(Spending(), replace(ask(), at=late))[0]

    assert isinstance(first, s.BudgetAllotted)
    assert isinstance(last, s.BudgetAllotted)
    assert first.expires_at == NOON + LOT_FOR
    assert last.expires_at == next_month(late) == datetime(2027, 1, 1, tzinfo=UTC)
    assert month_of(late) == "2026-12"


def test_what_is_beside_the_cap_takes_no_room() -> None:
    month = spending.fold([beside(TEXT, CAP, NOON)], spent(CAP))

    assert (month.taken, month.beside, month.texts) == (CAP, TEXT, 1)


def test_a_lower_price_gives_room_back_and_a_higher_one_takes_it() -> None:
    month = spent(500_000)
    priced = [Priced(TEXT, TEXT - 300, beside=False), Priced(TEXT, TEXT + 100, beside=False)]

    facts = true_up(month, priced, CAP, NOON)

    assert spending.fold(facts, month).spent == 499_800
    assert [type(fact).__name__ for fact in facts] == ["BudgetSettled"]


def test_a_price_that_lifts_the_month_above_its_cap_says_so() -> None:
    month = spent(CAP - 10)

    facts = true_up(month, [Priced(TEXT, TEXT + 100, beside=False)], CAP, NOON)

    exceeded = [fact for fact in facts if isinstance(fact, s.PriceExceeded)]
    assert [fact.spent_microdollars for fact in exceeded] == [CAP + 90]
    assert 100 in [fact.percent for fact in facts if isinstance(fact, s.ThresholdCrossed)]


def test_the_price_of_a_crisis_text_is_settled_beside_the_cap() -> None:
    month = spent(CAP)

    facts = true_up(month, [Priced(TEXT, 2 * TEXT, beside=True)], CAP, NOON)

    told = spending.fold(facts, month)
    assert (told.spent, told.beside) == (CAP, TEXT)
    assert true_up(month, [Priced(TEXT, TEXT, beside=True)], CAP, NOON) == ()


def test_no_model_is_asked_when_no_ordinary_text_can_leave() -> None:
    assert closed_to_ordinary(spent(CAP * 9 // 10), CAP, TEXT)
    assert not closed_to_ordinary(spent(CAP * 9 // 10 - TEXT), CAP, TEXT)


@pytest.mark.parametrize(
    ("country", "own", "price"),
    [
        ("US", {}, Price(TEXT, TEXT)),
        ("CA", {}, Price(TEXT, TEXT)),
        ("PR", {}, Price(42_000, TEXT)),
        ("GB", {}, ABROAD),
        (None, {}, ABROAD),
        ("GB", {"GB": Price(52_000, 7_500)}, Price(52_000, 7_500)),
        ("US", {"US": Price(1, 2)}, Price(1, 2)),
    ],
)
def test_prices(country: str | None, own: dict[str, Price], price: Price) -> None:
    assert price_of(country, TEXT, own) == price


# Eight senders in any order, each with its own idea of the month


@dataclass
class Log:
    """The stream: appends only what was decided on its newest version, as the journal does."""

    facts: list[s.SpendingFact] = field(default_factory=list)

    def append(self, version: int, facts: Sequence[s.SpendingFact]) -> bool:
        if version != len(self.facts):
            return False
        self.facts += facts
        return True


@dataclass
class Sender:
    """Reads, decides and appends as separate steps, so that others come in between."""

    name: str
    log: Log
    read: int = 0
    lot: str = ""
    lots: int = 0
    used: int = 0

    def step(self, what: str, price: int, cap: int, at: datetime) -> None:
        state = spending.fold(self.log.facts[: self.read])
        if what == "read":
            self.read = len(self.log.facts)
        elif what in ("ask", "urgent"):
            self._ask(state, price, what == "urgent", cap, at)
        elif what == "price":
            more = Priced(price, price + 50, beside=False)
            self.log.append(self.read, true_up(state, [more], cap, at))
        elif what == "crisis":
            self.log.append(self.read, [beside(price, cap, at)])
        else:
            self._settle(state, price, what == "close", cap, at)

    def _ask(self, state: Spending, price: int, urgent: bool, cap: int, at: datetime) -> None:
        lot = f"{self.name}{self.lots}"
        facts = allot(state, Ask(lot, price, 50 * price, urgent, cap, at))
        if self.log.append(self.read, facts) and facts:
            self.lot, self.lots, self.used = lot, self.lots + 1, 0

    def _settle(self, state: Spending, price: int, closes: bool, cap: int, at: datetime) -> None:
        lot = state.lots.get(self.lot)
        if lot is not None and self.used + price <= lot.microdollars:
            self.used += price
        self.log.append(self.read, settle(state, Settle(self.lot, self.used, 1, closes, cap, at)))


STEPS = st.tuples(
    st.integers(0, 7),
    st.sampled_from(["read", "ask", "ask", "urgent", "settle", "close", "crisis", "price"]),
    st.sampled_from([8_300, 16_600, 42_000, 100_000]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(STEPS, max_size=120), st.integers(0, 1_000_000))
def test_the_cap_holds_at_every_prefix(steps: list[tuple[int, str, int]], cap: int) -> None:
    log = Log()
    senders = [Sender(chr(97 + number), log) for number in range(8)]
    for second, (who, what, price) in enumerate(steps):
        senders[who].step("read", price, cap, later(second)) if second % 3 == 0 else None
        senders[who].step(what, price, cap, NOON + timedelta(seconds=second))

    state, lifted = Spending(), 0
    for fact in log.facts:
        before = state.taken
        state = spending.evolve(state, fact)
        if isinstance(fact, s.BudgetSettled) and fact.why == "price":
            lifted += max(state.taken - max(before, cap), 0)
        elif isinstance(fact, s.BudgetAllotted):
            assert state.taken <= cap
            assert fact.urgent or state.taken <= cap * 90 // 100
        assert state.taken <= cap + lifted
        assert state.reserved == sum(lot.left for lot in state.lots.values())
        assert state.reserved >= 0
    assert not lifted or any(isinstance(fact, s.PriceExceeded) for fact in log.facts)
    said = [fact.percent for fact in log.facts if isinstance(fact, s.ThresholdCrossed)]
    assert len(said) == len(set(said))
