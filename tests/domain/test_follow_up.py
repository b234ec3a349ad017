"""Follow-ups: the check after a danger, the check-ins agreed to, and what holds each back."""

from datetime import datetime, timedelta

import pytest

from contracts import conversation as c
from contracts import follow_up as f
from contracts import person as p
from contracts.base import Contract
from contracts.identity import follow_up_stream
from contracts.personal import ERASED
from domain.conversation.state import Conversation
from domain.follow_up import follow_up
from domain.follow_up.decisions import Fire, fire
from domain.follow_up.promises import CHECKING, check_ins, safety_check
from domain.person.state import Person
from domain.segments import count
from domain.turn.evaluator import Circumstances, judge
from domain.turn.settlement import CHECK, settle
from tests.facts import (
    ADA,
    KNOWN,
    NOON,
    POLICY,
    TALK,
    World,
    evidence,
    later,
    proposal,
    registered,
    somebody,
    turn_id,
    usage,
)

NIGHT = datetime.fromisoformat("2026-11-25T03:00:00+00:00")  # ten in the evening in New York
DAY = timedelta(days=1)


def test_a_promise_made_before_an_erasure_is_not_kept_to_who_is_known_anew() -> None:
    promise = follow_up.fold(
        [
            f.FollowUpScheduled(
                person_id=ADA, conversation_id=TALK, kind="check_in", purpose=ERASED, due_at=NOON
            )
        ]
    )
    command = Fire(turn_id(1), later(1), turn_id(2), turn_id(3))

    fired = fire(promise, somebody(*KNOWN), Conversation(), command, POLICY)

    facts = [fact for more in fired.facts.values() for fact in more]
    assert facts == [f.FollowUpCancelled(reason="erased")]


def settled(world: World, at: datetime) -> list[Contract]:
    now = settle(world.talk_id, world.person, world.talk, at, world.policy)
    world.append(dict(now.facts))
    return [fact for facts in now.facts.values() for fact in facts]


def scheduled(facts: list[Contract]) -> list[f.FollowUpScheduled]:
    return [fact for fact in facts if isinstance(fact, f.FollowUpScheduled)]


def fired(
    promise: f.FollowUpScheduled, who: Person, at: datetime, talk: Conversation | None = None
) -> list[Contract]:
    command = Fire(turn_id(1), at, turn_id(2), turn_id(3))
    found = fire(follow_up.fold([promise]), who, talk or Conversation(), command, POLICY)
    return [fact for facts in found.facts.values() for fact in facts]


CRISIS = somebody(*KNOWN, p.PhaseChanged(phase="crisis"))
CHECK_AT_NIGHT = safety_check(ADA, TALK, "critical", NIGHT, grave=True)


@pytest.mark.parametrize(
    ("text", "minutes", "urgent"),
    [
        ("I want to kill myself", 15, True),
        ("I wish I could just not wake up", 60, True),
        ("I'm walking out on her tonight and not coming back", 360, False),
    ],
)
def test_a_danger_promises_a_check_in_the_save_that_opens_its_case(
    text: str, minutes: int, urgent: bool
) -> None:
    world = World(*KNOWN)
    world.text(text)
    (check,) = scheduled(settled(world, later(1)))

    assert (check.kind, check.urgent) == ("safety_check", urgent)
    assert check.due_at == later(1) + timedelta(minutes=minutes)
    assert world.talk.check_at == check.due_at
    assert world.person.memory["safety:event"].startswith("2026-11-24 ")


def test_one_check_is_enough_for_all_that_is_said_before_it() -> None:
    world = World(*KNOWN)
    world.text("I want to kill myself")
    settled(world, later(1))
    world.text("I really want to kill myself", later(20))
    again = scheduled(settled(world, later(21)))
    world.text("I want to kill myself tonight", later(1200))
    after = scheduled(settled(world, later(1201)))

    assert again == []
    assert len(after) == 1
    assert world.person.memory["safety:event"].count("critical") == 3


@pytest.mark.parametrize(
    "facts",
    [
        (registered(),),
        (registered(), p.ConsentRevoked(evidence=evidence(later(-60)))),
    ],
)
def test_nobody_is_promised_a_check_who_has_not_agreed(facts: tuple[Contract, ...]) -> None:
    world = World(*facts)
    world.text("I want to kill myself")
    done = settled(world, later(1))

    assert scheduled(done) == []
    assert "SafetyCaseOpened" in [type(fact).__name__ for fact in done]


def test_the_check_waits_neither_for_the_night_to_end_nor_for_the_crisis() -> None:
    done = fired(CHECK_AT_NIGHT, CRISIS, NIGHT + timedelta(minutes=15))

    admitted = next(fact for fact in done if isinstance(fact, c.TurnAdmitted))
    assert admitted.trigger == "follow_up"
    assert admitted.brief.priority == CHECKING
    assert (admitted.labels.domain, admitted.labels.risk) == ("safety", "elevated")


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (somebody(*KNOWN), "resolved"),
        (somebody(*KNOWN, p.ConsentRevoked(evidence=evidence())), "revoked"),
        (somebody(registered(), p.PhaseChanged(phase="crisis")), "no_consent"),
        (somebody(*KNOWN, p.Erased(person_id=ADA, at=NOON)), "erased"),
    ],
)
def test_what_cancels_a_check(who: Person, reason: str) -> None:
    (fact,) = fired(CHECK_AT_NIGHT, who, NIGHT + timedelta(minutes=15))

    assert isinstance(fact, f.FollowUpCancelled)
    assert fact.reason == reason


def talking(at: datetime, *more: Contract) -> Conversation:
    world = World(*KNOWN)
    world.at = at
    world.text("I want to kill myself", at)
    settled(world, at)
    world.said(*more)
    return world.talk


def test_a_check_does_not_cut_in_while_they_text_or_a_reviewer_is_with_them() -> None:
    at = NIGHT + timedelta(minutes=15)
    (waits,) = fired(CHECK_AT_NIGHT, CRISIS, at, talking(at - timedelta(minutes=9)))
    taken = c.ConversationTakenOver(by="grace", at=at)
    (left,) = fired(CHECK_AT_NIGHT, CRISIS, at, talking(NIGHT, taken))

    assert isinstance(waits, f.FollowUpDeferred)
    assert (waits.reason, waits.until) == ("talking", at + timedelta(minutes=6))
    assert isinstance(left, f.FollowUpCancelled)
    assert left.reason == "reviewer"


def test_the_check_of_a_lesser_danger_waits_for_the_morning() -> None:
    check = safety_check(ADA, TALK, "medium", NIGHT, grave=False)
    (fact,) = fired(check, somebody(*KNOWN), NIGHT + timedelta(hours=6))

    assert isinstance(fact, f.FollowUpDeferred)
    assert fact.reason == "quiet_hours"


def checked(world: World) -> World:
    """Let the check after a crisis fire in the conversation that is open."""
    world.text("I want to kill myself")
    (check,) = scheduled(settled(world, later(1)))
    command = Fire(turn_id(77), check.due_at, world.fresh(), world.fresh())
    found = fire(follow_up.fold([check]), world.person, world.talk, command, world.policy)
    world.append(dict(found.facts))
    return world


def test_the_check_leaves_as_a_crisis_text_and_opens_no_case_of_its_own() -> None:
    world = checked(World(*KNOWN))
    turn = world.talk.open_turn
    assert turn is not None
    verdict = judge(
        proposal(CHECK),
        Circumstances(labels=turn.labels, phase="crisis", country="US", safety_case_open=True),
    )
    assert (verdict.action, verdict.safety) == ("approve", "watch")
    world.said(
        c.ReplyDrafted(
            turn_id=turn.turn_id, covers_from=2, covers_through=1, proposal=proposal(CHECK),
            usage=usage(),
        )
    )  # fmt: skip
    world.said(
        c.DraftApproved(
            turn_id=turn.turn_id, draft_version=world.talk.version, text=CHECK, rule_set="r"
        )
    )
    done = settled(world, later(1000))

    text = next(fact for fact in done if isinstance(fact, c.SmsRequested))
    assert (text.kind, text.priority) == ("crisis", "urgent")
    assert scheduled(done) == []
    assert "SafetyCaseOpened" not in [type(fact).__name__ for fact in done]


def test_without_a_model_the_check_has_fixed_words_with_the_line_of_the_country() -> None:
    world = checked(World(*KNOWN))
    turn = world.talk.open_turn
    assert turn is not None
    world.said(
        c.ModelFailed(
            turn_id=turn.turn_id, covers_from=2, covers_through=1, kind="timeout", usage=usage()
        )
    )
    text = next(fact for fact in settled(world, later(1000)) if isinstance(fact, c.SmsRequested))

    assert CHECK in text.text
    assert "988" in text.text
    assert count(text.text).encoding == "gsm7"


@pytest.mark.parametrize(
    ("often", "days"), [("daily", 1), ("weekly", 7), ("monthly", 30), ("never", None)]
)
def test_check_ins_are_promised_as_often_as_agreed(often: str, days: int | None) -> None:
    first = check_ins(ADA, TALK, often, NOON)

    assert (first and first.due_at) == (days and NOON + days * DAY)


def test_check_ins_follow_one_another_until_the_last_and_never_after_a_no() -> None:
    promise = check_ins(ADA, TALK, "weekly", NOON)
    streams = set()
    count_ = 0
    while promise is not None:
        done = fired(promise, somebody(*KNOWN), promise.due_at)
        (promise,) = scheduled(done) or (None,)
        count_ += 1
        streams.add(follow_up_stream(turn_id(count_)))
    assert count_ == 8

    no = p.MemoryKept(
        key="profile:check_in", value="never", evidence_sid="SM1", conversation_id=TALK
    )
    first = check_ins(ADA, TALK, "weekly", NOON)
    assert first is not None
    (fact,) = fired(first, somebody(*KNOWN, no), first.due_at)
    assert isinstance(fact, f.FollowUpCancelled)
    assert fact.reason == "unwanted"


def test_agreeing_to_check_ins_promises_the_first_one() -> None:
    world = World(registered(), p.ConsentGranted(evidence=evidence(later(-60))),
                  p.LoopStageAdvanced(loop_stage="profile"),
                  p.ProfileAsked(question="check_in", at=NOON))  # fmt: skip
    world.text("weekly")

    promised = world.last(f.FollowUpScheduled)
    assert isinstance(promised, f.FollowUpScheduled)
    assert (promised.kind, promised.due_at) == ("check_in", NOON + 7 * DAY)
