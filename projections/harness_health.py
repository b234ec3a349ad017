"""What the harness did, hour by hour and day by day (UTC): counted from the committed turns."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from contracts import conversation as c
from contracts.recorded import Recorded
from projections.view import Projection, Rows

# Upper bounds in milliseconds of the steps in which waiting is counted; the last has none.
WAITED_MS = (100, 300, 1_000, 3_000, 10_000, 30_000, 120_000)
_COUNTED = ("turns", "requests", "input_tokens", "output_tokens", "cost_microdollars", "model_ms")

Counts = dict[str, int]


class Harness(NamedTuple):
    """
    The turns committed in one span.

    `per` is hour or day, `at` its beginning.  `modes`, `decisions`, `gates`, `flags`,
    `failure_modes` and `rule_sets` count turns or flags by name; `models` has counts for each
    model, `waited` how many turns waited up to so many milliseconds (`more` for the others).
    `unpriced` counts the model's answers without a known price.  `blamed` has, for each model and
    each rule set, its turns and the failure modes that were found in them.
    """

    span: str
    per: str
    at: datetime
    turns: int
    modes: Counts
    decisions: Counts
    gates: Counts
    flags: Counts
    failure_modes: Counts
    rule_sets: Counts
    models: dict[str, Counts]
    input_tokens: int
    output_tokens: int
    cost_microdollars: int
    unpriced: int
    model_ms: int
    waited_ms: int
    waited: Counts
    blamed: dict[str, Counts]


def _spans(at: datetime) -> tuple[tuple[str, str, datetime], ...]:
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    return (
        (f"hour/{hour:%Y-%m-%dT%H}", "hour", hour),
        (f"day/{day:%Y-%m-%d}", "day", day),
    )


def _keys(recorded: Recorded[Any]) -> Iterable[str]:
    return tuple(span for span, _, _ in _spans(recorded.fact.at))


def _fold(rows: Rows[Harness], recorded: Recorded[c.TurnCommitted]) -> None:
    fact = recorded.fact
    for span, per, at in _spans(fact.at):
        row = rows.get(span) or Harness(
            span, per, at, 0, {}, {}, {}, {}, {}, {}, {}, 0, 0, 0, 0, 0, 0, {}, {}
        )
        rows.put(_counted(row, fact.trace))


def _counted(row: Harness, trace: c.Trace) -> Harness:
    """Return the row with one more turn; its counts are new, what was read stays as it was."""
    usage = trace.usage
    return row._replace(
        turns=row.turns + 1,
        modes=_more(row.modes, [trace.mode]),
        decisions=_more(row.decisions, [trace.decision]),
        gates=_more(row.gates, [trace.gate] if trace.gate else []),
        flags=_more(row.flags, [flag.flag for flag in trace.flags]),
        failure_modes=_more(row.failure_modes, [flag.failure_mode for flag in trace.flags]),
        rule_sets=_more(row.rule_sets, set(trace.rule_sets)),
        models=_models(row.models, usage),
        input_tokens=row.input_tokens + sum(one.input_tokens for one in usage),
        output_tokens=row.output_tokens + sum(one.output_tokens for one in usage),
        cost_microdollars=row.cost_microdollars + sum(one.cost_microdollars or 0 for one in usage),
        unpriced=row.unpriced + sum(one.cost_microdollars is None for one in usage),
        model_ms=row.model_ms + trace.model_ms,
        waited_ms=row.waited_ms + trace.waited_ms,
        waited=_more(row.waited, [_step(trace.waited_ms)]),
        blamed=_blamed(row.blamed, trace),
    )


def _blamed(before: Mapping[str, Counts], trace: c.Trace) -> dict[str, Counts]:
    """Return the turns and failure modes of each model and rule set with one more turn."""
    answered = {one.model_answered or one.model_asked for one in trace.usage}
    found = ["turns", *(flag.failure_mode for flag in trace.flags)]
    names = answered | set(trace.rule_sets)
    return {**before, **{name: _more(before.get(name, {}), found) for name in sorted(names)}}


def _more(counts: Mapping[str, int], names: Iterable[str]) -> Counts:
    return dict(Counter(counts) + Counter(names))


def _models(models: Mapping[str, Counts], usage: Iterable[c.Usage]) -> dict[str, Counts]:
    found = dict(models)
    for one in usage:
        name = one.model_answered or one.model_asked
        before = found.get(name, dict.fromkeys(_COUNTED, 0))
        added = (
            1, one.requests, one.input_tokens, one.output_tokens, one.cost_microdollars or 0,
            one.latency_ms,
        )  # fmt: skip
        found[name] = {
            field: before[field] + more for field, more in zip(_COUNTED, added, strict=True)
        }
    return found


def _step(waited_ms: int) -> str:
    return next((str(bound) for bound in WAITED_MS if waited_ms <= bound), "more")


def waited_at(row: Harness, share: float) -> int | None:
    """
    Return the time in milliseconds within which this share of the turns was answered.

    Between two bounds it is taken as even; None where there is no turn, or beyond the last bound.
    """
    wanted, seen = share * row.turns, 0
    if not row.turns:
        return None
    for low, high in pairwise((0, *WAITED_MS)):
        here = row.waited.get(str(high), 0)
        if here and seen + here >= wanted:
            return round(low + (high - low) * (wanted - seen) / here)
        seen += here
    return None


HARNESS_HEALTH = Projection(
    name="harness_health",
    version=2,
    row=Harness,
    ddl="""
CREATE TABLE {table} (
    span text PRIMARY KEY,
    per text NOT NULL,
    at timestamptz NOT NULL,
    turns integer NOT NULL,
    modes jsonb NOT NULL,
    decisions jsonb NOT NULL,
    gates jsonb NOT NULL,
    flags jsonb NOT NULL,
    failure_modes jsonb NOT NULL,
    rule_sets jsonb NOT NULL,
    models jsonb NOT NULL,
    input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    cost_microdollars bigint NOT NULL,
    unpriced bigint NOT NULL,
    model_ms bigint NOT NULL,
    waited_ms bigint NOT NULL,
    waited jsonb NOT NULL,
    blamed jsonb NOT NULL
);
CREATE INDEX {table}_newest ON {table} (per, at DESC, span DESC);
""",
    hears=frozenset({c.TurnCommitted}),
    keys=_keys,
    fold=_fold,
)
