"""The claim on an inbound text: version 1 of its stream, and therefore taken once for ever."""

from typing import ClassVar

from contracts.base import Contract
from contracts.identity import ConversationId, PersonId


class InboundClaimed(Contract):
    """A SID was heard, in a conversation of its sender."""

    name: ClassVar[str] = "inbound.claimed.v1"
    person_id: PersonId
    conversation_id: ConversationId
