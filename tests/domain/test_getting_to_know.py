"""From consent to knowing each other: one question at a time, skippable, politely interrupted."""

import pytest

from contracts import conversation as c
from contracts import person as p
from contracts.base import Contract
from contracts.labels import Labels
from domain import segments
from domain.person.profile import QUESTIONS, answer, next_question, worded
from domain.person.state import Person
from domain.turn.asking import LEFT_OUT, room_for, with_question
from domain.turn.plain_answers import FORGOTTEN, SETTLED, UNCHECKED
from domain.turn.settlement import settle
from tests.facts import (
    ADA,
    NOON,
    TALK,
    World,
    evidence,
    later,
    proposal,
    registered,
    somebody,
    usage,
)

AGREED = (
    registered(),
    p.ConsentGranted(evidence=evidence(later(-60))),
    p.LoopStageAdvanced(loop_stage="profile"),
)


def asked(question: str) -> p.ProfileAsked:
    return p.ProfileAsked(question=question, at=NOON)  # type: ignore[arg-type]


def kept(key: str, value: str) -> p.MemoryKept:
    return p.MemoryKept(key=key, value=value, evidence_sid="SM0", conversation_id=TALK)


def commit(world: World, text: str = "I see.", seconds: float = 1) -> str:
    """Let the model say a text, and return what leaves."""
    turn = world.talk.open_turn
    assert turn is not None
    world.said(
        c.ReplyDrafted(
            turn_id=turn.turn_id,
            covers_from=turn.covers_from,
            covers_through=turn.covers_through,
            proposal=proposal(text),
            usage=usage(),
        )
    )
    world.said(
        c.DraftApproved(
            turn_id=turn.turn_id, draft_version=world.talk.version, text=text, rule_set="r"
        )
    )
    return settled(world, seconds)


def settled(world: World, seconds: float = 1) -> str:
    now = settle(world.talk_id, world.person, world.talk, later(seconds), world.policy)
    world.append(dict(now.facts))
    requested = world.last(c.SmsRequested)
    assert isinstance(requested, c.SmsRequested)
    return requested.text


def test_the_whole_way_from_a_first_text_to_an_active_person() -> None:
    world = World(registered())
    world.text("hello")
    settled(world)
    world.text("YES", later(2))
    settled(world, 3)
    assert (world.person.loop_stage, world.person.phase) == ("profile", "onboarding")
    world.text("hello", later(4))
    assert commit(world, "Hello.", 5).endswith("Hello. What should I call you? You can say skip.")
    said = {
        "Ana": "Thank you, Ana. Who do you care for?",
        "my mom": "Thank you. In a sentence or two: how do things look at home right now?",
    }
    for number, (text, reply) in enumerate(said.items()):
        world.text(text, later(10 + number))
        assert settled(world, 10 + number) == reply
    world.text("She moved in last spring and sleeps little", later(20))
    assert world.talk.open_turn is not None
    commit(world, "That is a lot of nights.", 21)
    assert world.person.asking == "weighs"
    world.text("skip", later(22))
    assert settled(world, 22).startswith("That's fine. What's your ZIP")
    world.text("10001", later(23))
    assert (
        settled(world, 23) == "Thank you. May I check in with you by text: daily, weekly or never?"
    )
    world.text("weekly please", later(24))
    assert settled(world, 24) == SETTLED
    assert (world.person.loop_stage, world.person.phase) == ("active", "active")
    assert dict(world.person.memory) == {
        "profile:first_name": "Ana",
        "care:recipient": "my mom",
        "care:situation": "She moved in last spring and sleeps little",
        "profile:zip_code": "10001",
        "profile:check_in": "weekly",
    }
    assert world.person.display_name == "Ana"


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("name", "Ana", "Ana"),
        ("name", "it's ana maria.", "Ana Maria"),
        ("name", "Me llamo José", "José"),
        ("name", "skip", None),
        ("name", "I'd rather not say", None),
        ("name", "no", None),
        ("recipient", "my mom", "my mom"),
        ("recipient", "My husband Joe.", "My husband Joe"),
        ("recipient", "mi mama", "mi mama"),
        ("place", "10001", "10001"),
        ("place", "zip is 10001-2345", "10001"),
        ("place", "it's SW1A 1AA", "SW1A 1AA"),
        ("timezone", "central", "America/Chicago"),
        ("timezone", "I'm in Pacific time", "America/Los_Angeles"),
        ("check_in", "weekly", "weekly"),
        ("check_in", "once a week please", "weekly"),
        ("check_in", "every day", "daily"),
        ("check_in", "no", "never"),
        ("check_in", "skip", None),
        ("situation", "It is hard since the fall", "It is hard since the fall"),
    ],
)
def test_plain_answers(question: str, text: str, value: str | None) -> None:
    found = answer(somebody(*AGREED, asked(question)), text, later(60))

    assert found is not None
    assert (found.question.question, found.value) == (question, value)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("name", "exhausted"),
        ("name", "why do you need that?"),
        ("name", "I can't sleep at night any more"),
        ("name", "yes"),
        ("recipient", "well it is a long story about my mom and my dad and the house"),
        ("recipient", "nobody"),
        ("place", "near the river"),
        ("timezone", "the usual"),
        ("check_in", "she sleeps all day"),
        ("situation", "bad"),
    ],
)
def test_what_is_no_answer_goes_to_the_model_and_the_question_waits(
    question: str, text: str
) -> None:
    assert answer(somebody(*AGREED, asked(question)), text, later(60)) is None


@pytest.mark.parametrize(
    "more",
    [
        (p.PhaseChanged(phase="crisis"),),
        (p.PhaseChanged(phase="paused"),),
        (p.ConsentRevoked(evidence=evidence(later(1))),),
        (p.LoopStageAdvanced(loop_stage="active"),),
        (p.ProfileSettled(question="name", outcome="skipped"),),
    ],
)
def test_nothing_is_read_as_an_answer_of_who_is_not_being_asked(
    more: tuple[Contract, ...],
) -> None:
    assert answer(somebody(*AGREED, asked("name"), *more), "Ana", later(60)) is None


def test_a_word_a_day_later_is_a_word() -> None:
    assert answer(somebody(*AGREED, asked("name")), "Ana", later(25 * 3600)) is None


@pytest.mark.parametrize(
    ("facts", "question"),
    [
        ((), "name"),
        ((kept("profile:preferred_name", "Ana"),), "recipient"),
        ((asked("name"),), "name"),
        ((asked("name"), asked("name")), "recipient"),
        ((p.ProfileSettled(question="name", outcome="skipped"),), "recipient"),
        (tuple(kept(key, "x") for each in QUESTIONS for key in each.keys[:1]), None),
    ],
)
def test_what_is_asked_next(facts: tuple[Contract, ...], question: str | None) -> None:
    found = next_question(somebody(*AGREED, *facts))

    assert (found.question if found else None) == question


def test_the_time_zone_is_asked_only_where_a_number_could_be_in_several() -> None:
    several = p.Registered(
        generation=1, number="+15005550006", source="sms", country="US",
        zones=("America/New_York", "America/Chicago"),
    )  # fmt: skip
    known = tuple(kept(each.keys[0], "x") for each in QUESTIONS if each.keys)

    found = next_question(somebody(several, *AGREED[1:], *known))
    assert found is not None
    assert found.question == "timezone"
    assert next_question(somebody(*AGREED, *known)) is None


@pytest.mark.parametrize(
    ("labels", "room"),
    [
        (Labels(), True),
        (Labels(domain="respite"), True),
        (Labels(domain="emotional_support"), False),
        (Labels(domain="grief_end_of_life"), False),
        (Labels(domain="medication"), False),
        (Labels(risk="elevated"), False),
        (Labels(urgency="now"), False),
    ],
)
def test_a_question_is_added_only_where_there_is_room(labels: Labels, room: bool) -> None:
    assert (room_for(somebody(*AGREED), labels) is not None) is room


def test_a_reply_that_asks_something_or_is_long_has_no_room() -> None:
    who, first = somebody(*AGREED), QUESTIONS[0]

    assert with_question("Is she asleep?", first, who, "", 3) is None
    assert with_question("Long. " * 76, first, who, "", 3) is None
    assert with_question("All right.", first, who, "hola", 3) == (
        "All right. Como te llamas? Puedes decir saltar."
    )


def test_a_cry_for_help_comes_first_and_the_question_waits() -> None:
    world = World(*AGREED, asked("name"))
    world.text("I want to kill myself")
    assert "988" in settled(world)
    assert world.person.asking == "name"
    world.text("Ana", later(5))
    assert world.talk.open_turn is not None
    assert "name" not in world.person.profile_settled


def test_a_real_question_is_answered_first_and_ours_is_asked_again_once() -> None:
    world = World(*AGREED)
    world.text("hi")
    assert "What should I call you?" in commit(world)
    world.text("do you know a place for respite?", later(2))
    assert world.talk.open_turn is not None
    assert world.talk.open_turn.brief.next_step == LEFT_OUT
    assert "What should I call you?" in commit(world, "There may be one near you.", 3)
    world.text("and for a ride to the clinic?", later(4))
    assert "Who do you care for?" in commit(world, "There may be one for that.", 5)


def test_once_everything_was_asked_in_vain_the_two_know_each_other_well_enough() -> None:
    twice = tuple(asked(each.question) for each in QUESTIONS for _ in range(2))
    world = World(*AGREED, *twice)
    world.text("what a day, the clinic again")
    commit(world)

    assert (world.person.loop_stage, world.person.phase) == ("active", "active")


def test_whom_an_operator_added_is_asked_nothing() -> None:
    world = World(registered(), p.ConsentGranted(evidence=evidence(later(-60))),
                  p.LoopStageAdvanced(loop_stage="active"))  # fmt: skip
    world.text("hi")

    assert commit(world).endswith("I see.")
    assert world.person.asking is None


def test_who_left_before_any_consent_and_came_back_is_got_to_know() -> None:
    world = World(registered(), p.ConsentRevoked(evidence=evidence(later(-60))))
    world.text("START")

    assert world.person.loop_stage == "profile"


def test_a_wish_to_be_forgotten_is_done_and_said() -> None:
    world = World(*AGREED, p.LoopStageAdvanced(loop_stage="active"),
                  kept("care:conditions", "dementia"), kept("profile:city", "Reno"))  # fmt: skip
    world.text("Please forget her diagnosis")

    assert settled(world).endswith(FORGOTTEN)
    assert dict(world.person.memory) == {"profile:city": "Reno"}
    assert "MemoryForgotten" in world.names(f"person-{ADA}")
    world.text("forget it", later(5))
    assert world.talk.open_turn is not None


def test_fixed_words_cost_no_second_alphabet_and_invite_no_reserved_word() -> None:
    texts = [FORGOTTEN, SETTLED, UNCHECKED]
    texts += [
        worded(Person(), each, spanish=spanish) for each in QUESTIONS for spanish in (True, False)
    ]
    for text in texts:
        assert segments.count(text).encoding == "gsm7"
        assert not any(word in text.split() for word in ("STOP", "YES", "HELP", "END", "QUIT"))


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("stop the check-ins", True),
        ("No more check ins please", True),
        ("please don't send any more weekly check-ins", True),
        ("i don't want the check-ins anymore", True),
        ("what are these check-ins?", False),
        ("I stopped the check-ins of the nurse", False),
    ],
)
def test_check_ins_alone_can_be_taken_back(text: str, ends: bool) -> None:
    world = World(*AGREED, p.LoopStageAdvanced(loop_stage="active"),
                  kept("profile:check_in", "weekly"))  # fmt: skip
    world.text(text)

    assert world.person.consent == "granted"
    assert (world.person.memory["profile:check_in"] == "never") is ends
    assert (world.talk.open_turn is None) is ends
    if ends:
        assert settled(world).endswith(UNCHECKED)


@pytest.mark.parametrize("text", ["dementia meds", "Can't cope", "lonely"])
def test_an_illness_or_a_cry_is_no_name(text: str) -> None:
    world = World(*AGREED, asked("name"))
    world.text(text)

    assert world.person.display_name is None
