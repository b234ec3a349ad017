"""
Every safety case, for whoever must look at it.

A row holds no words: what was said is read from the journal when somebody may see it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from contracts.identity import id_of
from contracts.recorded import Recorded
from contracts.safety import SafetyCaseAcknowledged, SafetyCaseOpened, SafetyCaseResolved
from projections.view import Projection, Rows


class Case(NamedTuple):
    """One case; `state` is open, acknowledged or resolved, `waits` says that it is not closed."""

    case_id: str
    state: str
    waits: bool
    tier: str
    kind: str
    person_id: str | None
    conversation_id: str | None
    quotes: int
    opened_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    resolved_by: str | None
    resolved_at: datetime | None
    version: int


def _keys(recorded: Recorded[Any]) -> Iterable[str]:
    return (id_of(recorded.stream),)


def _fold(rows: Rows[Case], recorded: Recorded[Any]) -> None:
    fact, key = recorded.fact, id_of(recorded.stream)
    if isinstance(fact, SafetyCaseOpened):
        rows.put(
            Case(
                key, "open", True, fact.tier, fact.kind, fact.person_id, fact.conversation_id,
                len(fact.quotes), fact.at, None, None, None, None, recorded.version,
            )
        )  # fmt: skip
        return
    row = rows.get(key)
    if row is not None:
        rows.put(_after(row, fact)._replace(version=recorded.version))


def _after(row: Case, fact: SafetyCaseAcknowledged | SafetyCaseResolved) -> Case:
    match fact:
        case SafetyCaseAcknowledged():
            return row._replace(
                state="acknowledged", acknowledged_by=fact.by, acknowledged_at=fact.at
            )
        case SafetyCaseResolved():
            return row._replace(
                state="resolved", waits=False, resolved_by=fact.by, resolved_at=fact.at
            )


SAFETY = Projection(
    name="safety",
    version=1,
    row=Case,
    ddl="""
CREATE TABLE {table} (
    case_id text PRIMARY KEY,
    state text NOT NULL,
    waits boolean NOT NULL,
    tier text NOT NULL,
    kind text NOT NULL,
    person_id text,
    conversation_id text,
    quotes integer NOT NULL,
    opened_at timestamptz NOT NULL,
    acknowledged_by text,
    acknowledged_at timestamptz,
    resolved_by text,
    resolved_at timestamptz,
    version bigint NOT NULL
);
CREATE INDEX {table}_newest ON {table} (waits, tier, opened_at DESC, case_id DESC);
CREATE INDEX {table}_closed ON {table} (opened_at DESC, case_id DESC) WHERE NOT waits;
CREATE INDEX {table}_person ON {table} (person_id);
CREATE INDEX {table}_conversation ON {table} (conversation_id);
""",
    hears=frozenset({SafetyCaseOpened, SafetyCaseAcknowledged, SafetyCaseResolved}),
    keys=_keys,
    fold=_fold,
)
