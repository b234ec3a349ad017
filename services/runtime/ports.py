"""What the services ask of the outside world: one Protocol a neighbour, and the words they use."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar

from contracts.announcement import Announcement
from contracts.base import Contract
from contracts.conversation import Usage
from contracts.proposal import TurnProposal
from contracts.recorded import Cause, Recorded, Subject
from contracts.sms import DeliveryReport, InboundSms
from domain.decider import Memory
from domain.turn.context import Context

S = TypeVar("S")


class Conflict(Exception):
    """Somebody else appended to one of the streams first; nothing of the save is stored."""


class SubjectErased(Exception):
    """Personal text would have been written under a key that was deleted; nothing is stored."""


class Unavailable(Exception):
    """A neighbour cannot be reached now: what was asked may be asked again later."""


@dataclass(frozen=True, slots=True)
class Entry:
    """
    Facts to append to one stream, expected to stand at `version` with `digest` as its last.

    `cause` is their own where one save settles what several messages led to.
    """

    stream: str
    version: int
    digest: str
    facts: tuple[Contract, ...]
    subject: Subject | None
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Chapter(Generic[S]):
    """A stream as read: where it stands and what its past means."""

    stream: str
    version: int
    digest: str
    state: S

    def then(self, facts: Sequence[Contract], subject: Subject | None) -> Entry:
        """Return the entry that continues this chapter."""
        return Entry(self.stream, self.version, self.digest, tuple(facts), subject)


class Header(NamedTuple):
    """What may be said about a fact in public; `fields` are its own, personal text sealed."""

    name: str
    stream: str
    version: int
    position: int
    at: str
    cause: str
    correlation: str
    traceparent: str | None
    fields: Mapping[str, Any]


Decide = Callable[[], Awaitable[Sequence[Entry]]]


class Outline(NamedTuple):
    """
    A part of the journal as projections take it in: some of its facts, unopened.

    `looked_at` says how many facts that were, `through` is the position of the last.
    """

    facts: Sequence[Recorded[Contract]]
    through: int
    looked_at: int


class Journal(Protocol):
    """The append-only event store: the only memory."""

    async def read(self, memory: Memory[S], stream: str, version: int | None = None) -> Chapter[S]:
        """Return a stream's state now, or as it was at `version`."""
        ...

    async def history(self, stream: str) -> Sequence[Recorded[Contract]]:
        """Return a stream's facts in order."""
        ...

    async def fact(self, stream: str, version: int) -> Recorded[Contract] | None:
        """Return one fact, or None where there is none."""
        ...

    async def save(
        self, entries: Sequence[Entry], cause: Cause, at: datetime, forget: str | None = None
    ) -> Sequence[Recorded[Contract]]:
        """
        Append to several streams in one transaction, or to none.

        `forget` is a person whose keys are deleted in the same transaction.  Entries without
        facts are left out.  Raises `Conflict`, `SubjectErased`, `Unavailable`.
        """
        ...

    async def act(
        self, decide: Decide, cause: Cause, at: datetime, forget: str | None = None
    ) -> Sequence[Recorded[Contract]]:
        """
        Decide and save; on a conflict forget what was read, decide and save again.

        A decision for nothing forgets nobody.
        """
        ...

    async def page(self, after: int, limit: int) -> Sequence[Recorded[Contract]]:
        """Return up to `limit` facts of the whole journal behind position `after`, in order."""
        ...

    async def outline(self, after: int, limit: int, names: frozenset[str]) -> Outline:
        """
        Return which of the next `limit` facts have these names, without a person's word.

        Every personal text reads `[erased]`; facts of other names are left out, known or not.
        """
        ...

    async def headers(self, after: int, limit: int) -> Sequence[Header]:
        """Return what may be said in public of the facts behind `after`, known or not."""
        ...

    async def digests(self, after: int, limit: int) -> Sequence[tuple[int, str]]:
        """Return position and digest of the facts behind `after`, in order, known or not."""
        ...

    async def head(self) -> int:
        """Return the last position of the journal; 0 when it is empty."""
        ...

    async def wait(self, after: int, timeout: float) -> None:
        """Return when a fact behind `after` may exist, or after `timeout` seconds."""
        ...

    async def now(self) -> datetime:
        """Return the database's clock."""
        ...

    async def aclose(self) -> None:
        """Finish what is being appended and close the connections."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a telephone number belongs, as far as it tells: ISO country, IANA zones."""

    number: str
    country: str | None
    zones: tuple[str, ...]


class Numbers(Protocol):
    """What is known of numbering plans."""

    def place(self, address: str) -> Place | None:
        """Return where an E.164 number belongs; None for what is no telephone number."""
        ...

    def typed(self, text: str, country: str | None) -> Place | None:
        """Return where a number belongs that somebody typed; None if it cannot be one."""
        ...


class Clock(Protocol):
    """The time, and fresh ids."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC; a wound test clock included."""
        ...

    def wound(self) -> timedelta:
        """Return by how much a test clock was wound forward; zero in production."""
        ...

    def fresh(self) -> str:
        """Return a new random id: 32 hexadecimal characters."""
        ...


class Outcome(StrEnum):
    """What became of one attempt to hand a text to the carrier."""

    ACCEPTED = "accepted"
    NOT_SENT = "not_sent"
    REJECTED = "rejected"
    REFUSED = "refused"
    UNKNOWN = "unknown"


CALLBACK_TRACE = "trace"
"""The query of a status callback's address that carries the trace context of its attempt."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """
    One try to hand one text to the carrier; `valid_for_s` bounds the carrier's own queue.

    `trace` is the W3C trace context that its status callbacks continue, if there is one.
    """

    attempt_id: str
    to: str
    text: str
    valid_for_s: int | None = None
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class SendAnswer:
    """
    The carrier's answer to an attempt, classified.

    ACCEPTED: has `sid`.  NOT_SENT: certainly not processed (no connection, 429): try again after
    `retry_after_s`.  REJECTED: refused for good with `code`.  REFUSED: our own account or sender
    is refused: stop sending and call somebody.  UNKNOWN: nobody can say; never repeat blindly.
    """

    outcome: Outcome
    sid: str | None = None
    code: int | None = None
    retry_after_s: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A message as the carrier lists it."""

    sid: str
    to: str
    sender: str
    text: str
    status: str
    created_at: datetime
    direction: str = "outbound-api"
    error_code: int | None = None
    price_microdollars: int | None = None
    segments: int | None = None
    media: int = 0


class Sms(Protocol):
    """The carrier."""

    async def send(self, attempt: Attempt) -> SendAnswer:
        """Hand over one text once, within a hard deadline; never retries, never raises."""
        ...

    async def listed(self, to: str, since: datetime) -> Sequence[Listed]:
        """Return outbound texts to a number created since then.  Raises `Unavailable`."""
        ...

    async def received(self, since: datetime) -> Sequence[Listed]:
        """Return inbound texts to our numbers since then.  Raises `Unavailable`."""
        ...

    async def fetch(self, sid: str) -> Listed | None:
        """Return one message by SID, or None if the carrier does not know it."""
        ...

    async def exchanged(self, number: str) -> Sequence[Listed]:
        """Return every text between us and a number that the carrier still has."""
        ...

    async def delete(self, sid: str) -> bool:
        """
        Delete the carrier's copy of a text; False while the text is still on its way.

        A copy that is gone already is deleted.  Raises `Unavailable`.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model gave for one turn, and what it took."""

    proposal: TurnProposal
    model_asked: str
    model_answered: str
    requests: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    latency_ms: int
    tools: tuple[str, ...] = ()


@dataclass
class ModelRefused(Exception):
    """No model of the chain gave a usable proposal; what it cost all the same."""

    kind: str
    model_asked: str
    latency_ms: int
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal | None = None

    def __str__(self) -> str:
        return f"{self.kind} ({self.model_asked})"


class Model(Protocol):
    """The language model, with its fallbacks behind it."""

    async def propose(self, context: Context) -> Answer:
        """Return one proposal for the turn.  Raises `ModelRefused`."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a second model said of a draft, and what it took."""

    verdict: Literal["send", "revise", "block"]
    reason: str
    usage: Usage


@dataclass
class JudgeFailed(Exception):
    """A second model gave no opinion in time; what it cost all the same."""

    kind: str
    usage: Usage

    def __str__(self) -> str:
        return f"{self.kind} ({self.usage.model_asked})"


class Judge(Protocol):
    """A second model that judges what the rules passed."""

    async def weigh(self, question: str) -> Opinion:
        """Return an opinion on a draft.  Raises `JudgeFailed`."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter as the queue holds it: where it came from and why, without its content."""

    sequence: int
    stream: str
    consumer: str
    subject: str
    source_sequence: int
    reason: str
    attempts: int
    at: datetime


class Letters(Protocol):
    """The dead letters that the queue keeps.  Each raises `Unavailable`."""

    async def letters(self, after: int = 0) -> Sequence[Letter]:
        """
        Return a page of the letters that wait, oldest first: those behind a sequence of the queue.

        An empty page is the end.
        """
        ...

    async def replay(self, letter: Letter) -> None:
        """Publish a letter where it came from.  Raises `LookupError` if it is gone."""
        ...

    async def remove(self, letter: Letter) -> None:
        """Delete a letter's copy."""
        ...


@dataclass(frozen=True, slots=True)
class Forgotten:
    """One line of the ledger of erasures: who, when, and the revocation that must survive."""

    person_id: str
    at: datetime
    revoked_at: datetime | None = None


class Signer(Protocol):
    """Signs as this deployment."""

    @property
    def public(self) -> str:
        """The public key, in hex."""
        ...

    def sign(self, statement: bytes) -> str:
        """Return the signature, in hex."""
        ...


class LedgerRefused(Exception):
    """The ledger of erasures cannot be read or written; `str()` is a sentence."""


class ErasureLedger(Protocol):
    """
    Who was erased, kept outside the database: a restored backup has forgotten it.

    Both raise `LedgerRefused`.
    """

    def add(self, forgotten: Forgotten) -> None:
        """Write a line; returns when it is on the disk."""
        ...

    def read(self) -> Sequence[Forgotten]:
        """Return the lines, oldest first."""
        ...


class Forged(Exception):
    """A request is not the carrier's, or not for our account or number."""


class Malformed(Exception):
    """A request says something that the carrier would not."""


@dataclass(frozen=True, slots=True)
class Posted:
    """
    A request as it came: path and query undecoded, the whole body, the signature.

    `signed_with` is the header that names a shared key and its algorithm, where one was used.
    """

    target: str
    body: bytes
    signature: str | None
    signed_with: str | None = None


class Webhooks(Protocol):
    """What the carrier posts.  Both raise `Forged` and `Malformed`."""

    def inbound(self, posted: Posted, at: datetime) -> InboundSms:
        """Return a person's text."""
        ...

    def status(self, posted: Posted, attempt_id: str, at: datetime) -> DeliveryReport:
        """Return what became of an attempt."""
        ...


Belongs = Callable[[str, str, bytes], bool]
"""Says whether a message goes: by its stream, the subject it was published on first, its body."""


class Bus(Protocol):
    """The message queue."""

    async def publish(self, subject: str, body: bytes, message_id: str) -> None:
        """Publish durably: returns after the acknowledgement.  Raises `Unavailable`."""
        ...

    async def publish_many(self, messages: Sequence[tuple[str, bytes, str]]) -> None:
        """Publish (subject, body, id) in order; returns after the last acknowledgement."""
        ...

    async def tell(
        self, subject: str, body: bytes, message_id: str, headers: Mapping[str, str]
    ) -> None:
        """Publish durably, with more headers than the id.  Raises `Unavailable`."""
        ...

    async def announce(self, told: Announcement, message_id: str, *, urgent: bool) -> None:
        """Announce one fact.  Raises `Unavailable`."""
        ...

    def newest(self, name: str, subject: str) -> AsyncIterator[bytes]:
        """Give what a stream holds on a subject, the newest first.  Raises `Unavailable`."""
        ...

    async def shred(self, belongs: Belongs) -> Mapping[str, int]:
        """
        Delete every message that `belongs` says yes to; return how many, by stream.

        Announcements hold no content and are not asked about.  Raises `Unavailable`.
        """
        ...

    async def ready(self) -> str | None:
        """Return None if a durable publish would be accepted, else the reason why not."""
        ...

    async def announced(self) -> int:
        """Return the last position of the journal that the relay announced; 0 if none."""
        ...

    async def fullness(self) -> Mapping[str, float]:
        """Return the share of its bytes that each stream keeps.  Raises `Unavailable`."""
        ...


class Standing(NamedTuple):
    """The announcements' epoch, and the position up to which all were announced."""

    epoch: int
    position: int


class RelayState(Protocol):
    """Where the relay stands; one relay holds it at a time.  Raises `Unavailable`."""

    async def acquire(self) -> Standing | None:
        """Return where to go on, or None while another relay is active."""
        ...

    async def advance(self, standing: Standing) -> None:
        """
        Remember that everything up to the position was announced in the epoch.

        Raises `Unavailable` as well if another epoch has begun: then `acquire` anew.
        """
        ...

    async def position(self) -> int:
        """Return up to which position the journal was announced, whoever holds it."""
        ...

    async def new_epoch(self, at_least: int = 0) -> Standing:
        """Begin an epoch: whatever is announced from now on is new to the bus."""
        ...

    async def aclose(self) -> None:
        """Give it back."""
        ...


@dataclass(frozen=True, slots=True)
class Gauges:
    """What a process tells about itself on its health port."""

    reasons: dict[str, str] = field(default_factory=dict[str, str])
