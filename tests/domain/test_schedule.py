"""Quiet hours: every zone a person could be in, and the days on which clocks change."""

from datetime import UTC, datetime, time

import pytest

from domain.policy import QuietHours
from domain.schedule import is_quiet, opens_at

HOURS = QuietHours()
NEW_YORK, LOS_ANGELES = "America/New_York", "America/Los_Angeles"


def utc(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "zones", "quiet"),
    [
        (utc(24, 17), (NEW_YORK,), False),
        (utc(24, 13, 59), (NEW_YORK,), True),
        (utc(24, 14), (NEW_YORK,), False),
        (utc(25, 0, 59), (NEW_YORK,), False),
        (utc(25, 1), (NEW_YORK,), True),
        (utc(24, 14), (NEW_YORK, LOS_ANGELES), True),
        (utc(24, 17), (), False),
        (utc(24, 16), (), True),
        (utc(22, 16), (NEW_YORK,), True),
        (utc(22, 17), (NEW_YORK,), False),
        (utc(24, 17), ("Nowhere/Land",), False),
        (utc(24, 16), ("Nowhere/Land",), True),
    ],
)
def test_quiet(moment: datetime, zones: tuple[str, ...], quiet: bool) -> None:
    assert is_quiet(moment, zones, HOURS) is quiet


def test_it_opens_in_the_morning_of_the_last_zone() -> None:
    assert opens_at(utc(24, 3), (NEW_YORK, LOS_ANGELES), HOURS) == utc(24, 17)


def test_the_night_in_which_clocks_go_back_is_an_hour_longer() -> None:
    # 2026-11-01: New York leaves summer time; Sunday opens at noon.
    assert opens_at(utc(1, 1), (NEW_YORK,), HOURS) == utc(1, 17)


def test_the_night_in_which_clocks_go_forward_is_an_hour_shorter() -> None:
    # 2026-03-08, a Sunday: noon in New York is 16:00 UTC from that day on.
    assert opens_at(utc(8, 2, month=3), (NEW_YORK,), HOURS) == utc(8, 16, month=3)


def test_open_is_now() -> None:
    assert opens_at(utc(24, 17, 7), (NEW_YORK,), HOURS) == utc(24, 17, 7)


def test_zones_that_are_never_awake_together_end_with_the_first() -> None:
    narrow = QuietHours(time(9), time(10), time(9), time(10))

    assert opens_at(utc(24, 3), (NEW_YORK, LOS_ANGELES), narrow) == utc(24, 14)
