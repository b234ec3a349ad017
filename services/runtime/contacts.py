"""Who may be texted: added one by one or from a table, and the proof of what they agreed to."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contracts import person as p
from contracts.evidence import Source
from contracts.identity import person_id, person_stream
from contracts.recorded import Cause, Subject
from domain.person import person
from domain.person.registration import Register, RegistrationRefused, register
from services.runtime.ports import Entry, Journal, Numbers

COLUMNS = ("phone", "user_id", "name", "timezone", "country", "consent", "evidence")


class ContactRefused(Exception):
    """Somebody cannot be added so; `str()` is a sentence without their name or number."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What an operator says of a person; `consent` granted needs `evidence`."""

    phone: str
    user_id: str | None = None
    name: str | None = None
    timezone: str | None = None
    country: str | None = None
    consent: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one: `facts` is how many were appended; 0 means that all was known."""

    line: int
    person_id: str | None
    facts: int
    refused: str | None = None


class Contacts:
    """Adds people to the journal; saying the same again changes nothing."""

    def __init__(self, journal: Journal, numbers: Numbers, pepper: bytes) -> None:
        self._journal = journal
        self._numbers = numbers
        self._pepper = pepper

    async def add(self, contact: Contact, at: datetime, source: Source = "cli") -> Added:
        """Add one person.  Raises `ContactRefused`."""
        command = self._command(contact, at, source)
        who = command.person_id

        async def decide() -> Sequence[Entry]:
            whom = await self._journal.read(person, person_stream(who))
            new = whom.state.generation == 0 or whom.state.erased
            subject = Subject(who, whom.state.generation + new)
            try:
                facts = register(whom.state, command)
            except RegistrationRefused as refusal:
                raise ContactRefused(str(refusal)) from None
            return [whom.then(facts, subject)]

        stored = await self._journal.act(decide, Cause(f"contacts:{source}", who), at)
        return Added(0, who, len(stored))

    async def import_table(self, text: str, at: datetime) -> AsyncIterator[Added]:
        """
        Add people from a CSV table with a heading; tell of each line.

        A bad line is told by its number and does not stop the others.  Raises `ContactRefused`
        for a table without the columns.
        """
        rows = csv.DictReader(io.StringIO(text))
        unknown = [name for name in rows.fieldnames or () if name not in COLUMNS]
        if "phone" not in (rows.fieldnames or ()) or unknown:
            raise ContactRefused(f"The table's first line must name columns of: {COLUMNS}.")
        for line, row in enumerate(rows, 2):
            given = {name: (value or "").strip() or None for name, value in row.items() if name}
            try:
                contact = Contact(phone=given.pop("phone") or "", **given)
                yield replace(await self.add(contact, at, "csv"), line=line)
            except ContactRefused as refusal:
                yield Added(line, None, 0, str(refusal))

    async def evidence(self, phone: str) -> Sequence[p.PersonFact]:
        """Return the facts about a person's consent, in order.  Raises `ContactRefused`."""
        place = self._numbers.typed(phone, None)
        if place is None:
            raise ContactRefused("That is not a telephone number.")
        stream = person_stream(person_id(self._pepper, place.number))
        facts = [recorded.fact for recorded in await self._journal.history(stream)]
        about = (
            p.ConsentRequested, p.ConsentGranted, p.ConsentRevoked, p.ConsentExpired,
        )  # fmt: skip
        return [fact for fact in facts if isinstance(fact, about)]

    def _command(self, contact: Contact, at: datetime, source: Source) -> Register:
        place = self._numbers.typed(contact.phone, contact.country)
        if place is None:
            raise ContactRefused("That is not a telephone number; write it like +14155550100.")
        if contact.timezone is not None and not _is_zone(contact.timezone):
            raise ContactRefused("The time zone is not one of the IANA database.")
        if contact.consent not in (None, "granted", "pending"):
            raise ContactRefused("consent is granted, pending or left out.")
        consent: Literal["granted", "pending"] | None = (
            "granted" if contact.consent == "granted" else None
        )
        return Register(
            person_id=person_id(self._pepper, place.number),
            number=place.number,
            at=at,
            source=source,
            user_id=contact.user_id,
            display_name=contact.name,
            timezone=contact.timezone,
            zones=place.zones,
            country=(contact.country or place.country or "").upper() or None,
            consent=consent,
            evidence=contact.evidence,
        )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
