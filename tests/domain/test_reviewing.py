"""What a reviewer may do in a conversation, and what happens meanwhile."""

from contracts import conversation as c
from domain.conversation.decisions import Draft, asked, drafted
from domain.conversation.reviewing import (
    Facts,
    ReviewRefused,
    Write,
    end,
    hand_back,
    retry,
    take_over,
    withdraw,
    write,
)
from domain.turn.judging import judged
from domain.turn.settlement import settle, waiting
from tests.facts import KNOWN, World, later, proposal, usage
from tests.projections.stories import attempted, deferred, failed, requested, sent, unknown


def texted(words: str = "How do I get a break?") -> World:
    world = World(*KNOWN)
    world.text(words)
    return world


def taken(world: World) -> World:
    world.said(*take_over(world.talk, "grace", later(1)))
    return world


def said(world: World, text: str = "I am Grace. How are you?", sms_id: str = "w1") -> Facts:
    facts = write(world.talk, Write(sms_id, text, "grace", later(5)), world.policy)
    world.said(*facts)
    return facts


def refusal(of: object, *given: object) -> str:
    try:
        of(*given)  # type: ignore[operator]
    except ReviewRefused as refused:
        return str(refused)
    raise AssertionError("it was not refused")


def names(facts: Facts) -> list[str]:
    return [type(fact).__name__ for fact in facts]


def draft(world: World) -> tuple[object, ...]:
    turn = world.talk.open_turn
    assert turn is not None
    made = Draft(turn.turn_id, turn.covers_from, turn.covers_through, usage(), proposal())
    facts = drafted(world.talk, made)
    world.said(*facts)
    return facts


def test_while_a_reviewer_answers_the_model_is_not_asked() -> None:
    world = texted()
    trigger = world.talk.version
    assert asked(world.talk, trigger, later(9)).turn is not None

    taken(world)

    assert asked(world.talk, trigger, later(9)).turn is None
    world.text("hello?", later(2))
    assert asked(world.talk, world.talk.version, later(9)).turn is None


def test_a_draft_of_before_or_meanwhile_is_not_sent() -> None:
    world = texted()
    assert draft(world)
    version = world.talk.version
    taken(world)

    assert judged(world.person, world.talk, version, world.policy) == ()
    assert waiting(world.talk) == 0
    assert settle(world.talk_id, world.person, world.talk, later(3), world.policy).facts == {}
    assert draft(world) == ()


def test_gates_answer_all_the_same() -> None:
    world = taken(texted())
    world.text("I want to kill myself", later(3))

    settled = settle(world.talk_id, world.person, world.talk, later(4), world.policy)

    assert {"conversation", "safety"} <= {stream.partition("-")[0] for stream in settled.facts}


def test_a_reviewers_text_answers_what_was_open() -> None:
    world = taken(texted())

    assert names(said(world)) == ["TurnSuperseded", "SmsRequested"]

    assert world.talk.open_turn is None
    told = world.talk.outbox.texts["w1"]
    assert (told.kind, told.answers_at, told.turn_id) == ("reply", later(0), None)
    assert names(said(world)) == []


def test_only_who_took_over_writes_and_only_something_sendable() -> None:
    world = texted()
    command = Write("w1", "Hello", "grace", later(5))
    assert "first" in refusal(write, world.talk, command, world.policy)
    taken(world)
    for text, by, why in (
        (" ", "grace", "empty"), ("x" * 1601, "grace", "1600"), ("Hello", "eve", "Somebody else"),
    ):  # fmt: skip
        command = Write("w1", text, by, later(5))
        assert why in refusal(write, world.talk, command, world.policy)


def test_handed_back_the_agent_answers_what_nobody_answered() -> None:
    world = taken(texted())
    facts = hand_back(world.talk, "grace", later(9))
    assert names(facts) == ["ConversationHandedBack", "TurnAdmitted"]
    world.said(*facts)

    found = asked(world.talk, world.talk.version, later(9))

    assert found.turn is not None
    assert found.wait_s == 0
    assert draft(world)
    assert hand_back(world.talk, "grace", later(10)) == ()


def test_handed_back_after_an_answer_nothing_is_open() -> None:
    world = taken(texted())
    said(world)

    assert names(hand_back(world.talk, "grace", later(9))) == ["ConversationHandedBack"]


def test_one_takes_over_from_another() -> None:
    world = taken(texted())

    assert take_over(world.talk, "grace", later(2)) == ()
    assert names(take_over(world.talk, "eve", later(2))) == ["ConversationTakenOver"]


def test_an_end_waits_for_the_agents_answer_but_not_for_a_reviewers() -> None:
    world = texted()
    assert names(end(world.talk, later(1))) == ["ConversationEndWanted"]

    facts = end(taken(world).talk, later(2))

    assert names(facts) == ["TurnSuperseded", "ConversationEnded"]
    world.said(*facts)
    assert (world.talk.status, world.talk.ended, world.talk.taken_by) == (
        "ended",
        "operator",
        None,
    )
    assert end(world.talk, later(3)) == ()
    assert "over" in refusal(take_over, world.talk, "grace", later(3))


def test_what_has_not_left_is_taken_back() -> None:
    world = texted()
    world.said(requested("a"), requested("b"), deferred("b"), requested("c"), attempted("c"))

    for sms_id in ("a", "b"):
        world.said(*withdraw(world.talk, sms_id))
        assert world.talk.outbox.texts[sms_id].status == "withheld"
        assert withdraw(world.talk, sms_id) == ()
    assert "too late" in refusal(withdraw, world.talk, "c")
    assert "no such" in refusal(withdraw, world.talk, "d")


def test_a_text_that_waits_is_looked_at_now() -> None:
    world = texted()
    world.said(requested("a"), deferred("a", later(9_000)))

    [released] = retry(world.talk, "a", "grace", later(5), world.policy)

    assert isinstance(released, c.SmsReleased)
    world.said(released)
    assert world.talk.outbox.texts["a"].status == "requested"


def test_a_text_that_failed_is_sent_again_once() -> None:
    world = texted()
    world.said(requested("a"), attempted("a"), failed("a"))

    facts = retry(world.talk, "a", "grace", later(5), world.policy)

    assert names(facts) == ["SmsRequested"]
    world.said(*facts)
    assert world.talk.outbox.texts["a.again"].text == world.talk.outbox.texts["a"].text
    assert retry(world.talk, "a", "grace", later(6), world.policy) == ()


def test_what_may_have_left_is_not_repeated() -> None:
    world = texted()
    world.said(requested("a"), attempted("a"))
    assert "right now" in refusal(retry, world.talk, "a", "g", later(5), world.policy)
    world.said(unknown("a"))
    assert "Nobody knows" in refusal(retry, world.talk, "a", "g", later(5), world.policy)
    world.said(sent("a"))
    assert "left already" in refusal(retry, world.talk, "a", "g", later(5), world.policy)
