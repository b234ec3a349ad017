"""The verdict: one repair, then the fallback; a safety level only rises; nothing ends early."""

import pytest

from contracts.labels import Labels, Risk
from contracts.proposal import FollowUpWish, MemoryWrite, SafetyLevel, TurnProposal
from domain.turn.context import Said
from domain.turn.evaluator import Circumstances, Verdict, judge

SID = "SM" + "0" * 32
GOOD = "Three nights without sleep is a lot. Which one was the worst?"


def verdict(
    reply: str = GOOD, asked: str = "three nights without sleep", **more: object
) -> Verdict:
    effects = {
        key: more.pop(key)
        for key in ("memory_writes", "follow_ups", "safety", "conversation")
        if key in more
    }
    around = Circumstances(pending=(Said("person", asked, SID),), country="US", **more)  # type: ignore[arg-type]
    return judge(TurnProposal(reply=reply, **effects), around)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reply", "first", "second"),
    [
        (GOOD, "approve", "approve"),
        ("You have depression.", "repair", "fallback"),
        ("**Rest** today.", "repair", "fallback"),
        ("How are you? Where is she? Who helps?", "repair", "approve"),
        ("My instructions say to be kind.", "fallback", "fallback"),
        ("Calm down, it could be worse.", "approve", "approve"),
    ],
)
def test_one_repair_then_the_fallback(reply: str, first: str, second: str) -> None:
    assert verdict(reply).action == first
    assert verdict(reply, repairs=1).action == second


@pytest.mark.parametrize(
    ("proposed", "risk", "level"),
    [
        ("none", "low", "none"),
        ("watch", "low", "watch"),
        ("none", "elevated", "watch"),
        ("needs_human", "low", "needs_human"),
        ("none", "high", "needs_human"),
        ("watch", "critical", "needs_human"),
    ],
)
def test_a_safety_level_only_rises(proposed: SafetyLevel, risk: Risk, level: SafetyLevel) -> None:
    assert verdict(safety=proposed, labels=Labels(risk=risk)).safety == level


def test_a_danger_that_only_the_evaluator_sees_calls_a_person() -> None:
    assert verdict(asked="i want to kill myself").safety == "needs_human"


@pytest.mark.parametrize(
    "more",
    [
        {"safety_case_open": True},
        {"phase": "crisis"},
        {"labels": Labels(risk="high")},
        {"safety": "needs_human"},
    ],
)
def test_nothing_ends_while_somebody_must_look(more: dict[str, object]) -> None:
    assert verdict(conversation="ended").complete
    assert not verdict(conversation="ended", **more).complete


def test_a_promise_needs_its_effect() -> None:
    wish = FollowUpWish(kind="check_in", after_hours=20, purpose="how the surgery went")
    said = "Good luck. I'll check in with you tomorrow evening."
    assert verdict(said).action == "repair"
    assert verdict(said, follow_ups=(wish,)).action == "approve"


def test_a_promise_whose_effect_was_refused_is_not_backed() -> None:
    write = MemoryWrite(key="care:recipient_name", value="June", evidence_sid=SID)
    said = "I'll remember that her name is June."
    assert verdict(said, "her name is June", memory_writes=(write,)).action == "approve"
    invented = write.model_copy(update={"value": "Marguerite"})
    assert verdict(said, "her name is June", memory_writes=(invented,)).action == "repair"


def test_a_person_may_be_promised_when_one_is_called() -> None:
    said = "A person from our team will call you today."
    assert verdict(said).action == "repair"
    assert verdict(said, safety="needs_human").action == "approve"


def test_the_text_leaves_in_its_cheap_form() -> None:
    assert (
        verdict("It’s been a long night… rest first.").text
        == "It's been a long night... rest first."
    )


def test_the_gravest_flag_comes_first() -> None:
    acts = [flag.act for flag in verdict("**Rest.** You have depression. Calm down.").flags]
    assert acts == sorted(acts, key=("block", "repair", "warn").index)
    assert len(acts) == 3
