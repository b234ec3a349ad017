"""A turn whose model is slow is asked about once, however often it is announced."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from contracts import conversation as c
from contracts.announcement import Announcement
from contracts.identity import conversation_stream, person_stream
from contracts.labels import Labels
from contracts.proposal import TurnProposal
from contracts.recorded import Cause, Subject
from services.runtime.ports import Answer, Entry, Unavailable
from services.turn_runner import TurnRunner
from tests.facts import ADA, BRIEF, KNOWN, NOON, TALK, sid, turn_id
from tests.journal_in_memory import MemoryJournal


class _Slow(TurnRunner):
    def __init__(self) -> None:
        super().__init__(SimpleNamespace())  # type: ignore[arg-type]
        self.asked = 0
        self.over = asyncio.Event()

    async def _answer(self, announced: Any) -> None:
        del announced
        self.asked += 1
        await self.over.wait()


async def test_a_reminder_of_a_turn_that_is_being_answered_asks_nobody() -> None:
    runner = _Slow()
    told: Any = SimpleNamespace(stream="conversation-1", version=3)
    first = asyncio.create_task(runner.run(told))
    await asyncio.sleep(0)

    await runner.run(told)
    runner.over.set()
    await first
    assert runner.asked == 1

    await runner.run(told)
    assert runner.asked == 2


class _Model:
    def __init__(self) -> None:
        self.asked = 0

    async def propose(self, _context: Any) -> Answer:
        self.asked += 1
        said = TurnProposal(reply="Who could sit with her for an hour?")
        return Answer(said, "offline", "offline", 1, 10, 0, 10, None, 5)


class _Away(MemoryJournal):
    """Cannot save what the runner says, once."""

    away = False

    async def save(self, *given: Any, **named: Any) -> Any:
        if self.away:
            self.away = False
            raise Unavailable("PostgreSQL is away")
        return await super().save(*given, **named)


async def _an_open_turn(journal: MemoryJournal) -> Announcement:
    subject, stream = Subject(ADA, 1), conversation_stream(TALK)
    talk = (
        c.ConversationStarted(person_id=ADA, generation=1, initiated_by="person", at=NOON),
        c.MessageReceived(sid=sid(1), text="How do I get a break?", received_at=NOON),
        c.TurnAdmitted(
            turn_id=turn_id(1), trigger="text", covers_from=1, covers_through=1, due_at=NOON,
            labels=Labels(), brief=BRIEF,
        ),
    )  # fmt: skip
    entries = [
        Entry(person_stream(ADA), 0, "", KNOWN, subject),
        Entry(stream, 0, "", talk, subject),
    ]
    last = (await journal.save(entries, Cause("in", "in"), NOON))[-1]
    return Announcement(
        fact=last.fact.name, stream=stream, version=last.version, position=last.position,
        at=NOON, cause="in", correlation="in",
    )  # fmt: skip


async def test_a_draft_that_could_not_be_saved_is_not_asked_for_again() -> None:
    journal, model = _Away(), _Model()
    admitted = await _an_open_turn(journal)
    outside: Any = SimpleNamespace(
        journal=journal, model=model, clock=SimpleNamespace(now=lambda: NOON)
    )
    runner = TurnRunner(outside)

    journal.away = True
    with pytest.raises(Unavailable):
        await runner.run(admitted)
    await runner.run(admitted)

    assert model.asked == 1
    facts = [one.fact for one in await journal.history(admitted.stream)]
    assert [type(fact) for fact in facts].count(c.ReplyDrafted) == 1
