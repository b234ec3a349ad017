"""A second model judges what the rules passed: on the wire, and in the facts that come of it."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from contracts import conversation as c
from contracts.announcement import Announcement
from contracts.identity import conversation_stream, person_stream
from contracts.labels import Labels
from contracts.proposal import TurnProposal
from contracts.recorded import Cause, Subject
from domain.conversation import conversation
from domain.person import person
from domain.policy import Policy
from domain.turn.second_opinion import VERSION
from domain.turn.settlement import settle
from services.adapters.model_judge import open_judge
from services.evaluator import Evaluator
from services.runtime.console.story import tell
from services.runtime.ports import Entry
from tests.adapters import fake_providers
from tests.adapters.fake_providers import Providers
from tests.facts import ADA, BRIEF, KNOWN, NOON, TALK, sid, turn_id
from tests.journal_in_memory import MemoryJournal

WORDS = "How do I get a break from my mother Junebug?"
GOOD = "That sounds tiring. Who could sit with her for an hour this week?"
BAD = "You qualify for Medicaid."
ASKED = {"google": "google:gemini-3.8-flash", "openai": "openai:gpt-5-mini"}
USAGE = c.Usage(model_asked="offline", requests=1, input_tokens=7, cost_microdollars=0)


@pytest.fixture(scope="module")
def served() -> Iterator[Providers]:
    with fake_providers.running() as made:
        yield made


@pytest.fixture
def providers(served: Providers) -> Providers:
    served.forget()
    return served


async def drafted(journal: MemoryJournal, *replies: str) -> Announcement:
    """Append an open turn whose last draft waits for its verdict; those before were sent back."""
    subject, stream = Subject(ADA, 1), conversation_stream(TALK)
    facts: list[Any] = [
        c.ConversationStarted(person_id=ADA, generation=1, initiated_by="person", at=NOON),
        c.MessageReceived(sid=sid(1), text=WORDS, received_at=NOON),
        c.TurnAdmitted(
            turn_id=turn_id(1), trigger="text", covers_from=1, covers_through=1, due_at=NOON,
            labels=Labels(), brief=BRIEF,
        ),
    ]  # fmt: skip
    for number, reply in enumerate(replies):
        facts.append(
            c.ReplyDrafted(
                turn_id=turn_id(1),
                covers_from=1,
                covers_through=1,
                proposal=TurnProposal(reply=reply),
                usage=USAGE,
            )
        )
        if number + 1 < len(replies):
            facts.append(
                c.DraftRefused(
                    turn_id=turn_id(1),
                    draft_version=len(facts),
                    action="repair",
                    flags=(),
                    rule_set="evaluator-1",
                )
            )
    entries = [
        Entry(person_stream(ADA), 0, "", KNOWN, subject),
        Entry(stream, 0, "", tuple(facts), subject),
    ]
    last = (await journal.save(entries, Cause("in", "in"), NOON))[-1]
    return Announcement(
        fact=last.fact.name,
        stream=stream,
        version=last.version,
        position=last.position,
        at=NOON,
        cause="in",
        correlation="in",
    )


async def verdict(
    providers: Providers, provider: str, case: str, *replies: str, times: int = 1
) -> tuple[c.DraftApproved | c.DraftRefused, MemoryJournal]:
    journal = MemoryJournal()
    told = await drafted(journal, *replies)
    url = f"{providers.url}/{case}" + ("/v1" if provider == "openai" else "")
    judge = open_judge(ASKED[provider], {provider: "k"}, timeout_s=0.5, base_urls={provider: url})
    clock = SimpleNamespace(now=lambda: NOON)
    outside: Any = SimpleNamespace(journal=journal, policy=Policy(), judge=judge, clock=clock)
    evaluator = Evaluator(outside)
    for _ in range(times):
        await evaluator.run(told)
    await judge.aclose()
    talk = (await journal.read(conversation, told.stream)).state
    assert talk.open_turn is not None
    given = talk.open_turn.drafts[-1].verdict
    assert given is not None
    return given, journal


@pytest.mark.parametrize("provider", list(ASKED))
@pytest.mark.parametrize(
    ("case", "opinion", "action"),
    [
        ("judge_sends", "send", "approve"),
        ("judge_revises", "revise", "repair"),
        ("judge_blocks", "block", "repair"),
    ],
)
async def test_an_opinion_on_the_wire(
    providers: Providers, provider: str, case: str, opinion: str, action: str
) -> None:
    given, _ = await verdict(providers, provider, case, GOOD)

    assert (given.action if isinstance(given, c.DraftRefused) else "approve") == action
    judgement = given.judgement
    assert judgement is not None
    assert (judgement.opinion, judgement.version) == (opinion, VERSION)
    assert GOOD in judgement.prompt
    assert (judgement.usage.model_asked, judgement.usage.requests) == (ASKED[provider], 1)
    assert judgement.usage.input_tokens >= 800
    assert judgement.usage.cost_microdollars
    if opinion != "send":
        assert [(flag.flag, flag.span) for flag in given.flags] == [
            (f"judge_{opinion}", judgement.reason)
        ]


async def test_the_person_cannot_talk_to_the_judge(providers: Providers) -> None:
    await verdict(providers, "google", "judge_sends", GOOD)

    assert "Junebug" not in str(providers.asked)


@pytest.mark.parametrize(
    ("case", "failure"),
    [("500", "ModelServerError"), ("hang", "Timeout"), ("plain", ""), ("judge_writes", "")],
)
async def test_a_judge_that_fails_leaves_the_rules_verdict(
    providers: Providers, case: str, failure: str
) -> None:
    given, journal = await verdict(providers, "google", case, GOOD)

    assert isinstance(given, c.DraftApproved)
    assert given.judgement is not None
    assert given.judgement.opinion is None
    assert given.judgement.failure.startswith(failure)
    assert given.judgement.failure
    assert await traced(journal) == ("failed", ("evaluator-1", VERSION))


async def test_nobody_is_asked_about_what_the_rules_refuse(providers: Providers) -> None:
    given, _ = await verdict(providers, "google", "judge_sends", BAD)

    assert isinstance(given, c.DraftRefused)
    assert given.judgement is None
    assert not providers.asked


@pytest.mark.parametrize(
    ("case", "action"), [("judge_revises", "approve"), ("judge_blocks", "fallback")]
)
async def test_a_repaired_draft_is_sent_back_no_more(
    providers: Providers, case: str, action: str
) -> None:
    given, _ = await verdict(providers, "openai", case, GOOD, GOOD)

    assert (given.action if isinstance(given, c.DraftRefused) else "approve") == action


async def test_a_repeated_announcement_asks_once_and_its_cost_is_the_turns(
    providers: Providers,
) -> None:
    _, journal = await verdict(providers, "openai", "judge_sends", GOOD, times=2)

    assert len(providers.asked) == 1
    turn = (await journal.read(conversation, conversation_stream(TALK))).state.open_turn
    assert turn is not None
    assert [one.model_asked for one in turn.usage] == ["offline", ASKED["openai"]]


async def test_it_is_told_on_the_console(providers: Providers) -> None:
    _, journal = await verdict(providers, "openai", "judge_revises", GOOD)

    [turn] = tell(TALK, await journal.history(conversation_stream(TALK))).turns
    assert [draft.opinion for draft in turn.drafted] == ["revise: Name the night."]
    assert [one.model_asked for one in turn.usage] == ["offline", ASKED["openai"]]


async def traced(journal: MemoryJournal) -> tuple[str | None, tuple[str, ...]]:
    talk = (await journal.read(conversation, conversation_stream(TALK))).state
    whom = (await journal.read(person, person_stream(ADA))).state
    facts = settle(TALK, whom, talk, NOON, Policy()).facts[conversation_stream(TALK)]
    committed = next(fact for fact in facts if isinstance(fact, c.TurnCommitted))
    return committed.trace.judged, committed.trace.rule_sets[1:]
