"""
Faults on request: what shall go wrong with the next sends and the next inbound texts.

A script is consumed in order, and each entry by an operation it applies to; so the entries
for sends and those for inbound texts are two queues that do not wait for each other.  A send
takes an entry only if it would otherwise be accepted (a refused one does not use it up).  When
its queue is empty, the rates decide, with one seeded draw for each operation.  Faults live in
memory: a restarted simulator has none.

| outcome | the text | the answer to the create | its callbacks |
|---|---|---|---|
| ok | accepted; with `code` it ends as undelivered with that code | 201 | sent, delivered |
| reject | not accepted | 4xx with `code` (21612) | none |
| error_before | not accepted | 500 with `code` (20500) | none |
| error_after | accepted | 500 with `code` (20500) | as usual |
| cut_after | accepted; `code` as for ok | none: the connection is dropped | as usual |
| hang | not accepted | none for `delay_s` (60), then the connection is dropped | none |
| lose_callback | accepted; `code` as for ok | 201 | none is posted |
| repeat_callback | accepted; `code` as for ok | 201 | each twice, `delay_s` (0) apart |
| reorder | accepted; `code` as for ok | 201 | the last one, after `delay_s` (0) `sent` |
| lose_webhook | an inbound text: recorded, its webhook is never posted | | |
| repeat_webhook | an inbound text: its webhook is posted twice, `delay_s` (0) apart | | |

For ok, reject, error_before, error_after and cut_after `delay_s` (0) keeps the answer back;
what is accepted is accepted before the delay, so callbacks may overtake the answer.  A client
that gives up during the delay changes nothing.  `code` and `delay_s` are ignored where the
table does not name them.
"""

from collections import deque
from enum import StrEnum
from random import Random
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Outcome(StrEnum):
    """What can become of one operation; the module's table says what each means."""

    OK = "ok"
    REJECT = "reject"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    CUT_AFTER = "cut_after"
    HANG = "hang"
    LOSE_CALLBACK = "lose_callback"
    REPEAT_CALLBACK = "repeat_callback"
    REORDER = "reorder"
    LOSE_WEBHOOK = "lose_webhook"
    REPEAT_WEBHOOK = "repeat_webhook"


INBOUND_OUTCOMES = frozenset({Outcome.LOSE_WEBHOOK, Outcome.REPEAT_WEBHOOK})
HANG_S = 60.0

Rate = Annotated[float, Field(ge=0, le=1)]


class Fault(BaseModel):
    """One entry of a script."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    outcome: Annotated[Outcome, Field(strict=False)]
    code: Annotated[int, Field(ge=10_000, le=99_999)] | None = None
    delay_s: Annotated[float, Field(ge=0, le=600)] | None = None

    @property
    def delay(self) -> float:
        """`delay_s`, or what an absent one stands for."""
        if self.delay_s is None:
            return HANG_S if self.outcome is Outcome.HANG else 0.0
        return self.delay_s


FINE = Fault(outcome=Outcome.OK)


class FaultPlan(BaseModel):
    """What `PUT /faults` takes and `GET /faults` gives; the empty plan ends all faults."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    script: tuple[Fault, ...] = ()
    rates: dict[Annotated[Outcome, Field(strict=False)], Rate] = {}
    seed: int = 0

    @model_validator(mode="after")
    def _rates_add_up(self) -> Self:
        for inbound in (False, True):
            rates = _rates_of(self.rates, inbound=inbound)
            if sum(rates.values()) > 1:
                raise ValueError(f"rates of {', '.join(rates)} add up to more than 1")
        return self


class Faults:
    """The faults still to come."""

    def __init__(self) -> None:
        self._seed = 0
        self._sends = _Lane(FaultPlan(), inbound=False)
        self._inbound = _Lane(FaultPlan(), inbound=True)

    def replace(self, plan: FaultPlan) -> None:
        """Forget what was planned and follow this plan from its start."""
        self._seed = plan.seed
        self._sends = _Lane(plan, inbound=False)
        self._inbound = _Lane(plan, inbound=True)

    def rest(self) -> FaultPlan:
        """Return what is left: the script's unused entries (sends first), rates and seed."""
        return FaultPlan(
            script=(*self._sends.script, *self._inbound.script),
            rates=self._sends.rates | self._inbound.rates,
            seed=self._seed,
        )

    def for_send(self) -> Fault:
        """Take the fault of the next send."""
        return self._sends.take()

    def for_inbound(self) -> Fault:
        """Take the fault of the next inbound text."""
        return self._inbound.take()


class _Lane:
    """The faults of one kind of operation."""

    def __init__(self, plan: FaultPlan, *, inbound: bool) -> None:
        self.script = deque(
            fault for fault in plan.script if (fault.outcome in INBOUND_OUTCOMES) is inbound
        )
        self.rates = _rates_of(plan.rates, inbound=inbound)
        # One generator a lane: how sends and texts interleave must not change what each gets.
        self._random = Random(f"{plan.seed}/{inbound}")

    def take(self) -> Fault:
        if self.script:
            return self.script.popleft()
        if not self.rates:
            return FINE
        draw = self._random.random()
        for outcome, rate in self.rates.items():
            draw -= rate
            if draw < 0:
                return Fault(outcome=outcome)
        return FINE


def _rates_of(rates: dict[Outcome, float], *, inbound: bool) -> dict[Outcome, float]:
    chosen = {
        outcome: rate
        for outcome, rate in rates.items()
        if (outcome in INBOUND_OUTCOMES) is inbound
    }
    # In a fixed order, so that the same rates written differently give the same faults.
    return {outcome: chosen[outcome] for outcome in Outcome if outcome in chosen}
