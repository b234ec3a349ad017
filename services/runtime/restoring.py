"""A journal from an older backup, made fit to go on by what the carrier still knows."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.agent import ESCALATIONS_UPDATED, EscalationUpdated
from contracts.base import Contract
from contracts.identity import (
    CONVERSATION,
    ESCALATION,
    FOLLOW_UP,
    conversation_stream,
    escalation_stream,
    id_of,
    inbound_stream,
    kind_of,
    person_id,
    person_stream,
)
from contracts.person import Erased
from contracts.recorded import Cause, Recorded
from contracts.sms import InboundSms
from domain.conversation import conversation
from domain.counting import counted
from domain.escalation import escalation
from domain.follow_up import follow_up
from domain.person import person
from domain.person.erasure import Erase, belongings
from domain.restoring import (
    Sent,
    Told,
    answers_to,
    lost,
    lost_escalation,
    lost_follow_up,
    settle_lost,
    told_last,
)
from domain.turn.keywords import free_opt_out, is_stop
from projections.due import Due
from services.runtime.due import DueList
from services.runtime.entries import entries
from services.runtime.erasing import Erasing
from services.runtime.outside import Outside
from services.runtime.ports import Entry, ErasureLedger, Forgotten, Listed
from services.runtime.reconciling import heard_by_listing

# The carrier's clock is not ours, and the last facts may be of a slow process.
_MARGIN = timedelta(minutes=5)

Hear = Callable[[InboundSms, tuple[str, ...]], Awaitable[None]]
"""Hears a text: what it is followed by was said to the person since, and is not said again."""


@dataclass(frozen=True, slots=True)
class Restored:
    """
    What a recovery found: texts heard, opt-outs among them, conversations settled, erasures.

    `escalations` and `follow_ups` are those that seem to have begun in the time that is lost, and
    will not begin again.
    """

    since: datetime | None
    heard: int = 0
    opt_outs: int = 0
    settled: int = 0
    erased: int = 0
    escalations: int = 0
    follow_ups: int = 0


class Restoring:
    """
    Makes a restored journal fit to go on; doing it again finds nothing more to do.

    Nobody may send meanwhile: sender and scheduler refuse to run until this is over.
    """

    def __init__(self, outside: Outside, ledger: ErasureLedger, hear: Hear) -> None:
        self._outside = outside
        self._journal = outside.journal
        self._sms = outside.sms
        self._ledger = ledger
        self._hear = hear
        self._pepper = outside.settings.secrets().pepper
        self._sent: dict[str, Sequence[Sent]] = {}

    async def restore(self) -> Restored:
        """
        Hear lost opt-outs, bind what was sent, end what had begun, erase again, hear the rest.

        Raises `LedgerRefused`, `Unavailable`.
        """
        forgotten = self._ledger.read()
        since = await self._since()
        if since is None:
            return Restored(None, erased=await self._erase(forgotten))
        texts = await self._unheard(since)
        stops = [each for each in texts if is_stop(each.text) or free_opt_out(each.text)]
        for each in stops:
            await self._hear_one(each, since)
        settled = [await self._settle(each, since) for each in await self._unfinished(texts)]
        escalations = await self._lost_escalations(since)
        follow_ups = await self._lost_follow_ups(since)
        erased = await self._erase(forgotten)
        for each in texts:
            if each not in stops:
                await self._hear_one(each, since)
        return Restored(
            since, len(texts), len(stops), sum(settled), erased, escalations, follow_ups
        )

    async def _since(self) -> datetime | None:
        """
        Return when the backup's journal ends, by its facts' clocks; None if it is empty.

        Behind what the relay had announced by then may be facts of a recovery that broke off:
        what is lost was lost before those.
        """
        head = await self._journal.head()
        announced = min(await self._outside.relay_state.position(), head)
        last = await self._journal.headers(max((announced or head) - 1, 0), 1)
        return datetime.fromisoformat(last[0].at) - _MARGIN if last else None

    # Texts of people

    async def _unheard(self, since: datetime) -> Sequence[InboundSms]:
        listed = sorted(
            await self._sms.received(since), key=lambda each: (each.created_at, each.sid)
        )
        found: list[InboundSms] = []
        for each in listed:
            claim = await self._journal.read(counted, inbound_stream(each.sid))
            if not claim.version:
                found += self._understood(each)
        return found

    def _understood(self, text: Listed) -> Iterable[InboundSms]:
        try:
            return [heard_by_listing(text, self._outside.settings.twilio_account_sid)]
        except ValueError:
            return []  # what comes by webhook would be refused as malformed, too

    async def _hear_one(self, sms: InboundSms, since: datetime) -> None:
        who = person_id(self._pepper, sms.sender)
        sent = await self._lost(who, sms.sender, since)
        await self._hear(sms, answers_to(sent, sms.received_at))

    # Texts of ours

    async def _lost(self, who: str, number: str, since: datetime) -> Sequence[Sent]:
        """Return the texts to a person that the journal has forgotten."""
        if number not in self._sent:
            self._sent[number] = [
                Sent(each.sid, each.text, each.created_at, each.status == "delivered")
                for each in await self._sms.exchanged(number)
                if each.direction == "outbound-api" and each.created_at >= since
            ]
        bound: set[str] = set()
        for talk in await self._talks(who):
            bound |= (await self._journal.read(conversation, talk)).state.outbox.bound()
        return lost(self._sent[number], frozenset(bound))

    async def _talks(self, who: str) -> Sequence[str]:
        owned = belongings([each.fact for each in await self._history(who)])
        return [conversation_stream(each) for each in owned.conversations]

    async def _history(self, who: str) -> Sequence[Recorded[Contract]]:
        return await self._journal.history(person_stream(who))

    async def _unfinished(self, texts: Sequence[InboundSms]) -> Sequence[str]:
        """Return the conversations in which something was to be said, or may have been."""
        rows = await self._rows()
        found = {row.stream: None for row in rows if kind_of(row.stream) == CONVERSATION}
        for each in texts:
            whom = await self._journal.read(
                person, person_stream(person_id(self._pepper, each.sender))
            )
            if whom.state.conversation_id is not None:
                found[conversation_stream(whom.state.conversation_id)] = None
        return list(found)

    async def _settle(self, stream: str, since: datetime) -> bool:
        at = self._outside.clock.now()

        async def decide() -> Sequence[Entry]:
            talk = await self._journal.read(conversation, stream)
            who = talk.state.person_id
            whom = await self._journal.read(person, person_stream(who))
            if not whom.state.number or whom.state.generation != talk.state.generation:
                return ()
            sent = await self._lost(who, whom.state.number, since)
            settled = settle_lost(
                id_of(stream), whom.state, talk.state, sent, at, self._outside.policy
            )
            return entries((talk, whom), settled.facts, talk.state.subject)

        stored = await self._journal.act(decide, Cause("recover:restored", stream), at)
        return bool(stored)

    # What we had begun

    async def _lost_escalations(self, since: datetime) -> int:
        """End what had come further than the journal knows, by the agent's own stream."""
        told = told_last(await self._told(since))
        streams = {escalation_stream(each): told[each] for each in told}
        waiting = [row.stream for row in await self._rows() if kind_of(row.stream) == ESCALATION]
        ended = [
            await self._lose(stream, streams.get(stream), since)
            for stream in dict.fromkeys((*streams, *waiting))
        ]
        return sum(ended)

    async def _told(self, since: datetime) -> Sequence[EscalationUpdated]:
        """Return what the agent was told in the time that is lost, oldest first."""
        found: list[EscalationUpdated] = []
        async for raw in self._outside.bus.newest("AGENT_OUT", ESCALATIONS_UPDATED):
            update = EscalationUpdated.model_validate_json(raw)
            if update.at < since:
                break
            found.append(update)
        return found[::-1]

    async def _lose(self, stream: str, told: Told | None, since: datetime) -> bool:
        at = self._outside.clock.now()

        async def decide() -> Sequence[Entry]:
            own = await self._journal.read(escalation, stream)
            if not own.state.person_id:
                facts = lost_escalation(id_of(stream), own.state, person.initial, told, (), at)
                return entries([own], facts, None)
            whom = await self._journal.read(person, person_stream(own.state.person_id))
            number = whom.state.number
            sent = await self._lost(own.state.person_id, number, since) if number else ()
            facts = lost_escalation(id_of(stream), own.state, whom.state, told, sent, at)
            return entries([own, whom], facts, None)

        return bool(await self._journal.act(decide, Cause("recover:restored", stream), at))

    async def _lost_follow_ups(self, since: datetime) -> int:
        rows = [row.stream for row in await self._rows() if kind_of(row.stream) == FOLLOW_UP]
        return sum([await self._drop(stream, since) for stream in rows])

    async def _drop(self, stream: str, since: datetime) -> bool:
        at = self._outside.clock.now()

        async def decide() -> Sequence[Entry]:
            own = await self._journal.read(follow_up, stream)
            who = own.state.person_id
            whom = await self._journal.read(person, person_stream(who))
            if not whom.state.number:
                return ()
            sent = await self._lost(who, whom.state.number, since)
            facts = lost_follow_up(id_of(stream), own.state, sent, at)
            return entries([own], facts, whom.state.subject(who))

        return bool(await self._journal.act(decide, Cause("recover:restored", stream), at))

    async def _rows(self) -> Sequence[Due]:
        due = DueList(self._outside.settings.database_url)
        try:
            return await due.everything()
        finally:
            await due.aclose()

    # Erasures

    async def _erase(self, forgotten: Sequence[Forgotten]) -> int:
        outside = self._outside
        erasing = Erasing(self._journal, outside.bus, None, self._ledger, self._pepper)
        erased = 0
        for each in {one.person_id: one for one in forgotten}.values():
            if await self._erased_since(each):
                continue
            command = Erase(each.person_id, outside.clock.now(), each.revoked_at)
            erased += bool(await erasing.forget(command, by="recover"))
        return erased

    async def _erased_since(self, forgotten: Forgotten) -> bool:
        return any(
            isinstance(each.fact, Erased) and each.fact.at >= forgotten.at
            for each in await self._history(forgotten.person_id)
        )
