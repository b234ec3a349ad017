"""What has ended is started again: at once, then later and later."""

from itertools import pairwise

import pytest

from deploy.local import kept
from deploy.local.kept import Kept


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(kept.time, "monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_what_lives_is_left_alone(clock: Clock):
    one = Kept("x", lambda: True, lambda: pytest.fail("started"))
    assert one.look() is None


def test_pauses_double_to_five_seconds(clock: Clock):
    starts: list[float] = []
    one = Kept("x", lambda: False, lambda: starts.append(clock.now), started_at=clock.now)
    for _ in range(4_000):
        one.look()
        clock.now += 0.01
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    assert starts[0] == pytest.approx(100.1, abs=0.02)
    assert gaps[:5] == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2], abs=0.03)
    assert gaps[5:] == pytest.approx([5.0] * len(gaps[5:]), abs=0.03)


def test_after_ten_good_seconds_it_begins_anew(clock: Clock):
    alive = True
    one = Kept("x", lambda: alive, lambda: None, started_at=clock.now, pause_s=5.0)
    clock.now += 11
    alive = False
    assert one.look() == "x has ended; starting it again in 0.1 s"
    clock.now += 0.1
    assert one.look() == "x started again"


def test_a_start_that_fails_is_said_and_tried_again(clock: Clock):
    def fail() -> None:
        raise OSError("no room")

    one = Kept("x", lambda: False, fail, started_at=clock.now)
    one.look()
    clock.now += 0.1
    assert one.look() == "x does not start: no room"
    assert "starting it again in 0.2 s" in str(one.look())
    assert one.due_s() == pytest.approx(0.2)
