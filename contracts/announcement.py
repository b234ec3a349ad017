"""What the bus says of a fact: that it happened, and where it stands; never its content."""

from typing import ClassVar

from pydantic import AwareDatetime

from contracts.base import Contract


class Announcement(Contract):
    """
    One fact of the journal, announced on `fact.<name>` or `fact.<name>.urgent`.

    `fact` is the contract's name.  Whoever hears it reads the stream: the bus holds no personal
    word, so that erasure has one place to care about.
    """

    name: ClassVar[str] = "announcement.v1"
    fact: str
    stream: str
    version: int
    position: int
    at: AwareDatetime
    cause: str
    correlation: str
    traceparent: str | None = None

    @property
    def reference(self) -> str:
        """The fact's address as a cause of others: `stream/version`."""
        return f"{self.stream}/{self.version}"

    def as_message(self, message_id: str, *, urgent: bool) -> tuple[str, bytes, str]:
        """Return subject, body and id to publish it with."""
        body = self.model_dump_json(exclude_none=True).encode()
        return subject_of(self.fact, urgent=urgent), body, message_id


def subject_of(name: str, *, urgent: bool = False) -> str:
    """Return the NATS subject on which facts of a name are announced."""
    return f"fact.{name}.urgent" if urgent else f"fact.{name}"
