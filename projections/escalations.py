"""What the agent needs people for, and how far each of that has come."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, get_args

from contracts import escalation as e
from contracts.base import Contract
from contracts.identity import id_of
from contracts.recorded import Recorded
from projections.view import Projection, Rows


class Escalation(NamedTuple):
    """
    One escalation; `status` is what the agent was last told or will be told next.

    `waiting` is one that was taken in and neither held nor started yet.  `until` is when it is
    looked at again.  One refused at once has neither person nor priority.
    """

    escalation_id: str
    person_id: str | None
    project_id: str | None
    kind: str | None
    priority: str | None
    expects_reply: bool
    status: str
    reason: str | None
    conversation_id: str | None
    requested_at: datetime
    until: datetime | None
    changed_at: datetime
    final: bool
    version: int


_STATUS: Mapping[type[Contract], str] = {
    e.EscalationHeld: "held",
    e.EscalationStarted: "started",
    e.EscalationSent: "sent",
    e.EscalationDelivered: "delivered",
    e.EscalationFailed: "failed",
    e.EscalationAnswered: "answered",
    e.EscalationRefused: "refused",
    e.EscalationExpired: "expired",
    e.EscalationCancelled: "cancelled",
    e.EscalationClosed: "sent",
    e.EscalationLost: "failed",
}
_GOING_ON = (e.EscalationHeld, e.EscalationStarted, e.EscalationSent)


def _keys(recorded: Recorded[Any]) -> Iterable[str]:
    return (id_of(recorded.stream),)


def _fold(rows: Rows[Escalation], recorded: Recorded[Any]) -> None:
    key, fact = id_of(recorded.stream), recorded.fact
    before = rows.get(key) or _new(key, fact.at)
    after = (
        _requested(before, fact)
        if isinstance(fact, e.EscalationRequested)
        else _moved(before, fact)
    )
    rows.put(after._replace(version=recorded.version, changed_at=fact.at))


def _new(key: str, at: datetime) -> Escalation:
    return Escalation(
        key, None, None, None, None, False, "waiting", None, None, at, None, at, False, 0
    )


def _requested(row: Escalation, fact: e.EscalationRequested) -> Escalation:
    return row._replace(
        person_id=fact.person_id,
        project_id=fact.project_id,
        kind=fact.kind,
        priority=fact.priority,
        expects_reply=fact.expects_reply,
        requested_at=fact.at,
    )


def _moved(row: Escalation, fact: Any) -> Escalation:
    goes_on = isinstance(fact, _GOING_ON) or getattr(fact, "closes_at", None) is not None
    conversation_id = getattr(fact, "conversation_id", None) or row.conversation_id
    return row._replace(
        status=_STATUS[type(fact)],
        reason=_reason(fact),
        conversation_id=conversation_id,
        until=getattr(fact, "until", None) or getattr(fact, "closes_at", None),
        final=not goes_on,
    )


def _reason(fact: Any) -> str | None:
    match fact:
        case e.EscalationClosed():
            return "unconfirmed"
        case e.EscalationLost():
            return "restored"
        case _:
            return getattr(fact, "reason", None)


ESCALATIONS = Projection(
    name="escalations",
    version=1,
    row=Escalation,
    ddl="""
CREATE TABLE {table} (
    escalation_id text PRIMARY KEY,
    person_id text,
    project_id text,
    kind text,
    priority text,
    expects_reply boolean NOT NULL,
    status text NOT NULL,
    reason text,
    conversation_id text,
    requested_at timestamptz NOT NULL,
    until timestamptz,
    changed_at timestamptz NOT NULL,
    final boolean NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX {table}_newest ON {table} (requested_at DESC, escalation_id DESC);
CREATE INDEX {table}_status ON {table} (status, requested_at DESC, escalation_id DESC);
CREATE INDEX {table}_person ON {table} (person_id);
""",
    hears=frozenset(get_args(e.EscalationFact)) - {e.EscalationReported},
    keys=_keys,
    fold=_fold,
)
