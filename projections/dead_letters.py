"""Every message that nobody could process, and what a person decided about it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from contracts.dead_letter import DeadLetterDropped, DeadLettered, DeadLetterReplayed
from contracts.identity import id_of
from contracts.recorded import Recorded
from projections.view import Projection, Rows


class DeadLetter(NamedTuple):
    """One message; `state` is waiting, replayed or dropped, `by` and `settled_at` say by whom."""

    letter_id: str
    state: str
    stream: str
    consumer: str
    subject: str
    sequence: int
    attempts: int
    reason: str
    put_aside_at: datetime
    by: str | None
    settled_at: datetime | None


def _keys(recorded: Recorded[Any]) -> Iterable[str]:
    return (id_of(recorded.stream),)


def _fold(rows: Rows[DeadLetter], recorded: Recorded[Any]) -> None:
    fact, key = recorded.fact, id_of(recorded.stream)
    if isinstance(fact, DeadLettered):
        rows.put(
            DeadLetter(
                key, "waiting", fact.stream, fact.consumer, fact.subject, fact.sequence,
                fact.attempts, fact.reason, fact.at, None, None,
            )
        )  # fmt: skip
        return
    row = rows.get(key)
    if row is not None:
        state = "replayed" if isinstance(fact, DeadLetterReplayed) else "dropped"
        rows.put(row._replace(state=state, by=fact.by, settled_at=fact.at))


DEAD_LETTERS = Projection(
    name="dead_letters",
    version=1,
    row=DeadLetter,
    ddl="""
CREATE TABLE {table} (
    letter_id text PRIMARY KEY,
    state text NOT NULL,
    stream text NOT NULL,
    consumer text NOT NULL,
    subject text NOT NULL,
    sequence bigint NOT NULL,
    attempts integer NOT NULL,
    reason text NOT NULL,
    put_aside_at timestamptz NOT NULL,
    by text,
    settled_at timestamptz
);
CREATE INDEX {table}_newest ON {table} (put_aside_at DESC, letter_id DESC);
CREATE INDEX {table}_state ON {table} (state, put_aside_at DESC, letter_id DESC);
CREATE INDEX {table}_consumer ON {table} (consumer, put_aside_at DESC, letter_id DESC);
""",
    hears=frozenset({DeadLettered, DeadLetterReplayed, DeadLetterDropped}),
    keys=_keys,
    fold=_fold,
)
