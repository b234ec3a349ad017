"""A text is heard: once, in order, by the first gate that rules or by the model."""

from datetime import timedelta

from contracts import conversation as c
from contracts import person as p
from contracts.follow_up import FollowUpScheduled
from domain.gates import GATES
from domain.person import wording
from tests.facts import ADA, KNOWN, NOON, POLICY, World, evidence, later, registered


def test_the_order_of_the_gates_is_the_decided_one() -> None:
    names = [gate.__name__ for gate in GATES]

    assert names == [
        "stop", "help_", "share", "pending_yes", "start", "crisis", "passive_death",
        "burnout_escape", "isolation", "stranger", "consent", "limits",
    ]  # fmt: skip


def test_a_known_person_is_admitted_and_a_conversation_begins() -> None:
    world = World(*KNOWN)

    world.text("How do I get a break this week?")

    assert world.names() == ["ConversationStarted", "MessageReceived", "TurnAdmitted"]
    assert world.person.conversation_id == world.talk_id
    assert world.talk.open_turn is not None
    assert (world.talk.open_turn.covers_from, world.talk.open_turn.covers_through) == (1, 1)


def test_a_burst_is_one_turn_with_a_later_deadline() -> None:
    from dataclasses import replace

    world = World(*KNOWN, policy=replace(POLICY, coalesce_s=4, coalesce_most_s=15))
    for second, words in enumerate(("hello there", "my mom fell", "and I don't know who to ask")):
        world.at = later(second * 3)
        world.text(words)

    turn = world.talk.open_turn
    assert turn is not None
    assert (turn.covers_from, turn.covers_through) == (1, 3)
    assert turn.due_at == later(10)
    assert len({fact.turn_id for fact in _admissions(world)}) == 1


def test_a_burst_does_not_wait_for_ever() -> None:
    from dataclasses import replace

    world = World(*KNOWN, policy=replace(POLICY, coalesce_s=4, coalesce_most_s=15))
    for second in range(0, 30, 3):
        world.at = later(second)
        world.text(f"and another thing number {second}")

    assert world.talk.open_turn is not None
    assert world.talk.open_turn.due_at == later(27)


def _admissions(world: World) -> list[c.TurnAdmitted]:
    facts = world.streams[f"conversation-{world.talk_id}"]
    return [fact for fact in facts if isinstance(fact, c.TurnAdmitted)]


def test_stop_revokes_and_supersedes_the_open_turn() -> None:
    world = World(*KNOWN)
    world.text("Can you tell me about respite care?")

    world.text("STOP", later(5))

    assert world.person.consent == "revoked"
    assert world.talk.open_turn is None
    assert world.names()[-2:] == ["TurnSuperseded", "TurnAnswered"]
    answer = world.last(c.TurnAnswered)
    assert isinstance(answer, c.TurnAnswered)
    assert (answer.gate, answer.reply, answer.ends) == ("stop", None, "opted_out")


def test_stop_in_other_words_is_confirmed_once_by_us() -> None:
    world = World(*KNOWN)

    world.text("please stop texting me")

    answer = world.last(c.TurnAnswered)
    assert isinstance(answer, c.TurnAnswered)
    assert answer.kind == "opt_out"
    assert answer.reply == wording.STOPPED


def test_the_service_confirms_where_it_owns_opt_outs() -> None:
    from dataclasses import replace

    world = World(*KNOWN, policy=replace(POLICY, opt_out_owner="service"))

    world.text("STOP")

    answer = world.last(c.TurnAnswered)
    assert isinstance(answer, c.TurnAnswered)
    assert answer.reply == wording.STOPPED


def test_an_opt_out_that_is_a_crisis_is_both() -> None:
    world = World(*KNOWN)

    world.text("stop texting me, I'm going to kill myself tonight")

    answer = world.last(c.TurnAnswered)
    assert isinstance(answer, c.TurnAnswered)
    assert world.person.consent == "revoked"
    assert world.person.phase == "crisis"
    assert answer.gate == "stop"
    assert answer.safety is not None
    assert "988" in (answer.reply or "")


def test_help_leaves_the_open_turn_open() -> None:
    from dataclasses import replace

    world = World(*KNOWN, policy=replace(POLICY, opt_out_owner="service"))
    world.text("What can I do about her sleep?")

    world.text("HELP", later(3))

    assert world.talk.open_turn is not None
    assert world.talk.open_turn.covers_through == 1
    assert world.names()[-1] == "TurnAnswered"


def test_start_found_late_changes_nothing() -> None:
    revoked = p.ConsentRevoked(evidence=evidence(later(-60)))
    world = World(*KNOWN, revoked)

    world.text("START", later(-120))

    assert world.person.consent == "revoked"


def test_start_brings_back() -> None:
    world = World(*KNOWN, p.ConsentRevoked(evidence=evidence(later(-60))))

    world.text("START")

    assert world.person.consent == "granted"


def test_yes_grants_only_while_the_question_is_open() -> None:
    asked = p.ConsentRequested(evidence=evidence(later(-3600)))
    late = p.ConsentRequested(evidence=evidence(later(-25 * 3600)))
    for facts, consent in (((registered(), asked), "granted"), ((registered(), late), "pending")):
        world = World(*facts)

        world.text("Yes please")

        assert world.person.consent == consent


def test_no_to_the_question_is_a_revocation() -> None:
    world = World(registered(), p.ConsentRequested(evidence=evidence(later(-60))))

    world.text("no thanks")

    assert world.person.consent == "revoked"


def test_a_stranger_is_answered_once_a_day() -> None:
    world = World()
    world.text("hi, who is this?")
    first = world.last(c.TurnAnswered)
    world.at = NOON + timedelta(hours=1)
    world.text("hello??")
    second = world.last(c.TurnAnswered)
    world.at = NOON + timedelta(hours=25)
    world.text("anyone")
    third = world.last(c.TurnAnswered)

    assert isinstance(first, c.TurnAnswered)
    assert isinstance(second, c.TurnAnswered)
    assert isinstance(third, c.TurnAnswered)
    assert [bool(answer.reply) for answer in (first, second, third)] == [True, False, True]
    assert POLICY.signup_url in (first.reply or "")


def test_a_stranger_in_crisis_is_met() -> None:
    world = World()

    world.text("I want to kill myself")

    answer = world.last(c.TurnAnswered)
    assert isinstance(answer, c.TurnAnswered)
    assert answer.kind == "crisis"
    assert answer.reply
    assert world.person.phase == "crisis"


def test_a_revoked_person_in_crisis_opens_a_case_in_silence() -> None:
    world = World(*KNOWN, p.ConsentRevoked(evidence=evidence(later(-60))))

    world.text("I want to kill myself")

    answer = world.last(c.TurnAnswered)
    assert isinstance(answer, c.TurnAnswered)
    assert answer.reply is None
    assert answer.safety is not None


def test_a_picture_alone_is_told_once_a_day_that_it_cannot_be_read() -> None:
    world = World(*KNOWN)

    world.text("", media=1)

    answer = world.last(c.TurnAnswered)
    assert isinstance(answer, c.TurnAnswered)
    assert answer.reply == wording.ONLY_TEXT


def test_an_erased_person_begins_a_new_generation_without_memory() -> None:
    kept = p.MemoryKept(
        key="care:recipient", value="mom", evidence_sid="SM1", conversation_id="c" * 32
    )
    world = World(*KNOWN, kept, p.Erased(person_id=ADA, at=later(-10)))

    world.text("hello again")

    assert world.person.generation == 2
    assert not world.person.memory
    assert world.person.consent == "pending"
    assert world.last(FollowUpScheduled) is None


def test_whoever_texts_more_than_the_hourly_limit_is_not_answered_until_it_is_over() -> None:
    world = World(*KNOWN)
    for number in range(POLICY.rate_limit_per_hour + 1):
        world.at = later(number)
        world.text(f"another thing, number {number}")

    assert world.names()[-2:] == ["MessageReceived", "TurnAnswered"]
    answer = world.last(c.TurnAnswered)
    assert isinstance(answer, c.TurnAnswered)
    assert (answer.gate, answer.reply) == ("limits", None)

    world.at = later(3_660)
    world.text("and an hour later")

    assert world.names()[-1] == "TurnAdmitted"


def test_a_stranger_in_danger_is_given_the_lines_of_their_country_at_once() -> None:
    world = World()

    world.text("I am going to kill myself tonight")

    answer = world.last(c.TurnAnswered)
    assert isinstance(answer, c.TurnAnswered)
    assert answer.gate == "crisis"
    assert "988" in (answer.reply or "")
