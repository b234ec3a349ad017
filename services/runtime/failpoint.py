"""Named points at which a test may let a process die, as kill -9 would."""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

HANDLERS: tuple[str, ...] = (
    "callback", "committer", "evaluator", "global_agent", "policy_gate", "sender", "turn_runner",
)  # fmt: skip
"""Those who handle messages: each can die before, after and behind the acknowledgement."""

HANDLING: tuple[str, ...] = ("fetched", "handled", "acked")

CRASH_POINTS: tuple[str, ...] = (
    *(f"{handler}.{point}" for handler in HANDLERS for point in HANDLING),
    "agent.cancelled",
    "agent.refused",
    "agent.requested",
    "agent.texted",
    "agent.told",
    "books.closed",
    "books.priced",
    "callback.published",
    "callback.saved",
    "committer.decided",
    "committer.saved",
    "evaluator.saved",
    "gate.decided",
    "gate.saved",
    "ingress.published",
    "ingress.read",
    "ingress.verified",
    "projector.applied",
    "projector.committed",
    "relay.marked",
    "relay.published",
    "relay.read",
    "runner.answered",
    "runner.asking",
    "runner.saved",
    "scheduler.ended",
    "scheduler.expired",
    "scheduler.escalated",
    "scheduler.fired",
    "scheduler.found",
    "scheduler.released",
    "sender.attempted",
    "sender.looked",
    "sender.posted",
    "sender.recorded",
    "sender.reserved",
    "sender.settled",
    "shifts.accepted",
    "shifts.offered",
    "shifts.packaged",
    "shifts.published",
)
"""Every name that the code calls `failpoint` with."""

_EXIT = 137  # what a shell says of a process that was ended by SIGKILL


@dataclass(slots=True)
class _Armed:
    folder: Path | None = None
    parent: int | None = None
    hits: dict[str, int] = field(default_factory=dict[str, int])


_armed = _Armed()


def arm(folder: Path, *, parent: int | None = None) -> None:
    """
    Die at the points that have a file in `folder`.

    The file `<folder>/<name>` holds at which of this process's hits, counted from the arming:
    `3`, or nothing for the next one.  A first word `all` kills `parent` as well, and with it
    everything that it started.  The file is removed first: whoever removes it dies, once.
    """
    _armed.folder, _armed.parent = folder, parent
    _armed.hits.clear()


def disarm() -> None:
    """Never die again."""
    _armed.folder = None


def failpoint(name: str) -> None:
    """Die here if a test wants it; otherwise, and always when unarmed, do nothing."""
    if _armed.folder is None:
        return
    _armed.hits[name] = _armed.hits.get(name, 0) + 1
    file = _armed.folder / name
    try:
        words = file.read_text().split()
    except OSError:
        return
    everything = words[:1] == ["all"]
    count = next((int(word) for word in words if word.isdigit()), 1)
    if _armed.hits[name] < count:
        return
    try:
        file.unlink()
    except FileNotFoundError:
        return  # another process died of it
    if everything and _armed.parent is not None:
        with suppress(ProcessLookupError):
            os.kill(_armed.parent, signal.SIGKILL)
    os._exit(_EXIT)
