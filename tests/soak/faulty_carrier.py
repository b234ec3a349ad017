"""Texts to a carrier that fails three times in ten."""

import time

from tests.journeys.system import System, number
from tests.soak.tally import dead_letters, heard, tally

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


def send_through(system: System, count: int, first: int, patience: float) -> None:
    """Text from so many phones, and see that each gets one answer and nothing is put aside."""
    phones = [number(first + each) for each in range(count)]
    system.people(*phones)
    system.faults(rates=RATES, seed=SEED)
    begun, before, dead = time.monotonic(), heard(system), dead_letters(system)
    texted = {phone: system.text(phone, "How do I get a break this week?") for phone in phones}
    system.wait(lambda: heard(system) >= before + count, patience, "every text")
    system.quiet(patience)
    system.faults()
    # A second text would come after its outcome was looked up.
    time.sleep(4)

    found = tally(system, texted)
    found.say(sends=count, seed=SEED, seconds=round(time.monotonic() - begun))
    assert (found.answered, found.doubled, found.lost, found.dead - dead) == (count, 0, 0, 0)
