"""Quiet hours: arithmetic on the clocks that a person could be living by."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.policy import QuietHours

# Where a number tells nothing, the contiguous United States' zones are all taken as possible.
UNKNOWN_ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)
_STEP = timedelta(minutes=15)
_LONGEST = timedelta(days=2)


def is_quiet(now: datetime, zones: Sequence[str], hours: QuietHours) -> bool:
    """Return whether it is quiet in any zone the person could be in: the strictest counts."""
    return any(not _open_in(now, zone, hours) for zone in zones or UNKNOWN_ZONES)


def opens_at(now: datetime, zones: Sequence[str], hours: QuietHours) -> datetime:
    """
    Return the next time at which it is quiet nowhere; `now` if that is so already.

    Looked for in steps of a quarter of an hour (every zone's offset is a multiple of one), in
    UTC, so that days with 23 or 25 hours need no care.  Zones that are never awake together give
    the time at which the first of them is.
    """
    if not is_quiet(now, zones, hours):
        return now
    moment = _next_step(now)
    for _ in range(int(_LONGEST / _STEP)):
        if not is_quiet(moment, zones, hours):
            return moment
        moment += _STEP
    return now + _LONGEST if len(zones) < 2 else opens_at(now, zones[:1], hours)


def _open_in(now: datetime, zone: str, hours: QuietHours) -> bool:
    try:
        local = now.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return all(_open_in(now, each, hours) for each in UNKNOWN_ZONES)
    sunday = local.weekday() == 6
    opens, closes = (
        (hours.sunday_opens, hours.sunday_closes) if sunday else (hours.opens, hours.closes)
    )
    return opens <= _clock(local) < closes


def _clock(local: datetime) -> time:
    return local.time().replace(tzinfo=None)


def _next_step(now: datetime) -> datetime:
    moment = now.astimezone(UTC).replace(second=0, microsecond=0)
    return moment + timedelta(minutes=15 - moment.minute % 15)
