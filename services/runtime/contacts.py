"""Who may be texted: added one by one or from a table, and the proof of what they agreed to."""

import asyncio
import csv
import io
import re
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contracts import person as p
from contracts.base import Contract
from contracts.evidence import Source
from contracts.identity import link_code_stream, person_id, person_stream
from contracts.link_code import LinkCodeIssued
from contracts.recorded import Cause, Subject
from domain.person import person
from domain.person.link_code import ALPHABET, LENGTH, VALID_FOR
from domain.person.registration import Register, RegistrationRefused, register
from domain.person.wording import AGREED_TO
from services.runtime.ports import Entry, Journal, Numbers

COLUMNS = (
    "phone", "user_id", "name", "timezone", "country", "consent", "evidence", "agreed_at",
    "urgent_anytime",
)  # fmt: skip
CONSENT = (
    p.ConsentRequested, p.ConsentGranted, p.UrgentAgreed, p.ConsentRevoked, p.ConsentExpired,
)  # fmt: skip
# A name or a note; a longer one is a column that slipped.
_LONGEST = 500
_COUNTRY = re.compile("[A-Za-z]{2}")


class ContactRefused(Exception):
    """Somebody cannot be added so; `str()` is a sentence without their name or number."""


@dataclass(frozen=True, slots=True)
class Contact:
    """
    What an operator says of a person; `consent` granted needs `evidence`.

    `agreed_at` is when that was (ISO 8601 with a zone), if not now.  `urgent_anytime`, yes or no,
    says whether they agreed to urgent questions in quiet hours.
    """

    phone: str
    user_id: str | None = None
    name: str | None = None
    timezone: str | None = None
    country: str | None = None
    consent: str | None = None
    evidence: str | None = None
    agreed_at: str | None = None
    urgent_anytime: str | None = None


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
        # Without newline="" a line that ends as on an old Mac is none.
        rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
        _name_columns(rows)
        lines = iter(rows)
        while True:
            try:
                row = next(lines, None)
            except csv.Error:
                yield Added(rows.reader.line_num, None, 0, "This line cannot be read.")
                continue
            if row is None:
                return
            # Lines that are refused wait for nothing: thousands of them would hold all others up.
            await asyncio.sleep(0)
            yield await self._imported(row, rows.line_num, at)

    async def _imported(self, row: Mapping[str | None, Any], line: int, at: datetime) -> Added:
        if None in row:
            return Added(line, None, 0, "This line has more columns than the heading.")
        given = {name: (value or "").strip() or None for name, value in row.items() if name}
        try:
            contact = Contact(phone=given.pop("phone") or "", **given)
            return replace(await self.add(contact, at, "csv"), line=line)
        except ContactRefused as refusal:
            return Added(line, None, 0, str(refusal))

    async def issue_code(self, user_id: str, at: datetime) -> str:
        """Return a fresh one-time code that links whoever texts it to a user."""
        code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        issued = LinkCodeIssued(user_id=user_id, at=at, expires_at=at + VALID_FOR)
        stream = link_code_stream(self._pepper, code)
        entry = Entry(stream, 0, "", (issued,), None)
        await self._journal.save([entry], Cause("contacts:code", stream), at)
        return code

    async def evidence(self, who: str) -> Sequence[p.PersonFact]:
        """Return the facts about the consent of a person, by their id, in order."""
        history = await self._journal.history(person_stream(who))
        return [recorded.fact for recorded in history if isinstance(recorded.fact, CONSENT)]

    def _command(self, contact: Contact, at: datetime, source: Source) -> Register:
        if contact.country is not None and not _COUNTRY.fullmatch(contact.country):
            raise ContactRefused("The country is two letters, like US.")
        country = contact.country.upper() if contact.country else None
        place = self._numbers.typed(contact.phone, country)
        if place is None:
            raise ContactRefused("That is not a telephone number; write it like +1 415 555 0100.")
        if contact.timezone is not None and not _is_zone(contact.timezone):
            raise ContactRefused("The time zone is not one of the IANA database.")
        _refuse_long(contact)
        return Register(
            person_id=person_id(self._pepper, place.number),
            number=place.number,
            at=at,
            source=source,
            user_id=contact.user_id,
            display_name=contact.name,
            timezone=contact.timezone,
            zones=place.zones,
            country=country or place.country,
            consent=_consent(contact.consent),
            evidence=contact.evidence,
            agreed_at=_time(contact.agreed_at),
            urgent_anytime=_yes(contact.urgent_anytime),
        )


def _name_columns(rows: "csv.DictReader[str]") -> None:
    """Read the heading, whatever its spelling.  Raises `ContactRefused`."""
    try:
        names = [name.strip().lower() for name in rows.fieldnames or ()]
    except csv.Error:
        names = []
    if "phone" not in names or len(set(names)) < len(names) or not set(names) <= set(COLUMNS):
        raise ContactRefused(f"The table's first line must name columns of: {', '.join(COLUMNS)}.")
    rows.fieldnames = names


def _refuse_long(contact: Contact) -> None:
    for said in (contact.user_id, contact.name, contact.evidence):
        if said is not None and (len(said) > _LONGEST or not said.isprintable()):
            raise ContactRefused(f"A text is one line of up to {_LONGEST} characters.")


def _consent(text: str | None) -> Literal["granted", "pending"] | None:
    match text:
        case None | "granted" | "pending":
            return text
        case _:
            raise ContactRefused("consent is granted, pending or left out.")


def _yes(text: str | None) -> bool:
    match (text or "no").lower():
        case "yes":
            return True
        case "no":
            return False
        case _:
            raise ContactRefused("urgent_anytime is yes, no or left out.")


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):  # the latter near the first and the last year
        pass
    raise ContactRefused("The time must look like 2026-11-24T09:00:00Z.")


def shown(fact: Contract) -> str | None:
    """Return the very words that a person was shown when they were asked, as far as recorded."""
    if not isinstance(fact, p.ConsentRequested | p.ConsentGranted):
        return None
    return AGREED_TO.get(fact.evidence.wording or "")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
