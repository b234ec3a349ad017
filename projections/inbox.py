"""Every conversation in one line: with whom, since when, and whether it waits for us."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from contracts import conversation as c
from contracts.identity import id_of
from contracts.recorded import Recorded
from projections.view import Projection, Rows


class Conversation(NamedTuple):
    """
    One conversation; `heard` counts the person's texts, `sent` ours that were not withheld.

    `open_turn` is the turn that waits for an answer; `taken_by` the reviewer who answers in
    person now.
    """

    conversation_id: str
    person_id: str
    status: str
    initiated_by: str
    started_at: datetime
    last_at: datetime
    heard: int
    sent: int
    open_turn: str | None
    end_reason: str | None
    ended_at: datetime | None
    taken_by: str | None
    version: int


def _keys(recorded: Recorded[Any]) -> Iterable[str]:
    return (id_of(recorded.stream),)


def _fold(rows: Rows[Conversation], recorded: Recorded[Any]) -> None:
    fact, key = recorded.fact, id_of(recorded.stream)
    if isinstance(fact, c.ConversationStarted):
        rows.put(
            Conversation(
                key, fact.person_id, "active", fact.initiated_by, fact.at, fact.at, 0, 0, None,
                None, None, None, recorded.version,
            )
        )  # fmt: skip
        return
    row = rows.get(key)
    if row is not None:
        rows.put(_after(row, fact)._replace(version=recorded.version))


def _after(row: Conversation, fact: Any) -> Conversation:
    match fact:
        case c.MessageReceived():
            return row._replace(heard=row.heard + 1, last_at=max(row.last_at, fact.received_at))
        case c.SmsRequested():
            return row._replace(sent=row.sent + 1, last_at=max(row.last_at, fact.at))
        case c.SmsWithheld():
            return row._replace(sent=row.sent - 1)
        case c.TurnAdmitted():
            return row._replace(open_turn=fact.turn_id)
        case c.TurnAnswered(closes_turn=True):
            return row._replace(open_turn=None)
        case c.TurnCommitted() | c.TurnSuperseded(due_at=None) if fact.turn_id == row.open_turn:
            return row._replace(open_turn=None)
        case _:
            return _standing(row, fact)


def _standing(row: Conversation, fact: Any) -> Conversation:
    match fact:
        case c.ConversationTakenOver():
            return row._replace(taken_by=fact.by)
        case c.ConversationHandedBack():
            return row._replace(taken_by=None)
        case c.ConversationEnded():
            return row._replace(
                status="ended", end_reason=fact.reason, ended_at=fact.at, open_turn=None,
                taken_by=None,
            )  # fmt: skip
        case c.ConversationProcessed():
            return row._replace(status="processed")
        case _:
            return row


INBOX = Projection(
    name="inbox",
    version=3,
    row=Conversation,
    ddl="""
CREATE TABLE {table} (
    conversation_id text PRIMARY KEY,
    person_id text NOT NULL,
    status text NOT NULL,
    initiated_by text NOT NULL,
    started_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    heard integer NOT NULL,
    sent integer NOT NULL,
    open_turn text,
    end_reason text,
    ended_at timestamptz,
    taken_by text,
    version bigint NOT NULL
);
CREATE INDEX {table}_newest ON {table} (last_at DESC, conversation_id DESC);
CREATE INDEX {table}_status ON {table} (status, last_at DESC, conversation_id DESC);
CREATE INDEX {table}_person ON {table} (person_id, started_at);
""",
    hears=frozenset(
        {
            c.ConversationStarted, c.MessageReceived, c.SmsRequested, c.SmsWithheld,
            c.TurnAdmitted, c.TurnAnswered, c.TurnCommitted, c.TurnSuperseded,
            c.ConversationTakenOver, c.ConversationHandedBack, c.ConversationEnded,
            c.ConversationProcessed,
        }
    ),
    keys=_keys,
    fold=_fold,
)  # fmt: skip
