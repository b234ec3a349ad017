"""Every scenario of this folder is played, and comes as it expects."""

from pathlib import Path

import pytest

from deploy.scenarios.reading import Found, read_scenarios, scenario_files
from domain.scenario.judging import judge

HERE = Path(__file__).parent
SCENARIOS = read_scenarios(scenario_files(HERE))


@pytest.mark.parametrize("found", SCENARIOS, ids=[each.scenario.id for each in SCENARIOS])
def test_a_scenario_comes_as_it_expects(found: Found) -> None:
    judged = judge(found.scenario)

    assert [f"step {one.step} {one.said}: {one.why}" for one in judged.differences] == []
