"""A journal of one person in memory: what a decision says is what happened."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from contracts.base import Contract
from contracts.conversation import SmsRequested
from contracts.identity import (
    CONVERSATION,
    ESCALATION,
    FOLLOW_UP,
    PERSON,
    SAFETY,
    conversation_stream,
    escalation_stream,
    id_of,
    kind_of,
    person_stream,
)
from domain.conversation import conversation
from domain.conversation.state import Conversation
from domain.decider import Memory
from domain.escalation import escalation
from domain.escalation.state import Escalation
from domain.follow_up import follow_up
from domain.follow_up.state import FollowUp
from domain.person import person
from domain.person.state import Person
from domain.policy import Policy
from domain.safety import safety_case

WHO = "a" * 32
_MEMORIES: Mapping[str, Memory[Any]] = {
    PERSON: person,
    CONVERSATION: conversation,
    ESCALATION: escalation,
    FOLLOW_UP: follow_up,
    SAFETY: safety_case,
}


class Happened(NamedTuple):
    """One fact, when and on which stream it was appended."""

    at: datetime
    stream: str
    fact: Contract


class Stage:
    """Everything a scenario's decisions are made on, and all that came of them."""

    def __init__(self, policy: Policy, at: datetime) -> None:
        self.policy = policy
        self.at = at
        self.log: list[Happened] = []
        self._states: dict[str, Any] = {}
        self._lengths: dict[str, int] = {}
        self._ids = 0

    def append(self, facts: Mapping[str, Sequence[Contract]]) -> None:
        """Append facts to their streams."""
        for stream, more in facts.items():
            memory = _MEMORIES.get(kind_of(stream))
            self._lengths[stream] = self.length(stream) + len(more)
            if memory is not None:
                self._states[stream] = memory.fold(more, self._states.get(stream))
            self.log += [Happened(self.at, stream, fact) for fact in more]

    def fresh(self) -> str:
        """Return an id that was not given yet; ids near it stay free for what follows from it."""
        self._ids += 1
        return f"{self._ids << 32:032x}"

    def sid(self) -> str:
        """Return a carrier's id that was not given yet."""
        self._ids += 1
        return f"SM{self._ids:032x}"

    def length(self, stream: str) -> int:
        """Return how many facts a stream has."""
        return self._lengths.get(stream, 0)

    def streams(self, kind: str) -> list[str]:
        """Return the ids of a kind's streams, the oldest first."""
        return [id_of(stream) for stream in self._states if kind_of(stream) == kind]

    @property
    def person(self) -> Person:
        """The person now."""
        state: Person = self._states.get(person_stream(WHO), person.initial)
        return state

    def talk(self, conversation_id: str | None) -> Conversation:
        """Return a conversation now."""
        stream = conversation_stream(conversation_id or "")
        state: Conversation = self._states.get(stream, conversation.initial)
        return state

    @property
    def current(self) -> Conversation:
        """The person's open conversation, or a silent one."""
        return self.talk(self.person.conversation_id)

    @property
    def newest(self) -> Conversation:
        """The person's newest conversation, open or over."""
        return self.talk(self.person.last_conversation_id)

    def escalation(self, escalation_id: str) -> Escalation:
        """Return an escalation now."""
        state: Escalation = self._states.get(escalation_stream(escalation_id), escalation.initial)
        return state

    def state(self, stream: str) -> Any:
        """Return a stream's state now; None where it has none."""
        return self._states.get(stream)

    def follow_up(self, follow_up_id: str) -> FollowUp:
        """Return a follow-up now."""
        state: FollowUp = self._states.get(f"{FOLLOW_UP}-{follow_up_id}", follow_up.initial)
        return state

    def requested(self, conversation_id: str, sms_id: str) -> SmsRequested:
        """Return the fact by which a text was wanted; raises `LookupError` where there is none."""
        stream = conversation_stream(conversation_id)
        for one in reversed(self.log):
            fact = one.fact
            if one.stream == stream and isinstance(fact, SmsRequested) and fact.sms_id == sms_id:
                return fact
        raise LookupError("nobody wanted that text")
