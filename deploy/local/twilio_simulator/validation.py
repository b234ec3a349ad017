"""What Twilio checks before it accepts a text."""

from urllib.parse import urldefrag

from deploy.local.twilio_simulator.account import E164, SimulatorConfig
from deploy.local.twilio_simulator.carrier import Carrier, Outgoing
from deploy.local.twilio_simulator.posting import target_of
from deploy.local.twilio_simulator.refusals import Refused

MOST_CHARACTERS = 1600
_LONGEST_VALIDITY_S = 36_000

# Twilio's magic numbers: www.twilio.com/docs/iam/test-credentials
_MAGIC = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}


def outgoing(form: dict[str, list[str]], carrier: Carrier) -> Outgoing:
    """Return the text a form asks to send.  Raises `Refused` with Twilio's code."""
    to = _first(form, "To")
    body = _first(form, "Body")
    media = len([url for url in form.get("MediaUrl", []) if url])
    if not to:
        raise Refused(21604)
    if not E164.fullmatch(to):
        raise Refused(21211, "The 'To' number is not a valid phone number")
    if not body and not media:
        raise Refused(21602)
    if len(body) > MOST_CHARACTERS:
        raise Refused(21617)
    sender = _sender(form, carrier.config)
    if sender == to:
        raise Refused(21266)
    _check_validity(_first(form, "ValidityPeriod"))
    callback = _callback(_first(form, "StatusCallback"))
    if to in _MAGIC:
        raise Refused(_MAGIC[to])
    if carrier.blocks(to, sender or carrier.config.numbers[0]):
        raise Refused(21610)
    return Outgoing(to, sender, body, media, callback)


def _sender(form: dict[str, list[str]], config: SimulatorConfig) -> str:
    """Return the number to send from, or "" if the account's messaging service chooses."""
    sender = _first(form, "From")
    service = _first(form, "MessagingServiceSid")
    if service and service != config.messaging_service_sid:
        raise Refused(21701)
    if sender and not E164.fullmatch(sender):
        raise Refused(21212)
    if sender and sender not in config.numbers:
        raise Refused(21606)
    if not sender and not service:
        raise Refused(21603)
    return sender


def _check_validity(value: str) -> None:
    if value and not (value.isdecimal() and 1 <= int(value) <= _LONGEST_VALIDITY_S):
        raise Refused(20001, f"ValidityPeriod must be from 1 to {_LONGEST_VALIDITY_S} seconds")


def _callback(url: str) -> str | None:
    if not url:
        return None
    try:
        target_of(urldefrag(url).url)
    except ValueError as error:
        raise Refused(21609) from error
    return url


def _first(form: dict[str, list[str]], name: str) -> str:
    return form.get(name, [""])[0]
