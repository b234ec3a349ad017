"""What the carrier tells us, as it travels on `sms.inbound` and `sms.status`."""

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from contracts.base import Contract
from contracts.identity import AttemptId, MessageSid
from contracts.personal import Pii

INBOUND_SUBJECT = "sms.inbound"
INBOUND_URGENT_SUBJECT = "sms.inbound.urgent"
"""The lane of texts that speak of danger, or take consent back: they wait behind no others."""
STATUS_SUBJECT = "sms.status"

_NUL = "\x00"
_SURROGATE = re.compile("[\ud800-\udfff]")

# Twilio's Message resource, `status`: the OpenAPI enumeration.
MessageStatus = Literal[
    "queued",
    "sending",
    "sent",
    "failed",
    "delivered",
    "undelivered",
    "receiving",
    "received",
    "accepted",
    "scheduled",
    "read",
    "partially_delivered",
    "canceled",
]
OptOutType = Literal["STOP", "START", "HELP"]
AccountSid = Annotated[str, StringConstraints(pattern=r"^AC[0-9a-fA-F]{32}$")]
ServiceSid = Annotated[str, StringConstraints(pattern=r"^MG[0-9a-fA-F]{32}$")]


def readable(text: str) -> str:
    """Return a text that can be stored: NUL dropped, lone surrogates replaced by U+FFFD."""
    return _SURROGATE.sub("\ufffd", text.replace(_NUL, ""))


# An inbound text arrives whole: ten concatenated parts are 1,530 septets, and Twilio's own limit
# is 1,600 characters.  The bound only keeps out what no carrier delivers.
Words = Annotated[str, Field(max_length=4096), AfterValidator(readable)]
# E.164, or a short code or an alphanumeric sender: received and stored, never answered.
Address = Annotated[
    str, StringConstraints(pattern=r"^(\+[1-9][0-9]{6,14}|[0-9A-Za-z .&_-]{1,32})$")
]


class InboundSms(Contract):
    """A person's text, heard by webhook or found in the provider's list."""

    name: ClassVar[str] = "sms.inbound.v1"
    schema_version: Literal[1] = 1
    sid: MessageSid
    account_sid: AccountSid
    messaging_service_sid: ServiceSid | None = None
    sender: Annotated[Address, Pii]
    to: Address
    text: Annotated[Words, Pii]
    received_at: AwareDatetime
    media: Annotated[int, Field(ge=0, le=100)] = 0
    segments: Annotated[int, Field(ge=0, le=100)] = 1
    opt_out_type: OptOutType | None = None
    found_by: Literal["webhook", "listing"] = "webhook"

    @property
    def message_id(self) -> str:
        """The `Nats-Msg-Id`: one for each text, however often it is told."""
        return f"in:{self.sid}"


class DeliveryReport(Contract):
    """
    What became of an attempt, as the provider says; unordered, repeated, and without a time.

    `raw_dlr_done_date` is the carrier's time to the minute (YYMMDDhhmm) where it was given.
    """

    name: ClassVar[str] = "sms.status.v1"
    schema_version: Literal[1] = 1
    attempt_id: AttemptId
    sid: MessageSid
    status: MessageStatus
    error_code: Annotated[int, Field(ge=0, le=999_999)] | None = None
    raw_dlr_done_date: Annotated[str, StringConstraints(pattern=r"^[0-9]{10,14}$")] | None = None
    received_at: AwareDatetime
    found_by: Literal["webhook", "listing"] = "webhook"

    @property
    def message_id(self) -> str:
        """The `Nats-Msg-Id`: a status of a message counts once."""
        return f"st:{self.sid}:{self.status}:{self.error_code or ''}"
