"""Ids, the streams they name, and how a person's id is derived from a number."""

import hashlib
import hmac
from typing import Annotated

from pydantic import StringConstraints

PersonId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
ConversationId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
TurnId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
SmsId = Annotated[str, StringConstraints(min_length=1, max_length=80)]
AttemptId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}\.[0-9]{1,9}$")]
# The agent's own id, a UUID as a rule; it is part of a stream's name.
EscalationId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$")]
MessageSid = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9a-fA-F]{32}$")]

PLAIN = r"^[^\x00-\x1f\x7f]*$"
"""Names given from outside are made of it: no control characters; PostgreSQL keeps no NUL."""

PERSON = "person"
CONVERSATION = "conversation"
SAFETY = "safety"
FOLLOW_UP = "followup"
INBOUND = "inbound"
DEAD_LETTER = "deadletter"
STRANGERS = "strangers"
SIGNUPS = "signups"
ESCALATION = "escalation"
ESCALATIONS = "escalations"
LINK_CODE = "linkcode"
CHECKPOINT_STREAM = "checkpoint"
SPENDING = "spending"


def person_id(pepper: bytes, number: str) -> str:
    """
    Return the person's id: HMAC-SHA256(pepper, E.164 number), cut to 128 bits, in hex.

    Derived, so that a lookup is never stale; keyed, because a plain hash of a phone number is
    reversed by trying all numbers.
    """
    return hmac.new(pepper, number.encode(), hashlib.sha256).hexdigest()[:32]


def person_stream(person: str) -> str:
    """Return the stream of a person's facts."""
    return f"{PERSON}-{person}"


def conversation_stream(conversation: str) -> str:
    """Return the stream of a conversation's facts."""
    return f"{CONVERSATION}-{conversation}"


def safety_stream(case: str) -> str:
    """Return the stream of a safety case."""
    return f"{SAFETY}-{case}"


def follow_up_stream(follow_up: str) -> str:
    """Return the stream of a follow-up."""
    return f"{FOLLOW_UP}-{follow_up}"


def escalation_stream(escalation: str) -> str:
    """Return the stream of an escalation; also the id of the text it leads to."""
    return f"{ESCALATION}-{escalation}"


def escalations_stream(span: str) -> str:
    """Return the stream that counts what was let in within an hour or minute (UTC)."""
    return f"{ESCALATIONS}-{span}"


def inbound_stream(sid: str) -> str:
    """Return the stream that claims an inbound SID, for ever."""
    return f"{INBOUND}-{sid}"


def dead_letter_stream(letter: str) -> str:
    """Return the stream of a dead letter."""
    return f"{DEAD_LETTER}-{letter}"


def strangers_stream(day: str) -> str:
    """Return the stream that counts the strangers answered on a day (ISO date, UTC)."""
    return f"{STRANGERS}-{day}"


def signups_stream(day: str) -> str:
    """Return the stream of what the sign-up page sent on a day (ISO date, UTC)."""
    return f"{SIGNUPS}-{day}"


def link_code_stream(pepper: bytes, code: str) -> str:
    """Return the stream of a one-time code: a keyed hash, so that the journal gives none away."""
    return f"{LINK_CODE}-{person_id(pepper, code)}"


def number_key(pepper: bytes, sender: str) -> str:
    """
    Return what stands for one of our own senders (a number or a service SID) in streams.

    Keyed as a person's id is, and so that no two purposes share a key: 64 bits, in hex.
    """
    return person_id(pepper, f"our sender {sender}")[:16]


def spending_account(key: str, month: str) -> str:
    """Return the account of a number key in a month (`yyyy-mm`, UTC)."""
    return f"{key}-{month}"


def spending_stream(account: str) -> str:
    """Return the stream of an account's money."""
    return f"{SPENDING}-{account}"


def kind_of(stream: str) -> str:
    """Return the kind of a stream, as `person` or `conversation`."""
    return stream.partition("-")[0]


def id_of(stream: str) -> str:
    """Return a stream's id without its kind."""
    return stream.partition("-")[2]


def conversation_of(attempt_id: str) -> str:
    """Return the conversation of an attempt id `<conversation id>.<version>`."""
    return attempt_id.partition(".")[0]
