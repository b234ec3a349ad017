"""The facts of a dead letter: a message nobody could process, kept for a person to see."""

from typing import ClassVar

from pydantic import AwareDatetime

from contracts.base import Contract


class DeadLettered(Contract):
    """A message was put aside; `reason` names fields and error types, never content."""

    name: ClassVar[str] = "deadletter.put_aside.v1"
    stream: str
    consumer: str
    subject: str
    sequence: int
    attempts: int
    reason: str
    at: AwareDatetime


class DeadLetterReplayed(Contract):
    """A person sent the message back to where it came from."""

    name: ClassVar[str] = "deadletter.replayed.v1"
    by: str
    at: AwareDatetime


class DeadLetterDropped(Contract):
    """A person decided that nothing is to be done."""

    name: ClassVar[str] = "deadletter.dropped.v1"
    by: str
    at: AwareDatetime
