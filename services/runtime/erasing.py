"""Erasing a person: their keys, what the queue and the carrier still hold, and the ledger."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contracts.agent import ESCALATIONS_CANCELLED, ESCALATIONS_REQUESTED
from contracts.identity import conversation_of, conversation_stream, person_id, person_stream
from contracts.recorded import Cause
from contracts.sms import INBOUND_SUBJECT, INBOUND_URGENT_SUBJECT, STATUS_SUBJECT
from domain.conversation import conversation
from domain.conversation.state import Conversation
from domain.person import person
from domain.person.erasure import Belongings, Erase, belongings, erase, must_be_heard
from domain.person.state import Person
from services.runtime.entries import entries
from services.runtime.ports import (
    Bus,
    Chapter,
    Entry,
    ErasureLedger,
    Forgotten,
    Journal,
    Sms,
)

ASIDE = "DLQ"
_TRIES = 5
_PAUSE_S = 1.0
_LONGEST_S = 60.0


class NobodyToErase(LookupError):
    """Nothing is known of that person; `str()` is a sentence."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """
    What an erasure came to.

    `facts` is how many were stored (0: the person was erased already, and only what was left
    outside the journal was cleaned up), `messages` the queue's by stream, `copies` the carrier's
    that were deleted and `left` those that cannot be yet, being on their way.  `copies` is None
    where the carrier was not asked: no number is left to ask by, or no account is set.
    """

    person_id: str
    facts: int
    messages: Mapping[str, int] = field(default_factory=dict)
    copies: int | None = None
    left: int = 0


class Erasing:
    """
    Erases people, one at a time; erasing the same one again finishes what was left.

    `sms` is None where there is no carrier to ask.
    """

    def __init__(
        self, journal: Journal, bus: Bus, sms: Sms | None, ledger: ErasureLedger, pepper: bytes
    ) -> None:
        self._journal = journal
        self._bus = bus
        self._sms = sms
        self._ledger = ledger
        self._pepper = pepper

    async def erase(
        self,
        who: str,
        at: datetime,
        *,
        number: str | None = None,
        by: str = "cli",
        name: str | None = None,
    ) -> Erasure:
        """
        Erase a person by id; `number` is theirs where the caller knows it.

        `by` is where it was asked for, `name` who asked, where they are known by one.

        The ledger is written first: an erasure that it knows and the journal does not is done
        again after a restore, the other way round it would be forgotten.  Raises
        `NobodyToErase`, `LedgerRefused`, `Unavailable`.
        """
        whom = await self._journal.read(person, person_stream(who))
        if not whom.state.generation and number is None:
            raise NobodyToErase("Nothing is known of that person.")
        number = number or whom.state.number or None
        if whom.state.generation and not whom.state.erased:
            self._ledger.add(Forgotten(who, at, _revoked_at(whom.state)))
        under_way = await self._under_way_until(who)
        facts = await self.forget(Erase(who, at, by=name), by=by)
        owned = belongings([each.fact for each in await self._history(who)])
        messages = await self._bus.shred(_Belongs(who, owned, at, self._pepper, number))
        if under_way is not None and self._sms is not None:
            # The carrier may be taking a text just now, and will list it when it has.
            await asyncio.sleep(min(max((under_way - at).total_seconds(), 0), _LONGEST_S))
        copies, left = await self._at_the_carrier(number)
        return Erasure(who, facts, messages, copies, left)

    async def forget(self, command: Erase, *, by: str) -> int:
        """Erase a person in the journal alone; return how many facts were stored."""

        async def decide() -> Sequence[Entry]:
            whom = await self._journal.read(person, person_stream(command.person_id))
            talks = await self._talks(command.person_id)
            facts = erase(whom.state, {id_: talk.state for id_, talk in talks.items()}, command)
            return entries((whom, *talks.values()), facts, None)

        cause = Cause(f"erasure:{by}", command.person_id)
        return len(await self._journal.act(decide, cause, command.at, command.person_id))

    async def _talks(self, who: str) -> Mapping[str, Chapter[Conversation]]:
        owned = belongings([each.fact for each in await self._history(who)])
        read = self._journal.read
        return {
            each: await read(conversation, conversation_stream(each))
            for each in owned.conversations
        }

    async def _under_way_until(self, who: str) -> datetime | None:
        """Return until when the carrier may be taking a text of the person."""
        deadlines = [
            text.last.deadline_at
            for talk in (await self._talks(who)).values()
            for text in talk.state.outbox.texts.values()
            if text.status == "attempted" and text.last is not None
        ]
        return max(deadlines, default=None)

    async def _history(self, who: str) -> Sequence[Any]:
        return await self._journal.history(person_stream(who))

    async def _at_the_carrier(self, number: str | None) -> tuple[int | None, int]:
        """Delete the carrier's copies; those on their way are waited for a little."""
        if self._sms is None or number is None:
            return None, 0
        gone = 0
        left: Sequence[Any] = ()
        for attempt in range(_TRIES):
            if attempt:
                await asyncio.sleep(_PAUSE_S)
            texts = await self._sms.exchanged(number)
            left = [each for each in texts if not await self._sms.delete(each.sid)]
            gone += len(texts) - len(left)
            if not left:
                break
        return gone, len(left)


@dataclass(frozen=True, slots=True)
class _Belongs:
    """Says of a message of the queue whether it is about the person who is erased."""

    who: str
    owned: Belongings
    erased_at: datetime
    pepper: bytes
    number: str | None

    def __call__(self, stream: str, subject: str, body: bytes) -> bool:
        try:
            told = json.loads(body)
        except ValueError:
            return self._named(body)
        if not isinstance(told, dict):
            return self._named(body)
        if subject in (INBOUND_SUBJECT, INBOUND_URGENT_SUBJECT):
            return self._is(told.get("sender")) and not self._waits(told, aside=stream == ASIDE)
        return self._about(subject, told) or self._named(body)

    def _about(self, subject: str, told: Mapping[str, Any]) -> bool:
        if subject == STATUS_SUBJECT:
            return conversation_of(str(told.get("attempt_id"))) in self.owned.conversations
        if subject in (ESCALATIONS_REQUESTED, ESCALATIONS_CANCELLED):
            to = told.get("to")
            to = to if isinstance(to, dict) else {}
            return self._is(to.get("phone")) or to.get("user_id") in self.owned.users
        return (
            told.get("conversation_id") in self.owned.conversations
            or told.get("escalation_id") in self.owned.escalations
        )

    def _waits(self, told: Mapping[str, Any], *, aside: bool) -> bool:
        """
        Return whether an unheard text is to be heard all the same.

        One that was put aside will not be: a safety case tells of it already.
        """
        try:
            received_at = datetime.fromisoformat(str(told.get("received_at")))
            if aside:
                return received_at > self.erased_at
            if told.get("opt_out_type") == "STOP":
                return True
            return must_be_heard(str(told.get("text")), received_at, self.erased_at)
        except (ValueError, TypeError):
            return False

    def _is(self, number: object) -> bool:
        return isinstance(number, str) and person_id(self.pepper, number) == self.who

    def _named(self, body: bytes) -> bool:
        """Find the number in what nobody could read: it may have been put aside for that."""
        return self.number is not None and self.number.encode() in body


def _revoked_at(state: Person) -> datetime | None:
    return state.revoked_at if state.consent == "revoked" else None
