"""The agent needs a person: what becomes of that, told as stories, and as anything at all."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import conversation as c
from contracts import escalation as e
from contracts import person as p
from domain.escalation import escalation
from domain.escalation.decisions import updates
from tests.escalation_world import Needed
from tests.facts import ADA, KNOWN, NOON, POLICY, evidence, later, registered

NIGHT = NOON + timedelta(hours=12)  # midnight in New York


def test_a_question_opens_a_conversation_is_answered_and_the_agent_hears_of_it() -> None:
    world = Needed()
    world.ask("e-1", project_id="p-1", reply_options=["1", "2"], priority="urgent")

    assert world.send("accepted", "delivered") == [
        "Parley, automated: Is e-1 all right?\nAnswer with 1 or 2."
    ]
    started = world.streams[f"conversation-{world.talk_id}"][0]
    assert isinstance(started, c.ConversationStarted)
    assert (started.initiated_by, started.escalation_id, started.project_id) == (
        "agent", "e-1", "p-1",
    )  # fmt: skip
    world.at = later(60)
    world.text("1.")
    world.tell()

    assert world.statuses("e-1") == ["started", "sent", "delivered", "answered"]
    answer = world.told["e-1"][-1].answer
    assert answer is not None
    assert (answer.text, answer.at) == ("1.", later(60))
    assert world.person.question is None
    replied = world.last(c.TurnAnswered)
    assert isinstance(replied, c.TurnAnswered)
    assert replied.gate == "question"


def test_it_joins_the_conversation_that_is_open_and_waits_for_nobody() -> None:
    world = Needed()
    world.text("How do I get a break?")
    talk_id = world.talk_id
    world.ask("e-1")

    assert world.talk_id == talk_id
    assert "SmsRequested" in world.names()
    assert world.names().count("ConversationStarted") == 1


def test_only_the_wanted_answers_count_where_some_are_given() -> None:
    world = Needed()
    world.ask("e-1", reply_options=["yes", "no"])
    world.send()
    world.text("What is this about?")
    assert world.person.question is not None
    assert world.last(c.TurnAdmitted) is not None

    world.text("YES please")
    world.tell()
    assert world.statuses("e-1")[-1] == "answered"


@pytest.mark.parametrize("words", ["STOP", "HELP", "I want to kill myself", "SHARE"])
def test_what_a_gate_takes_is_never_the_answer(words: str) -> None:
    world = Needed()
    world.ask("e-1")
    world.send()
    world.text(words)
    world.tell()

    assert "answered" not in world.statuses("e-1")


def test_a_text_before_the_question_has_left_is_no_answer() -> None:
    world = Needed()
    world.ask("e-1")
    world.text("How do I get a break?")
    world.send()
    assert world.person.question is not None
    world.text("written long before", at=later(-600))
    assert world.person.question is not None
    world.text("now I have read it")
    assert world.person.question is None


def test_an_answer_finds_its_question_in_whichever_conversation() -> None:
    world = Needed()
    world.ask("e-1")
    world.send()
    first = world.talk_id
    ended = c.ConversationEnded(person_id=ADA, reason="timeout", at=later(3600))
    closed = p.ConversationClosed(conversation_id=first, reason="timeout")
    world.append({f"conversation-{first}": (ended,), f"person-{ADA}": (closed,)})
    world.at = later(7200)
    world.text("All is well")
    world.tell()

    assert world.told["e-1"][-1].status == "answered"
    assert world.told["e-1"][-1].conversation_id == world.talk_id != first


def test_one_at_a_time_the_most_urgent_next() -> None:
    world = Needed()
    for name, priority in (("e-1", "normal"), ("e-2", "normal"), ("e-3", "urgent")):
        world.ask(name, priority=priority)
    assert world.statuses("e-2") == world.statuses("e-3") == ["held question_pending"]
    assert len(world.send()) == 1

    world.text("fine")
    world.next()

    assert world.statuses("e-3")[-1] == "started"
    assert world.statuses("e-2") == ["held question_pending"]


def test_one_without_a_reply_is_over_when_it_is_delivered() -> None:
    world = Needed()
    world.ask("e-1", expects_reply=False)
    world.send("accepted", "delivered")

    assert world.statuses("e-1") == ["started", "sent", "delivered"]
    assert world.person.question is None
    world.text("thanks, but this answers nothing")
    world.tell()
    assert world.statuses("e-1") == ["started", "sent", "delivered"]


def test_one_without_a_reply_or_a_report_is_over_a_day_after_it_was_sent() -> None:
    world = Needed()
    world.ask("e-1", expects_reply=False, expires_at=later(600).isoformat())
    world.send()
    world.at = later(86_000)
    world.look("e-1")
    assert world.statuses("e-1") == ["started", "sent"]
    world.at = later(86_400)
    world.look("e-1")

    assert world.statuses("e-1") == ["started", "sent", "sent unconfirmed"]
    assert world.escalation("e-1").over
    assert world.person.question is None


def test_quiet_hours_hold_all_but_what_is_urgent_and_agreed() -> None:
    agreed = Needed(*KNOWN, p.UrgentAgreed(evidence=evidence()))
    for world in (Needed(), agreed):
        world.at = NIGHT
        world.ask("e-1", priority="high")
        world.ask("e-2", priority="urgent")
        assert world.statuses("e-1")[0] == "held quiet_hours"
    assert agreed.statuses("e-2") == ["started"]
    assert len(agreed.send()) == 1

    world = Needed()
    world.at = NIGHT
    world.ask("e-2", priority="urgent")
    assert world.statuses("e-2") == ["held quiet_hours"]
    until = world.escalation("e-2").until
    assert until is not None
    assert until.astimezone(NOON.tzinfo).hour == 14  # nine in New York
    world.look("e-2")
    assert world.names("escalation-e-2").count("EscalationHeld") == 1
    world.at = until
    world.look("e-2")
    assert world.statuses("e-2") == ["held quiet_hours", "started"]


def test_in_a_crisis_nothing_is_begun_and_nothing_leaves() -> None:
    world = Needed()
    world.ask("e-1")
    world.append({f"person-{ADA}": (p.PhaseChanged(phase="crisis"),)})
    assert world.send() == []
    assert isinstance(world.last(c.SmsDeferred), c.SmsDeferred)

    other = Needed(*KNOWN, p.PhaseChanged(phase="crisis"))
    other.ask("e-2", priority="urgent")
    assert other.statuses("e-2") == ["held crisis"]
    other.append({f"person-{ADA}": (p.PhaseChanged(phase="active"),)})
    other.at = later(3600)
    other.look("e-2")
    assert other.statuses("e-2") == ["held crisis", "started"]


def test_what_is_said_in_a_crisis_or_to_a_reviewer_answers_no_question() -> None:
    crisis, reviewed = Needed(), Needed()
    for world in (crisis, reviewed):
        world.ask("e-1")
        world.send()
    crisis.text("I want to kill myself")
    crisis.text("no")
    reviewed.said(c.ConversationTakenOver(by="rev-1", at=NOON))
    reviewed.text("no")

    for world in (crisis, reviewed):
        world.tell()
        assert world.statuses("e-1") == ["started", "sent"]
    reviewed.said(c.ConversationHandedBack(by="rev-1", at=NOON))
    reviewed.text("roll back")
    reviewed.tell()
    assert reviewed.statuses("e-1") == ["started", "sent", "answered"]


def test_while_somebody_answers_in_person_it_is_held() -> None:
    world = Needed()
    world.text("How do I get a break?")
    world.said(c.ConversationTakenOver(by="rev-1", at=NOON))
    world.ask("e-1")
    assert world.statuses("e-1") == ["held taken_over"]
    world.said(c.ConversationHandedBack(by="rev-1", at=NOON))
    world.at = later(900)
    world.look("e-1")

    assert world.statuses("e-1") == ["held taken_over", "started"]


def test_it_waits_for_its_time_and_ends_at_its_end() -> None:
    world = Needed()
    world.ask("e-1", not_before=later(600).isoformat(), expires_at=later(1200).isoformat())
    assert world.statuses("e-1") == ["held not_before"]
    world.at = later(600)
    world.look("e-1")
    world.send()
    world.at = later(1200)
    world.text("too late")
    world.look("e-1")

    assert world.statuses("e-1") == ["held not_before", "started", "sent", "expired"]


def test_an_answer_that_came_in_time_counts_although_it_is_heard_late() -> None:
    world = Needed()
    world.ask("e-1", expires_at=later(600).isoformat())
    world.send()
    world.at = later(700)
    world.text("roll back", at=later(600))
    assert world.escalation("e-1").status == "sent"
    world.text("wait", at=later(599))
    world.tell()

    assert world.statuses("e-1") == ["started", "sent", "answered"]


def test_one_that_never_began_expires() -> None:
    world = Needed(*KNOWN, p.PhaseChanged(phase="crisis"))
    world.ask("e-1", expires_at=later(600).isoformat())
    world.at = world.escalation("e-1").until or NOON
    world.look("e-1")

    assert world.at == later(600)
    assert world.statuses("e-1") == ["held crisis", "expired"]
    assert world.person.waiting == ()


def test_one_that_is_not_needed_any_more_is_taken_back_if_it_can_be() -> None:
    world = Needed()
    world.ask("e-1")
    world.cancel("e-1")
    world.cancel("e-1")
    assert world.send() == []
    assert world.statuses("e-1") == ["started", "cancelled"]

    world.ask("e-2")
    world.ask("e-3")
    world.send()
    world.cancel("e-2")
    world.text("All is well")
    world.cancel("e-3")
    assert world.statuses("e-2") == ["started", "sent", "cancelled"]
    assert world.statuses("e-3") == ["held question_pending", "cancelled"]
    assert world.person.waiting == ()


def test_a_cancellation_may_overtake_its_request() -> None:
    world = Needed()
    world.cancel("e-1")
    world.ask("e-1")

    assert world.statuses("e-1") == ["cancelled"]
    assert world.send() == []


def test_asked_twice_it_is_asked_once() -> None:
    world = Needed()
    world.ask("e-1")
    world.ask("e-1", text="Something else?")

    assert len(world.send()) == 1
    assert world.statuses("e-1") == ["started", "sent"]


def test_a_revocation_ends_what_is_asked_and_what_waits() -> None:
    world = Needed()
    world.ask("e-1")
    world.ask("e-2")
    world.send()
    world.text("STOP")
    world.revoked()

    assert world.statuses("e-1") == ["started", "sent", "failed revoked"]
    assert world.statuses("e-2") == ["held question_pending", "refused revoked"]
    assert (world.person.question, world.person.waiting) == (None, ())


def test_a_text_that_the_carrier_refuses_is_a_failure() -> None:
    world = Needed()
    world.ask("e-1")
    world.send("rejected")

    assert world.statuses("e-1") == ["started", "failed not_delivered"]
    assert world.person.question is None


def test_what_is_refused_keeps_no_word_of_its_text() -> None:
    world = Needed(registered())
    world.ask("e-1")

    assert world.names("escalation-e-1") == ["EscalationRefused", "EscalationReported"]
    assert world.statuses("e-1") == ["refused consent_missing"]


def test_low_ones_that_wait_share_a_text() -> None:
    world = Needed()
    world.ask("e-0")
    low = {"priority": "low", "expects_reply": False}
    world.ask("e-1", **low, text="The aide comes at three.")
    world.ask("e-2", priority="low", text="Is the key in the box?")
    world.ask("e-3", **low, text="The pharmacy has the order.")
    world.ask("e-4", **low, text="long " * 82)
    world.send()
    world.text("fine")
    world.next()

    assert world.send("accepted", "delivered") == [
        "The aide comes at three.\nThe pharmacy has the order."
    ]
    for name in ("e-1", "e-3"):
        assert world.statuses(name)[-3:] == ["started", "sent", "delivered"]
    world.next()
    assert world.statuses("e-2")[-1] == "started"
    assert world.statuses("e-4") == ["held question_pending"]


def test_a_runaway_agent_is_refused_by_rule() -> None:
    world = Needed()
    for number in range(200):
        world.ask(f"e-{number}", priority="low", expects_reply=False)

    refused = [name for name in world.told if world.statuses(name) == ["refused rate_limited"]]
    assert len(refused) == 200 - POLICY.escalations_per_person_hour * 3 // 4
    assert len(world.streams[f"person-{ADA}"]) < 60


def test_what_was_asked_of_somebody_erased_is_over() -> None:
    world = Needed()
    world.ask("e-1")
    world.ask("e-2")
    world.append({f"person-{ADA}": (p.Erased(person_id=ADA, at=NOON), registered(2))})
    world.at = later(90_000)
    world.look_at_all()

    assert world.escalation("e-1").over
    assert world.statuses("e-2") == ["held question_pending", "refused erased"]


def test_every_status_is_told_once_and_in_order() -> None:
    facts = (
        e.EscalationRefused(reason="empty", at=NOON),
        e.EscalationReported(through=1),
    )

    assert [version for version, _ in updates("e-1", escalation.fold(facts[:1]))] == [1]
    assert updates("e-1", escalation.fold(facts)) == ()


STEPS = st.one_of(
    st.tuples(
        st.just("ask"),
        st.sampled_from(["urgent", "high", "normal", "low"]),
        st.booleans(),
        st.sampled_from([None, 300, 4_000]),
    ),
    st.tuples(
        st.just("text"),
        st.sampled_from(["1", "fine", "STOP", "START", "YES", "HELP", "I want to kill myself"]),
    ),
    st.tuples(st.just("send"), st.sampled_from(["accepted", "delivered", "rejected", "unknown"])),
    st.tuples(st.just("cancel"), st.integers(0, 6)),
    st.tuples(st.just("wait"), st.sampled_from([30, 600, 4_000, 40_000])),
    st.tuples(st.just("phase"), st.sampled_from(["crisis", "active"])),
    st.tuples(st.sampled_from(["look", "next", "revoked"])),
)
FINAL = {"failed", "answered", "refused", "expired", "cancelled"}


def _step(world: Needed, count: int, step: tuple[object, ...]) -> None:
    match step:
        case ("ask", str(priority), bool(expects_reply), ends):
            fields: dict[str, object] = {"priority": priority, "expects_reply": expects_reply}
            if isinstance(ends, int):
                fields["expires_at"] = (world.at + timedelta(seconds=ends)).isoformat()
            world.ask(f"e-{count}", **fields)
        case ("text", str(words)):
            world.text(words)
            world.tell()
        case ("send", "delivered"):
            world.send("accepted", "delivered")
        case ("send", str(outcome)):
            world.send(outcome)
        case ("cancel", int(which)):
            world.cancel(f"e-{which}")
        case ("wait", int(seconds)):
            world.at += timedelta(seconds=seconds)
        case ("phase", str(phase)):
            world.append({f"person-{ADA}": (p.PhaseChanged(phase=phase),)})  # type: ignore[arg-type]
        case ("look",):
            world.look_at_all()
        case ("next",):
            world.next()
        case _:
            world.revoked()


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_each_one_ends_exactly_once_and_nobody_revoked_is_texted(
    steps: list[tuple[object, ...]],
) -> None:
    world = Needed(policy=replace(POLICY, opt_out_owner="provider"))
    for count, step in enumerate(steps):
        world.at += timedelta(seconds=7)
        _step(world, count, step)
        started = [
            one
            for one in map(world.escalation, world.told)
            if one.status in ("started", "sent", "delivered") and not one.over and not one.lead
        ]
        assert len(started) <= 1 + sum(bool(one.bundled) for one in started)
    world.append({f"person-{ADA}": (p.PhaseChanged(phase="active"),)})
    for _ in range(6):
        world.at += timedelta(hours=30)
        world.send("accepted")
        world.look_at_all()

    for name, told in world.told.items():
        assert world.escalation(name).over, world.statuses(name)
        ends = [one for one in told if _is_final(world, name, one.status, one.reason)]
        assert len(ends) == 1, world.statuses(name)
        assert told[-1] is ends[0]
    _never_while_revoked(world)


def _is_final(world: Needed, name: str, status: str, reason: str | None) -> bool:
    if status == "delivered":
        return not world.escalation(name).expects_reply
    return status in FINAL or reason == "unconfirmed"


def _never_while_revoked(world: Needed) -> None:
    revoked = False
    for fact in world.streams[f"person-{ADA}"]:
        if isinstance(fact, p.ConsentRevoked):
            revoked = True
        elif isinstance(fact, p.ConsentGranted):
            revoked = False
        elif isinstance(fact, p.TextPermitted):
            assert not (revoked and fact.kind == "escalation")
