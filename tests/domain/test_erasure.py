"""A person is erased: what is settled with them, what survives, and what begins anew."""

from collections.abc import Mapping, Sequence

import pytest

from contracts import conversation as c
from contracts import person as p
from contracts.base import Contract
from domain.conversation import conversation
from domain.conversation.decisions import Draft, drafted
from domain.conversation.state import Conversation
from domain.person.erasure import Erase, belongings, erase, must_be_heard
from domain.turn.settlement import settle, waiting
from tests.facts import ADA, KNOWN, POLICY, TALK, World, later, proposal, usage

ERASE = Erase(ADA, later(100))


def _erased(world: World) -> dict[str, tuple[Contract, ...]]:
    owned = belongings(world.streams[f"person-{ADA}"])
    talks = {
        each: conversation.fold(world.streams[f"conversation-{each}"])
        for each in owned.conversations
    }
    facts = dict(erase(world.person, talks, ERASE))
    _hold_no_word(facts)
    world.append(facts)
    return facts


class _NoKey:
    """Seals for somebody who has no key any more."""

    def seal(self, text: str) -> str:
        raise AssertionError("a personal text in a fact that is stored as its key goes")

    def open(self, sealed: str) -> str:
        raise NotImplementedError


def _hold_no_word(facts: Mapping[str, Sequence[Contract]]) -> None:
    for stream in facts.values():
        for fact in stream:
            fact.model_dump_json(context=_NoKey())


def _first(world: World) -> Conversation:
    """Return the conversation of before the erasure, which its person has forgotten."""
    opened = next(
        fact for fact in world.streams[f"person-{ADA}"] if isinstance(fact, p.ConversationOpened)
    )
    return conversation.fold(world.streams[f"conversation-{opened.conversation_id}"])


def test_an_open_turn_is_superseded_and_its_conversation_ends() -> None:
    world = World(*KNOWN)
    world.text("How do I get a break?")
    turn, talk = world.talk.open_turn, f"conversation-{world.talk_id}"
    assert turn is not None

    facts = _erased(world)

    superseded, ended = facts[talk]
    assert superseded == c.TurnSuperseded(turn_id=turn.turn_id, reason="erased")
    assert isinstance(ended, c.ConversationEnded)
    assert ended.reason == "erased"
    closed, erased = facts[f"person-{ADA}"]
    assert isinstance(closed, p.ConversationClosed)
    assert erased == p.Erased(person_id=ADA, at=ERASE.at)


def test_a_draft_of_before_finds_no_turn_any_more() -> None:
    world = World(*KNOWN)
    world.text("How do I get a break?")
    turn = world.talk.open_turn
    assert turn is not None
    _erased(world)

    late = Draft(turn.turn_id, 1, 1, usage(), proposal())

    assert drafted(_first(world), late) == ()


def test_an_answer_that_was_not_committed_never_is() -> None:
    world = World(*KNOWN)
    world.text("HELP")
    assert waiting(world.talk) == 1

    _erased(world)

    talk = _first(world)
    assert waiting(talk) == 0
    assert not settle(TALK, world.person, talk, later(101), POLICY).facts


def test_a_text_that_has_not_left_never_will() -> None:
    world = World(*KNOWN)
    world.text("SHARE")
    settled = settle(world.talk_id, world.person, world.talk, later(1), POLICY)
    world.append(dict(settled.facts))
    [text] = world.talk.outbox.texts.values()

    _erased(world)

    assert _first(world).outbox.texts[text.sms_id].status == "withheld"


def test_erasing_again_is_nothing() -> None:
    world = World(*KNOWN)
    world.text("Hello?")
    assert _erased(world)
    assert not _erased(world)


def test_nobody_is_not_erased() -> None:
    assert not erase(World().person, {}, ERASE)


def test_a_text_after_an_erasure_begins_anew_without_memory_and_without_consent() -> None:
    world = World(*KNOWN)
    world.append(
        {
            f"person-{ADA}": (
                p.MemoryKept(
                    key="k", value="v", evidence_sid="SM" + "0" * 32, conversation_id="c" * 32
                ),
            )
        }
    )
    _erased(world)

    world.at = later(200)
    world.text("Hello again")

    assert world.person.generation == 2
    assert world.person.consent == "pending"
    assert world.person.memory == {}
    assert not world.person.known


@pytest.mark.parametrize("again", [False, True])
def test_a_revocation_outlives_the_person(again: bool) -> None:
    world = World(*KNOWN)
    world.text("STOP")
    assert world.person.consent == "revoked"

    _erased(world)
    if again:
        world.at = later(200)
        world.text("Hello again")

    assert world.person.consent == "revoked"
    assert world.person.revoked_at is not None


def test_a_revocation_that_a_backup_forgot_is_written_down_before_the_erasure() -> None:
    world = World(*KNOWN)

    facts = erase(world.person, {}, Erase(ADA, later(100), revoked_at=later(50)))

    revoked, erased = facts[f"person-{ADA}"]
    assert isinstance(revoked, p.ConsentRevoked)
    assert revoked.evidence.at == later(50)
    assert isinstance(erased, p.Erased)


@pytest.mark.parametrize(
    ("text", "at", "heard"),
    [
        ("When is the pharmacy open?", 0, False),
        ("START", 0, False),
        ("STOP", 0, True),
        ("please stop texting me", 0, True),
        ("I want to kill myself", 0, True),
        ("When is the pharmacy open?", 200, True),
    ],
)
def test_what_waits_unheard_goes_with_the_person_but_for_an_opt_out_or_a_cry_for_help(
    text: str,
    at: int,
    heard: bool,
) -> None:
    assert must_be_heard(text, later(at), ERASE.at) is heard
