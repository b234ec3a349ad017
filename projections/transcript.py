"""
The lines of every conversation, without their words.

A row says which fact of the stream holds the words; they are read from the journal when somebody
may see them.  Lines are numbered when shown, in the person's order (`at`, then `version`).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from contracts import conversation as c
from contracts.identity import id_of
from contracts.recorded import Recorded
from projections.delivery import STEPS, status_after
from projections.view import Projection, Rows


class Line(NamedTuple):
    """
    One line; `line_id` is the inbound SID of a person's text, the text's id of the agent's.

    `kind` is `text` for the person's; `status` and `code` are the delivery of the agent's.
    """

    line_id: str
    conversation_id: str
    author: str
    version: int
    at: datetime
    kind: str
    turn_id: str | None
    sms_id: str | None
    status: str | None
    segments: int
    code: int | None


def _keys(recorded: Recorded[Any]) -> Iterable[str]:
    fact = recorded.fact
    return (fact.sid if isinstance(fact, c.MessageReceived) else fact.sms_id,)


def _fold(rows: Rows[Line], recorded: Recorded[Any]) -> None:
    fact = recorded.fact
    match fact:
        case c.MessageReceived():
            rows.put(
                Line(
                    fact.sid, id_of(recorded.stream), "person", recorded.version,
                    fact.received_at, "text", None, None, None, fact.segments, None,
                )
            )  # fmt: skip
        case c.SmsRequested():
            rows.put(
                Line(
                    fact.sms_id, id_of(recorded.stream), "agent", recorded.version, fact.at,
                    fact.kind, fact.turn_id, fact.sms_id, "requested", fact.segments, None,
                )
            )  # fmt: skip
        case _:
            _delivery(rows, fact)


def _delivery(rows: Rows[Line], fact: Any) -> None:
    line = rows.get(fact.sms_id)
    if line is None:
        return
    status = status_after(line.status or "requested", fact)
    code = line.code
    if isinstance(fact, c.SmsFailed) and status != "delivered":
        code = fact.code
    elif status in ("attempted", "sent", "delivered"):
        code = None
    rows.put(line._replace(status=status, code=code))


TRANSCRIPT = Projection(
    name="transcript",
    version=1,
    row=Line,
    ddl="""
CREATE TABLE {table} (
    line_id text PRIMARY KEY,
    conversation_id text NOT NULL,
    author text NOT NULL,
    version bigint NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    turn_id text,
    sms_id text,
    status text,
    segments integer NOT NULL,
    code integer
);
CREATE INDEX {table}_order ON {table} (conversation_id, at, version);
""",
    hears=frozenset({*STEPS, c.MessageReceived, c.SmsRequested}),
    keys=_keys,
    fold=_fold,
)
