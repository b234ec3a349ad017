"""How turns end: committed, superseded, or given up for an honest text."""

from contracts import conversation as c
from contracts import person as p
from contracts.follow_up import FollowUpScheduled
from contracts.proposal import FollowUpWish, MemoryWrite
from contracts.safety import SafetyCaseOpened
from domain.turn.fallback import DISCLOSING, ORDINARY
from domain.turn.settlement import HOLDING, settle, waiting
from tests.facts import KNOWN, World, later, proposal, usage


def _settle(world: World, seconds: float = 5) -> dict[str, tuple[object, ...]]:
    settled = settle(world.talk_id, world.person, world.talk, later(seconds), world.policy)
    world.append(dict(settled.facts))
    return dict(settled.facts)  # type: ignore[arg-type]


def _draft(world: World, **more: object) -> int:
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


def _approve(
    world: World, version: int, text: str = "One thing at a time.", **more: object
) -> None:
    turn = world.talk.open_turn
    assert turn is not None
    approved = {"turn_id": turn.turn_id, "draft_version": version, "text": text, "rule_set": "r"}
    world.said(c.DraftApproved.model_validate({**approved, **more}))


def test_an_approved_draft_is_committed_and_its_text_requested() -> None:
    world = World(*KNOWN)
    world.text("How do I get a break?")
    _approve(world, _draft(world))

    facts = _settle(world)

    names = [type(fact).__name__ for fact in facts[f"conversation-{world.talk_id}"]]
    assert names == ["TurnCommitted", "SmsRequested"]
    assert world.talk.open_turn is None
    requested = world.last(c.SmsRequested)
    assert isinstance(requested, c.SmsRequested)
    assert "automated" in requested.text
    assert waiting(world.talk) == 0


def test_settling_again_is_nothing() -> None:
    world = World(*KNOWN)
    world.text("How do I get a break?")
    _approve(world, _draft(world))
    _settle(world)

    assert _settle(world) == {}


def test_a_stale_draft_is_superseded_twice_and_then_committed_for_what_it_covers() -> None:
    world = World(*KNOWN)
    world.text("first")
    for number in range(2):
        version = _draft(world)
        world.text(f"more {number}", later(number + 1))
        _approve(world, version)
        facts = _settle(world)
        assert [type(fact).__name__ for fact in next(iter(facts.values()))] == ["TurnSuperseded"]
    version = _draft(world)
    world.text("and more", later(4))
    _approve(world, version)

    facts = _settle(world)

    names = [type(fact).__name__ for fact in facts[f"conversation-{world.talk_id}"]]
    assert names == ["TurnCommitted", "SmsRequested", "TurnAdmitted"]
    rest = world.talk.open_turn
    assert rest is not None
    assert (rest.trigger, rest.covers_from, rest.covers_through) == ("rest", 4, 4)


def test_a_failed_model_ends_in_an_honest_text() -> None:
    world = World(*KNOWN)
    world.text("How do I get a break?")
    turn = world.talk.open_turn
    assert turn is not None
    world.said(
        c.ModelFailed(
            turn_id=turn.turn_id, covers_from=1, covers_through=1, kind="timeout", usage=usage()
        )
    )

    _settle(world)

    requested = world.last(c.SmsRequested)
    assert isinstance(requested, c.SmsRequested)
    assert HOLDING in requested.text


def test_a_refused_draft_without_repair_ends_in_the_fallback() -> None:
    world = World(*KNOWN)
    world.text("How do I get a break?")
    version = _draft(world)
    turn = world.talk.open_turn
    assert turn is not None
    world.said(
        c.DraftRefused(
            turn_id=turn.turn_id, draft_version=version, action="fallback", flags=(), rule_set="r"
        )
    )

    _settle(world)

    requested = world.last(c.SmsRequested)
    assert isinstance(requested, c.SmsRequested)
    assert ORDINARY in requested.text


def test_memory_follow_ups_and_the_end_are_in_the_same_save() -> None:
    world = World(*KNOWN)
    world.text("My mom has dementia. That's all")
    version = _draft(world)
    _approve(
        world,
        version,
        memory=(MemoryWrite(key="care:conditions", value="dementia", evidence_sid="SM1"),),
        follow_ups=(FollowUpWish(kind="check_in", after_hours=2, purpose="how it went"),),
        complete=True,
    )

    facts = _settle(world)

    assert world.person.memory["care:conditions"] == "dementia"
    assert world.talk.status == "ended"
    assert world.person.conversation_id is None
    assert any(stream.startswith("followup-") for stream in facts)
    assert isinstance(world.last(FollowUpScheduled), FollowUpScheduled)


def test_with_an_open_case_the_model_does_not_end_the_conversation() -> None:
    world = World(*KNOWN, p.PhaseChanged(phase="crisis"))
    world.text("I called them like you said")
    if world.talk.open_turn is None:
        return
    _approve(world, _draft(world), complete=True)

    _settle(world)

    assert world.talk.status == "active"


def test_an_opt_out_ends_at_once_and_withholds_what_waits() -> None:
    world = World(*KNOWN)
    world.text("How do I get a break?")
    _approve(world, _draft(world))
    _settle(world)
    world.text("stop texting me", later(6))

    facts = _settle(world, 7)

    names = [type(fact).__name__ for fact in facts[f"conversation-{world.talk_id}"]]
    assert names == ["TurnCommitted", "SmsRequested", "SmsWithheld", "ConversationEnded"]
    assert world.person.conversation_id is None


def test_a_crisis_answer_opens_a_case_in_the_same_save() -> None:
    world = World(*KNOWN)
    world.text("I want to kill myself")

    facts = _settle(world)

    assert any(stream.startswith("safety-") for stream in facts)
    case = world.last(SafetyCaseOpened)
    assert isinstance(case, SafetyCaseOpened)
    assert case.tier == "critical"
    requested = world.last(c.SmsRequested)
    assert isinstance(requested, c.SmsRequested)
    assert requested.priority == "urgent"


def _refused(flag: str, failure_mode: str) -> World:
    world = World(*KNOWN)
    world.text("How do I get a break?")
    version = _draft(world)
    turn = world.talk.open_turn
    assert turn is not None
    found = c.Flag(flag=flag, failure_mode=failure_mode, rule="r", span="x", act="block")
    world.said(
        c.DraftRefused(
            turn_id=turn.turn_id,
            draft_version=version,
            action="fallback",
            flags=(found,),
            rule_set="r",
        )
    )
    _settle(world)
    return world


def test_a_draft_that_failed_somebody_in_danger_gives_the_line_and_opens_a_case() -> None:
    world = _refused("crisis_resource_missing", "crisis.direct-ideation")

    requested = world.last(c.SmsRequested)
    assert isinstance(requested, c.SmsRequested)
    assert "988" in requested.text
    assert isinstance(world.last(SafetyCaseOpened), SafetyCaseOpened)


def test_a_draft_that_hid_what_it_is_ends_in_saying_so() -> None:
    world = _refused("ai_disclosure_missing", "scope.ai-disclosure")

    requested = world.last(c.SmsRequested)
    assert isinstance(requested, c.SmsRequested)
    assert DISCLOSING in requested.text


def test_what_was_texted_after_stop_and_start_is_not_lost_with_the_conversation() -> None:
    world = World(*KNOWN)
    for number, words in enumerate(("STOP", "START", "How do I get a break this week?")):
        world.at = later(number)
        world.text(words)

    while waiting(world.talk):
        _settle(world)

    assert world.person.consent == "granted"
    assert world.talk.status == "active"
    assert world.talk.open_turn is not None


def test_stop_ends_the_conversation() -> None:
    world = World(*KNOWN)
    world.text("How do I get a break this week?")
    world.at = later(1)
    world.text("STOP")

    _settle(world)

    assert world.talk.status == "ended"
    assert world.person.conversation_id is None
