"""
What Twilio's error codes mean and what we do about each.

A code comes with a refused request, or later with a status callback.  The rule is data, because
Twilio refines codes without notice and advises against logic on single codes: a code that is not
listed is never retried.  Meanings: twilio.com/docs/api/errors; what Twilio calls temporary is
retried here at most once, as a new attempt, and only where a repeat cannot annoy or be filtered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Action = Literal[
    "retry", "next_day", "never", "bad_number", "suspect_number", "opt_out", "stop_sender"
]

# After so many failures in a row with a `suspect_number` code the number counts as unreachable.
SUSPECT_LIMIT = 3

# T-Mobile's daily cap and 10DLC's are counted by the day in this zone.
_CARRIER_DAY = ZoneInfo("America/Los_Angeles")


@dataclass(frozen=True, slots=True)
class CarrierCode:
    """
    One code with its rule.

    `retry`: again after `after`, at most `retries` times, for urgent texts only if
    `urgent_only`.  `next_day`: again after the carrier's midnight.  `never`: this text is lost.
    `bad_number`: so is every other to this number.  `suspect_number`: never, and bad after
    `SUSPECT_LIMIT` in a row.  `opt_out`: the person took consent back.  `stop_sender`: our account
    or number is refused, nothing will leave until somebody acts.  `alert`: a person should know.
    """

    code: int
    meaning: str
    action: Action = "never"
    after: timedelta = timedelta()
    retries: int = 0
    urgent_only: bool = False
    alert: bool = False


_SOON = timedelta(minutes=5)
_LATER = timedelta(minutes=45)


def _never(code: int, meaning: str, *, alert: bool = False) -> CarrierCode:
    return CarrierCode(code, meaning, alert=alert)


def _stop(code: int, meaning: str) -> CarrierCode:
    return CarrierCode(code, meaning, "stop_sender", alert=True)


def _bad(code: int, meaning: str) -> CarrierCode:
    return CarrierCode(code, meaning, "bad_number")


def _once(code: int, meaning: str, after: timedelta = _SOON) -> CarrierCode:
    return CarrierCode(code, meaning, "retry", after, retries=1)


_ALL = (
    _stop(20003, "credentials refused"),
    _stop(20005, "account not active"),
    _stop(20404, "account not found"),
    CarrierCode(20429, "too many requests", "retry", timedelta(seconds=1), retries=20),
    _bad(21211, "not a phone number"),
    _never(21212, "sender is not a phone number", alert=True),
    _bad(21214, "number cannot be reached"),
    _bad(21217, "phone number does not look valid"),
    _never(21266, "recipient is our own number"),
    _never(21408, "country not enabled for this account", alert=True),
    _never(21602, "empty text", alert=True),
    _never(21603, "sender missing", alert=True),
    _never(21604, "recipient missing", alert=True),
    _stop(21606, "sender is not an SMS number of this account"),
    _never(21608, "trial account: recipient not verified", alert=True),
    _never(21609, "status callback URL not valid", alert=True),
    CarrierCode(21610, "recipient opted out", "opt_out"),
    CarrierCode(21611, "sender's queue is full", "retry", _SOON, retries=3, alert=True),
    _never(21612, "no route from this sender to this number"),
    _bad(21614, "not a mobile number"),
    _never(21617, "text longer than 1600 characters", alert=True),
    _bad(21635, "landline"),
    _stop(21701, "messaging service does not exist"),
    _stop(21703, "messaging service has no sender"),
    _stop(21704, "messaging service has no sender for this text"),
    _stop(21705, "messaging service not valid"),
    _once(30001, "queue overflow"),
    _stop(30002, "account suspended"),
    CarrierCode(30003, "handset off or without signal", "retry", _LATER, 1, urgent_only=True),
    _never(30004, "blocked by the recipient or the carrier", alert=True),
    CarrierCode(30005, "number unknown", "suspect_number"),
    CarrierCode(30006, "landline or unreachable carrier", "suspect_number"),
    _never(30007, "filtered by a carrier", alert=True),
    _once(30008, "unknown error"),
    _never(30019, "content larger than the carrier takes", alert=True),
    _once(30022, "10DLC rate limit of the campaign"),
    CarrierCode(30023, "10DLC daily limit", "next_day", retries=1, alert=True),
    _stop(30024, "sender not provisioned by the carrier"),
    CarrierCode(30027, "T-Mobile daily limit", "next_day", retries=1, alert=True),
    _stop(30032, "toll-free number not verified"),
    _stop(30034, "number not registered for 10DLC"),
    _stop(30035, "number still being registered for 10DLC"),
    _never(30036, "validity period over"),
    _once(30047, "could not be rescheduled out of quiet hours", timedelta(hours=1)),
    _once(30410, "carrier timed out"),
    _never(30450, "held by SMS pumping protection", alert=True),
    _never(30453, "held by fraud protection", alert=True),
    _once(30500, "error inside Twilio"),
)

CODES: Mapping[int, CarrierCode] = {entry.code: entry for entry in _ALL}


def meaning_of(code: int) -> CarrierCode:
    """Return a code's rule; an unknown code is never retried."""
    return CODES.get(code) or CarrierCode(code, "not known to this version")


def retry_at(code: int, failed_at: datetime, retries: int, *, urgent: bool) -> datetime | None:
    """Return when a failed text may be tried again after `retries` earlier ones, or None."""
    rule = meaning_of(code)
    if retries >= rule.retries or (rule.urgent_only and not urgent):
        return None
    if rule.action == "next_day":
        local = failed_at.astimezone(_CARRIER_DAY)
        midnight = datetime.combine(local.date() + timedelta(days=1), time(), _CARRIER_DAY)
        return midnight.astimezone(failed_at.tzinfo) + _SOON
    return failed_at + rule.after if rule.action == "retry" else None
