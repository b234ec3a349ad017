"""The form parameters of Twilio's webhooks, named and filled as Twilio does."""

from datetime import datetime

from deploy.local.twilio_simulator.account import API_VERSION
from deploy.local.twilio_simulator.calls import Params
from deploy.local.twilio_simulator.messages import Message
from deploy.local.twilio_simulator.opt_out import Keyword

# Twilio looks places up from the numbers and often finds none: the names come empty.
_PLACES = ("City", "State", "Zip")


def inbound_params(
    message: Message, body: str, keyword: Keyword | None, account_sid: str
) -> Params:
    """
    Return what Twilio posts for an inbound text.

    Source: twilio.com/docs/messaging/guides/webhook-request; `SmsSid` and `SmsMessageSid` are
    older names of `MessageSid`.  `OptOutType` comes with a messaging service only.
    """
    params = [
        ("AccountSid", account_sid),
        ("ApiVersion", API_VERSION),
        ("Body", body),
        ("From", message.phone),
        ("FromCountry", _country(message.phone)),
        ("MessageSid", message.sid),
        ("NumMedia", str(message.media)),
        ("NumSegments", str(message.segments)),
        ("SmsMessageSid", message.sid),
        ("SmsSid", message.sid),
        ("SmsStatus", "received"),
        ("To", message.ours),
        ("ToCountry", _country(message.ours)),
    ]
    params += [(f"{end}{place}", "") for end in ("From", "To") for place in _PLACES]
    if message.service_sid:
        params.append(("MessagingServiceSid", message.service_sid))
        if keyword is not None:
            params.append(("OptOutType", keyword.value))
    for index in range(message.media):
        media = f"{API_VERSION}/Accounts/{account_sid}/Messages/{message.sid}/Media/ME{index:032x}"
        params.append((f"MediaContentType{index}", "image/jpeg"))
        params.append((f"MediaUrl{index}", f"https://api.twilio.com/{media}"))
    return tuple(params)


def status_params(message: Message, status: str, account_sid: str, at: datetime) -> Params:
    """
    Return what Twilio posts to a status callback.

    Source: twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks.  There
    is no time of the event but `RawDlrDoneDate`, whole minutes, with the carrier's receipt.
    """
    params = [
        ("AccountSid", account_sid),
        ("ApiVersion", API_VERSION),
        ("From", message.ours),
        ("MessageSid", message.sid),
        ("MessageStatus", status),
        ("SmsSid", message.sid),
        ("SmsStatus", status),
        ("To", message.phone),
    ]
    if message.service_sid:
        params.append(("MessagingServiceSid", message.service_sid))
    if status in {"failed", "undelivered"} and message.error_code is not None:
        params.append(("ErrorCode", str(message.error_code)))
    if status in {"delivered", "undelivered"}:
        params.append(("RawDlrDoneDate", at.strftime("%y%m%d%H%M")))
    return tuple(params)


def _country(number: str) -> str:
    return "US" if number.startswith("+1") else ""
