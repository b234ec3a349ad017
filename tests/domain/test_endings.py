"""How conversations end: by words, by judgement, by silence, by others; and what holds them."""

from dataclasses import replace
from typing import Any, Literal

import pytest

from contracts import conversation as c
from contracts import person as p
from contracts.base import Contract
from contracts.texts import EndReason
from domain.conversation.ending import idle, said_farewell, wanted
from domain.conversation.reviewing import hand_back, take_over
from domain.turn.closing import is_closing, is_soft
from domain.turn.keywords import is_stop
from domain.turn.settlement import settle
from tests.facts import ADA, KNOWN, NOON, POLICY, World, later, proposal, usage

IN_CRISIS = p.PhaseChanged(phase="crisis")


@pytest.mark.parametrize(
    "text",
    [
        "done", "Done.", "that's all", "That’s all, thanks!", "thats all for now", "bye", "BYE!!",
        "ok bye", "thanks, bye", "thank you that's all", "no that's it", "all set", "goodbye",
        "Talk later", "gracias eso es todo", "Gracias, eso es todo.", "adiós", "Adios, gracias",
        "ok thanks that is all for today", "hasta luego", "listo",
        "thats all bye", "that's it, talk later", "listo, adios", "done. bye, thanks",
    ],
)  # fmt: skip
def test_closing_words(text: str) -> None:
    assert is_closing(text)
    assert not is_soft(text)
    assert not is_stop(text)


@pytest.mark.parametrize(
    "text", ["thanks", "Thank you!", "ok thanks", "thx", "gracias", "Muchas gracias!", "great, ty"]
)
def test_soft_words(text: str) -> None:
    assert is_soft(text)
    assert not is_closing(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "ok", "END", "CANCEL", "QUIT", "stop", "I'm done", "I'm done with everything",
        "that's all I can take", "bye bye cruel world", "that's all, cruel world bye", "is that all?", "thanks but how do I apply?",
        "that's all she said and then she fell", "gracias a dios que llamaste", "what a day",
    ],
)  # fmt: skip
def test_words_that_end_nothing(text: str) -> None:
    assert not is_closing(text)
    assert not is_soft(text)


@pytest.mark.parametrize("text", ["END", "CANCEL", "QUIT", "end", "Cancel"])
def test_reserved_words_are_opt_outs(text: str) -> None:
    world = World(*KNOWN)
    world.text("How do I get a break this week?")
    world.text(text, later(1))

    _settle(world)

    assert world.person.consent == "revoked"
    assert _reason(world) == "opted_out"


# What the person says, how the model judges, what the person's past is: how it ends.


@pytest.mark.parametrize(
    ("words", "complete", "before", "reason"),
    [
        ("that's all", False, (), "done"),
        ("gracias eso es todo", False, (), "done"),
        ("How do I get a break this week?", True, (), "natural"),
        ("How do I get a break this week?", False, (), None),
        ("thanks", False, (), None),
        ("How do I get a break this week?", True, (IN_CRISIS,), None),
        ("that's all", True, (IN_CRISIS,), None),
    ],
)
def test_an_answered_turn(
    words: str, complete: bool, before: tuple[Contract, ...], reason: EndReason | None
) -> None:
    world = World(*KNOWN, *before)
    world.text(words)
    _approve(world, complete=complete)

    _settle(world)

    assert _reason(world) == reason
    assert (world.person.conversation_id is None) == (reason is not None)


def test_the_model_that_calls_for_a_person_does_not_end() -> None:
    world = World(*KNOWN)
    world.text("How do I get a break this week?")
    _approve(world, complete=True, safety="needs_human")

    _settle(world)

    assert world.talk.status == "active"
    assert world.talk.concerned


def test_a_case_opened_in_the_conversation_holds_the_model_and_soft_words() -> None:
    world = World(*KNOWN)
    world.text("How do I get a break this week?")
    _approve(world, safety="needs_human")
    _settle(world)
    world.at = later(60)
    world.text("thanks")
    _approve(world, complete=True)
    _settle(world, 61)
    _sent(world)

    assert world.talk.status == "active"
    assert world.talk.closes_at is None
    assert said_farewell(world.talk, world.person, later(3_000)) == ()
    assert _reasons(idle(world.talk, later(3_000), 30)) == ["timeout"]


def test_closing_words_end_though_no_model_answered() -> None:
    world = World(*KNOWN)
    world.text("bye")
    turn = world.talk.open_turn
    assert turn is not None
    world.said(
        c.ModelFailed(
            turn_id=turn.turn_id, covers_from=1, covers_through=1, kind="timeout", usage=usage()
        )
    )

    _settle(world)

    assert _reason(world) == "done"


# Soft words: five quiet minutes, if nothing is open.


def _thanked() -> World:
    world = World(*KNOWN)
    world.text("thanks")
    _approve(world)
    _settle(world, 0)
    _sent(world)
    return world


def test_after_soft_words_five_quiet_minutes_end() -> None:
    world = _thanked()

    assert said_farewell(world.talk, world.person, later(299)) == ()
    assert _reasons(said_farewell(world.talk, world.person, later(300))) == ["natural"]


def test_whoever_writes_on_after_soft_words_has_not_left() -> None:
    world = _thanked()
    world.at = later(100)
    world.text("and how do I apply for it?")
    _approve(world)
    _settle(world, 101)
    _sent(world)

    assert said_farewell(world.talk, world.person, later(500)) == ()


def test_soft_words_end_nothing_while_their_answer_is_on_its_way() -> None:
    world = World(*KNOWN)
    world.text("thanks")
    _approve(world)
    _settle(world, 0)

    assert said_farewell(world.talk, world.person, later(400)) == ()


def test_soft_words_end_nothing_in_a_crisis() -> None:
    world = _thanked()
    world.append({f"person-{ADA}": (IN_CRISIS,)})

    assert said_farewell(world.talk, world.person, later(400)) == ()


def test_soft_words_end_nothing_while_the_agent_waits_for_an_answer() -> None:
    world = _thanked()
    asked = p.QuestionPending(
        escalation_id="e-1", conversation_id=world.talk_id, expects_reply=True, at=later(1)
    )
    world.append({f"person-{ADA}": (asked,)})

    assert world.person.question is not None
    assert said_farewell(world.talk, world.person, later(400)) == ()


@pytest.mark.parametrize(
    ("ends", "text", "complete", "reason"),
    [
        ({"words", "thanks", "judgement"}, "bye", False, "done"),
        ({"thanks", "judgement"}, "bye", False, None),
        ({"judgement"}, "I'll try that", True, "natural"),
        ({"words", "thanks"}, "I'll try that", True, None),
        (set(), "bye", True, None),
    ],
)
def test_ends_that_a_number_does_not_have(
    ends: set[Any], text: str, complete: bool, reason: str | None
) -> None:
    world = World(*KNOWN, policy=replace(POLICY, ends=frozenset(ends)))
    world.text(text)
    _approve(world, complete=complete)
    _settle(world)

    assert world.talk.ended == reason


@pytest.mark.parametrize(("ends", "waits"), [({"thanks"}, True), ({"words"}, False)])
def test_thanks_end_something_only_where_they_should(ends: set[Any], waits: bool) -> None:
    world = World(*KNOWN, policy=replace(POLICY, ends=frozenset(ends), farewell_minutes=2))
    world.text("thanks")
    _approve(world)
    _settle(world, 60)

    assert (world.talk.closes_at == later(60 + 120)) is waits
    assert (world.talk.closes_at is None) is not waits


# Silence.


def test_idle_counts_from_the_last_text_either_way_and_never_in_an_open_turn() -> None:
    world = World(*KNOWN)
    world.text("How do I get a break this week?")
    assert idle(world.talk, later(10_000), 30) == ()
    _approve(world)
    _settle(world, 60)
    _sent(world)

    assert idle(world.talk, later(60 + 1_799), 30) == ()
    assert _reasons(idle(world.talk, later(60 + 1_800), 30)) == ["timeout"]


def test_a_reviewer_may_take_a_day_and_silence_counts_anew_when_they_hand_back() -> None:
    world = World(*KNOWN)
    world.text("How do I get a break this week?")
    _approve(world)
    _settle(world, 60)
    _sent(world)
    world.said(*take_over(world.talk, "rita", later(120)))

    assert idle(world.talk, later(120 + 86_399), 30) == ()
    assert _reasons(idle(world.talk, later(120 + 86_400), 30)) == ["timeout"]
    world.said(*hand_back(world.talk, "rita", later(7_200)))
    assert idle(world.talk, later(7_200 + 1_799), 30) == ()
    assert _reasons(idle(world.talk, later(7_200 + 1_800), 30)) == ["timeout"]


# The agent and operators.


@pytest.mark.parametrize("reason", ["agent", "operator"])
def test_others_end_a_quiet_conversation_at_once(reason: Literal["agent", "operator"]) -> None:
    world = _thanked()

    assert _reasons(wanted(world.talk, reason, later(9))) == [reason]


@pytest.mark.parametrize("reason", ["agent", "operator"])
def test_others_wait_until_the_unanswered_text_has_its_answer(
    reason: Literal["agent", "operator"],
) -> None:
    world = World(*KNOWN)
    world.text("How do I get a break this week?")

    world.said(*wanted(world.talk, reason, later(1)))

    assert world.talk.status == "active"
    assert wanted(world.talk, "operator", later(2)) == ()
    _approve(world)
    _settle(world)
    assert world.names()[-3:] == ["TurnCommitted", "SmsRequested", "ConversationEnded"]
    assert _reason(world) == reason


def test_a_wanted_end_waits_for_the_rest_of_the_texts() -> None:
    world = World(*KNOWN)
    world.text("How do I get a break this week?")
    world.said(*wanted(world.talk, "operator", later(1)))
    for number in range(3):
        version = _draft(world)
        world.text(f"and one more thing {number}", later(2 + number))
        _verdict(world, version)
        _settle(world, 3 + number)
    assert world.talk.status == "active"
    _approve(world)
    _settle(world, 9)

    assert _reason(world) == "operator"


def test_a_wanted_end_comes_with_a_gates_answer_too() -> None:
    world = World(*KNOWN)
    world.text("HELP")
    world.said(*wanted(world.talk, "agent", later(1)))

    _settle(world)

    assert _reason(world) == "agent"


def test_nobody_ends_what_is_over() -> None:
    world = World(*KNOWN)
    world.text("bye")
    _approve(world)
    _settle(world)

    assert wanted(world.talk, "operator", later(9)) == ()
    assert idle(world.talk, later(9_000), 30) == ()


def test_an_opt_out_ends_at_once_and_supersedes_the_open_turn() -> None:
    world = World(*KNOWN)
    world.text("How do I get a break this week?")
    world.text("stop texting me", later(1))

    assert "TurnSuperseded" in world.names()
    _settle(world)
    assert _reason(world) == "opted_out"


# Builders


def _draft(world: World) -> int:
    turn = world.talk.open_turn
    assert turn is not None
    world.said(
        c.ReplyDrafted(
            turn_id=turn.turn_id,
            covers_from=turn.covers_from,
            covers_through=turn.covers_through,
            proposal=proposal(),
            usage=usage(),
        )
    )
    return world.talk.version


def _verdict(world: World, version: int, **more: Any) -> None:
    turn = world.talk.open_turn
    assert turn is not None
    fact = {"turn_id": turn.turn_id, "draft_version": version, "text": "Okay.", "rule_set": "r"}
    world.said(c.DraftApproved.model_validate({**fact, **more}))


def _approve(world: World, **more: Any) -> None:
    _verdict(world, _draft(world), **more)


def _settle(world: World, seconds: float = 5) -> None:
    settled = settle(world.talk_id, world.person, world.talk, later(seconds), world.policy)
    world.append(dict(settled.facts))


def _sent(world: World) -> None:
    for number, text in enumerate(world.talk.outbox.texts.values()):
        attempt = f"{world.talk_id}.{world.talk.version + 1 + number}"
        world.said(
            c.SmsAttempted(
                attempt_id=attempt, sms_id=text.sms_id, started_at=NOON, deadline_at=later(15)
            ),
            c.SmsSent(
                attempt_id=attempt, sms_id=text.sms_id, provider_sid="SM" + "e" * 32,
                status="queued", via="answer",
            ),
        )  # fmt: skip


def _reasons(facts: tuple[Contract, ...]) -> list[str]:
    return [fact.reason for fact in facts if isinstance(fact, c.ConversationEnded)]


def _reason(world: World) -> str | None:
    return world.talk.ended
