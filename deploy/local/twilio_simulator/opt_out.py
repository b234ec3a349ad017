"""
The carrier's own opt-out filter, as Twilio runs it by default on long codes.

A keyword counts only as the whole message, in any case.  The keyword message still reaches the
webhook; the automatic replies are free of charge.  Sources: twilio.com/docs/api/errors/21610
and 23002, and Twilio's notice of 2025-05-14 that added REVOKE and OPTOUT.
"""

from dataclasses import dataclass
from enum import StrEnum

STOP_WORDS = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
)
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
HELP_WORDS = frozenset({"HELP", "INFO"})


class Keyword(StrEnum):
    """What a keyword asks for; the value is Twilio's `OptOutType`."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


@dataclass(frozen=True, slots=True)
class Filtered:
    """What the filter makes of a text: a keyword, and what the carrier answers by itself."""

    keyword: Keyword
    reply: str | None


_REPLIES = {
    Keyword.STOP: "You have successfully been unsubscribed. You will not receive any more "
    "messages from this number. Reply START to resubscribe.",
    Keyword.START: "You have successfully been re-subscribed to messages from this number. "
    "Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    Keyword.HELP: "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


def filtered(body: str, *, blocked: bool) -> Filtered | None:
    """
    Return what the filter makes of a text, or None for an ordinary one.

    A second STOP is not answered again, and START words mean something only to a blocked phone:
    an open conversation may well say YES.
    """
    word = body.strip().upper()
    if word in STOP_WORDS:
        return Filtered(Keyword.STOP, None if blocked else _REPLIES[Keyword.STOP])
    if word in START_WORDS and blocked:
        return Filtered(Keyword.START, _REPLIES[Keyword.START])
    if word in HELP_WORDS:
        return Filtered(Keyword.HELP, _REPLIES[Keyword.HELP])
    return None
