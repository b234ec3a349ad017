"""
Twilio's webhooks: whether a request is Twilio's, and what it says.

The signature is an HMAC over the URL and the sorted parameters without any separator, so one
captured request could be cut up anew; hence every name we read must come exactly once, in its own
shape, and every other name must look like a name.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from contracts.sms import DeliveryReport, InboundSms
from services.runtime.ports import Forged, Malformed, Posted

_MOST_FIELDS = 200
_LONGEST_VALUE = 16 * 1024
_LONGEST_SIGNATURE = 200
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_COUNT = re.compile(r"[0-9]{1,3}")
_CODE = re.compile(r"[0-9]{1,6}")
_OPT_OUT = frozenset({"STOP", "START", "HELP"})
_INBOUND = ("MessageSid", "AccountSid", "From", "To", "Body")
_STATUS = ("MessageSid", "AccountSid", "MessageStatus")

Form = ImmutableMultiDict[str, str]


@dataclass(frozen=True, slots=True)
class Account:
    """Whose webhooks are taken: the account, its number or messaging service, its tokens."""

    sid: str
    number: str
    service_sid: str
    tokens: tuple[str, ...]
    public_url: str


def form_of(body: bytes) -> Form:
    """Return a form's fields in order, empty ones included.  Raises `Malformed`."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except (ValueError, UnicodeDecodeError):
        raise Malformed from None
    if any(len(value) > _LONGEST_VALUE or not _NAME.fullmatch(name) for name, value in pairs):
        raise Malformed
    return ImmutableMultiDict(pairs)


class TwilioWebhooks:
    """Verifies and reads the webhooks of one account; implements the port `Webhooks`."""

    def __init__(self, account: Account) -> None:
        if any(len(token) < 32 for token in account.tokens) or not account.tokens:
            raise ValueError("an auth token has at least 32 characters")
        self._account = account
        self._base = account.public_url.rstrip("/")
        self._validators = [RequestValidator(token) for token in account.tokens]

    def inbound(self, posted: Posted, at: datetime) -> InboundSms:
        """Return a person's text.  Raises `Forged` and `Malformed`."""
        form = self._verified(posted)
        fields = _once(form, _INBOUND)
        service = _optional(form, "MessagingServiceSid")
        self._refuse_foreign(fields["AccountSid"])
        ours = fields["To"] == self._account.number or (
            bool(service) and service == self._account.service_sid
        )
        if not ours:
            raise Forged
        told = {
            "sid": fields["MessageSid"],
            "account_sid": fields["AccountSid"],
            "messaging_service_sid": service or None,
            "sender": fields["From"],
            "to": fields["To"],
            "text": fields["Body"],
            "received_at": at,
            "media": _number(form, "NumMedia", 0),
            "segments": _number(form, "NumSegments", 1),
            "opt_out_type": _opt_out(form),
        }
        try:
            return InboundSms.model_validate(told)
        except ValidationError:
            raise Malformed from None

    def status(self, posted: Posted, attempt_id: str, at: datetime) -> DeliveryReport:
        """Return what became of an attempt.  Raises `Forged` and `Malformed`."""
        form = self._verified(posted)
        fields = _once(form, _STATUS)
        self._refuse_foreign(fields["AccountSid"])
        code = _optional(form, "ErrorCode")
        if code and not _CODE.fullmatch(code):
            raise Malformed
        told = {
            "attempt_id": attempt_id,
            "sid": fields["MessageSid"],
            "status": fields["MessageStatus"],
            "error_code": int(code) if code else None,
            "raw_dlr_done_date": _optional(form, "RawDlrDoneDate") or None,
            "received_at": at,
        }
        try:
            return DeliveryReport.model_validate(told)
        except ValidationError:
            raise Malformed from None

    def _verified(self, posted: Posted) -> Form:
        """
        Return the form, signed by one of our tokens for the configured address.

        The address is never taken from the request: whoever forges a request also forges its
        `Host`.  All tokens are tried, so the time tells nothing.
        """
        if not posted.signature or len(posted.signature) > _LONGEST_SIGNATURE:
            raise Forged
        form = form_of(posted.body)
        address = self._base + posted.target
        valid = [_is_valid(each, address, form, posted.signature) for each in self._validators]
        if not any(valid):
            raise Forged
        return form

    def _refuse_foreign(self, account_sid: str) -> None:
        if account_sid != self._account.sid:
            raise Forged


def _is_valid(validator: Any, address: str, form: Form, signature: str) -> bool:
    try:
        return bool(validator.validate(address, form, signature))
    except Exception:
        # The package raises many kinds of errors over what nobody but a forger sends.
        return False


def _once(form: Form, names: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        values = form.getlist(name)
        if len(values) != 1:
            raise Malformed
        found[name] = values[0]
    return found


def _optional(form: Form, name: str) -> str:
    values = form.getlist(name)
    if len(values) > 1:
        raise Malformed
    return values[0] if values else ""


def _number(form: Form, name: str, default: int) -> int:
    value = _optional(form, name)
    if not value:
        return default
    if not _COUNT.fullmatch(value):
        raise Malformed
    return min(int(value), 100)


def _opt_out(form: Form) -> str | None:
    value = _optional(form, "OptOutType").upper()
    return value if value in _OPT_OUT else None
