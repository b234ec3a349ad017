"""
Every ended conversation on its way to a shift: waiting, offered how often, accepted, contradicted.

A row holds no words: the package itself is read from the journal.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from contracts import conversation as c
from contracts.identity import id_of
from contracts.recorded import Recorded
from projections.view import Projection, Rows


class Shift(NamedTuple):
    """
    One handover.

    `state` is `ended` (not packaged yet), `waiting` (nobody accepted) or `accepted`; `offers`
    counts how often the package went out, and `again_at` is when it does again.  `shift_id` has
    the conversation; `contradictions` counts other shifts that said so too, `contradicted_by` is
    the last of them.
    """

    conversation_id: str
    person_id: str
    state: str
    end_reason: str
    ended_at: datetime
    package_id: str | None
    packaged_at: datetime | None
    truncated: bool
    offers: int
    offered_at: datetime | None
    again_at: datetime | None
    shift_id: str | None
    accepted_at: datetime | None
    contradictions: int
    contradicted_by: str | None
    version: int


def _keys(recorded: Recorded[Any]) -> Iterable[str]:
    return (id_of(recorded.stream),)


def _fold(rows: Rows[Shift], recorded: Recorded[Any]) -> None:
    fact, key = recorded.fact, id_of(recorded.stream)
    if isinstance(fact, c.ConversationEnded):
        rows.put(
            Shift(
                key, fact.person_id, "ended", fact.reason, fact.at, None, None, False, 0, None,
                None, None, None, 0, None, recorded.version,
            )
        )  # fmt: skip
        return
    row = rows.get(key)
    if row is not None:
        rows.put(_after(row, fact)._replace(version=recorded.version))


def _after(row: Shift, fact: Any) -> Shift:
    match fact:
        case c.ConversationPackaged():
            return row._replace(
                state="waiting",
                package_id=fact.package.package_id,
                packaged_at=fact.at,
                truncated=fact.package.truncated,
            )
        case c.ConversationOffered():
            return row._replace(offers=fact.times, offered_at=fact.at, again_at=fact.again_at)
        case c.ConversationProcessed():
            return row._replace(
                state="accepted",
                again_at=None,
                shift_id=fact.global_shift_id,
                accepted_at=fact.at,
            )
        case _:
            return row._replace(
                contradictions=row.contradictions + 1, contradicted_by=fact.global_shift_id
            )


SHIFTS = Projection(
    name="shifts",
    version=1,
    row=Shift,
    ddl="""
CREATE TABLE {table} (
    conversation_id text PRIMARY KEY,
    person_id text NOT NULL,
    state text NOT NULL,
    end_reason text NOT NULL,
    ended_at timestamptz NOT NULL,
    package_id text,
    packaged_at timestamptz,
    truncated boolean NOT NULL,
    offers integer NOT NULL,
    offered_at timestamptz,
    again_at timestamptz,
    shift_id text,
    accepted_at timestamptz,
    contradictions integer NOT NULL,
    contradicted_by text,
    version bigint NOT NULL
);
CREATE INDEX {table}_newest ON {table} (ended_at DESC, conversation_id DESC);
CREATE INDEX {table}_state ON {table} (state, ended_at DESC, conversation_id DESC);
CREATE INDEX {table}_shift ON {table} (shift_id);
""",
    hears=frozenset(
        {
            c.ConversationEnded, c.ConversationPackaged, c.ConversationOffered,
            c.ConversationProcessed, c.AcceptanceContradicted,
        }
    ),
    keys=_keys,
    fold=_fold,
)  # fmt: skip
