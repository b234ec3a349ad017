"""A safety case: opened, acknowledged, closed with an outcome; and when crisis is over."""

from typing import Any

import pytest

from contracts import person as p
from contracts.safety import SafetyCaseAcknowledged, SafetyCaseOpened, SafetyCaseResolved
from domain.conversation.state import Conversation
from domain.person.state import Person
from domain.safety import safety_case
from domain.safety.decisions import CaseRefused, Resolved, acknowledge, resolve
from domain.safety.state import SafetyCase
from domain.turn.settlement import settle
from tests.facts import ADA, KNOWN, TALK, World, later, somebody

NOTE = "Called back, her sister is with her."


def opened(tier: Any = "critical") -> SafetyCaseOpened:
    return SafetyCaseOpened(
        person_id=ADA, conversation_id=TALK, kind="self_harm", tier=tier, quotes=("words",),
        at=later(0),
    )  # fmt: skip


def case(*facts: Any) -> SafetyCase:
    return safety_case.fold((opened(), *facts))


def in_crisis(*more: Any) -> Person:
    return somebody(*KNOWN, *more, p.PhaseChanged(phase="crisis"))


def resolved(
    one: SafetyCase,
    who: Person,
    *others: SafetyCase,
    talk: Conversation | None = None,
    note: str = NOTE,
) -> Resolved:
    return resolve(one, who, others, talk or Conversation(), "grace", note, later(9))


def test_a_case_is_looked_after_by_one_and_taken_over_by_another() -> None:
    mine = case(*acknowledge(case(), "grace", later(1)))

    assert (mine.standing, mine.acknowledged_by, mine.waits) == ("acknowledged", "grace", True)
    assert acknowledge(mine, "grace", later(2)) == ()
    assert len(acknowledge(mine, "eve", later(2))) == 1


@pytest.mark.parametrize(("stage", "phase"), [((), "onboarding"), (("profile",), "active")])
def test_crisis_is_over_with_the_case_that_was_why(stage: tuple[Any, ...], phase: str) -> None:
    advanced = [p.LoopStageAdvanced(loop_stage=one) for one in stage]

    found = resolved(case(), in_crisis(*advanced))

    assert [fact.outcome for fact in found.case] == [NOTE]
    assert [fact.phase for fact in found.person] == [phase]


@pytest.mark.parametrize(
    ("tier", "goes_on"), [("critical", True), ("high", True), ("medium", False)]
)
def test_crisis_goes_on_while_another_grave_case_waits(tier: str, goes_on: bool) -> None:
    other = safety_case.fold([opened(tier)])

    assert (resolved(case(), in_crisis(), other).person == ()) is goes_on


def test_crisis_goes_on_while_a_cry_for_help_is_answered() -> None:
    world = World(*KNOWN)
    world.text("I want to kill myself")
    assert world.person.phase == "crisis"
    assert resolved(case(), world.person, talk=world.talk).person == ()

    world.append(
        dict(settle(world.talk_id, world.person, world.talk, later(2), world.policy).facts)
    )

    assert resolved(case(), world.person, talk=world.talk).person != ()


def test_no_case_is_closed_without_an_outcome() -> None:
    for note in ("", "  \n", "x" * 2001):
        with pytest.raises(CaseRefused):
            resolved(case(), in_crisis(), note=note)


def test_closed_is_closed() -> None:
    closed = case(SafetyCaseResolved(by="grace", outcome=NOTE, at=later(9)))

    assert resolved(closed, in_crisis()) == Resolved()
    with pytest.raises(CaseRefused):
        resolved(closed, in_crisis(), note="Something else.")
    with pytest.raises(CaseRefused):
        acknowledge(closed, "grace", later(10))


def test_of_who_was_erased_no_note_is_kept() -> None:
    erased = somebody(*KNOWN, p.Erased(person_id=ADA, at=later(3)))

    found = resolved(case(SafetyCaseAcknowledged(by="grace", at=later(1))), erased)

    assert [fact.outcome for fact in found.case] == [None]
