"""Every scenario of this folder is played, and comes as it expects."""

from pathlib import Path
from typing import get_args

import pytest

from contracts.failure_taxonomy import FLAGS
from contracts.person import Consent
from deploy.scenarios.reading import Found, read_scenarios, scenario_files
from domain.policy import Strangers
from domain.scenario.form import Gate
from domain.scenario.judging import judge

HERE = Path(__file__).parent
SCENARIOS = read_scenarios(scenario_files(HERE))


@pytest.mark.parametrize("found", SCENARIOS, ids=[each.scenario.id for each in SCENARIOS])
def test_a_scenario_comes_as_it_expects(found: Found) -> None:
    judged = judge(found.scenario)

    assert [f"step {one.step} {one.said}: {one.why}" for one in judged.differences] == []


STEPS = [
    step for found in SCENARIOS for session in found.scenario.sessions for step in session.steps
]
# What a second model says: a scenario has none.
OF_A_JUDGE = {"judge_revise", "judge_block"}


def test_there_are_scenarios_of_every_gate_and_flag() -> None:
    gates = {step.expect.gate for step in STEPS}
    flags = {flag for step in STEPS for flag in step.expect.flags}

    assert set(get_args(Gate)) - gates == set()
    assert FLAGS.keys() - flags == OF_A_JUDGE


def test_there_are_scenarios_of_every_state_and_of_several_countries() -> None:
    assert {step.expect.consent for step in STEPS} >= set(get_args(Consent))
    assert {step.expect.phase for step in STEPS} >= {"onboarding", "active", "crisis"}
    assert {step.expect.loop_stage for step in STEPS} >= {"profile", "active"}
    assert {found.scenario.country for found in SCENARIOS} >= {"US", "GB", "MX", "ES", None}
    assert {found.scenario.rules.strangers for found in SCENARIOS} == set(get_args(Strangers))
