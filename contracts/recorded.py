"""A fact as the journal holds it: what happened, in its envelope."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from contracts.base import Contract

F_co = TypeVar("F_co", bound=Contract, covariant=True)


@dataclass(frozen=True, slots=True)
class Subject:
    """The person whose key seals a fact's personal text, and which of their keys."""

    person_id: str
    generation: int


@dataclass(frozen=True, slots=True)
class Cause:
    """
    What led to a fact.

    `cause` is the message or fact directly before (`sms.inbound:SM…`, `conversation-…/7`),
    `correlation` the start of the chain (an inbound SID, an escalation, a job), `traceparent` the
    W3C trace context where one is known.
    """

    cause: str
    correlation: str
    traceparent: str | None = None


class Recorded(NamedTuple, Generic[F_co]):
    """
    A fact in its envelope.

    `version` counts within the stream from 1; `position` orders the whole journal (gaps are
    harmless); `at` is the clock of the process that decided; `previous` is the digest of the
    stream's fact before this one (empty for the first) and `digest` this one's own, both
    SHA-256 in hex over the stored bytes.
    """

    fact: F_co
    stream: str
    version: int
    position: int
    at: datetime
    subject: Subject | None
    cause: str
    correlation: str
    traceparent: str | None
    previous: str
    digest: str

    @property
    def reference(self) -> str:
        """The fact's address as a cause of others: `stream/version`."""
        return f"{self.stream}/{self.version}"

    def leads(self) -> Cause:
        """Return the cause that facts decided from this one carry."""
        return Cause(self.reference, self.correlation, self.traceparent)
