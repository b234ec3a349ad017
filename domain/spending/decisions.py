"""
What may be spent of a month's cap.  Every decision answers () to what it already knows.

The cap holds at every prefix of the log because it is asked where the reserve is made: spent +
reserved + asked <= cap.  Two senders that ask at once write to the same stream, so one of them
decides again.  Only a provider's price can lift the month above, and then the facts say so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contracts import spending as s
from domain.spending.state import Lot, Spending

# Hundredths of the cap at which somebody should know.
THRESHOLDS = (50, 80, 100)
# The last tenth is for urgent texts (crisis and opt-out texts need no room at all).
NEAR_PERCENT = 90
TEXTS_A_LOT = 50
# No sender takes more than this part of the room that is left, so that the last of it is not
# reserved by some and missed by others.
_PART_OF_ROOM = 4
LOT_FOR = timedelta(minutes=5)
# Whoever holds a lot may have been stopped between asking and storing; ten minutes cover every
# deadline of a save many times over.
LOST_AFTER = timedelta(minutes=10)


def month_of(at: datetime) -> str:
    """Return the month of a time in UTC, as `yyyy-mm`."""
    return at.astimezone(UTC).strftime("%Y-%m")


def next_month(at: datetime) -> datetime:
    """Return when the next month begins, in UTC."""
    first = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (first + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Ask:
    """The command: a sender needs `needed` now, and would take up to `wanted`."""

    lot_id: str
    needed: int
    wanted: int
    urgent: bool
    cap: int
    at: datetime


def allot(state: Spending, command: Ask) -> tuple[s.BudgetAllotted | s.BudgetExhausted, ...]:
    """Return the lot, or that there is no room for it; () for a lot that was allotted."""
    if command.lot_id in state.lots:
        return ()
    room = room_for(state, command.cap, urgent=command.urgent)
    if command.needed > room:
        return _exhausted(state, command)
    # For whole texts: a remainder would be reserved and of no use.
    texts = max(min(command.wanted, room // _PART_OF_ROOM) // command.needed, 1)
    lot = s.BudgetAllotted(
        lot_id=command.lot_id,
        microdollars=texts * command.needed,
        urgent=command.urgent,
        cap_microdollars=command.cap,
        at=command.at,
        expires_at=min(command.at + LOT_FOR, next_month(command.at)),
    )
    return (lot,)


def room_for(state: Spending, cap: int, *, urgent: bool) -> int:
    """Return what is free under the cap; for ordinary texts without its last tenth."""
    return (cap if urgent else cap * NEAR_PERCENT // 100) - state.taken


def closed_to_ordinary(state: Spending, cap: int, price: int) -> bool:
    """
    Return whether no ordinary text can leave this month, whatever becomes of open reserves.

    Then no model need be asked for one.
    """
    return state.spent + price > cap * NEAR_PERCENT // 100


def _exhausted(state: Spending, command: Ask) -> tuple[s.BudgetExhausted, ...]:
    room = "urgent" if command.urgent else "ordinary"
    if (room, command.cap) in state.exhausted:
        return ()
    said = s.BudgetExhausted(
        room=room,
        spent_microdollars=state.spent,
        reserved_microdollars=state.reserved,
        cap_microdollars=command.cap,
        at=command.at,
    )
    return (said,)


@dataclass(frozen=True, slots=True)
class Settle:
    """
    The command: a lot has paid for so much and so many texts since it was allotted.

    Totals and not differences, so that it may be said twice.  `closes` gives the rest back.
    """

    lot_id: str
    microdollars: int
    texts: int
    closes: bool
    cap: int
    at: datetime
    lost: bool = False


def settle(state: Spending, command: Settle) -> tuple[s.SpendingFact, ...]:
    """Return what is new of a lot; nothing of one that is closed."""
    lot = state.lots.get(command.lot_id)
    if lot is None:
        return ()
    facts: list[s.SpendingFact] = []
    more = min(command.microdollars, lot.microdollars) - lot.settled
    if more > 0:
        facts.append(
            s.BudgetSettled(
                why="lot",
                lot_id=command.lot_id,
                microdollars=more,
                texts=max(command.texts - lot.texts, 0),
                cap_microdollars=command.cap,
                at=command.at,
            )
        )
        facts += _crossed(state, state.spent + more, command.cap, command.at)
    if command.closes:
        facts.append(_returned(command, lot, max(more, 0)))
    return tuple(facts)


def _returned(command: Settle, lot: Lot, more: int) -> s.BudgetReturned:
    return s.BudgetReturned(
        lot_id=command.lot_id,
        microdollars=lot.left - more,
        why="expired" if command.lost else "unused",
        at=command.at,
    )


def beside(microdollars: int, cap: int, at: datetime) -> s.BudgetSettled:
    """Return that a text was sent that no cap holds back."""
    return s.BudgetSettled(
        why="beside", beside=True, microdollars=microdollars, texts=1, cap_microdollars=cap, at=at
    )


@dataclass(frozen=True, slots=True)
class Priced:
    """What a text was settled at, and what the provider charged for it."""

    estimated: int
    charged: int
    beside: bool


def true_up(
    state: Spending, priced: Sequence[Priced], cap: int, at: datetime
) -> tuple[s.SpendingFact, ...]:
    """
    Return the differences between reserved and charged, one fact for each side of the cap.

    Asked once for each text: whoever asks stores `SmsPriced` of each in the same save.
    """
    facts: list[s.SpendingFact] = []
    for aside in (False, True):
        more = sum(one.charged - one.estimated for one in priced if one.beside is aside)
        if more == 0:
            continue
        facts.append(
            s.BudgetSettled(
                why="price", beside=aside, microdollars=more, texts=0, cap_microdollars=cap, at=at
            )
        )
        if not aside and more > 0:
            facts += _lifted(state, more, cap, at)
            facts += _crossed(state, state.spent + more, cap, at)
    return tuple(facts)


def _lifted(state: Spending, more: int, cap: int, at: datetime) -> tuple[s.PriceExceeded, ...]:
    if state.taken + more <= cap:
        return ()
    said = s.PriceExceeded(
        microdollars=more,
        spent_microdollars=state.spent + more,
        reserved_microdollars=state.reserved,
        cap_microdollars=cap,
        at=at,
    )
    return (said,)


def _crossed(state: Spending, spent: int, cap: int, at: datetime) -> list[s.ThresholdCrossed]:
    return [
        s.ThresholdCrossed(percent=percent, spent_microdollars=spent, cap_microdollars=cap, at=at)
        for percent in THRESHOLDS
        if spent * 100 >= cap * percent and (percent, cap) not in state.crossed
    ]
