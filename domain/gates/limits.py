"""Who texts more than a person can is not answered until the hour is over: loops cost money."""

from datetime import timedelta

from domain.gates.loop import loops
from domain.gates.situation import Ruling, Situation
from domain.person import wording
from domain.turn.words import collapsed

_HOUR = timedelta(hours=1)
_TEN_MINUTES = timedelta(minutes=10)
# Two programs texting each other repeat themselves; a person who repeats a text does so twice.
EQUAL_TEXTS = 5
_MEDIA_ONCE_A = timedelta(days=1)


def limits(now: Situation) -> Ruling | None:
    """Stay silent beyond the hourly limit and to loops; say once that media cannot be read."""
    lately = sum(at > now.received_at - _HOUR for at in now.conversation.heard_lately)
    if lately >= now.policy.rate_limit_per_hour:
        return Ruling(gate="limits", reply=None)
    words = collapsed(now.text)
    if words and _repeated(now, words):
        return Ruling(gate="limits", reply=None)
    if loops(now.conversation, now.text, now.received_at):
        return Ruling(gate="limits", reply=None)
    if not words and now.media:
        return Ruling(gate="limits", reply=None if _told(now) else wording.ONLY_TEXT)
    return None


def _repeated(now: Situation, words: str) -> bool:
    """Return whether the text was said so often lately that nobody says it once more."""
    lately = [
        line
        for line in now.conversation.lines
        if line.author == "person" and line.at > now.received_at - _TEN_MINUTES
    ]
    if len(lately) < EQUAL_TEXTS:
        return False
    return sum(collapsed(line.text) == words for line in lately) >= EQUAL_TEXTS


def _told(now: Situation) -> bool:
    return any(
        line.author == "agent"
        and line.text == wording.ONLY_TEXT
        and line.at > now.received_at - _MEDIA_ONCE_A
        for line in now.conversation.lines
    )
