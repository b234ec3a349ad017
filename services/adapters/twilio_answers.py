"""Twilio's answers in our own words: refusals, listed messages, prices."""

from decimal import Decimal, InvalidOperation
from typing import Any

from domain.carrier_codes import meaning_of
from services.runtime.ports import Listed, Outcome, SendAnswer

TOO_MANY_REQUESTS = 429
LONGEST_PAUSE_S = 600.0

_THROTTLED = 20429
_LOWEST_CODE = 1000  # where Twilio gave no code, the package gives the HTTP status as the code
_PERHAPS_PROCESSED = frozenset({408})
_OUR_ACCOUNT = frozenset({401, 403, 404})


def throttled(retry_after: str | None) -> SendAnswer:
    """Return the answer to a 429: certainly not processed, says Twilio, so safe to repeat."""
    meaning = meaning_of(_THROTTLED).meaning
    return SendAnswer(Outcome.NOT_SENT, None, _THROTTLED, _seconds(retry_after), meaning)


def refused(status: int, code: object) -> SendAnswer:
    """
    Classify an answer that was no success, by its error code first and its HTTP status second.

    Any 5xx or redirect leaves open whether the text was taken; 401, 403 and 404 concern our
    account and not this text.
    """
    known = code if isinstance(code, int) and code >= _LOWEST_CODE else None
    rule = meaning_of(known) if known is not None else None
    reason = rule.meaning if rule else f"HTTP {status}"
    outcome = Outcome.REJECTED
    if status >= 500 or status < 400 or status in _PERHAPS_PROCESSED:
        outcome = Outcome.UNKNOWN
    elif status in _OUR_ACCOUNT or (rule and rule.action == "stop_sender"):
        outcome = Outcome.REFUSED
    elif rule and rule.action == "retry":
        outcome = Outcome.NOT_SENT
    return SendAnswer(outcome, None, known, None, reason)


def listed(message: Any) -> Listed:
    """Return a message of the package in our words; raises where its shape is not Twilio's."""
    return Listed(
        sid=message.sid,
        to=message.to or "",
        sender=message.from_ or "",
        text=message.body or "",
        status=str(message.status),
        created_at=message.date_created,
        direction=str(message.direction),
        error_code=message.error_code,
        price_microdollars=price(message.price, message.price_unit),
        segments=int(message.num_segments or 0) or None,
        media=int(message.num_media or 0),
    )


def price(amount: str | None, unit: str | None) -> int | None:
    """Return micro-dollars; Twilio gives what the account was charged, as a negative amount."""
    if amount is None or (unit or "USD").upper() != "USD":
        return None
    try:
        return abs(int(Decimal(amount) * 1_000_000))
    except (InvalidOperation, ValueError):
        return None


def _seconds(retry_after: str | None) -> float | None:
    """Return the seconds of a `Retry-After`; its other form, a date, counts as none."""
    if retry_after is None or not (retry_after.isascii() and retry_after.strip().isdecimal()):
        return None
    return min(float(retry_after), LONGEST_PAUSE_S)
