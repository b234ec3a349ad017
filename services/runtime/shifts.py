"""Shifts: ended conversations go out as packages, and come back as accepted."""

from collections.abc import Sequence

from contracts.agent import SHIFTS_ACCEPTED, SHIFTS_REQUESTED
from contracts.announcement import Announcement
from contracts.conversation import ConversationEnded, ConversationPackaged
from contracts.identity import conversation_stream, id_of, person_stream
from contracts.recorded import Cause
from contracts.shift import ShiftAccepted
from domain.conversation import conversation
from domain.person import person
from domain.shift.decisions import (
    AcceptanceRefused,
    Offer,
    accepted,
    offered,
    on_offer,
    packed,
    to_wait,
)
from domain.shift.package import Pack
from services.runtime import cloud_events
from services.runtime.entries import led_by
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.ports import Entry, SubjectErased
from services.runtime.process import AgentSubscription, Later, Never


class Shifts:
    """The half of the process `global_agent` that hands conversations over."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def subscriptions(self) -> tuple[AgentSubscription, ...]:
        """Return what it hears of the agent."""
        return (AgentSubscription(SHIFTS_ACCEPTED, ShiftAccepted, self.accepted),)

    async def hear(self, announced: Announcement) -> None:
        """Package what ended and offer what was packaged; leave other facts alone."""
        if announced.fact == ConversationEnded.name:
            await self._pack(announced)
        elif announced.fact == ConversationPackaged.name:
            await self._offer(announced)

    async def accepted(self, told: ShiftAccepted) -> None:
        """Append that a shift has a conversation; what was never offered is a dead letter."""
        journal, now = self._outside.journal, self._outside.clock.now()

        async def decide() -> Sequence[Entry]:
            talk = await journal.read(conversation, conversation_stream(told.conversation_id))
            return [talk.then(accepted(talk.state, told, now), None)]

        cause = Cause(f"{SHIFTS_ACCEPTED}:{told.package_id}", told.global_shift_id)
        try:
            await journal.act(decide, cause, now)
        except AcceptanceRefused as refusal:
            raise Never(f"acceptance refused: {refusal}") from None
        failpoint("shifts.accepted")

    async def _pack(self, announced: Announcement) -> None:
        journal, clock = self._outside.journal, self._outside.clock
        talk = await journal.read(conversation, announced.stream)
        wait = to_wait(talk.state, clock.now())
        if wait:
            raise Later(wait, "texts are on their way", release=True)
        command = Pack(id_of(announced.stream), clock.fresh(), clock.now())

        async def decide() -> Sequence[Entry]:
            talk = await journal.read(conversation, announced.stream)
            whom = await journal.read(person, person_stream(talk.state.person_id))
            past = await journal.history(announced.stream)
            facts = [recorded.fact for recorded in past[: talk.version]]
            package = packed(talk.state, facts, whom.state, command, self._outside.policy)
            return [talk.then(package.facts, package.subject)]

        try:
            await journal.act(decide, led_by(announced), command.at)
        except SubjectErased:
            raise Later(0.1, "the person was erased just now") from None
        failpoint("shifts.packaged")

    async def _offer(self, announced: Announcement) -> None:
        journal, now = self._outside.journal, self._outside.clock.now()

        async def decide() -> Sequence[Entry]:
            talk = await journal.read(conversation, announced.stream)
            return [talk.then(offered(talk.state, now, self._outside.policy), None)]

        await journal.act(decide, led_by(announced), now)
        failpoint("shifts.offered")
        talk = await journal.read(conversation, announced.stream)
        offer = on_offer(talk.state)
        if offer is not None:
            await self._publish(announced.stream, offer)

    async def _publish(self, stream: str, offer: Offer) -> None:
        """Publish a package: the bytes of every offer are those of the fact that holds it."""
        recorded = await self._outside.journal.fact(stream, offer.version)
        if recorded is None or not isinstance(recorded.fact, ConversationPackaged):
            raise Never("the package is not where it should be")
        package = recorded.fact.package
        headers = cloud_events.headers(
            offer.message_id, package.name, package.conversation_id, self._outside.clock.now()
        )
        body = package.model_dump_json().encode()
        await self._outside.bus.tell(SHIFTS_REQUESTED, body, offer.message_id, headers)
        failpoint("shifts.published")
