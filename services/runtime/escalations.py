"""Escalations: the agent's requests come in, their status goes out."""

import asyncio
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import from_json

from contracts.agent import (
    ESCALATIONS_CANCELLED,
    ESCALATIONS_REQUESTED,
    ESCALATIONS_UPDATED,
    EscalationUpdated,
    EscalationWanted,
    EscalationWithdrawn,
    Recipient,
)
from contracts.announcement import Announcement
from contracts.identity import (
    CONVERSATION,
    ESCALATION,
    PERSON,
    escalation_stream,
    escalations_stream,
    id_of,
    kind_of,
    person_id,
)
from contracts.person import ConsentRevoked, QuestionSettled
from contracts.recorded import Cause
from domain.conversation.state import Conversation
from domain.counting import counted
from domain.escalation import escalation
from domain.escalation.beginning import queue
from domain.escalation.checks import Admitted
from domain.escalation.decisions import (
    Request,
    cancel,
    hour_of,
    malformed,
    minute_of,
    reported,
    request,
    revoked,
    texted,
    updates,
)
from domain.escalation.reading import Malformed, read
from domain.escalation.ruled import Facts, joined
from domain.person import person
from services.runtime import cloud_events
from services.runtime.entries import entries, led_by
from services.runtime.escalation_turns import EscalationTurns
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.pacing import Pacing
from services.runtime.ports import Chapter, Entry
from services.runtime.process import AgentSubscription
from services.runtime.users import Users

# An agent that asks for more waits in the queue: a runaway takes nobody's time but its own.
TAKEN_IN_A_SECOND = 10.0
_FIELDS: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


class Escalations:
    """The escalation half of the process `global_agent`."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._journal = outside.journal
        self._turns = EscalationTurns(outside)
        self._users = Users(outside.settings.database_url, outside.journal)
        self._pepper = outside.settings.secrets().pepper
        self._pace = Pacing(TAKEN_IN_A_SECOND)
        # All that are let in are counted on one stream: at once they would only conflict.
        self._counting = asyncio.Lock()

    def subscriptions(self) -> tuple[AgentSubscription, ...]:
        """Return what it hears of the agent."""
        return (
            AgentSubscription(
                ESCALATIONS_REQUESTED, EscalationWanted, self.requested, read_request
            ),
            AgentSubscription(ESCALATIONS_CANCELLED, EscalationWithdrawn, self.cancelled),
        )

    async def hear(self, announced: Announcement) -> None:
        """Act on a fact that concerns an escalation; leave the others alone."""
        match kind_of(announced.stream):
            case kind if kind == ESCALATION:
                await self._tell(id_of(announced.stream), announced)
            case kind if kind == CONVERSATION:
                await self._texted(announced)
            case kind if kind == PERSON and announced.fact == ConsentRevoked.name:
                await self._revoked(announced)
            case kind if kind == PERSON and announced.fact == QuestionSettled.name:
                await self._next(announced)
            case _:
                pass

    # From the agent

    async def requested(self, wanted: EscalationWanted | Malformed) -> None:
        """Take a request in, or refuse it: its sender hears of it in any case."""
        urgent = not isinstance(wanted, Malformed) and wanted.priority == "urgent"
        await self._pace.take(1, urgent=urgent)
        at, fresh = self._outside.clock.now(), self._outside.clock.fresh()
        own_id = wanted.escalation_id
        found = None if isinstance(wanted, Malformed) else await self._recipient(wanted.to)

        async def decide() -> Sequence[Entry]:
            own = await self._journal.read(escalation, escalation_stream(own_id))
            if isinstance(wanted, Malformed):
                facts = malformed(own.state, own_id, wanted.reason, at)
                return entries([own], facts, None)
            whom = None if found is None else await self._turns.person(found)
            state = person.initial if whom is None else whom.state
            talk = await self._turns.conversation(state.conversation_id)
            hour = await self._journal.read(counted, escalations_stream(hour_of(at)))
            minute = await self._journal.read(counted, escalations_stream(minute_of(at)))
            ruled = request(
                own.state,
                state,
                Conversation() if talk is None else talk.state,
                Request(wanted, found, Admitted(hour.state, minute.state), at, fresh),
                self._outside.policy,
            )
            return entries(_read(own, whom, talk, hour, minute), ruled.facts, ruled.subject)

        cause = Cause(f"{ESCALATIONS_REQUESTED}:{own_id}", escalation_stream(own_id))
        async with self._counting:
            await self._journal.act(decide, cause, at)
        failpoint("agent.requested")

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

    async def _recipient(self, to: Recipient) -> str | None:
        if to.phone is not None:
            place = self._outside.numbers.place(to.phone)
            return None if place is None else person_id(self._pepper, place.number)
        return None if to.user_id is None else await self._users.person_id(to.user_id)

    # To the agent

    async def _tell(self, escalation_id: str, announced: Announcement) -> None:
        """Tell what the agent does not know yet, in order; remember that it was told."""
        own = await self._journal.read(escalation, escalation_stream(escalation_id))
        untold = updates(escalation_id, own.state)
        if not untold:
            return
        for version, update in untold:
            # What was lost with a backup may have been told under the same version before.
            again = ".restored" if update.reason == "restored" else ""
            await self._publish(f"{own.stream}.{version}{again}", update)
        failpoint("agent.told")
        through = untold[-1][0]

        async def decide() -> Sequence[Entry]:
            now = await self._journal.read(escalation, own.stream)
            return [now.then(reported(now.state, through), None)]

        await self._journal.act(decide, led_by(announced), self._outside.clock.now())

    async def _publish(self, message_id: str, update: EscalationUpdated) -> None:
        headers = cloud_events.headers(message_id, update.name, update.escalation_id, update.at)
        body = update.model_dump_json().encode()
        await self._outside.bus.tell(ESCALATIONS_UPDATED, body, message_id, headers)

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
        question = whom.state.question
        pending = () if question is None else (question.escalation_id,)
        for each in (*pending, *(one.escalation_id for one in whom.state.waiting)):
            await self._end(each, announced)

    async def _end(self, escalation_id: str, announced: Announcement) -> None:
        at = self._outside.clock.now()

        async def decide() -> Sequence[Entry]:
            own = await self._journal.read(escalation, escalation_stream(escalation_id))
            whom = await self._turns.person(own.state.person_id)
            facts: Facts = revoked(escalation_id, own.state, whom.state, at)
            return self._turns.entries([own, whom], facts, own.state, whom.state)

        await self._journal.act(decide, led_by(announced), at)

    async def _next(self, announced: Announcement) -> None:
        """Let the next one have its turn: only the first of those that wait may begin."""
        whom = await self._turns.person(id_of(announced.stream))
        for first in queue(whom.state, self._outside.clock.now())[:1]:
            await self._turns.look(first, led_by(announced))


def read_request(raw: bytes) -> EscalationWanted | Malformed:
    """Return what a message asks for.  Raises `ValueError` where not even its id can be read."""
    return read(_FIELDS.validate_python(from_json(raw)))


def _read(*chapters: Chapter[Any] | None) -> list[Chapter[Any]]:
    return [chapter for chapter in chapters if chapter is not None]
