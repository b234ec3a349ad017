"""What became of an attempt: by the carrier's answer, by its callbacks, by its list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from contracts import conversation as c
from contracts.base import Contract
from contracts.evidence import Evidence
from contracts.person import ConsentRevoked, NumberFailed
from contracts.sms import DeliveryReport
from domain.carrier_codes import CarrierCode, meaning_of, retry_at
from domain.conversation.outbox import Outgoing, Try
from domain.conversation.state import Conversation
from domain.policy import Policy

# When the carrier's list is looked at again, in seconds after an outcome was found unknown.
LOOKS_S = (2.0, 5.0, 15.0, 45.0)
# The carrier's dates are whole seconds, its clock not ours.
_BEFORE, _AFTER = timedelta(seconds=5), timedelta(seconds=60)
_REFUSED_FOR = timedelta(minutes=5)
_LOOKS_AT_LEAST = 2
_LOST = frozenset({"failed", "undelivered"})
_ON_ITS_WAY = frozenset(get_args(c.SentStatus))
AnswerOutcome = Literal["accepted", "not_sent", "rejected", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class Answered:
    """The command: the carrier's answer to an attempt, classified."""

    attempt_id: str
    outcome: AnswerOutcome
    at: datetime
    sid: str | None = None
    code: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A message of the carrier's list that may be an attempt of ours."""

    sid: str
    text: str
    status: str
    created_at: datetime
    error_code: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The facts that follow, for the conversation and for the person."""

    conversation: tuple[Contract, ...] = ()
    person: tuple[Contract, ...] = ()


def answered(state: Conversation, command: Answered, policy: Policy) -> Known:
    """Return what the carrier's answer to the POST means."""
    text, attempt = _found(state, command.attempt_id)
    if text is None or attempt is None:
        return Known()
    if command.outcome == "accepted" and command.sid is not None:
        return Known(_accepted(text, attempt, command.sid, "queued", "answer"))
    if attempt.outcome != "open" or _repeated(text, attempt):
        return Known()
    if command.outcome == "unknown":
        return Known((_unknown(text, attempt, command.reason, command.at, 0, policy),))
    if command.outcome == "not_sent":
        return Known((_failed(text, attempt, command, "not_sent", final=False),))
    if command.outcome == "refused":
        waits = c.SmsDeferred(
            sms_id=text.sms_id, until=command.at + _REFUSED_FOR, reason="sender_refused"
        )
        return Known((_failed(text, attempt, command, "rejected", final=False), waits))
    rejected = _failed(text, attempt, command, "rejected", final=True)
    return Known((rejected,), _about_number(command.code, command.at))


def reported(state: Conversation, report: DeliveryReport) -> Known:
    """
    Return what a status callback means; they come in any order, repeated, and without a time.

    Every status is recorded once; a terminal one stays.
    """
    text, attempt = _found(state, report.attempt_id)
    if text is None or attempt is None:
        return Known()
    if attempt.provider_sid not in (None, report.sid):
        return Known((_duplicate(text, attempt, report.sid),))
    if report.status in attempt.reported:
        return Known()
    suspected = _suspected(text, attempt, report.sid)
    if report.status == "delivered":
        delivered = c.SmsDelivered(
            attempt_id=attempt.attempt_id, sms_id=text.sms_id, provider_sid=report.sid
        )
        return Known((*suspected, delivered))
    if report.status in _LOST:
        known = _undelivered(text, attempt, report)
        return Known((*suspected, *known.conversation), known.person)
    if report.status not in _ON_ITS_WAY:
        return Known(suspected)
    return Known((*suspected, *_accepted(text, attempt, report.sid, report.status, "callback")))


def looked(
    state: Conversation,
    attempt_id: str,
    hits: Sequence[Hit],
    bound: frozenset[str],
    now: datetime,
    policy: Policy,
) -> Known:
    """
    Return what the carrier's list means for an attempt without an outcome.

    Exactly what was said, to that number, at that time, and bound to no other attempt, is this
    attempt.  Nothing found is a proof only after the quiet period and a second look.
    """
    text, attempt = _found(state, attempt_id)
    if text is None or attempt is None or attempt.outcome not in ("open", "unknown"):
        return Known()
    if _repeated(text, attempt) or text.settled:
        return Known()
    matching = sorted(
        (hit for hit in hits if _matches(hit, text, attempt) and hit.sid not in bound),
        key=lambda hit: hit.created_at,
    )
    if matching:
        first, *others = matching
        found = _listed(text, attempt, first, now)
        twice = (_duplicate(text, attempt, hit.sid) for hit in others)
        return Known((*found.conversation, *twice), found.person)
    looks = attempt.looks + (now > attempt.deadline_at)
    quiet_until = attempt.deadline_at + timedelta(seconds=policy.reconcile_s)
    if now >= quiet_until and looks >= _LOOKS_AT_LEAST:
        absent = c.SmsAbsent(attempt_id=attempt_id, sms_id=text.sms_id, looks=looks)
        return Known((absent,))
    return Known((_unknown(text, attempt, "not listed yet", now, looks, policy),))


def _listed(text: Outgoing, attempt: Try, hit: Hit, now: datetime) -> Known:
    """Return what the carrier's own record of an attempt means: its status may be the last."""
    if hit.status in _LOST:
        report = DeliveryReport.model_validate(
            {
                "attempt_id": attempt.attempt_id,
                "sid": hit.sid,
                "status": hit.status,
                "error_code": hit.error_code,
                "received_at": now,
                "found_by": "listing",
            }
        )
        return _undelivered(text, attempt, report)
    status = hit.status if hit.status in _ON_ITS_WAY else "sent"
    return Known(_accepted(text, attempt, hit.sid, status, "listing"))


def paid_beside(state: Conversation, facts: Sequence[Contract]) -> c.Charge | None:
    """
    Return what the facts say was just sent beside the cap; None if nothing was.

    Said with the first sign that the carrier has the text, so that it is counted once.
    """
    for fact in facts:
        if not isinstance(fact, c.SmsSent | c.SmsDelivered):
            continue
        attempt = state.outbox.try_of(fact.attempt_id)
        if attempt is None or attempt.charge is None or attempt.provider_sid is not None:
            continue
        if attempt.charge.lot_id is None:
            return attempt.charge
    return None


def _found(state: Conversation, attempt_id: str) -> tuple[Outgoing | None, Try | None]:
    return state.outbox.text_of(attempt_id), state.outbox.try_of(attempt_id)


def _repeated(text: Outgoing, attempt: Try) -> bool:
    """Return whether a newer attempt decides about the text: no failure of this one does."""
    return text.last is not None and text.last.attempt_id != attempt.attempt_id


def _accepted(
    text: Outgoing,
    attempt: Try,
    sid: str,
    status: str,
    via: Literal["answer", "callback", "listing"],
) -> tuple[Contract, ...]:
    if attempt.provider_sid is not None and attempt.provider_sid != sid:
        return (_duplicate(text, attempt, sid),)
    if attempt.provider_sid == sid and (via == "answer" or status in attempt.reported):
        return ()
    sent = c.SmsSent.model_validate(
        {
            "attempt_id": attempt.attempt_id,
            "sms_id": text.sms_id,
            "provider_sid": sid,
            "status": status,
            "via": via,
        }
    )
    return (sent,)


def _unknown(
    text: Outgoing, attempt: Try, reason: str, now: datetime, looks: int, policy: Policy
) -> c.SmsOutcomeUnknown:
    quiet_until = attempt.deadline_at + timedelta(seconds=policy.reconcile_s)
    return c.SmsOutcomeUnknown(
        attempt_id=attempt.attempt_id,
        sms_id=text.sms_id,
        reason=reason[:80],
        looks=looks,
        look_at=_next_look(attempt, now, quiet_until, looks, policy),
    )


def _next_look(
    attempt: Try, now: datetime, quiet_until: datetime, looks: int, policy: Policy
) -> datetime:
    """Return the next of the looks; the last at the end of the quiet period, or soon after it."""
    for offset in LOOKS_S:
        at = attempt.started_at + timedelta(seconds=min(offset, policy.reconcile_s / 4))
        at = at if offset == LOOKS_S[0] else attempt.started_at + timedelta(seconds=offset)
        if now < at < quiet_until:
            return at
    return quiet_until if now < quiet_until else now + timedelta(seconds=1 + looks % 5)


def _failed(
    text: Outgoing,
    attempt: Try,
    command: Answered,
    status: Literal["rejected", "not_sent"],
    *,
    final: bool,
) -> c.SmsFailed:
    return c.SmsFailed(
        attempt_id=attempt.attempt_id,
        sms_id=text.sms_id,
        code=command.code,
        reason=command.reason[:80],
        final=final,
        status=status,
    )


def _undelivered(text: Outgoing, attempt: Try, report: DeliveryReport) -> Known:
    code = report.error_code
    if attempt.outcome == "failed" or _repeated(text, attempt):
        # A second try on behalf of an old one would be a double text.
        return Known(person=_about_number(code, attempt.started_at))
    rule = meaning_of(code) if code is not None else CarrierCode(0, "no reason given")
    retries = sum(one.outcome == "failed" for one in text.tries)
    again = (
        retry_at(code, report.received_at, retries, urgent=text.priority == "urgent")
        if code is not None and not _got_through(text, attempt)
        else None
    )
    failed = c.SmsFailed.model_validate(
        {
            "attempt_id": attempt.attempt_id,
            "sms_id": text.sms_id,
            "code": code,
            "reason": rule.meaning,
            "final": again is None,
            "provider_sid": report.sid,
            "status": report.status,
        }
    )
    facts: tuple[Contract, ...] = (failed,)
    if again is not None:
        facts += (c.SmsDeferred(sms_id=text.sms_id, until=again, reason="carrier_busy"),)
    # What the carrier knew when it was asked: a START since then is newer than a late callback.
    return Known(facts, _about_number(code, attempt.started_at))


def _got_through(text: Outgoing, attempt: Try) -> bool:
    """Return whether the text is delivered, withdrawn, or on its way by another attempt."""
    others = any(one.outcome == "accepted" for one in text.tries if one is not attempt)
    return others or text.status in ("delivered", "withheld")


def _about_number(code: int | None, at: datetime) -> tuple[Contract, ...]:
    if code is None:
        return ()
    action = meaning_of(code).action
    if action == "opt_out":
        return (ConsentRevoked(evidence=Evidence(source="provider", at=at, wording=str(code))),)
    return (NumberFailed(code=code, at=at),) if action == "bad_number" else ()


def _suspected(text: Outgoing, attempt: Try, sid: str) -> tuple[Contract, ...]:
    """A sign of life of an attempt that was taken for absent and repeated: the one residual."""
    silent = attempt.outcome in ("absent", "unknown") and attempt.provider_sid is None
    if silent and _repeated(text, attempt):
        return (_duplicate(text, attempt, sid),)
    return ()


def _duplicate(text: Outgoing, attempt: Try, sid: str) -> c.SmsDuplicateSuspected:
    return c.SmsDuplicateSuspected(
        attempt_id=attempt.attempt_id, sms_id=text.sms_id, provider_sid=sid
    )


def _matches(hit: Hit, text: Outgoing, attempt: Try) -> bool:
    in_time = attempt.started_at - _BEFORE <= hit.created_at <= attempt.deadline_at + _AFTER
    return in_time and hit.text == text.text
