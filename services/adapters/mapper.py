"""
A fact as bytes, and back.

What is stored of a fact is one JSON object: `at`, `subject` and `generation` (where a person's
key applies), `cause`, `correlation`, `traceparent`, `save` (a random id, the same for all facts
of one save), `previous` (the digest of the stream's fact before), `fact` (the contract).
The topic is the contract's name.  Personal text inside `fact` is AES-256-GCM under the person's
key, bound to the stream and the version, so that a sealed text cannot be moved to another fact.
"""

import base64
import binascii
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import (
    Cipher,
    Compressor,
    Mapper,
    StoredEvent,
    Transcoder,
)
from pydantic import ValidationError
from pydantic_core import from_json, to_json

from contracts.base import Contract
from contracts.catalogue import UnknownContract, contract_of
from contracts.personal import ERASED
from contracts.recorded import Cause, Recorded, Subject
from contracts.upcasts import UPCASTS, Upcast, upcast
from services.adapters.keys import NONCE_BYTES, KeyVault
from services.runtime.ports import Header, SubjectErased

ContractOf = Callable[[str], type[Contract]]
LookUp = Callable[[Sequence[Subject]], None]
_SEALED_MARK = b'{"$sealed":'
# How `preamble` begins; the time holds no quotation mark.
_SUBJECT = re.compile(rb'\{"at":"[^"]*","subject":"([0-9a-f]+)"')


class UnreadableFact(Exception):
    """A stored fact that this version of the project cannot decode; its bytes are whole."""

    def __init__(self, position: int, name: str, reason: str) -> None:
        super().__init__(f"fact {name!r} at position {position} cannot be read: {reason}")
        self.position = position
        self.name = name
        self.reason = reason

    def __reduce__(self) -> tuple[type["UnreadableFact"], tuple[int, str, str]]:
        """Let it go from one process to another."""
        return UnreadableFact, (self.position, self.name, self.reason)


class StoredRow(NamedTuple):
    """A row of the journal, undecoded."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes


def subject_of(row: StoredRow) -> str | None:
    """Return whose fact a row is, without reading more of it than its beginning."""
    begun = _SUBJECT.match(row.state)
    return None if begun is None else begun[1].decode()


class Draft(NamedTuple):
    """A fact about to be stored; `preamble` is what all facts of a save and subject share."""

    stream: str
    version: int
    fact: Contract
    subject: Subject | None
    preamble: bytes
    previous: str


def preamble(at: datetime, subject: Subject | None, cause: Cause, save: str) -> bytes:
    """Return the beginning of a stored fact.  Raises `ValueError` for a time without a zone."""
    if at.tzinfo is None:
        raise ValueError("a fact's time must be aware")
    envelope: dict[str, Any] = {"at": at.astimezone(UTC).isoformat()}
    if subject is not None:
        envelope["subject"] = subject.person_id
        envelope["generation"] = subject.generation
    envelope["cause"] = cause.cause
    envelope["correlation"] = cause.correlation
    if cause.traceparent is not None:
        envelope["traceparent"] = cause.traceparent
    envelope["save"] = save
    return to_json(envelope)[:-1] + b',"previous":"'


class Encoded(NamedTuple):
    """A fact ready to be stored; `sealed` says that its bytes hold personal text."""

    row: StoredRow
    digest: str
    sealed: bool


@dataclass(frozen=True, slots=True)
class Happening:
    """A fact in the shape that the event sourcing library passes around."""

    originator_id: str
    originator_version: int
    draft: Draft | None = None
    recorded: Recorded[Contract] | None = None


def new_save_id() -> str:
    """Return a random id for one save: it tells a save's bytes from anybody else's."""
    return os.urandom(8).hex()


def digest_of(stream: str, version: int, topic: str, state: bytes) -> str:
    """
    Return a stored fact's digest: SHA-256 in hex.

    Each part but the last is preceded by its length, so no two facts share an encoding.
    """
    name, kind = stream.encode(), topic.encode()
    head = b"%d:%s%d:%d:%s" % (len(name), name, version, len(kind), kind)
    return sha256(head + state).hexdigest()


class _Sealing:
    """Seals the personal text of one fact; what is wrong is told after, pydantic hides raises."""

    __slots__ = ("_bound_to", "_cipher", "sealed")

    def __init__(self, cipher: AESGCM | None, bound_to: bytes) -> None:
        self._cipher = cipher
        self._bound_to = bound_to
        self.sealed = False

    def seal(self, text: str) -> str:
        self.sealed = True
        if self._cipher is None:
            return ""
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, text.encode(), self._bound_to)
        return base64.b64encode(sealed).decode("ascii")

    def open(self, sealed: str) -> str:
        raise NotImplementedError("a fact is opened by another sealer")


class _Opening:
    """Opens the personal text of one fact after another; one object for a whole page."""

    __slots__ = ("bound_to", "cipher")

    def __init__(self) -> None:
        self.cipher: AESGCM | None = None
        self.bound_to = b""

    def open(self, sealed: str) -> str:
        if self.cipher is None:
            return ERASED
        raw = binascii.a2b_base64(sealed)
        return self.cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], self.bound_to).decode()

    def seal(self, text: str) -> str:
        raise NotImplementedError("a fact is sealed by another sealer")


class Parsed(NamedTuple):
    """Rows with their JSON objects; `needed` are the people whose keys open what is sealed."""

    rows: Sequence[StoredRow]
    envelopes: Sequence[dict[str, Any]]
    needed: Sequence[Subject]


class _People(dict[tuple[str, int], tuple[Subject, AESGCM | None]]):
    """
    The subjects of one page with their keys, each looked up once.

    The keys of all who have sealed text in the page are known; of the others none is needed.
    """

    def __init__(self, vault: KeyVault) -> None:
        super().__init__()
        self._vault = vault

    def __missing__(self, key: tuple[str, int]) -> tuple[Subject, AESGCM | None]:
        subject = Subject(*key)
        cipher = self._vault.cipher(subject) if self._vault.knows(subject) else None
        found = self[key] = (subject, cipher)
        return found


def _why(error: Exception) -> str:
    """Return what is wrong without any value in it: values are people's words."""
    if isinstance(error, UnknownContract):
        return "no contract of that name"
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in found)
    if isinstance(error, InvalidTag):
        return "the sealed text does not belong to this key and fact"
    return type(error).__name__


class FactMapper(Mapper[str]):
    """Turns facts into stored rows and rows into `Recorded`, by the catalogue and the vault."""

    def __init__(
        self,
        transcoder: Transcoder | None = None,
        compressor: Compressor | None = None,
        cipher: Cipher | None = None,
    ) -> None:
        if compressor is not None or cipher is not None:
            raise ValueError("facts are stored as they are; only personal text is encrypted")
        if transcoder is not None:
            super().__init__(transcoder)
        self._vault: KeyVault | None = None
        self._look_up: LookUp | None = None
        self._contract_of: ContractOf = contract_of
        self._upcasts: Mapping[str, Upcast] = UPCASTS
        self._validate: dict[str, Callable[..., Any]] = {}

    @classmethod
    def of(
        cls,
        vault: KeyVault,
        contract_of: ContractOf = contract_of,
        upcasts: Mapping[str, Upcast] = UPCASTS,
    ) -> "FactMapper":
        """Return a mapper that reads and writes with these keys and contracts."""
        mapper = cls()
        mapper.equip(vault, contract_of, upcasts)
        return mapper

    def equip(
        self,
        vault: KeyVault,
        contract_of: ContractOf = contract_of,
        upcasts: Mapping[str, Upcast] = UPCASTS,
        look_up: LookUp | None = None,
    ) -> None:
        """
        Give a mapper that the library made the keys and contracts to work with.

        `look_up` teaches the vault about subjects; only the library's two methods need it.
        """
        self._vault = vault
        self._look_up = look_up
        self._contract_of = contract_of
        self._upcasts = upcasts
        self._validate = {}

    @property
    def vault(self) -> KeyVault:
        """The keys this mapper works with."""
        if self._vault is None:
            raise RuntimeError("the mapper has no keys yet")
        return self._vault

    # Writing

    def encode(self, draft: Draft, cipher: AESGCM | None) -> Encoded:
        """
        Return the fact as it will be stored.

        Raises `SubjectErased` if it holds personal text and its subject has no key, `ValueError`
        if it holds personal text of nobody.
        """
        stream, version, fact, subject, preamble, previous = draft
        sealing = _Sealing(cipher, b"%s|%d" % (stream.encode(), version))
        body = fact.__pydantic_serializer__.to_json(fact, context=sealing)
        if sealing.sealed and cipher is None:
            if subject is None:
                raise ValueError(f"{fact.name} holds personal text but has no subject")
            raise SubjectErased(f"no key for generation {subject.generation} of the person")
        state = b'%s%s","fact":%s}' % (preamble, previous.encode(), body)
        row = StoredRow(0, stream, version, fact.name, state)
        return Encoded(row, digest_of(stream, version, fact.name, state), sealing.sealed)

    # Reading

    def parse(self, rows: Sequence[StoredRow]) -> "Parsed":
        """Return the rows' JSON objects, personal text still sealed, and whose keys they need."""
        envelopes = [from_json(row.state) for row in rows]
        needed: set[tuple[str, int]] = set()
        for row, envelope in zip(rows, envelopes, strict=True):
            if _SEALED_MARK in row.state and "subject" in envelope:
                needed.add((envelope["subject"], envelope["generation"]))
        return Parsed(rows, envelopes, [Subject(*each) for each in needed])

    def decode(self, parsed: "Parsed") -> list[Recorded[Contract]]:
        """
        Return the rows as facts; the keys of `needed` must have been looked up.

        Raises `UnreadableFact` at the first that this version cannot decode.
        """
        opening = _Opening()
        people = _People(self.vault)
        validate, upcasts, parse_time = (
            self._validate,
            self._upcasts,
            datetime.fromisoformat,
        )
        facts: list[Recorded[Contract]] = []
        for row, envelope in zip(parsed.rows, parsed.envelopes, strict=True):
            position, stream, version, topic, state = row
            subject = None
            if "subject" in envelope:
                subject, opening.cipher = people[envelope["subject"], envelope["generation"]]
                opening.bound_to = b"%s|%d" % (stream.encode(), version)
            try:
                name, fields = topic, envelope["fact"]
                if name in upcasts:
                    name, fields = upcast(name, fields, upcasts)
                fact = (validate.get(name) or self._validator(name))(fields, context=opening)
            except (
                UnknownContract,
                ValueError,
                KeyError,
                TypeError,
                InvalidTag,
            ) as error:
                raise UnreadableFact(position, topic, _why(error)) from None
            facts.append(
                Recorded(
                    fact,
                    stream,
                    version,
                    position,
                    parse_time(envelope["at"]),
                    subject,
                    envelope["cause"],
                    envelope["correlation"],
                    envelope.get("traceparent"),
                    envelope["previous"],
                    digest_of(stream, version, topic, state),
                )
            )
        return facts

    def outline(
        self, rows: Sequence[StoredRow], names: frozenset[str]
    ) -> list[Recorded[Contract]]:
        """
        Return the facts of these names, unopened: every personal text reads `[erased]`.

        No key is looked up and no digest computed; both stay empty.  Other facts are left out,
        known or not.  Raises `UnreadableFact`.
        """
        opening, upcasts, validate = _Opening(), self._upcasts, self._validate
        facts: list[Recorded[Contract]] = []
        for position, stream, version, topic, state in rows:
            if topic not in names and topic not in upcasts:
                continue
            try:
                envelope = from_json(state)
                name, fields = upcast(topic, envelope["fact"], upcasts)
                if name not in names:
                    continue
                fact = (validate.get(name) or self._validator(name))(fields, context=opening)
            except (UnknownContract, ValueError, KeyError, TypeError) as error:
                raise UnreadableFact(position, topic, _why(error)) from None
            facts.append(
                Recorded(
                    fact, stream, version, position, datetime.fromisoformat(envelope["at"]), None,
                    envelope["cause"], envelope["correlation"], envelope.get("traceparent"),
                    "", "",
                )
            )  # fmt: skip
        return facts

    def _validator(self, name: str) -> Callable[..., Any]:
        contract = self._contract_of(name)
        validate = self._validate[name] = contract.__pydantic_validator__.validate_python
        return validate

    def header(self, row: StoredRow) -> Header:
        """Return what may be said about a fact, without any key and of any name."""
        envelope = from_json(row.state)
        return Header(
            row.topic,
            row.stream,
            row.version,
            row.position,
            envelope["at"],
            envelope["cause"],
            envelope["correlation"],
            envelope.get("traceparent"),
            envelope["fact"],
        )

    # The library's own two methods

    def to_stored_event(self, domain_event: DomainEventProtocol[str]) -> StoredEvent:
        """Return a `Happening` that carries a draft as the library stores it."""
        if not isinstance(domain_event, Happening) or domain_event.draft is None:
            raise TypeError("only drafts can be stored")
        draft = domain_event.draft
        cipher = None
        if draft.subject is not None:
            self._learn([draft.subject])
            cipher = self.vault.cipher(draft.subject)
        row = self.encode(draft, cipher).row
        return StoredEvent(row.stream, row.version, row.topic, row.state)

    def to_domain_event(self, stored_event: StoredEvent) -> Happening:
        """Return a stored event as a `Happening` that carries the recorded fact."""
        row = StoredRow(
            getattr(stored_event, "id", 0),
            str(stored_event.originator_id),
            stored_event.originator_version,
            stored_event.topic,
            stored_event.state,
        )
        return Happening(row.stream, row.version, recorded=self.recall([row])[0])

    def recall(self, rows: Sequence[StoredRow]) -> list[Recorded[Contract]]:
        """Return rows as facts, looking up their keys.  Raises `UnreadableFact`."""
        parsed = self.parse(rows)
        self._learn(parsed.needed)
        return self.decode(parsed)

    def _learn(self, subjects: Sequence[Subject]) -> None:
        unknown = sorted(self.vault.unknown(subjects), key=lambda each: each.person_id)
        if unknown and self._look_up is not None:
            self._look_up(unknown)
