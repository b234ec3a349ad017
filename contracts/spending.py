"""
The facts of a month's money, on one stream a number and month (`spending-<number key>-<yyyy-mm>`).

All money is in micro-dollars (1,000,000 to the dollar); months are those of UTC.  A sender is
allotted a lot for many texts at once, so that the stream is not written to with every text.
"""

from typing import ClassVar, Literal

from pydantic import AwareDatetime

from contracts.base import Contract

LotId = str


class BudgetAllotted(Contract):
    """
    A sender may spend so much under the cap; it counts as reserved until settled or returned.

    `urgent` lots come out of the last tenth, which is kept for urgent texts.  Nobody may draw on
    a lot after `expires_at`; `cap_microdollars` is the cap that it was allotted under.
    """

    name: ClassVar[str] = "spending.budget_allotted.v1"
    lot_id: LotId
    microdollars: int
    urgent: bool
    cap_microdollars: int
    at: AwareDatetime
    expires_at: AwareDatetime


class BudgetSettled(Contract):
    """
    Money was spent: `microdollars` more, for `texts` texts.

    `lot`: out of the reserve of `lot_id`, which shrinks by as much.  `beside`: crisis and opt-out
    texts, recorded beside the cap.  `price`: the provider charged more or (negative) less than
    was settled before; `beside` says on which side of the cap.
    """

    name: ClassVar[str] = "spending.budget_settled.v1"
    why: Literal["lot", "beside", "price"]
    lot_id: LotId | None = None
    beside: bool = False
    microdollars: int
    texts: int
    cap_microdollars: int
    at: AwareDatetime


class BudgetReturned(Contract):
    """A lot is closed; what was left of its reserve is free again."""

    name: ClassVar[str] = "spending.budget_returned.v1"
    lot_id: LotId
    microdollars: int
    why: Literal["unused", "expired"]
    at: AwareDatetime


class ThresholdCrossed(Contract):
    """So many hundredths of the cap are spent: somebody should know; said once for each cap."""

    name: ClassVar[str] = "spending.threshold_crossed.v1"
    percent: int
    spent_microdollars: int
    cap_microdollars: int
    at: AwareDatetime


class BudgetExhausted(Contract):
    """
    A text found no room under the cap; said once for each cap and kind of room.

    `room` is `ordinary` where only the last tenth is left, which is kept for urgent texts, and
    `urgent` where nothing is.
    """

    name: ClassVar[str] = "spending.budget_exhausted.v1"
    room: Literal["ordinary", "urgent"]
    spent_microdollars: int
    reserved_microdollars: int
    cap_microdollars: int
    at: AwareDatetime


class PriceExceeded(Contract):
    """The provider's prices were higher than reserved, and lifted the month above its cap."""

    name: ClassVar[str] = "spending.price_exceeded.v1"
    microdollars: int
    spent_microdollars: int
    reserved_microdollars: int
    cap_microdollars: int
    at: AwareDatetime


SpendingFact = (
    BudgetAllotted
    | BudgetSettled
    | BudgetReturned
    | ThresholdCrossed
    | BudgetExhausted
    | PriceExceeded
)
