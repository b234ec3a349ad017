"""A carrier that fails three times in ten, the same ones in every run: nobody gets two or none."""

import time

import pytest

from tests.journeys.system import System, number
from tests.soak.tally import heard, tally

pytestmark = pytest.mark.xdist_group("deployments")

SEED = 20261124
RATES = {
    "error_before": 0.07,
    "error_after": 0.07,
    "cut_after": 0.06,
    "lose_callback": 0.04,
    "repeat_callback": 0.03,
    "reorder": 0.03,
    "repeat_webhook": 0.1,
}


def test_a_hundred_and_fifty_sends(own: System) -> None:
    _sends(own, 150, first=20_000, patience=60)


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_a_thousand_sends(own: System, share: float) -> None:
    _sends(own, max(int(1_000 * share), 100), first=21_000, patience=900)


def _sends(system: System, count: int, first: int, patience: float) -> None:
    phones = [number(first + each) for each in range(count)]
    system.people(*phones)
    system.faults(rates=RATES, seed=SEED)
    begun, before = time.monotonic(), heard(system)
    texted = {phone: system.text(phone, "How do I get a break this week?") for phone in phones}
    system.wait(lambda: heard(system) >= before + count, patience, "every text")
    system.quiet(patience)
    system.faults()
    # A second text would come after its outcome was looked up.
    time.sleep(4)

    found = tally(system, texted)
    found.say(sends=count, seed=SEED, seconds=round(time.monotonic() - begun))
    assert (found.answered, found.doubled, found.lost, found.dead) == (count, 0, 0, 0)
