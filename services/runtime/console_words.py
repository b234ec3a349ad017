"""How the console's pages say things: numbers without digits, times, money, turns in order."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from services.runtime.console_reading import Told, Transcript
from services.runtime.console_shapes import TurnView

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


class Exchange(NamedTuple):
    """A line with the turns beside it: those it says, or those that say nothing after it."""

    told: Told | None
    turns: Sequence[TurnView]


def exchanges(transcript: Transcript) -> list[Exchange]:
    """
    Return the lines in order, each agent's line with its turn.

    A turn without a text of its own (still open, overtaken, answered by silence) is shown after
    the person's line before it.
    """
    lines, turns = transcript.lines, {turn.turn_id: turn for turn in transcript.turns}
    spoken = {told.line.turn_id for told in lines if told.line.turn_id is not None}
    beside: dict[str, list[TurnView]] = {}
    alone: list[TurnView] = []
    shown: set[str] = set()
    for told in lines:
        turn = turns.get(told.line.turn_id or "")
        if turn is not None and turn.turn_id not in shown:
            shown.add(turn.turn_id)
            beside[told.line.line_id] = [turn]
    for turn in transcript.turns:
        if turn.turn_id in spoken:
            continue
        heard = [
            told.line
            for told in lines
            if told.line.author == "person" and told.line.version < turn.version
        ]
        if heard:
            last = max(heard, key=lambda line: line.version)
            beside.setdefault(last.line_id, []).append(turn)
        else:
            alone.append(turn)
    before = [Exchange(None, alone)] if alone else []
    return before + [Exchange(told, beside.get(told.line.line_id, ())) for told in lines]


def masked(ending: str | None) -> str:
    """Return a number as it may be shown: its last two digits."""
    return f"••• {ending}" if ending else "no number"


def ago(at: datetime, now: datetime) -> str:
    """Return how long ago something was, or how long it is until then."""
    seconds = (now - at).total_seconds()
    told = _span(abs(seconds))
    if told == "0 s":
        return "now"
    return f"{told} ago" if seconds > 0 else f"in {told}"


def _span(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{int(seconds)} s"
    if seconds < _HOUR:
        return f"{int(seconds // _MINUTE)} min"
    if seconds < 2 * _DAY:
        return f"{int(seconds // _HOUR)} h"
    return f"{int(seconds // _DAY)} days"


def clock(at: datetime) -> str:
    """Return a time in full."""
    return f"{at.day} {at:%b %Y, %H:%M:%S} UTC"


def money(microdollars: int | None) -> str:
    """Return an amount in dollars, as many places as it has."""
    if microdollars is None:
        return "price not known"
    whole = f"{microdollars / 1_000_000:.6f}".rstrip("0")
    return f"${whole}00"[: max(len(whole) + 1, whole.index(".") + 4)]


def duration(milliseconds: int) -> str:
    """Return how long something took."""
    return f"{milliseconds} ms" if milliseconds < 1_000 else f"{milliseconds / 1_000:.1f} s"


def words(name: str) -> str:
    """Return a name of the code as a person reads it."""
    return name.replace("_", " ")


def models(turn: TurnView) -> str:
    """Return which models answered in a turn."""
    names = dict.fromkeys(one.model_answered or one.model_asked for one in turn.usage)
    return ", ".join(names)


FILTERS: Mapping[str, Callable[..., Any]] = {
    "masked": masked,
    "ago": ago,
    "clock": clock,
    "money": money,
    "duration": duration,
    "words": words,
    "models": models,
}
