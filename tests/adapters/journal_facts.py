"""Facts, people and memories that the tests of the journal share."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from contracts.base import Contract
from contracts.conversation import MessageReceived
from contracts.identity import person_stream
from contracts.person import Erased, PhaseChanged, Registered
from contracts.recorded import Cause, Recorded, Subject
from domain.decider import Memory
from services.adapters.keys import Secrets
from services.runtime.ports import Entry, Journal

AT = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)
SID = "SM" + "0" * 32
CAUSE = Cause(f"sms.inbound:{SID}", SID, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
SECRETS = Secrets(master_key=b"m" * 32, pepper=b"p" * 32)
ANN = Subject("a" * 32, 1)
BOB = Subject("b" * 32, 1)

FACTS: Memory[tuple[Any, ...]] = Memory((), lambda state, fact: (*state, fact))
COUNT: Memory[int] = Memory(0, lambda state, fact: state + 1)


def registered(subject: Subject, number: str = "+14155550100") -> Registered:
    """Return the fact that makes a generation of a person's keys."""
    return Registered(generation=subject.generation, number=number, source="sms")


def text(words: str) -> MessageReceived:
    """Return a text of a person: personal."""
    return MessageReceived(sid=SID, text=words, received_at=AT)


def phase() -> PhaseChanged:
    """Return a fact without a personal word."""
    return PhaseChanged(phase="active")


async def register(journal: Journal, subject: Subject) -> Recorded[Contract]:
    """Store a new person."""
    chapter = await journal.read(COUNT, person_stream(subject.person_id))
    entry = chapter.then([registered(subject)], subject)
    return (await journal.save([entry], CAUSE, AT))[0]


async def say(
    journal: Journal, stream: str, facts: Sequence[Contract], subject: Subject | None = None
) -> Sequence[Recorded[Contract]]:
    """Append facts to a stream as it stands now."""
    chapter = await journal.read(COUNT, stream)
    return await journal.save([chapter.then(facts, subject)], CAUSE, AT)


def erased(subject: Subject) -> Erased:
    """Return the fact that says that a person's keys are gone."""
    return Erased(person_id=subject.person_id, at=AT)


def new(stream: str, *facts: Contract, subject: Subject | None = None) -> Entry:
    """Return the entry that begins a stream."""
    return Entry(stream, 0, "", facts, subject)
