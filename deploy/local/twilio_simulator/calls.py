"""What is told to the service, and the log of how it answered."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urldefrag

from deploy.local.twilio_simulator.faults import Outcome
from deploy.local.twilio_simulator.store import MessageStore
from deploy.local.wound_clock import WoundClock

Params = tuple[tuple[str, str], ...]
Failure = Literal["connect", "read", "lost"]


@dataclass(frozen=True, slots=True)
class Call:
    """
    One thing to tell the service.

    `kind` is `inbound` for a text and `status` for a callback; `lane` a word that keeps calls
    in order; `answered` hears the last HTTP status, 0 when there was no answer at all.
    """

    kind: Literal["inbound", "status"]
    sid: str
    status: str
    url: str
    params: Params
    lane: str
    answered: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What became of one attempt: an HTTP status, or 0 and a failure; milliseconds taken.

    `connect`: no connection, or one that broke; `read`: no answer in time; `lost`: a fault kept
    the call from being made.
    """

    status: int
    failure: Failure | None
    ms: float


class CallLog:
    """The log behind `GET /log`: one JSON object a line, in the order things happened."""

    def __init__(self, store: MessageStore, clock: WoundClock) -> None:
        self._store = store
        self._clock = clock

    def call(self, call: Call, answer: Answer, attempt: int) -> None:
        """Log one attempt at a call, `attempt` counted from 1; 0 for a lost one."""
        self._append(
            {
                "kind": call.kind,
                "sid": call.sid,
                "status": call.status,
                "url": urldefrag(call.url).url,
                "attempt": attempt,
                "answer": answer.status or None,
                "failure": answer.failure,
                "ms": answer.ms,
            }
        )

    def fault(self, outcome: Outcome, sid: str | None) -> None:
        """Log a fault that took effect, and on which message if there is one."""
        self._append({"kind": "fault", "sid": sid, "outcome": outcome.value})

    def _append(self, entry: dict[str, object]) -> None:
        at = self._clock.now().isoformat(timespec="milliseconds")
        self._store.log(lambda position: json.dumps({"position": position, "at": at} | entry))
