"""
Twilio's webhooks: whether a request is Twilio's, and what it says.

The signature is an HMAC over the URL and the sorted parameters without any separator, so one
captured request could be cut up anew; hence every name we read must come exactly once, in its own
shape, and every other name must look like a name.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from prometheus_client import Counter
from pydantic import ValidationError
from twilio.request_validator import (  # type: ignore[import-untyped]
    HMAC_SHA1,
    HMAC_SHA256,
    RequestValidator,
)

from contracts.sms import DeliveryReport, InboundSms
from services.runtime.ports import Forged, Malformed, Posted

_MOST_FIELDS = 200
_LONGEST_VALUE = 16 * 1024
_LONGEST_SIGNATURE = 200
_SHORTEST_SECRET = 32
_MOST_SETTINGS = 8
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_COUNT = re.compile(r"[0-9]{1,3}")
_CODE = re.compile(r"[0-9]{1,6}")
_OPT_OUT = frozenset({"STOP", "START", "HELP"})
_INBOUND = ("MessageSid", "AccountSid", "From", "To", "Body")
_STATUS = ("MessageSid", "AccountSid", "MessageStatus")

signed = Counter("parley_webhooks_signed", "Genuine webhooks, by the secret of ours.", ["by"])


@dataclass(frozen=True, slots=True)
class Account:
    """
    Whose webhooks are taken: the account, its number or messaging service, its secrets.

    `shared_keys` are Twilio's keys for webhooks alone, by id; without any the header that names
    one means nothing.
    """

    sid: str
    number: str
    service_sid: str
    tokens: tuple[str, ...]
    public_url: str
    shared_keys: Mapping[str, str] = field(default_factory=dict[str, str])


class Form(dict[str, list[str]]):
    """A form's fields: every value of each name, in order, empty ones included."""

    def getall(self, name: str) -> list[str]:
        """Return the values of a name: what the package asks for, once for each name."""
        return self.get(name, [])


def form_of(body: bytes) -> Form:
    """Return a form's fields.  Raises `Malformed`."""
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
    form = Form()
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form


@dataclass(frozen=True, slots=True)
class _Judge:
    """One secret that a request may be signed with."""

    name: str
    validator: Any
    algorithm: str

    def accepts(self, address: str, form: Form, signature: str) -> bool:
        """Say whether the request is signed so."""
        try:
            return bool(self.validator.validate(address, form, signature, self.algorithm))
        except Exception:
            # The package raises many kinds of errors over what nobody but a forger sends.
            return False


class TwilioWebhooks:
    """Verifies and reads the webhooks of one account; implements the port `Webhooks`."""

    def __init__(self, account: Account) -> None:
        secrets = (*account.tokens, *account.shared_keys.values())
        # The package takes an empty secret for a good one, and so could any forger.
        if not secrets or any(len(secret) < _SHORTEST_SECRET for secret in secrets):
            raise ValueError(f"an auth token has at least {_SHORTEST_SECRET} characters")
        self._account = account
        self._base = account.public_url.rstrip("/")
        self._tokens = tuple(
            _Judge(f"token {place}", RequestValidator(token), HMAC_SHA1)
            for place, token in enumerate(account.tokens, 1)
        )
        self._keys = {
            key: _Judge(f"key {place}", RequestValidator(secret), HMAC_SHA256)
            for place, (key, secret) in enumerate(account.shared_keys.items(), 1)
        }

    def inbound(self, posted: Posted, at: datetime) -> InboundSms:
        """Return a person's text.  Raises `Forged` and `Malformed`."""
        form = self._verified(posted)
        fields = _once(form, _INBOUND)
        service = _optional(form, "MessagingServiceSid")
        self._refuse_foreign(fields["AccountSid"])
        if not self._is_ours(fields["To"], service):
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
        self._refuse_foreign_sender(form)
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
        Return the form, signed with a secret of ours for the configured address.

        The address is never taken from the request: whoever forges a request also forges its
        `Host`.  All secrets are tried, so the time tells nothing.
        """
        signature = posted.signature
        if not signature or len(signature) > _LONGEST_SIGNATURE:
            raise Forged
        form = form_of(posted.body)
        address = self._base + posted.target
        judges = self._judges(posted.signed_with)
        accepting = [judge.name for judge in judges if judge.accepts(address, form, signature)]
        if not accepting:
            raise Forged
        signed.labels(accepting[0]).inc()
        _refuse_odd(form)
        return form

    def _judges(self, signed_with: str | None) -> Iterable[_Judge]:
        """
        Return whose signature it may be.

        The header is not signed itself: it may only choose among the keys we were given, never
        another algorithm.
        """
        if not self._keys or not signed_with:
            return self._tokens
        told = dict(_setting(piece) for piece in signed_with.split(",")[:_MOST_SETTINGS])
        judge = self._keys.get(told.get("key", ""))
        known = judge is not None and told.get("algorithm") == judge.algorithm
        return (judge,) if judge is not None and known else ()

    def _refuse_foreign(self, account_sid: str) -> None:
        if account_sid != self._account.sid:
            raise Forged

    def _is_ours(self, number: str, service: str) -> bool:
        by_number = bool(number) and number == self._account.number
        return by_number or (bool(service) and service == self._account.service_sid)

    def _refuse_foreign_sender(self, form: Form) -> None:
        """
        Refuse what became of another number's text.

        A messaging service sends from any number of its pool, which only Twilio knows.
        """
        sender = _optional(form, "From")
        if self._account.service_sid or not sender:
            return
        if not self._is_ours(sender, ""):
            raise Forged


def _setting(piece: str) -> tuple[str, str]:
    name, _, value = piece.partition("=")
    return name.strip(), value.strip()


def _refuse_odd(form: Form) -> None:
    for name, values in form.items():
        if not _NAME.fullmatch(name) or max(map(len, values)) > _LONGEST_VALUE:
            raise Malformed


def _once(form: Form, names: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        values = form.getall(name)
        if len(values) != 1:
            raise Malformed
        found[name] = values[0]
    return found


def _optional(form: Form, name: str) -> str:
    values = form.getall(name)
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
