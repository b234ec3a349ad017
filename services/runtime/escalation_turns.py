"""An escalation is looked at: what its time, its person and its text make of it is appended."""

from collections.abc import Sequence
from typing import Any

from contracts.identity import conversation_stream, escalation_stream, id_of, person_stream
from contracts.recorded import Cause
from domain.conversation import conversation
from domain.conversation.state import Conversation
from domain.escalation import escalation
from domain.escalation.beginning import Begin, begin, companions
from domain.escalation.decisions import closed, texted
from domain.escalation.ruled import Facts
from domain.escalation.state import Escalation
from domain.person import person
from domain.person.state import Person
from services.runtime.entries import entries
from services.runtime.outside import Outside
from services.runtime.ports import Chapter, Entry


class EscalationTurns:
    """What the agent's process and the scheduler both do with an escalation."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    async def look(self, escalation_id: str, cause: Cause) -> None:
        """Bring an escalation as far as it comes now."""
        now = self._outside.clock.now()
        fresh = self._outside.clock.fresh()

        async def decide() -> Sequence[Entry]:
            own = await self._escalation(escalation_id)
            if own.state.over or not own.state.person_id:
                return ()
            whom = await self.person(own.state.person_id)
            where = own.state.conversation_id or whom.state.conversation_id
            talk = await self.conversation(where)
            together = companions(whom.state, escalation_id, now)
            others = [await self._escalation(one) for one in together if one != escalation_id]
            command = Begin(
                escalation_id, now, fresh, {id_of(one.stream): one.state for one in others}
            )
            facts = _looked(own.state, whom.state, talk, command, self._outside)
            chapters: list[Chapter[Any]] = [own, whom, *others, *([] if talk is None else [talk])]
            return self.entries(chapters, facts, own.state, whom.state)

        await self._outside.journal.act(decide, cause, now)

    async def _escalation(self, escalation_id: str) -> Chapter[Escalation]:
        return await self._outside.journal.read(escalation, escalation_stream(escalation_id))

    async def person(self, person_id: str) -> Chapter[Person]:
        """Return a person's stream."""
        return await self._outside.journal.read(person, person_stream(person_id))

    async def conversation(self, conversation_id: str | None) -> Chapter[Conversation] | None:
        """Return a conversation's stream, if one is named."""
        if conversation_id is None:
            return None
        stream = conversation_stream(conversation_id)
        return await self._outside.journal.read(conversation, stream)

    @staticmethod
    def entries(
        chapters: Sequence[Chapter[Any]], facts: Facts, own: Escalation, whom: Person
    ) -> list[Entry]:
        """Return the entries of a save; under a key that is gone nothing personal is written."""
        gone = whom.erased or whom.generation != own.generation
        return entries(chapters, facts, None if gone else own.subject)


def _looked(
    own: Escalation,
    whom: Person,
    talk: Chapter[Conversation] | None,
    command: Begin,
    outside: Outside,
) -> Facts:
    state = Conversation() if talk is None else talk.state
    if own.status == "waiting":
        return begin(own, whom, state, command, outside.policy)
    text = state.outbox.texts.get(own.sms_id or "")
    moved = texted(command.escalation_id, own, whom, text, command.at)
    return moved or closed(command.escalation_id, own, whom, text, command.at)
