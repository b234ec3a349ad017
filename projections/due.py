"""Every step that is not finished, and when to look at it; the scheduler's list."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, get_args

import psycopg
from psycopg.rows import class_row

from contracts import conversation as c
from contracts import escalation as e
from contracts import follow_up as f
from contracts import person as p
from contracts.base import Contract
from contracts.identity import id_of
from contracts.recorded import Recorded
from projections.delivery import STEPS
from projections.view import Projection, Rows

CONSENT_OPEN = timedelta(hours=24)
AFTER_DEADLINE = timedelta(seconds=1)
IDLE = timedelta(minutes=30)
_EVER = datetime.min.replace(tzinfo=UTC)


class Due(NamedTuple):
    """
    One unfinished step.

    `kind` is the stage an open turn waits in (`turn`: for a draft, `draft`: for a verdict,
    `verdict`: for the commit), a gate's `answer` waiting for its commit, or a `text`, `idle`,
    `taken` (as `idle`, while a reviewer answers in person), `farewell` (soft words were said),
    `package` (an end that is not offered yet), `shift` (an offer that nobody accepted),
    `followup`, `consent`, `escalation`, `report` (a status that the agent was not told yet).
    `key` is the turn's, text's, conversation's, follow-up's, person's or escalation's id;
    `stream`, `version` and `fact` say what to announce again.  `due_at` of `idle` and `taken` is
    the last activity: the limit is a setting; `busy` says that a turn is open meanwhile.
    """

    id: str
    kind: str
    key: str
    stream: str
    version: int
    fact: str
    due_at: datetime
    urgent: bool
    busy: bool


_CONSENT = (p.ConsentGranted, p.ConsentRevoked, p.ConsentExpired, p.Erased, p.ConsentRequested)


def _row(
    recorded: Recorded[Any],
    slot: str,
    kind: str,
    key: str,
    due_at: datetime,
    *,
    urgent: bool = False,
) -> Due:
    where = recorded.stream, recorded.version, recorded.fact.name
    return Due(f"{slot}/{key}", kind, key, *where, due_at, urgent, busy=False)


# Turns: one open a conversation, in the slot `open/<conversation id>`, and answers by turn.


def _turn_keys(recorded: Recorded[Any]) -> Iterable[str]:
    own = id_of(recorded.stream)
    return (f"open/{own}", f"idle/{own}", f"farewell/{own}", f"answer/{recorded.fact.turn_id}")


def _turn(rows: Rows[Due], recorded: Recorded[Any]) -> None:
    fact = recorded.fact
    match fact:
        case c.TurnAdmitted():
            _stage(rows, recorded, "turn", fact.due_at, opens=True)
            rows.drop(f"farewell/{id_of(recorded.stream)}")
        case c.TurnSuperseded(due_at=None) | c.TurnCommitted():
            rows.drop(f"answer/{fact.turn_id}")
            _close(rows, recorded, fact.turn_id)
            if isinstance(fact, c.TurnCommitted):
                _farewell(rows, recorded, fact.closes_at)
        case c.TurnSuperseded():
            _stage(rows, recorded, "turn", fact.due_at or recorded.at)
        case c.DraftRefused(action="repair"):
            _stage(rows, recorded, "turn", recorded.at)
        case c.ReplyDrafted():
            _stage(rows, recorded, "draft", recorded.at)
        case c.DraftApproved() | c.DraftRefused() | c.ModelFailed():
            _stage(rows, recorded, "verdict", recorded.at)
        case _:
            _answer(rows, recorded)


def _stage(
    rows: Rows[Due], recorded: Recorded[Any], kind: str, due_at: datetime, *, opens: bool = False
) -> None:
    """Move the open turn on; what is said of another turn than the open one is past."""
    conversation, turn_id = id_of(recorded.stream), recorded.fact.turn_id
    slot = f"open/{conversation}"
    open_turn = rows.get(slot)
    if opens or (open_turn is not None and open_turn.key == turn_id):
        rows.put(_row(recorded, "open", kind, turn_id, due_at)._replace(id=slot))
        _busy(rows, conversation, busy=True)


def _answer(rows: Rows[Due], recorded: Recorded[c.TurnAnswered]) -> None:
    fact = recorded.fact
    urgent = fact.priority == "urgent"
    rows.put(_row(recorded, "answer", "answer", fact.turn_id, recorded.at, urgent=urgent))
    if fact.closes_turn:
        _close(rows, recorded, None)


def _close(rows: Rows[Due], recorded: Recorded[Any], turn_id: str | None) -> None:
    """Drop the conversation's open turn, whichever (None) or only if it is this one."""
    conversation = id_of(recorded.stream)
    open_turn = rows.get(f"open/{conversation}")
    if open_turn is not None and turn_id in (None, open_turn.key):
        rows.drop(open_turn.id)
        _busy(rows, conversation, busy=False)


def _farewell(rows: Rows[Due], recorded: Recorded[Any], closes_at: datetime | None) -> None:
    conversation = id_of(recorded.stream)
    if closes_at is None:
        rows.drop(f"farewell/{conversation}")
    else:
        rows.put(_row(recorded, "farewell", "farewell", conversation, closes_at))


# Conversations: idle since their last text, and ended but not accepted.


def _conversation_keys(recorded: Recorded[Any]) -> Iterable[str]:
    own = id_of(recorded.stream)
    return (f"open/{own}", f"idle/{own}", f"farewell/{own}", f"shift/{own}")


def _conversation(rows: Rows[Due], recorded: Recorded[Any]) -> None:
    fact, conversation = recorded.fact, id_of(recorded.stream)
    match fact:
        case c.ConversationStarted():
            rows.put(_row(recorded, "idle", "idle", conversation, fact.at))
        case c.MessageReceived():
            _active(rows, conversation, fact.received_at)
            rows.drop(f"farewell/{conversation}")
        case c.ConversationTakenOver():
            _silent(rows, conversation, "taken", fact.at)
        case c.ConversationHandedBack():
            _silent(rows, conversation, "idle", fact.at)
        case c.ConversationPackaged():
            rows.put(_row(recorded, "shift", "package", conversation, recorded.at))
        case c.ConversationOffered():
            package = rows.get(f"shift/{conversation}")
            if package is not None:
                rows.put(package._replace(kind="shift", due_at=fact.again_at))
        case c.ConversationProcessed():
            rows.drop(f"shift/{conversation}")
        case _:
            rows.drop(f"idle/{conversation}")
            rows.drop(f"open/{conversation}")
            rows.drop(f"farewell/{conversation}")
            rows.put(_row(recorded, "shift", "package", conversation, recorded.at))


def _active(rows: Rows[Due], conversation: str, at: datetime) -> None:
    idle = rows.get(f"idle/{conversation}")
    if idle is not None and at > idle.due_at:
        rows.put(idle._replace(due_at=at))


def _silent(rows: Rows[Due], conversation: str, kind: str, at: datetime) -> None:
    """Count the silence anew, as that of somebody who waits for a person or for the agent."""
    idle = rows.get(f"idle/{conversation}")
    if idle is not None:
        rows.put(idle._replace(kind=kind, due_at=max(idle.due_at, at)))


def _busy(rows: Rows[Due], conversation: str, *, busy: bool) -> None:
    idle = rows.get(f"idle/{conversation}")
    if idle is not None:
        rows.put(idle._replace(busy=busy))


# Texts: from their request until the carrier has them, or never will.


def _text_keys(recorded: Recorded[Any]) -> Iterable[str]:
    return (f"text/{recorded.fact.sms_id}", f"idle/{id_of(recorded.stream)}")


def _text(rows: Rows[Due], recorded: Recorded[Any]) -> None:
    fact = recorded.fact
    match fact:
        case c.SmsSent() | c.SmsDelivered() | c.SmsWithheld() | c.SmsFailed(final=True):
            rows.drop(f"text/{fact.sms_id}")
            return
        case c.SmsRequested():
            _active(rows, id_of(recorded.stream), fact.at)
            due_at = fact.not_before or fact.at
        case c.SmsDeferred():
            due_at = fact.until
        case c.SmsAttempted():
            due_at = fact.deadline_at + AFTER_DEADLINE
        case c.SmsOutcomeUnknown():
            due_at = fact.look_at
        case _:
            due_at = recorded.at
    before = rows.get(f"text/{fact.sms_id}")
    urgent = getattr(fact, "priority", None) == "urgent" or (before is not None and before.urgent)
    rows.put(_row(recorded, "text", "text", fact.sms_id, due_at, urgent=urgent))


def _follow_up_keys(recorded: Recorded[Any]) -> Iterable[str]:
    return (f"followup/{id_of(recorded.stream)}",)


def _follow_up(rows: Rows[Due], recorded: Recorded[Any]) -> None:
    fact, key = recorded.fact, id_of(recorded.stream)
    match fact:
        case f.FollowUpScheduled():
            rows.put(_row(recorded, "followup", "followup", key, fact.due_at))
        case f.FollowUpDeferred():
            rows.put(_row(recorded, "followup", "followup", key, fact.until))
        case _:
            rows.drop(f"followup/{key}")


# Escalations: what they wait for, and whether the agent was told.


def _escalation_keys(recorded: Recorded[Any]) -> Iterable[str]:
    own = id_of(recorded.stream)
    return (f"escalation/{own}", f"report/{own}")


def _escalation(rows: Rows[Due], recorded: Recorded[Any]) -> None:
    fact, key = recorded.fact, id_of(recorded.stream)
    if isinstance(fact, e.EscalationReported):
        untold = rows.get(f"report/{key}")
        if untold is not None and untold.version <= fact.through:
            rows.drop(untold.id)
        return
    look_at = _look_at(fact)
    if look_at is None:
        rows.drop(f"escalation/{key}")
    else:
        rows.put(_row(recorded, "escalation", "escalation", key, look_at))
    told_of = not isinstance(fact, e.EscalationRequested)
    if isinstance(fact, e.EscalationLost) and fact.final:
        rows.drop(f"report/{key}")
        return
    if told_of and not getattr(fact, "again", False):
        rows.put(_row(recorded, "report", "report", key, recorded.at))


def _look_at(fact: e.EscalationFact) -> datetime | None:
    """Return when an escalation is looked at again; None if it is over."""
    match fact:
        case e.EscalationRequested():
            return fact.at
        case e.EscalationHeld():
            return fact.until
        case e.EscalationStarted() | e.EscalationSent() | e.EscalationDelivered():
            return fact.closes_at
        case _:
            return None


def _consent_keys(recorded: Recorded[Any]) -> Iterable[str]:
    return (f"consent/{id_of(recorded.stream)}",)


def _consent(rows: Rows[Due], recorded: Recorded[Any]) -> None:
    key = id_of(recorded.stream)
    if isinstance(recorded.fact, p.ConsentRequested):
        asked_at = recorded.fact.evidence.at
        rows.put(_row(recorded, "consent", "consent", key, asked_at + CONSENT_OPEN))
    else:
        rows.drop(f"consent/{key}")


Keys = Callable[[Recorded[Any]], Iterable[str]]
Fold = Callable[[Rows[Due], Recorded[Any]], None]

# By kind of fact and not by one long match: every fact of a turn passes here.
_STEPS: Mapping[type[Contract], tuple[Keys, Fold]] = {
    **dict.fromkeys(
        (
            c.TurnAdmitted, c.TurnSuperseded, c.TurnAnswered, c.TurnCommitted, c.ReplyDrafted,
            c.ModelFailed, c.DraftApproved, c.DraftRefused,
        ),
        (_turn_keys, _turn),
    ),
    **dict.fromkeys(
        (
            c.ConversationStarted, c.MessageReceived, c.ConversationEnded,
            c.ConversationPackaged, c.ConversationOffered, c.ConversationProcessed,
            c.ConversationTakenOver, c.ConversationHandedBack,
        ),
        (_conversation_keys, _conversation),
    ),
    **dict.fromkeys((c.SmsRequested, *STEPS), (_text_keys, _text)),
    **dict.fromkeys(
        (f.FollowUpScheduled, f.FollowUpDeferred, f.FollowUpFired, f.FollowUpCancelled),
        (_follow_up_keys, _follow_up),
    ),
    **dict.fromkeys(get_args(e.EscalationFact), (_escalation_keys, _escalation)),
    **dict.fromkeys(_CONSENT, (_consent_keys, _consent)),
}  # fmt: skip


def _keys(recorded: Recorded[Any]) -> Iterable[str]:
    return _STEPS[type(recorded.fact)][0](recorded)


def _fold(rows: Rows[Due], recorded: Recorded[Any]) -> None:
    _STEPS[type(recorded.fact)][1](rows, recorded)


DUE = Projection(
    name="due",
    version=5,
    row=Due,
    ddl="""
CREATE TABLE {table} (
    id text PRIMARY KEY,
    kind text NOT NULL,
    key text NOT NULL,
    stream text NOT NULL,
    version bigint NOT NULL,
    fact text NOT NULL,
    due_at timestamptz NOT NULL,
    urgent boolean NOT NULL,
    busy boolean NOT NULL
);
CREATE INDEX {table}_at ON {table} (urgent DESC, due_at, id);
CREATE INDEX {table}_kind ON {table} (kind, urgent DESC, due_at, id);
""",
    hears=frozenset(_STEPS),
    keys=_keys,
    fold=_fold,
)

_BEFORE = b"""
WITH found AS (
    SELECT * FROM due
    WHERE due_at <= CASE kind WHEN 'idle' THEN %(idle_since)s::timestamptz
        WHEN 'taken' THEN %(taken_since)s ELSE %(now)s END
      AND NOT (kind IN ('idle', 'taken') AND busy)
)
(SELECT * FROM found WHERE urgent ORDER BY due_at, id LIMIT %(limit)s)
UNION ALL
(SELECT * FROM found WHERE NOT urgent AND (due_at, id) > (%(after_at)s, %(after_id)s)
 ORDER BY due_at, id LIMIT %(limit)s)
"""


async def due_before(
    connection: psycopg.AsyncConnection[Any],
    now: datetime,
    limit: int,
    idle: timedelta = IDLE,
    after: Due | None = None,
) -> Sequence[Due]:
    """
    Return what is due: the urgent, then the others behind `after`, each the longest due first.

    A conversation is due when no turn is open and its last activity is `idle` ago, or a day while
    a reviewer has taken over.  `limit`
    counts the urgent and the others apart, and `after` turns the page: what stays due for long
    hides nothing behind it.
    """
    behind = (after.due_at, after.id) if after is not None else (_EVER, "")
    asked = {
        "now": now,
        "idle_since": now - idle,
        "taken_since": now - max(idle, c.TAKEN_OVER_FOR),
        "limit": limit,
        "after_at": behind[0],
        "after_id": behind[1],
    }
    async with connection.cursor(row_factory=class_row(Due)) as cursor:
        await cursor.execute(_BEFORE, asked)
        return await cursor.fetchall()


async def all_due(connection: psycopg.AsyncConnection[Any]) -> Sequence[Due]:
    """Return every unfinished step, whenever it is due."""
    async with connection.cursor(row_factory=class_row(Due)) as cursor:
        await cursor.execute(b"SELECT * FROM due ORDER BY urgent DESC, due_at, id")
        return await cursor.fetchall()
