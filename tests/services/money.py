"""A sender with a journal in memory, a clock that is wound by hand, and a carrier that answers."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

from contracts import conversation as c
from contracts.announcement import Announcement
from contracts.identity import conversation_stream, person_stream
from contracts.recorded import Cause, Subject
from domain.policy import Policy
from services.runtime.outside import Outside
from services.runtime.ports import Attempt, Entry, Journal, Listed, Outcome, SendAnswer
from services.runtime.settings import Settings
from tests.facts import KNOWN, NOON, POLICY, sid
from tests.journal_in_memory import MemoryJournal

SETTINGS: Any = Settings(
    twilio_phone_number="+14155550100",
    pepper="p" * 40,
    master_key="bWFzdGVyLWtleS1vZi10aGUtdGVzdHMtMzItYnl0ZXM=",
)


class HandClock:
    """Stands still until it is wound."""

    def __init__(self) -> None:
        self.at = NOON
        self._ids = count(1)

    def now(self) -> datetime:
        return self.at

    def wound(self) -> timedelta:
        return timedelta()

    def fresh(self) -> str:
        return f"{next(self._ids):032x}"

    def wind(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class Carrier:
    """Takes every text unless told otherwise, and remembers it; knows a price for each."""

    answers: list[SendAnswer] = field(default_factory=list)
    sent: list[Attempt] = field(default_factory=list)
    price: int | None = None

    async def send(self, attempt: Attempt) -> SendAnswer:
        self.sent.append(attempt)
        if self.answers:
            return self.answers.pop(0)
        return SendAnswer(Outcome.ACCEPTED, sid(len(self.sent)))

    async def listed(self, to: str, since: datetime) -> Sequence[Listed]:
        return ()

    async def fetch(self, sid: str) -> Listed | None:
        return Listed(sid, "", "", "", "delivered", NOON, price_microdollars=self.price)


def outside_of(
    sms: Any, *, policy: Policy = POLICY, journal: Journal | None = None, clock: Any = None
) -> Outside:
    """Return an outside of which only journal, carrier and clock are there."""
    return SimpleNamespace(  # type: ignore[return-value]
        settings=SETTINGS,
        policy=policy,
        journal=journal or MemoryJournal(),
        sms=sms,
        clock=clock or HandClock(),
    )


class Texts:
    """Asks for texts, each to a person and in a conversation of its own."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._numbers = count(1)

    async def asked(self, wanted: c.SmsRequested) -> Announcement:
        """Append the request; return what the relay would announce."""
        number = next(self._numbers)
        who = f"{number:032x}"
        stream = conversation_stream(f"{number + 2**64:032x}")
        started = c.ConversationStarted(
            person_id=who, generation=1, initiated_by="person", at=NOON
        )
        subject = Subject(who, 1)
        request = wanted.model_copy(update={"sms_id": f"{who}.1"})
        saved = await self.journal.save(
            [
                Entry(person_stream(who), 0, "", KNOWN, subject),
                Entry(stream, 0, "", (started, request), subject),
            ],
            Cause("test", "test"),
            NOON,
        )
        told = saved[-1]
        return Announcement(
            fact=told.fact.name, stream=stream, version=told.version, position=told.position,
            at=NOON, cause="test", correlation="test",
        )  # fmt: skip


def capped(texts: float) -> Policy:
    """Return a policy whose month pays for so many texts of one segment."""
    return replace(POLICY, budget_microdollars=int(texts * 8300))
