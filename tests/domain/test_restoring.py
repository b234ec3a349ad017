"""A journal came from an older backup: what the carrier shows was said is not said again."""

from datetime import timedelta

from contracts import conversation as c
from contracts.safety import SafetyCaseOpened
from domain.restoring import Sent, Settled, answers_to, lost, settle_lost
from domain.turn.settlement import settle
from tests.facts import KNOWN, POLICY, World, later, sid


def _sent(text: str, seconds: float, number: int = 900, *, delivered: bool = False) -> Sent:
    return Sent(sid(number), text, later(seconds), delivered)


def _settled(world: World, *sent: Sent) -> Settled:
    found = settle_lost(world.talk_id, world.person, world.talk, sent, later(600), POLICY)
    world.append(dict(found.facts))
    return found


def _requested() -> World:
    """Return a world in which the answer to SHARE is asked for and not tried."""
    world = World(*KNOWN)
    world.text("SHARE")
    world.append(dict(settle(world.talk_id, world.person, world.talk, later(1), POLICY).facts))
    return world


def test_a_text_that_was_sent_gets_its_attempt() -> None:
    world = _requested()
    [text] = world.talk.outbox.texts.values()

    found = _settled(world, _sent(text.text, 3, delivered=True))

    assert world.talk.outbox.texts[text.sms_id].status == "delivered"
    assert world.talk.outbox.bound() == {sid(900)}
    [attempted, sent, _] = found.facts[f"conversation-{world.talk_id}"]
    assert isinstance(attempted, c.SmsAttempted)
    assert isinstance(sent, c.SmsSent)
    version = len(world.streams[f"conversation-{world.talk_id}"]) - 2
    assert attempted.attempt_id == sent.attempt_id == f"{world.talk_id}.{version}"
    assert found.left == ()


def test_a_text_that_nobody_sent_stays_to_be_sent() -> None:
    world = _requested()
    [text] = world.talk.outbox.texts.values()

    _settled(world, _sent("something else", 3), _sent(text.text, -4000, 901))

    assert world.talk.outbox.texts[text.sms_id].status == "requested"


def test_what_is_settled_once_is_not_settled_again() -> None:
    world = _requested()
    [text] = world.talk.outbox.texts.values()
    sent = _sent(text.text, 3)
    _settled(world, sent)

    again = _settled(world, *lost([sent], world.talk.outbox.bound()))

    assert not any(again.facts.values())


def test_an_answer_that_was_given_is_committed_in_silence() -> None:
    world = World(*KNOWN)
    world.text("SHARE")

    _settled(world, _sent("the invitation", 3))

    assert "TurnCommitted" in world.names()
    assert "SmsRequested" not in world.names()
    assert not world.talk.answers


def test_an_open_turn_that_was_answered_is_superseded() -> None:
    world = World(*KNOWN)
    world.text("How do I get a break?")

    _settled(world, _sent("Try the respite line.", 5))

    last = world.last(c.TurnSuperseded)
    assert isinstance(last, c.TurnSuperseded)
    assert last.reason == "restored"
    assert world.talk.open_turn is None


def test_an_open_turn_that_nobody_answered_stays_open() -> None:
    world = World(*KNOWN)
    world.text("How do I get a break?")

    _settled(world, _sent("an older text", -60))

    assert world.talk.open_turn is not None


def test_somebody_in_danger_is_answered_unless_that_very_text_was_sent() -> None:
    for sent, asked in (("See you tomorrow.", True), (None, False)):
        world = World(*KNOWN)
        world.text("I want to kill myself")
        [answer] = world.talk.answers.values()
        reply = answer.fact.reply or ""

        _settled(world, _sent(sent or reply, 5))
        settled = settle(world.talk_id, world.person, world.talk, later(601), POLICY)
        world.append(dict(settled.facts))

        assert ("SmsRequested" in world.names()) == asked
        assert world.last(SafetyCaseOpened) is not None


def test_a_lost_text_is_heard_and_not_answered_again() -> None:
    world = World(*KNOWN)

    _hear(world, "How do I get a break?", ("Try the respite line.",))

    assert world.names() == ["ConversationStarted", "MessageReceived", "TurnAnswered"]
    answer = world.last(c.TurnAnswered)
    assert isinstance(answer, c.TurnAnswered)
    assert (answer.gate, answer.reply) == ("restored", None)


def test_a_lost_opt_out_counts_and_is_not_confirmed_again() -> None:
    world = World(*KNOWN)

    _hear(world, "please stop texting me", ("You are unsubscribed.",))

    assert world.person.consent == "revoked"
    answer = world.last(c.TurnAnswered)
    assert isinstance(answer, c.TurnAnswered)
    assert answer.reply is None


def test_a_lost_cry_for_help_is_answered_where_nothing_shows_that_it_was() -> None:
    world = World(*KNOWN)

    _hear(world, "I want to kill myself", ("See you tomorrow.",))

    answer = world.last(c.TurnAnswered)
    assert isinstance(answer, c.TurnAnswered)
    assert answer.reply is not None
    assert answer.safety is not None


def test_only_what_was_said_after_a_text_answers_it() -> None:
    sent = [_sent("before", -2), _sent("at once", 0), _sent("after", 9)]
    assert answers_to(sent, later(0) + timedelta(milliseconds=300)) == ("at once", "after")


def _hear(world: World, words: str, said_since: tuple[str, ...]) -> None:
    world.text(words, said_since=said_since)
