"""A journal came from an older backup: what the carrier shows was said is not said again."""

from datetime import timedelta
from typing import Any

import pytest

from contracts import conversation as c
from contracts import escalation as e
from contracts import follow_up as f
from contracts.agent import EscalationUpdated
from contracts.identity import follow_up_stream
from contracts.safety import SafetyCaseOpened
from domain.escalation import escalation
from domain.follow_up import follow_up
from domain.follow_up.promises import safety_check
from domain.restoring import (
    Sent,
    Settled,
    Told,
    answers_to,
    lost,
    lost_escalation,
    lost_follow_up,
    settle_lost,
    told_last,
)
from domain.turn.settlement import CHECK, settle
from tests.facts import ADA, KNOWN, NOON, POLICY, TALK, World, later, sid, somebody, turn_id


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


# What we had begun

UPDATE = {"escalation_id": "e-1", "at": NOON}
ASKED = e.EscalationRequested(
    person_id=ADA, generation=1, priority="normal", kind="question", text="Roll back?",
    expects_reply=True, expires_at=later(9_000), at=NOON,
)  # fmt: skip


def _told(*statuses: str) -> Told | None:
    updates = [EscalationUpdated.model_validate({**UPDATE, "status": each}) for each in statuses]
    return told_last(updates).get("e-1")


@pytest.mark.parametrize(
    ("known", "statuses", "sent", "end"),
    [
        ((), (), (), None),
        ((), ("held",), (), ("held", False)),
        ((), ("started", "sent", "answered"), (), ("answered", True)),
        ((ASKED,), (), (), None),
        ((ASKED,), ("held",), (), None),
        ((ASKED,), ("started", "sent"), (), ("sent", False)),
        ((ASKED,), (), ("Roll back?\nI am an AI.",), (None, False)),
        ((ASKED,), ("held",), ("Rested?",), None),
        ((ASKED,), ("started", "expired"), (), ("expired", True)),
        ((ASKED, "started"), ("started", "sent"), (), None),
        ((ASKED, "started"), ("sent", "answered"), (), ("answered", True)),
        ((ASKED, e.EscalationCancelled(at=NOON)), ("cancelled",), (), None),
    ],
)
def test_an_escalation_that_had_come_further_is_over(
    known: tuple[Any, ...],
    statuses: tuple[str, ...],
    sent: tuple[str, ...],
    end: tuple[str | None, bool] | None,
) -> None:
    begun = e.EscalationStarted(
        conversation_id=TALK, sms_id="escalation-e-1", closes_at=later(9_000), at=NOON
    )
    state = escalation.fold(begun if each == "started" else each for each in known)
    texts = [Sent(sid(count), text, later(60)) for count, text in enumerate(sent)]

    facts = lost_escalation("e-1", state, somebody(*KNOWN), _told(*statuses), texts, later(99))

    lost = [fact for fact in facts.get("escalation-e-1", ()) if isinstance(fact, e.EscalationLost)]
    assert [(fact.told, fact.final) for fact in lost] == ([] if end is None else [end])
    after = escalation.fold(facts.get("escalation-e-1", ()), state)
    if end is not None:
        told_now = [change.reason for change in after.untold]
        assert told_now == ([] if end[1] else ["restored"])
    again = lost_escalation("e-1", after, somebody(*KNOWN), _told(*statuses), texts, later(99))
    assert end is None or (after.over and not again)


@pytest.mark.parametrize(
    ("due", "sent_at", "happened"),
    [(60, 90, True), (60, 30, True), (600, 90, False), (6_000, 6_001, False), (60, None, False)],
)
def test_a_follow_up_that_seems_to_have_happened_does_not_happen_again(
    due: float, sent_at: float | None, happened: bool
) -> None:
    scheduled = f.FollowUpScheduled(
        person_id=ADA, conversation_id=TALK, kind="reminder", purpose="rest", due_at=later(due)
    )
    sent = [] if sent_at is None else [Sent(sid(1), "Rest, you said.", later(sent_at))]

    facts = lost_follow_up(turn_id(5), follow_up.fold([scheduled]), sent, later(1_000))

    cancelled = (f.FollowUpCancelled(reason="restored"),)
    assert facts == ({follow_up_stream(turn_id(5)): cancelled} if happened else {})


DAY = 86_400


@pytest.mark.parametrize(
    ("left", "now", "due", "left_then"),
    [(7, 7.5, 14, 6), (7, 15, 21, 5), (1, 7.5, 14, 0), (1, 15, None, None), (0, 7.5, None, None)],
)
def test_check_ins_go_on_after_one_that_seems_to_have_happened(
    left: int, now: float, due: int | None, left_then: int | None
) -> None:
    first = f.FollowUpScheduled(
        person_id=ADA, conversation_id=TALK, kind="check_in", purpose="to be asked",
        due_at=later(7 * DAY), every_days=7, left=left,
    )  # fmt: skip
    sent = [Sent(sid(1), "How are things going today?", later(7 * DAY + 5))]

    facts = lost_follow_up(turn_id(5), follow_up.fold([first]), sent, later(now * DAY))

    [_, *more] = [fact for each in facts.values() for fact in each]
    wanted = [] if due is None else [
        first.model_copy(update={"due_at": later(due * DAY), "left": left_then})
    ]  # fmt: skip
    assert more == wanted


@pytest.mark.parametrize(
    ("text", "happened"), [("Rest, you said.", False), (f"{CHECK} Call 988.", True)]
)
def test_the_check_on_somebody_in_a_crisis_is_not_left_out_for_other_words(
    text: str, happened: bool
) -> None:
    check = safety_check(ADA, TALK, "critical", NOON, grave=True)
    sent = [Sent(sid(1), text, check.due_at + timedelta(seconds=9))]

    at = check.due_at + timedelta(hours=1)
    assert bool(lost_follow_up(turn_id(5), follow_up.fold([check]), sent, at)) is happened
