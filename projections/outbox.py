"""Every text that was to leave, and what became of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from contracts import conversation as c
from contracts.identity import id_of
from contracts.recorded import Recorded
from projections.delivery import STEPS, status_after
from projections.view import Projection, Rows


class Outgoing(NamedTuple):
    """One text; `until` while it waits, `code` and `reason` of its last trouble."""

    sms_id: str
    conversation_id: str
    turn_id: str | None
    kind: str
    priority: str
    status: str
    segments: int
    requested_at: datetime
    until: datetime | None
    attempts: int
    attempt_id: str | None
    code: int | None
    reason: str | None
    version: int


def _keys(recorded: Recorded[Any]) -> Iterable[str]:
    return (recorded.fact.sms_id,)


def _fold(rows: Rows[Outgoing], recorded: Recorded[Any]) -> None:
    fact = recorded.fact
    if isinstance(fact, c.SmsRequested):
        rows.put(
            Outgoing(
                fact.sms_id, id_of(recorded.stream), fact.turn_id, fact.kind, fact.priority,
                "requested", fact.segments, fact.at, fact.not_before, 0, None, None, None,
                recorded.version,
            )
        )  # fmt: skip
        return
    row = rows.get(fact.sms_id)
    if row is None:
        return
    row = row._replace(status=status_after(row.status, fact), version=recorded.version)
    rows.put(_told(row, fact))


def _told(row: Outgoing, fact: Any) -> Outgoing:
    match fact:
        case c.SmsAttempted():
            return row._replace(
                attempts=row.attempts + 1, attempt_id=fact.attempt_id, until=None,
                code=None, reason=None,
            )  # fmt: skip
        case c.SmsFailed() if row.status != "delivered":
            return row._replace(until=None, code=fact.code, reason=fact.reason)
        case c.SmsOutcomeUnknown():
            return row._replace(until=fact.look_at, reason=fact.reason)
        case c.SmsDeferred():
            return row._replace(until=fact.until, reason=fact.reason)
        case c.SmsWithheld():
            return row._replace(until=None, reason=fact.reason)
        case c.SmsReleased() | c.SmsSent() | c.SmsDelivered() | c.SmsAbsent():
            done = row.status in ("sent", "delivered")
            return row._replace(
                until=None,
                code=None if done else row.code,
                reason=None if done else row.reason,
            )
        case _:
            return row


OUTBOX = Projection(
    name="outbox",
    version=1,
    row=Outgoing,
    ddl="""
CREATE TABLE {table} (
    sms_id text PRIMARY KEY,
    conversation_id text NOT NULL,
    turn_id text,
    kind text NOT NULL,
    priority text NOT NULL,
    status text NOT NULL,
    segments integer NOT NULL,
    requested_at timestamptz NOT NULL,
    until timestamptz,
    attempts integer NOT NULL,
    attempt_id text,
    code integer,
    reason text,
    version bigint NOT NULL
);
CREATE INDEX {table}_newest ON {table} (requested_at DESC, sms_id DESC);
CREATE INDEX {table}_status ON {table} (status, requested_at DESC, sms_id DESC);
CREATE INDEX {table}_conversation ON {table} (conversation_id);
""",
    hears=frozenset({*STEPS, c.SmsRequested}),
    keys=_keys,
    fold=_fold,
)
