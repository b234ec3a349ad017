"""Escalations: the agent's requests come in, their status goes out."""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import from_json

from contracts.agent import (
    ESCALATIONS_CANCELLED,
    ESCALATIONS_REQUESTED,
    EscalationWanted,
    EscalationWithdrawn,
)
from contracts.announcement import Announcement
from contracts.identity import (
    CONVERSATION,
    ESCALATION,
    PERSON,
    escalation_stream,
    id_of,
    kind_of,
)
from contracts.person import ConsentRevoked, Erased, QuestionSettled
from contracts.recorded import Cause
from domain.conversation.state import Conversation
from domain.escalation import escalation
from domain.escalation.beginning import queue
from domain.escalation.decisions import (
    cancel,
    dropped,
    texted,
)
from domain.escalation.reading import Malformed, read
from domain.escalation.ruled import Facts, joined
from domain.person import person
from domain.person.state import Person
from services.runtime.entries import entries, led_by
from services.runtime.escalation_intake import Intake
from services.runtime.escalation_telling import Telling
from services.runtime.escalation_turns import EscalationTurns
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.ports import Chapter, Entry
from services.runtime.process import AgentSubscription

_READ_AHEAD = 512
_FIELDS: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


class Escalations:
    """The escalation half of the process `global_agent`."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._journal = outside.journal
        self._turns = EscalationTurns(outside)
        self._telling = Telling(outside)
        self._intake = Intake(outside, self._turns, self._telling)

    def subscriptions(self) -> tuple[AgentSubscription, ...]:
        """Return what it hears of the agent."""
        return (
            AgentSubscription(
                ESCALATIONS_REQUESTED,
                EscalationWanted,
                self._intake.requested,
                read_request,
                # All that may wait for their turn here: among them, urgent ones go first.
                workers=_READ_AHEAD,
            ),
            AgentSubscription(ESCALATIONS_CANCELLED, EscalationWithdrawn, self.cancelled),
        )

    async def hear(self, announced: Announcement) -> None:
        """Act on a fact that concerns an escalation; leave the others alone."""
        match kind_of(announced.stream):
            case kind if kind == ESCALATION:
                await self._telling.tell((id_of(announced.stream),), led_by(announced))
            case kind if kind == CONVERSATION:
                await self._texted(announced)
            case kind if kind == PERSON and announced.fact == ConsentRevoked.name:
                await self._revoked(announced)
            case kind if kind == PERSON and announced.fact == Erased.name:
                await self._erased(announced)
            case kind if kind == PERSON and announced.fact == QuestionSettled.name:
                await self._next(announced)
            case _:
                pass

    # From the agent

    async def cancelled(self, withdrawn: EscalationWithdrawn) -> None:
        """Drop what the agent does not need any more."""
        at, own_id = self._outside.clock.now(), withdrawn.escalation_id

        async def decide() -> Sequence[Entry]:
            own = await self._journal.read(escalation, escalation_stream(own_id))
            if not own.state.person_id:
                facts = cancel(own_id, own.state, person.initial, Conversation(), at)
                return entries([own], facts, None)
            whom = await self._turns.person(own.state.person_id)
            talk = await self._turns.conversation(own.state.conversation_id)
            state = Conversation() if talk is None else talk.state
            facts = cancel(own_id, own.state, whom.state, state, at)
            return self._turns.entries(_read(own, whom, talk), facts, own.state, whom.state)

        cause = Cause(f"{ESCALATIONS_CANCELLED}:{own_id}", escalation_stream(own_id))
        await self._journal.act(decide, cause, at)
        failpoint("agent.cancelled")

    # From the journal

    async def _texted(self, announced: Announcement) -> None:
        """Follow the text of an escalation, and of those that left in it."""
        recorded = await self._journal.fact(announced.stream, announced.version)
        sms_id = "" if recorded is None else str(getattr(recorded.fact, "sms_id", ""))
        if kind_of(sms_id) != ESCALATION:
            return
        lead_id, at = id_of(sms_id), self._outside.clock.now()

        async def decide() -> Sequence[Entry]:
            lead = await self._journal.read(escalation, sms_id)
            if not lead.state.person_id:
                return ()
            whom = await self._turns.person(lead.state.person_id)
            talk = await self._turns.conversation(id_of(announced.stream))
            text = None if talk is None else talk.state.outbox.texts.get(sms_id)
            chapters: list[Chapter[Any]] = [lead, whom]
            facts = texted(lead_id, lead.state, whom.state, text, at)
            for other in lead.state.bundled:
                one = await self._journal.read(escalation, escalation_stream(other))
                chapters.append(one)
                facts = joined(facts, texted(other, one.state, whom.state, text, at))
            return self._turns.entries(chapters, facts, lead.state, whom.state)

        await self._journal.act(decide, led_by(announced), at)
        failpoint("agent.texted")

    async def _revoked(self, announced: Announcement) -> None:
        """End whatever a person was asked, or was to be, who has taken consent back."""
        whom = await self._turns.person(id_of(announced.stream))
        await self._ended(whom.state, announced)

    async def _erased(self, announced: Announcement) -> None:
        """End what somebody was asked, or was to be, by what was known before they were erased."""
        before = await self._journal.read(person, announced.stream, announced.version - 1)
        await self._ended(before.state, announced)

    async def _ended(self, whom: Person, announced: Announcement) -> None:
        pending = () if whom.question is None else (whom.question.escalation_id,)
        for each in (*pending, *(one.escalation_id for one in whom.waiting)):
            await self._end(each, announced)

    async def _end(self, escalation_id: str, announced: Announcement) -> None:
        at = self._outside.clock.now()

        async def decide() -> Sequence[Entry]:
            own = await self._journal.read(escalation, escalation_stream(escalation_id))
            whom = await self._turns.person(own.state.person_id)
            facts: Facts = dropped(escalation_id, own.state, whom.state, at)
            return self._turns.entries([own, whom], facts, own.state, whom.state)

        await self._journal.act(decide, led_by(announced), at)

    async def _next(self, announced: Announcement) -> None:
        """Let the next one have its turn: only the first of those that wait may begin."""
        whom = await self._turns.person(id_of(announced.stream))
        for first in queue(whom.state, self._outside.clock.now())[:1]:
            await self._turns.look(first, led_by(announced))


def read_request(raw: bytes) -> EscalationWanted | Malformed:
    """Return what a message asks for.  Raises `ValueError` where not even its id can be read."""
    try:
        fields = from_json(raw)
    except ValueError:
        fields = _leniently(raw)
    return read(_FIELDS.validate_python(fields))


def _leniently(raw: bytes) -> Any:
    """Read what is JSON all the same, as half a character: its sender can be told of it."""
    try:
        return json.loads(raw)
    except RecursionError:
        raise ValueError("too deep") from None


def _read(*chapters: Chapter[Any] | None) -> list[Chapter[Any]]:
    return [chapter for chapter in chapters if chapter is not None]
