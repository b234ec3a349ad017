"""What every journal promises, checked on PostgreSQL and on the one in memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import pytest_asyncio

from contracts.identity import person_stream
from contracts.person import UserLinked
from contracts.personal import ERASED
from contracts.recorded import Subject
from services.adapters.journal import AsyncJournal, open_journal
from services.runtime.ports import Conflict, Entry, Journal, SubjectErased
from tests.adapters.journal_facts import (
    ANN,
    AT,
    BOB,
    CAUSE,
    COUNT,
    FACTS,
    SECRETS,
    erased,
    new,
    phase,
    register,
    registered,
    say,
    text,
)
from tests.journal_in_memory import MemoryJournal

pytestmark = pytest.mark.asyncio

Either = AsyncJournal | MemoryJournal


@pytest_asyncio.fixture(params=["memory", "postgres"])
async def journal(request: pytest.FixtureRequest) -> AsyncIterator[Either]:
    if request.param == "memory":
        yield MemoryJournal()
        return
    async with await open_journal(request.getfixturevalue("database_url"), SECRETS) as opened:
        yield opened


async def test_both_are_journals(journal: Either) -> None:
    port: Journal = journal
    assert await port.head() == 0


async def test_an_unknown_stream_is_at_its_beginning(journal: Either) -> None:
    chapter = await journal.read(COUNT, "conversation-none")
    assert (chapter.version, chapter.digest, chapter.state) == (0, "", 0)
    assert await journal.history("conversation-none") == []
    assert await journal.fact("conversation-none", 1) is None


async def test_what_was_saved_is_what_is_read(journal: Either) -> None:
    await register(journal, ANN)
    saved = await say(journal, "conversation-1", [text("où? 🙂\x00"), phase()], ANN)
    assert await journal.history("conversation-1") == saved
    assert await journal.fact("conversation-1", 2) == saved[1]
    first, second = saved
    assert first.fact == text("où? 🙂\x00")
    assert (first.stream, first.version, second.version) == ("conversation-1", 1, 2)
    assert second.position > first.position > 1
    assert first.at == AT
    assert first.subject == ANN
    assert first.leads().cause == "conversation-1/1"
    assert (first.cause, first.correlation) == (CAUSE.cause, CAUSE.correlation)
    assert first.traceparent == CAUSE.traceparent
    assert (first.previous, second.previous) == ("", first.digest)


async def test_a_chapter_continues_the_chain(journal: Either) -> None:
    await say(journal, "conversation-1", [phase()])
    chapter = await journal.read(FACTS, "conversation-1")
    saved = await journal.save([chapter.then([phase()], None)], CAUSE, AT)
    assert saved[0].previous == chapter.digest
    again = await journal.read(FACTS, "conversation-1")
    assert (again.version, again.digest) == (2, saved[0].digest)
    assert again.state == (phase(), phase())


async def test_any_past_state_can_be_read(journal: Either) -> None:
    await say(journal, "conversation-1", [phase()] * 3)
    assert (await journal.read(COUNT, "conversation-1")).state == 3
    past = await journal.read(COUNT, "conversation-1", version=2)
    assert (past.version, past.state) == (2, 2)
    assert past.digest == (await journal.history("conversation-1"))[1].digest
    assert (await journal.read(COUNT, "conversation-1", version=9)).version == 3


async def test_memories_are_kept_apart(journal: Either) -> None:
    await say(journal, "conversation-1", [phase()])
    assert (await journal.read(COUNT, "conversation-1")).state == 1
    assert (await journal.read(FACTS, "conversation-1")).state == (phase(),)
    await say(journal, "conversation-1", [phase()])
    assert (await journal.read(FACTS, "conversation-1")).state == (phase(), phase())
    assert (await journal.read(COUNT, "conversation-1")).state == 2


async def test_several_streams_are_saved_together_or_not_at_all(journal: Either) -> None:
    await say(journal, "conversation-1", [phase()])
    head = await journal.head()
    with pytest.raises(Conflict):
        await journal.save(
            [new("conversation-2", phase()), new("conversation-1", phase())], CAUSE, AT
        )
    assert await journal.head() == head
    assert await journal.history("conversation-2") == []


@pytest.mark.parametrize("version", [0, 1, 3])
async def test_only_the_version_a_stream_stands_at_is_continued(
    journal: Either, version: int
) -> None:
    await say(journal, "conversation-1", [phase(), phase()])
    with pytest.raises(Conflict):
        await journal.save([Entry("conversation-1", version, "", (phase(),), None)], CAUSE, AT)
    assert len(await journal.history("conversation-1")) == 2


async def test_a_save_of_nothing_does_nothing(journal: Either) -> None:
    assert await journal.save([], CAUSE, AT) == ()
    assert await journal.save([new("conversation-1")], CAUSE, AT) == ()
    saved = await journal.save([new("conversation-1"), new("conversation-2", phase())], CAUSE, AT)
    assert [recorded.stream for recorded in saved] == ["conversation-2"]
    assert await journal.history("conversation-1") == []


async def test_a_stream_has_one_entry_in_a_save(journal: Either) -> None:
    with pytest.raises(ValueError, match="one entry a stream"):
        await journal.save([new("conversation-1", phase())] * 2, CAUSE, AT)


async def test_act_decides_again_after_a_conflict(journal: Either) -> None:
    decided: list[int] = []

    async def decide() -> Sequence[Entry]:
        chapter = await journal.read(COUNT, "conversation-1")
        decided.append(chapter.version)
        if len(decided) == 1:
            await journal.save([chapter.then([phase()], None)], CAUSE, AT)
        return [chapter.then([phase()], None)]

    saved = await journal.act(decide, CAUSE, AT)
    assert decided == [0, 1]
    assert saved[0].version == 2


async def test_act_gives_up_on_endless_conflict(journal: Either) -> None:
    tries = 0

    async def decide() -> Sequence[Entry]:
        nonlocal tries
        tries += 1
        return [Entry("conversation-1", 7, "", (phase(),), None)]

    with pytest.raises(Conflict):
        await journal.act(decide, CAUSE, AT)
    assert tries == 10


async def test_eight_writers_of_one_stream_lose_nothing(journal: Either) -> None:
    async def writer() -> None:
        for _ in range(5):

            async def decide() -> Sequence[Entry]:
                chapter = await journal.read(COUNT, "conversation-1")
                return [chapter.then([phase()], None)]

            while True:
                try:
                    await journal.act(decide, CAUSE, AT)
                    break
                except Conflict:
                    continue

    await asyncio.gather(*(writer() for _ in range(8)))
    history = await journal.history("conversation-1")
    assert [recorded.version for recorded in history] == list(range(1, 41))
    positions = [recorded.position for recorded in history]
    assert positions == sorted(positions)
    for before, after in pairwise(history):
        assert after.previous == before.digest


async def test_the_log_is_paged_in_order(journal: Either) -> None:
    for number in range(7):
        await say(journal, f"conversation-{number % 2}", [phase()])
    seen: list[int] = []
    while page := await journal.page(seen[-1] if seen else 0, 3):
        assert len(page) <= 3
        seen += [recorded.position for recorded in page]
    assert len(seen) == 7
    assert seen == sorted(set(seen))
    assert seen[-1] == await journal.head()


async def test_an_outline_holds_what_was_asked_for_and_no_words(journal: Either) -> None:
    await register(journal, ANN)
    said = await say(journal, "conversation-1", [text("nobody reads this"), phase()], ANN)
    outline = await journal.outline(0, 10, frozenset({text("").name}))
    assert [one.fact for one in outline.facts] == [text(ERASED)]
    assert [one.position for one in outline.facts] == [said[0].position]
    assert (outline.through, outline.looked_at) == (said[1].position, 3)
    rest = await journal.outline(said[0].position, 10, frozenset({text("").name}))
    assert (list(rest.facts), rest.through, rest.looked_at) == ([], said[1].position, 1)
    end = await journal.outline(said[1].position, 10, frozenset())
    assert (list(end.facts), end.through, end.looked_at) == ([], said[1].position, 0)


async def test_headers_say_nothing_personal(journal: Either) -> None:
    await register(journal, ANN)
    saved = await say(journal, "conversation-1", [text("my secret")], ANN)
    (header,) = await journal.headers(saved[0].position - 1, 5)
    assert header.name == "conversation.message_received.v1"
    assert (header.stream, header.version) == ("conversation-1", 1)
    assert header.position == saved[0].position
    assert datetime.fromisoformat(header.at) == AT
    assert (header.cause, header.correlation) == (CAUSE.cause, CAUSE.correlation)
    assert header.traceparent == CAUSE.traceparent
    assert header.fields["sid"] == saved[0].fact.model_dump()["sid"]
    assert "secret" not in repr(header)
    rows = await journal.raw_page(0, 10)
    assert b"secret" not in b"".join(row.state for row in rows)


async def test_wait_ends_with_a_new_fact(journal: Either) -> None:
    assert await journal.page(0, 10) == []
    waiting = asyncio.create_task(journal.wait(0, 5))
    await asyncio.sleep(0.05)
    saved = await say(journal, "conversation-1", [phase()])
    async with asyncio.timeout(2):
        await waiting
        while not (page := await journal.page(0, 10)):
            await journal.wait(0, 5)
    assert page == saved


async def test_wait_ends_at_its_time(journal: Either) -> None:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for _ in range(3):
        assert await journal.page(0, 10) == []
        await journal.wait(0, 0.05)
    assert loop.time() - begun < 2


async def test_the_clock_is_aware_and_now(journal: Either) -> None:
    now = await journal.now()
    assert now.utcoffset() == timedelta()
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)


class TestPeople:
    """Keys: made by registration, deleted by erasure."""

    async def test_a_person_and_their_texts_begin_in_one_save(self, journal: Either) -> None:
        entries = [
            new("conversation-1", text("hello"), subject=ANN),
            new(person_stream(ANN.person_id), registered(ANN), subject=ANN),
        ]
        saved = await journal.save(entries, CAUSE, AT)
        assert await journal.page(0, 10) == saved

    async def test_text_of_nobody_is_a_bug(self, journal: Either) -> None:
        with pytest.raises(ValueError, match="no subject"):
            await journal.save([new("conversation-1", text("hello"))], CAUSE, AT)
        assert await journal.head() == 0

    async def test_text_of_an_unregistered_person_is_refused(self, journal: Either) -> None:
        with pytest.raises(SubjectErased):
            await journal.save([new("conversation-1", text("hello"), subject=ANN)], CAUSE, AT)
        assert await journal.head() == 0

    async def test_facts_without_personal_text_need_no_key(self, journal: Either) -> None:
        await say(journal, "conversation-1", [phase()], ANN)
        assert (await journal.history("conversation-1"))[0].subject == ANN

    async def test_a_generation_is_made_with_the_subject_it_is_for(self, journal: Either) -> None:
        with pytest.raises(ValueError, match="carry the subject"):
            await journal.save(
                [new("person-x", registered(ANN), subject=Subject(ANN.person_id, 2))], CAUSE, AT
            )

    async def test_a_generation_is_made_once(self, journal: Either) -> None:
        await register(journal, ANN)
        stream = person_stream(ANN.person_id)
        with pytest.raises(Conflict):
            await journal.save([new(stream, registered(ANN), subject=ANN)], CAUSE, AT)
        assert (await journal.history(stream))[0].fact == registered(ANN)

    async def test_erasure_takes_the_words_and_leaves_the_rest(self, journal: Either) -> None:
        await register(journal, ANN)
        await register(journal, BOB)
        before = await say(journal, "conversation-1", [text("hello"), phase()], ANN)
        others = await say(journal, "conversation-2", [text("stays")], BOB)
        chapter = await journal.read(FACTS, person_stream(ANN.person_id))
        await journal.save([chapter.then([erased(ANN)], ANN)], CAUSE, AT, forget=ANN.person_id)

        after = await journal.history("conversation-1")
        assert after[0].fact == text(ERASED)
        assert after[1] == before[1]
        assert after[0].digest == before[0].digest
        assert await journal.history("conversation-2") == others
        person = await journal.read(FACTS, person_stream(ANN.person_id))
        assert person.state == (registered(ANN, ERASED), erased(ANN))

    async def test_nothing_is_written_under_a_deleted_key(self, journal: Either) -> None:
        await register(journal, ANN)
        chapter = await journal.read(COUNT, person_stream(ANN.person_id))
        await journal.save([chapter.then([erased(ANN)], ANN)], CAUSE, AT, forget=ANN.person_id)
        head = await journal.head()
        with pytest.raises(SubjectErased):
            await journal.save(
                [new("conversation-1", phase()), new("conversation-2", text("x"), subject=ANN)],
                CAUSE,
                AT,
            )
        assert await journal.head() == head

    async def test_the_next_generation_opens_nothing_of_the_last(self, journal: Either) -> None:
        await register(journal, ANN)
        await say(journal, "conversation-1", [text("old")], ANN)
        chapter = await journal.read(COUNT, person_stream(ANN.person_id))
        await journal.save([chapter.then([erased(ANN)], ANN)], CAUSE, AT, forget=ANN.person_id)
        again = Subject(ANN.person_id, 2)
        await register(journal, again)
        await say(journal, "conversation-2", [text("new")], again)
        assert [(await journal.history(f"conversation-{n}"))[0].fact for n in (1, 2)] == [
            text(ERASED),
            text("new"),
        ]

    async def test_forgetting_needs_a_fact(self, journal: Either) -> None:
        with pytest.raises(ValueError, match="a fact that says so"):
            await journal.save([], CAUSE, AT, forget=ANN.person_id)

    async def test_a_repeated_link_keeps_its_clear_fields(self, journal: Either) -> None:
        await say(journal, "person-x", [UserLinked(user_id="u-17")], ANN)
        assert (await journal.history("person-x"))[0].fact == UserLinked(user_id="u-17")
