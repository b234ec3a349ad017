"""What is promised without being asked: the check after a danger, and the check-ins agreed to."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from contracts.follow_up import FollowUpScheduled

# GiveCare's first version came back after 15 minutes, an hour and six hours (classification.ts).
CHECK_AFTER: Mapping[str, timedelta] = {
    "critical": timedelta(minutes=15),
    "high": timedelta(minutes=60),
    "medium": timedelta(minutes=360),
}
CHECK_IN = "profile:check_in"
FOLLOW_UP = "follow-up-1"
SAFETY_CHECK = "safety-check-1"
PROMISED = "Keep the promise to come back to this."
CHECKING_IN = "They agreed to be asked how they are: ask, and ask for nothing else."
CHECKING = (
    "They were in danger a while ago: ask whether they are safe now, do not call it over, and "
    "keep the line of their country at hand."
)
_CHECK_NEED = "To be safe, and to know that what they said was not lost."
_CHECK_IN_NEED = "To be asked how things are going."
_EVERY_DAYS: Mapping[str, int] = {"daily": 1, "weekly": 7, "monthly": 30}
# Then it is asked anew whether they are wanted: what is never answered is not gone on with.
_CHECK_INS = 8


def other_id(of: str, salt: int = 0) -> str:
    """Return the id of what follows from something with an id, always the same one."""
    return f"{int(of, 16) ^ ((1 + salt) << 112):032x}"


def safety_check(
    person_id: str,
    conversation_id: str,
    tier: Literal["critical", "high", "medium"],
    at: datetime,
    *,
    grave: bool,
) -> FollowUpScheduled:
    """Return the check after a danger; `grave` says that it is a crisis, which is not put off."""
    return FollowUpScheduled(
        person_id=person_id,
        conversation_id=conversation_id,
        kind="safety_check",
        purpose=_CHECK_NEED,
        due_at=at + CHECK_AFTER[tier],
        urgent=grave and tier != "medium",
    )


def check_ins(
    person_id: str, conversation_id: str, often: str, at: datetime
) -> FollowUpScheduled | None:
    """Return the first of the check-ins that somebody agreed to; None where they want none."""
    days = _EVERY_DAYS.get(often)
    if days is None:
        return None
    return FollowUpScheduled(
        person_id=person_id,
        conversation_id=conversation_id,
        kind="check_in",
        purpose=_CHECK_IN_NEED,
        due_at=at + timedelta(days=days),
        every_days=days,
        left=_CHECK_INS - 1,
    )
