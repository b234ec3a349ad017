"""One message of the account, as Twilio's Message resource and as a phone shows it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from secrets import token_hex

from deploy.local.twilio_simulator.account import API_VERSION

INBOUND = "inbound"
OUTBOUND = "outbound-api"
# Twilio's word for what it sends by itself in reply to an inbound text.
AUTOMATIC = "outbound-reply"

SETTLED = frozenset({"received", "delivered", "undelivered", "failed", "canceled"})


@dataclass(slots=True)
class Message:
    """
    A text, either way.

    `phone` is the person's end and `ours` the account's; `ours` is "" until a messaging service
    has chosen a sender.  `serial` is the order of creation and `changed` the position of the
    last change, both growing over the whole account.  Times are aware, in UTC.  `price` is in
    micro-dollars, None until settled.  `webhook` is what the service answered to an inbound
    text: an HTTP status, 0 for no answer, None while nobody has asked.
    """

    sid: str
    serial: int
    direction: str
    phone: str
    ours: str
    body: str
    status: str
    segments: int
    created: datetime
    updated: datetime
    sent: datetime | None = None
    media: int = 0
    service_sid: str | None = None
    callback_url: str | None = None
    error_code: int | None = None
    price: int | None = None
    webhook: int | None = None
    changed: int = 0

    @property
    def inbound(self) -> bool:
        """Whether the person wrote it."""
        return self.direction == INBOUND

    @property
    def settled(self) -> bool:
        """Whether its status can no longer change."""
        return self.status in SETTLED


def fresh_sid(media: int = 0) -> str:
    """Return a new message SID: SM for text, MM when media come along."""
    return ("MM" if media else "SM") + token_hex(16)


def resource(message: Message, account_sid: str) -> dict[str, object]:
    """Return the message in the JSON shape of Twilio's Message resource (API 2010-04-01)."""
    uri = f"/{API_VERSION}/Accounts/{account_sid}/Messages/{message.sid}"
    ours = message.ours or None
    pending = message.service_sid is not None and message.sent is None
    return {
        "account_sid": account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": _rfc2822(message.created),
        "date_sent": _rfc2822(message.sent) if message.sent else None,
        "date_updated": _rfc2822(message.updated),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": _reason(message.error_code),
        "from": message.phone if message.inbound else ours,
        "messaging_service_sid": message.service_sid,
        "num_media": str(message.media),
        "num_segments": "0" if pending else str(message.segments),
        "price": _price(message.price),
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": ours if message.inbound else message.phone,
        "uri": f"{uri}.json",
    }


def bubble(message: Message) -> dict[str, object]:
    """
    Return the message as a phone's thread shows it.

    `from` is `phone`, `service`, or `carrier` for an automatic reply to a keyword.
    """
    automatic = message.direction == AUTOMATIC
    sender = "phone" if message.inbound else "carrier" if automatic else "service"
    return {
        "sid": message.sid,
        "position": message.changed,
        "number": message.phone,
        "service_number": message.ours or None,
        "from": sender,
        "automatic": automatic,
        "body": message.body,
        "media": message.media,
        "segments": message.segments,
        "status": message.status,
        "error_code": message.error_code,
        "webhook": message.webhook,
        "at": message.created.isoformat(timespec="milliseconds"),
    }


def _rfc2822(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC))


def _price(microdollars: int | None) -> str | None:
    if microdollars is None:
        return None
    sign = "-" if microdollars else ""
    dollars, rest = divmod(microdollars, 1_000_000)
    digits = f"{rest:06d}"
    return f"{sign}{dollars}.{digits[:5]}{digits[5].rstrip('0')}"


_REASONS = {
    30001: "Queue overflow",
    30002: "Account suspended",
    30003: "Unreachable destination handset",
    30004: "Message blocked",
    30005: "Unknown destination handset",
    30006: "Landline or unreachable carrier",
    30007: "Message filtered",
    30008: "Unknown error",
    30036: "Validity period expired",
}


def _reason(code: int | None) -> str | None:
    return None if code is None else _REASONS.get(code, f"Error {code}")
