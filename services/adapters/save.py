"""Entries as one request: what must hold, which keys are made, and the bytes to store."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from contracts.base import Contract
from contracts.person import Registered
from contracts.recorded import Cause, Recorded, Subject
from services.adapters.group_commit import Request
from services.adapters.keys import NewKey
from services.adapters.mapper import Draft, FactMapper, StoredRow, new_save_id, preamble
from services.runtime.ports import Entry

REGISTERED = Registered.name


class Composition(NamedTuple):
    """A request and the facts it will have stored, their positions still unknown."""

    request: Request
    facts: Sequence[Recorded[Contract]]


def subjects_of(entries: Iterable[Entry]) -> set[Subject]:
    """Return the people of the entries whose keys exist already, if they do."""
    subjects = {entry.subject for entry in entries if entry.subject is not None}
    return subjects - {subject for subject in map(_registered, entries) if subject is not None}


def _registered(entry: Entry) -> Subject | None:
    """Return the subject whose key is made with this entry."""
    for fact in entry.facts:
        if fact.name == REGISTERED:
            generation: int = getattr(fact, "generation")  # noqa: B009
            if entry.subject is None or entry.subject.generation != generation:
                raise ValueError(f"{REGISTERED} must carry the subject whose key it makes")
            return entry.subject
    return None


def compose(
    mapper: FactMapper,
    entries: Sequence[Entry],
    cause: Cause,
    at: datetime,
    forget: str | None = None,
) -> Composition:
    """
    Return the request for entries that hold at least one fact each.

    The keys of `subjects_of` must have been looked up.  Raises `SubjectErased` where one of them
    is needed and gone, `ValueError` for two entries of one stream or personal text of nobody.
    """
    if len({entry.stream for entry in entries}) < len(entries):
        raise ValueError("a save holds one entry a stream")
    made: dict[Subject, NewKey] = {}
    for registered in map(_registered, entries):
        if registered is not None:
            made[registered] = mapper.vault.create(registered)
    save_id, moment = new_save_id(), at.astimezone(UTC)
    beginnings: dict[tuple[Subject | None, Cause], bytes] = {}
    needs: set[Subject] = set()
    rows: list[StoredRow] = []
    facts: list[Recorded[Contract]] = []
    for entry in entries:
        subject, previous = entry.subject, entry.digest
        cipher = None
        if subject is not None:
            new = made.get(subject)
            cipher = mapper.vault.cipher(subject) if new is None else new.cipher
        led = entry.cause or cause
        if (subject, led) not in beginnings:
            beginnings[subject, led] = preamble(at, subject, led, save_id)
        beginning = beginnings[subject, led]
        for version, fact in enumerate(entry.facts, entry.version + 1):
            draft = Draft(entry.stream, version, fact, subject, beginning, previous)
            row, digest, sealed = mapper.encode(draft, cipher)
            if sealed and subject is not None and subject not in made:
                needs.add(subject)
            rows.append(row)
            facts.append(
                Recorded(
                    fact, entry.stream, version, 0, moment, subject,
                    led.cause, led.correlation, led.traceparent, previous, digest,
                )
            )  # fmt: skip
            previous = digest
    heads = [(entry.stream, entry.version) for entry in entries]
    return Composition(Request(heads, list(needs), rows, tuple(made.values()), forget), facts)
