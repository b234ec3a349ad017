"""Whoever dies, wherever, alone or two at a time: each text is answered once."""

import os
import signal
import time
from pathlib import Path
from random import Random

import httpx
import pytest

from services.runtime.failpoint import CRASH_POINTS
from tests.journeys.system import System, number
from tests.soak.tally import tally

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(3_000),
]

SEED = 20261124
ROUNDS = 120
TEXTS_A_ROUND = 5
# Faults make the rarer points happen: whoever looks an outcome up, whoever releases a text.
RATES = {"error_before": 0.1, "cut_after": 0.1, "repeat_callback": 0.1, "repeat_webhook": 0.1}


def test_people_text_while_processes_die(own: System, share: float) -> None:
    rounds = max(int(ROUNDS * share), 6)
    chance = Random(SEED)
    phones = [number(30_000 + each) for each in range(rounds * TEXTS_A_ROUND)]
    own.people(*phones)
    own.faults(rates=RATES, seed=SEED)
    texted: dict[str, str] = {}
    armed: list[str] = []
    shot = 0

    for each in range(rounds):
        for point in chance.sample(CRASH_POINTS, each % 3):
            own.arm(point, str(chance.randint(1, 4)))
            armed.append(point)
        for phone in phones[each * TEXTS_A_ROUND : (each + 1) * TEXTS_A_ROUND]:
            texted[phone] = own.text(phone, "How do I get a break this week?")
            time.sleep(chance.uniform(0, 0.2))
        if each % 3 == 0:
            shot += _shoot(own, chance)
        time.sleep(chance.uniform(0, 1.5))

    fired = [point for point in armed if own.fired(point)]
    _disarm(own)
    own.faults()
    time.sleep(6)
    own.quiet(240)
    time.sleep(4)

    found = tally(own, texted)
    found.say(seed=SEED, kills=len(fired) + shot, at_points=len(fired), shot=shot)
    assert (found.doubled, found.lost, found.dead) == (0, 0, 0)
    assert found.answered + found.unheard == found.texts
    assert len(fired) + shot >= rounds // 2


def test_everything_dies_again_and_again(own: System, share: float) -> None:
    chance = Random(SEED + 1)
    rounds = max(int(12 * share), 2)
    texted: dict[str, str] = {}
    for each in range(rounds):
        phones = [number(35_000 + each * 12 + one) for one in range(12)]
        own.people(*phones)
        for phone in phones:
            try:
                texted[phone] = own.text(phone, "Who can sit with him on Friday?")
            except (AssertionError, httpx.HTTPError):
                break
        time.sleep(chance.uniform(0, 0.6))
        own.kill()
        own.start()
    time.sleep(5)
    own.quiet(240)
    time.sleep(4)

    found = tally(own, texted)
    found.say(seed=SEED + 1, everything_died=rounds)
    assert (found.doubled, found.lost, found.dead) == (0, 0, 0)


def _shoot(system: System, chance: Random) -> int:
    """Kill a process of ours, whatever it is doing just now; return how many died."""
    logs = system.state / "logs"
    alive = sorted(_processes(logs).items())
    if not alive:
        return 0
    _, pid = chance.choice(alive)
    os.kill(pid, signal.SIGKILL)
    return 1


def _processes(logs: Path) -> dict[str, int]:
    """Return the processes by name: each one's output is its log."""
    found: dict[str, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            log = (folder / "fd" / "1").readlink()
        except OSError:
            continue
        if log.parent == logs and log.stem not in {"simulator", "nats", "postgres", "prepare"}:
            found[log.stem] = int(folder.name)
    return found


def _disarm(system: System) -> None:
    for file in system.failpoints.iterdir():
        file.unlink(missing_ok=True)
