"""PostgreSQL, then the carrier, is away for minutes: everybody waits, and nobody gives up."""

import os
import signal
import time
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from deploy.local.children import folder_mark, running_with
from tests.journeys.system import System, number
from tests.soak.tally import heard, tally

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(1_800),
]

AWAY_S = 360.0
TEXTS = 60


def test_minutes_without_postgresql(own: System, share: float) -> None:
    phones = [number(40_000 + each) for each in range(TEXTS)]
    own.people(*phones)
    away = max(AWAY_S * share, 30.0)
    before = heard(own)

    with _stopped(own):
        texted = _texted_during(own, phones, away)
    _all_answered(own, texted, before)

    _judge(own, texted, "postgresql", away)


def test_minutes_without_the_carrier(own: System, share: float) -> None:
    phones = [number(41_000 + each) for each in range(TEXTS)]
    own.people(*phones)
    away = max(AWAY_S * share, 30.0)
    before = heard(own)

    own.faults(rates={"error_before": 1.0}, seed=1)
    texted = _texted_during(own, phones, away)
    own.faults()
    _all_answered(own, texted, before)

    _judge(own, texted, "the carrier", away)


@contextmanager
def _stopped(system: System) -> Generator[None]:
    """Stop PostgreSQL as a machine that hangs would; let it go on afterwards."""
    pids = running_with(f"parley-{folder_mark(system.state / 'postgres')}")
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _texted_during(system: System, phones: list[str], seconds: float) -> dict[str, str]:
    """Text evenly spread over the time."""
    texted: dict[str, str] = {}
    begun = time.monotonic()
    for count, phone in enumerate(phones):
        time.sleep(max(0.0, begun + seconds * count / len(phones) - time.monotonic()))
        texted[phone] = system.text(phone, "How do I get a break this week?")
    time.sleep(max(0.0, begun + seconds - time.monotonic()))
    return texted


def _all_answered(system: System, texted: dict[str, str], before: int) -> None:
    system.wait(lambda: heard(system) >= before + len(texted), 120, "every text")
    system.quiet(180)
    time.sleep(4)


def _judge(system: System, texted: dict[str, str], without: str, away: float) -> None:
    found = tally(system, texted)
    found.say(without=without, away_s=away)
    assert (found.answered, found.doubled, found.dead) == (len(texted), 0, 0)
