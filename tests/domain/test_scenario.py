"""A scenario that expects something else fails, and says in what."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from domain.scenario.forbidden import broken
from domain.scenario.form import Scenario
from domain.scenario.judging import judge
from domain.scenario.playing import played

ANSWER = {"reply": "Three nights in a row. What happened last night?"}


def story(*steps: dict[str, Any], **more: Any) -> Scenario:
    told = {"id": "a-story", "title": "A story", "sessions": [{"steps": steps}]}
    return Scenario.model_validate({**told, **more})


def differences(*steps: dict[str, Any], **more: Any) -> list[str]:
    return [f"{one.step}: {one.why}" for one in judge(story(*steps, **more)).differences]


TEXT: dict[str, Any] = {"says": "he was up again", "model": [ANSWER]}


@pytest.mark.parametrize(
    ("expect", "why"),
    [
        ({"gate": "model"}, None),
        ({"safety": "crisis"}, "safety should be crisis, and is none"),
        ({"domain": "benefits"}, "domain should be benefits, and is smalltalk"),
        ({"risk": "high"}, "risk should be high, and is low"),
        ({"mode": "fallback"}, "mode should be fallback, and is model"),
        ({"verdicts": ["repair"]}, "verdicts should be repair, and is approve"),
        ({"flags": ["clinical_diagnosis"]}, "the flag clinical_diagnosis is missing; found: none"),
        ({"silent": True}, "nothing should leave, and this did"),
        ({"contains": ["988"]}, "'988' should be in what is sent"),
        ({"lacks": ["/three NIGHTS/"]}, "'/three NIGHTS/' should not be in what is sent"),
        ({"texts": []}, "0 texts should leave, and 1 did (reply)"),
        ({"texts": [{"kind": "crisis"}]}, "text 1: kind should be crisis, and is reply"),
        ({"texts": [{"segments": 2}]}, "text 1: segments should be 2, and is 1"),
        ({"shown": ["Denise"]}, "'Denise' should be shown to the model"),
        ({"hidden": ["he was up"]}, "'he was up' should be hidden from the model"),
        ({"memory": {"care:recipient": "Ed"}}, "care:recipient should be Ed, and is none"),
        ({"follow_up": {"kind": "check_in"}}, "the follow-up check_in should be promised"),
        ({"case": "self"}, "case should be self, and is none"),
        ({"case": "none", "safety": "none"}, None),
        ({"phase": "crisis"}, "phase should be crisis, and is active"),
        ({"consent": "revoked"}, "consent should be revoked, and is granted"),
        (
            {"conversation": "ended", "ended": "done"},
            "conversation should be ended, and is active",
        ),
        ({"escalations": {"e": "sent"}}, "the agent should hear sent of e, and hears none"),
    ],
)
def test_an_expectation_that_is_not_met_says_so(expect: dict[str, Any], why: str | None) -> None:
    found = differences({**TEXT, "expect": {"gate": "model", **expect}})

    if why is None:
        assert found == []
    else:
        assert any(each.startswith(f"1: {why}") for each in found), found


def test_the_model_is_asked_exactly_as_often_as_answers_are_written() -> None:
    gate = {"expect": {"conversation": "active"}}

    assert differences({"says": "hello", **gate}) == [
        "1: the model was asked although no answer of it is written"
    ]
    assert differences({"says": "hello", "model": [ANSWER, ANSWER], **gate}) == [
        "1: 1 of 2 answers written were never asked for"
    ]


@pytest.mark.parametrize(
    ("words", "check"),
    [
        ("Your mom has dementia, I think.", "diagnosis"),
        ("I'm a nurse, and what happened?", "claims_human"),
        ("Give her 20 mg at night.", "dose"),
        ("**Rest** first.", "markdown"),
        ("In England you would call 999 for that.", "line_of_elsewhere"),
        ("x " * 400, "too_long"),
    ],
)
def test_what_must_never_leave_fails_a_scenario_that_did_not_ask(words: str, check: str) -> None:
    """The evaluator lets none of these go; a reviewer's own words pass it by."""
    found = differences(
        {"says": "hello", "model": [{"reply": "Hello. What is it?"}], "expect": {"gate": "model"}},
        {"takes_over": "nadia"},
        {"writes": words},
    )

    assert check in [each.split(":")[1].strip() for each in found]


def test_numbers_and_links_of_nowhere_fail_it_too() -> None:
    """What was sent is put in place of a text that the evaluator would not have let go."""
    scenario = story(
        {"says": "hello", "model": [{"reply": "Hello. What is it?"}], "expect": {"gate": "model"}}
    )
    whole = played(scenario)
    sent = whole.left[0].model_copy(
        update={"text": "Parley, automated: dial 4471 or (312) 555-0188, www.example.com/a"}
    )

    found = {one.check: one.why for one in broken(replace(whole, left=[sent]))}
    assert set(found) == {"contact_not_given"}
    whys = [one.why for one in broken(replace(whole, left=[sent]))]
    assert len(whys) == 3


def test_a_check_is_lifted_with_a_reason() -> None:
    steps: tuple[dict[str, Any], ...] = (
        {"says": "hello", "model": [{"reply": "Hello. What is it?"}], "expect": {"gate": "model"}},
        {"takes_over": "nadia"},
        {"writes": "I'm a nurse, and what happened?"},
    )

    assert differences(*steps, allows={"claims_human": "Nadia is one."}) == []


def test_an_act_that_is_not_possible_is_a_difference() -> None:
    found = differences(
        {"says": "hello", "model": [{"reply": "Hello. What is it?"}], "expect": {"gate": "model"}},
        {"writes": "I read this."},
    )

    assert found[0].startswith("2: that was not possible: Take the conversation over first")


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ({"says": "x", "passes": "1h"}, "exactly one of"),
        ({}, "exactly one of"),
        ({"says": "x", "expect": {"silent": True, "contains": ["y"]}}, "nothing can be in a text"),
        ({"says": "x", "expect": {"safety": "none", "tier": "high"}}, "without danger"),
        ({"says": "x", "expect": {"conversation": "active", "ended": "done"}}, "has not ended"),
        ({"says": "x", "expect": {"flags": ["no_such_flag"]}}, "has no flag no_such_flag"),
        ({"says": "x", "expect": {"memory": {"care:dog": "Rex"}}}, "no key of memory"),
        ({"says": "x", "expect": {"contains": ["/(/"]}}, "is no pattern"),
        ({"says": "x", "expect": {"verdicts": ["approve"]}}, "need an answer of the model"),
        ({"says": "x", "model": [ANSWER], "expect": {"gate": "stop"}}, "answers itself"),
        ({"says": "x", "model": [{}]}, "either gives a reply or fails"),
        ({"says": "x", "model": [{"reply": "y" * 481}]}, "no model could propose this"),
        ({"passes": "soon"}, "is no length of time"),
        ({"passes": "1h", "media": 1}, "belong to a text"),
    ],
)
def test_what_could_never_be_is_refused(step: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        story(step, {"says": "stop", "expect": {"gate": "stop"}})


def test_a_scenario_without_an_expectation_is_refused() -> None:
    with pytest.raises(ValidationError, match="expects something"):
        story({"says": "hello"})


def test_nobody_unknown_has_agreed() -> None:
    with pytest.raises(ValidationError, match="neither agreed nor told"):
        story({"says": "hello", "expect": {"silent": True}}, person={"known": False})
