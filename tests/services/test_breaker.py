"""While the carrier takes nothing everybody waits, and whoever is in danger not for long."""

import pytest

from services.runtime.breaker import Breaker
from services.runtime.process import Later


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def _opened(clock: _Clock) -> Breaker:
    breaker = Breaker(clock)
    breaker.check()
    breaker.open(told_s=60.0)
    return breaker


def _waits(breaker: Breaker, *, urgent: bool) -> float:
    with pytest.raises(Later) as later:
        breaker.check(urgent=urgent)
    return later.value.after_s


def test_an_urgent_text_waits_five_seconds_at_most() -> None:
    breaker = _opened(_Clock())

    assert _waits(breaker, urgent=False) == 60.0
    assert _waits(breaker, urgent=True) == 5.0
    assert breaker.pause_s(urgent=True) == 5.0


def test_after_its_pause_an_urgent_text_tries_alone() -> None:
    clock = _Clock()
    breaker = _opened(clock)
    clock.now += 5.0

    breaker.check(urgent=True)

    assert _waits(breaker, urgent=True) == 5.0
    assert _waits(breaker, urgent=False) == 55.0


def test_once_something_was_taken_nobody_waits() -> None:
    breaker = _opened(_Clock())
    breaker.close()

    breaker.check()
