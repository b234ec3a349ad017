"""A month's money by number, and what the models cost by day: for whoever looks at it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from contracts import conversation as c
from contracts import spending as s
from contracts.identity import id_of
from contracts.recorded import Recorded
from projections.view import Projection, Rows


class Month(NamedTuple):
    """
    One number's month, in micro-dollars; `account` is the number key and the month.

    `crossed` is the highest threshold said, in hundredths, and `half_at`, `most_at` and `all_at`
    are when 50, 80 and 100 were; `exhausted` the room that ran out:
    none, `ordinary` (only urgent texts leave) or `urgent`; `exceeded` is how far above the cap
    prices have lifted it.
    """

    account: str
    number_key: str
    month: str
    cap: int
    spent: int
    reserved: int
    beside: int
    texts: int
    crossed: int
    exhausted: str | None
    exceeded: int
    changed_at: datetime
    half_at: datetime | None = None
    most_at: datetime | None = None
    all_at: datetime | None = None


def _account(recorded: Recorded[Any]) -> Iterable[str]:
    return (id_of(recorded.stream),)


def _new(recorded: Recorded[Any]) -> Month:
    account = id_of(recorded.stream)
    key, _, month = account.partition("-")
    return Month(account, key, month, 0, 0, 0, 0, 0, 0, None, 0, recorded.at)


def _month(rows: Rows[Month], recorded: Recorded[Any]) -> None:
    row = rows.get(id_of(recorded.stream)) or _new(recorded)
    rows.put(_changed(row, recorded.fact)._replace(changed_at=recorded.at))


def _changed(row: Month, fact: s.SpendingFact) -> Month:
    if isinstance(fact, s.BudgetReturned):
        return row._replace(reserved=row.reserved - fact.microdollars)
    row = _under(row, fact.cap_microdollars)
    match fact:
        case s.BudgetAllotted():
            return row._replace(reserved=row.reserved + fact.microdollars)
        case s.BudgetSettled():
            return _settled(row, fact)
        case s.ThresholdCrossed():
            return _crossed(row, fact)
        case s.BudgetExhausted():
            return row._replace(exhausted="urgent" if row.exhausted == "urgent" else fact.room)
        case s.PriceExceeded():
            taken = fact.spent_microdollars + fact.reserved_microdollars
            return row._replace(exceeded=taken - fact.cap_microdollars)


def _crossed(row: Month, fact: s.ThresholdCrossed) -> Month:
    row = row._replace(crossed=max(row.crossed, fact.percent))
    match fact.percent:
        case 50:
            return row._replace(half_at=fact.at)
        case 80:
            return row._replace(most_at=fact.at)
        case 100:
            return row._replace(all_at=fact.at)
        case _:
            return row


def _under(row: Month, cap: int) -> Month:
    """A new cap is a new month's worth of warnings."""
    if cap == row.cap:
        return row
    fresh = row._replace(cap=cap, crossed=0, exhausted=None, exceeded=0)
    return fresh._replace(half_at=None, most_at=None, all_at=None)


def _settled(row: Month, fact: s.BudgetSettled) -> Month:
    row = row._replace(texts=row.texts + fact.texts)
    if fact.beside:
        return row._replace(beside=row.beside + fact.microdollars)
    row = row._replace(spent=row.spent + fact.microdollars)
    return row._replace(reserved=row.reserved - fact.microdollars) if fact.why == "lot" else row


SPENDING = Projection(
    name="spending",
    version=2,
    row=Month,
    ddl="""
CREATE TABLE {table} (
    account text PRIMARY KEY,
    number_key text NOT NULL,
    month text NOT NULL,
    cap bigint NOT NULL,
    spent bigint NOT NULL,
    reserved bigint NOT NULL,
    beside bigint NOT NULL,
    texts bigint NOT NULL,
    crossed integer NOT NULL,
    exhausted text,
    exceeded bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    half_at timestamptz,
    most_at timestamptz,
    all_at timestamptz
);
CREATE INDEX {table}_month ON {table} (month DESC, account);
""",
    hears=frozenset(
        {
            s.BudgetAllotted, s.BudgetSettled, s.BudgetReturned, s.ThresholdCrossed,
            s.BudgetExhausted, s.PriceExceeded,
        }
    ),
    keys=_account,
    fold=_month,
)  # fmt: skip


class ModelDay(NamedTuple):
    """What asking the models took in the turns committed on a day (UTC), in micro-dollars."""

    day: str
    turns: int
    requests: int
    input_tokens: int
    output_tokens: int
    microdollars: int
    unpriced: int


def _day(recorded: Recorded[Any]) -> Iterable[str]:
    return (recorded.fact.at.astimezone(UTC).date().isoformat(),)


def _model_day(rows: Rows[ModelDay], recorded: Recorded[c.TurnCommitted]) -> None:
    usage = recorded.fact.trace.usage
    if not usage:
        return
    day = recorded.fact.at.astimezone(UTC).date().isoformat()
    before = rows.get(day) or ModelDay(day, 0, 0, 0, 0, 0, 0)
    rows.put(
        ModelDay(
            day,
            before.turns + 1,
            before.requests + sum(each.requests for each in usage),
            before.input_tokens + sum(each.input_tokens for each in usage),
            before.output_tokens + sum(each.output_tokens for each in usage),
            before.microdollars + sum(each.cost_microdollars or 0 for each in usage),
            before.unpriced + sum(each.cost_microdollars is None for each in usage),
        )
    )


MODEL_DAYS = Projection(
    name="model_days",
    version=1,
    row=ModelDay,
    ddl="""
CREATE TABLE {table} (
    day text PRIMARY KEY,
    turns bigint NOT NULL,
    requests bigint NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    microdollars bigint NOT NULL,
    unpriced bigint NOT NULL
)
""",
    hears=frozenset({c.TurnCommitted}),
    keys=_day,
    fold=_model_day,
)
