"""The brief: from labels and memory to what matters, what to use, and the one next step."""

from typing import get_args

import pytest

from contracts import person as p
from contracts.labels import Domain, Labels
from domain.person.state import Person
from domain.turn.chief_of_staff import brief
from domain.turn.classifier import classify
from tests.facts import KNOWN, TALK, somebody

READ = classify("hello")


def known(**memory: str) -> Person:
    kept = [
        p.MemoryKept(
            key=key.replace("__", ":"), value=value, evidence_sid="SM0", conversation_id=TALK
        )
        for key, value in memory.items()
    ]
    return somebody(*KNOWN, p.LoopStageAdvanced(loop_stage="active"), *kept)


@pytest.mark.parametrize("domain", get_args(Domain))
def test_every_domain_has_a_brief_of_its_own(domain: Domain) -> None:
    said = brief(Labels(domain=domain), known(), READ)

    assert said.brief_id == f"brief-3:{domain}"
    others = [
        brief(Labels(domain=each), known(), READ).priority
        for each in get_args(Domain)
        if each != domain
    ]
    assert said.priority not in others


def test_memory_is_used_where_it_helps_and_never_what_the_model_may_not_see() -> None:
    person = known(
        care__recipient="mom", care__meds_mentioned="lisinopril", profile__support_people="Joe",
        eligibility__household_income_monthly="900", safety__event="2026-11-24 self critical",
    )  # fmt: skip

    used = brief(Labels(domain="medication"), person, READ).memory_to_use

    assert used == ("care:recipient", "care:meds_mentioned")


@pytest.mark.parametrize(
    ("memory", "words"),
    [
        ({}, "which state they live in"),
        ({"profile__state": "TX"}, "how old the one they care for is"),
        ({"profile__state": "TX", "care__recipient_age": "82"}, "served in the military"),
    ],
)
def test_about_benefits_the_fact_that_decides_most_is_asked(
    memory: dict[str, str], words: str
) -> None:
    assert words in brief(Labels(domain="benefits"), known(**memory), READ).next_step


def test_near_the_limit_the_brief_connects_first() -> None:
    calm = brief(Labels(domain="respite"), known(), READ)
    near = brief(Labels(domain="respite", risk="elevated"), known(), READ)

    assert near.priority == f"They are close to their limit: connect first. {calm.priority}"


@pytest.mark.parametrize(
    ("urgency", "risk"), [("now", "Ask who is with them now."), ("today", None)]
)
def test_what_cannot_wait_asks_who_is_with_the_one_cared_for(urgency: str, risk: str) -> None:
    labels = Labels.model_validate({"domain": "respite", "urgency": urgency})

    assert brief(labels, known(), READ).recipient_risk == risk
