"""People added one by one and from tables, over a journal; and the proof of what they agreed to."""

import asyncio
import re
from datetime import timedelta

import pytest

from contracts import person as p
from contracts.evidence import Evidence
from contracts.identity import person_id, person_stream
from contracts.recorded import Cause
from domain.person import person, wording
from domain.person.state import Person
from services.adapters.numbers import NumberingPlans, e164
from services.runtime.contacts import Added, Contact, ContactRefused, Contacts, shown
from tests.facts import NOON, evidence
from tests.journal_in_memory import MemoryJournal

PEPPER = b"p" * 32
PHONE = "+12125550123"
ADA = person_id(PEPPER, PHONE)
AGREED = Contact(PHONE, "u-1", "Ada", consent="granted", evidence="Signed the paper form.")


class Desk:
    """An operator's desk: contacts over a journal of its own."""

    def __init__(self) -> None:
        self.journal = MemoryJournal()
        self.contacts = Contacts(self.journal, NumberingPlans(), PEPPER)

    async def table(self, text: str) -> list[Added]:
        return [one async for one in self.contacts.import_table(text, NOON)]

    async def person(self, phone: str = PHONE) -> Person:
        stream = person_stream(person_id(PEPPER, phone))
        return (await self.journal.read(person, stream)).state


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_somebody_is_added_once(desk: Desk) -> None:
    first = await desk.contacts.add(AGREED, NOON)
    again = await desk.contacts.add(AGREED, NOON + timedelta(days=1))

    assert (first.person_id, again.person_id, again.facts) == (ADA, ADA, 0)
    found = await desk.person()
    assert (found.user_id, found.display_name, found.consent) == ("u-1", "Ada", "granted")
    assert found.zones == ("America/New_York",)
    assert found.country == "US"


@pytest.mark.parametrize("phone", ["(212) 555-0123", "212.555.0123", "+1 212 555 0123"])
async def test_a_number_is_the_same_however_it_is_written(desk: Desk, phone: str) -> None:
    added = await desk.contacts.add(Contact(phone, country="US"), NOON)

    assert added.person_id == ADA


REFUSED = [
    ("no number", Contact("hello"), "not a telephone number"),
    ("a number without its country", Contact("2125550123"), "not a telephone number"),
    ("no country", Contact(PHONE, country="Atlantis"), "two letters"),
    ("no time zone", Contact(PHONE, timezone="Mars/Olympus"), "time zone"),
    ("a path for a time zone", Contact(PHONE, timezone="../../etc/passwd"), "time zone"),
    ("no such consent", Contact(PHONE, consent="maybe"), "granted, pending"),
    ("no evidence", Contact(PHONE, consent="granted"), "evidence"),
    ("no time", Contact(PHONE, consent="granted", evidence="x", agreed_at="today"), "time must"),
    ("no zone", Contact(PHONE, consent="granted", evidence="x", agreed_at="2026-11-01T10:00"), "time must"),
    ("two lines", Contact(PHONE, name="a\nb"), "one line"),
    ("a whole book", Contact(PHONE, name="x" * 501), "one line"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("contact", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
async def test_what_is_refused_says_why_without_the_number(
    desk: Desk, contact: Contact, why: str
) -> None:
    with pytest.raises(ContactRefused, match=why) as refusal:
        await desk.contacts.add(contact, NOON)

    assert not re.search(r"\d{7}", str(refusal.value))
    assert await desk.journal.head() == 0


TABLE = (
    "\ufeffPhone,user_id,name,timezone,country,consent,evidence\r\n"
    '+12125550123,u-1,"Ada, her mother",America/New_York,,granted,Paper form 12\r\n'
    "5550123,u-2,Ben,,,,\r\n"
    "(514) 555-0144,u-3,Cléo,,CA,,\r\n"
    "+13035550155,u-4,Dan,,,granted,\r\n"
    "+13035550156,u-5,Eve,,,,,,,too many\r\n"
    "\r\n"
    "+12125550123,u-1,,,,,\r\n"
)


async def test_a_table_is_told_line_by_line(desk: Desk) -> None:
    told = await desk.table(TABLE)

    assert [(one.line, one.facts, one.refused is None) for one in told] == [
        (2, 5, True), (3, 0, False), (4, 2, True), (5, 0, False), (6, 0, False), (8, 0, True),
    ]  # fmt: skip
    assert not re.search(r"\d{7}", " ".join(one.refused or "" for one in told))
    assert (await desk.person("+15145550144")).display_name == "Cléo"


async def test_a_table_imported_again_changes_nothing(desk: Desk) -> None:
    await desk.table(TABLE)
    head = await desk.journal.head()

    assert {one.facts for one in await desk.table(TABLE)} == {0}
    assert await desk.journal.head() == head


@pytest.mark.parametrize(
    "table", ["", "name,email\nAda,x", "phone,phone\n1,2", "+12125550123,Ada\n", "phone,e mail\n"]
)
async def test_a_table_without_its_heading_is_refused(desk: Desk, table: str) -> None:
    with pytest.raises(ContactRefused, match="first line must name columns of: phone, user_id"):
        await desk.table(table)


async def test_a_line_that_cannot_be_read_does_not_stop_the_others(desk: Desk) -> None:
    told = await desk.table(f'phone,name\n{PHONE},"{"x" * 200_000}"\n+13035550155,Dan\n')

    assert [(one.line, one.refused) for one in told] == [
        (2, "This line cannot be read."), (3, None),
    ]  # fmt: skip


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
async def test_a_time_before_or_after_all_times_does_not_stop_the_others(
    desk: Desk, at: str
) -> None:
    rows = f"{PHONE},granted,paper,{at}\n+13035550155,,,\n"
    told = await desk.table(f"phone,consent,evidence,agreed_at\n{rows}")

    assert [one.refused is None for one in told] == [False, True]
    assert "The time must look like" in (told[0].refused or "")


async def test_a_long_table_lets_others_in(desk: Desk) -> None:
    turns = 0

    async def another() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    waiting = asyncio.create_task(another())
    await desk.table("phone\n" + "x\n" * 100)
    waiting.cancel()

    assert turns >= 100


async def test_lines_may_end_as_on_an_old_mac(desk: Desk) -> None:
    told = await desk.table(f"phone,name\r{PHONE},Ada\r+13035550155,Dan\r")

    assert [one.refused for one in told] == [None, None]
    assert (await desk.person()).display_name == "Ada"


async def test_a_stop_outlives_the_import(desk: Desk) -> None:
    await desk.table(TABLE)
    chapter = await desk.journal.read(person, person_stream(ADA))
    stopped = p.ConsentRevoked(evidence=evidence(NOON + timedelta(hours=1)))
    await desk.journal.save(
        [chapter.then([stopped], chapter.state.subject(ADA))], Cause("t", "t"), NOON
    )

    told = await desk.table(TABLE)

    assert told[0].refused is not None
    assert "took their consent back" in told[0].refused
    assert (await desk.person()).consent == "revoked"


async def test_the_evidence_is_all_that_was_said_about_consent(desk: Desk) -> None:
    added = await desk.contacts.add(AGREED, NOON)

    told = await desk.contacts.evidence(added.person_id or "")

    assert [type(fact) for fact in told] == [p.ConsentGranted]
    granted = told[0]
    assert isinstance(granted, p.ConsentGranted)
    assert (granted.evidence.words, granted.evidence.at) == ("Signed the paper form.", NOON)
    assert await desk.contacts.evidence("0" * 32) == []


def test_the_proof_holds_the_words_that_were_shown() -> None:
    on_the_page = Evidence(source="form", at=NOON, wording=wording.AGREEMENT_VERSION)

    assert shown(p.ConsentRequested(evidence=on_the_page)) == wording.AGREEMENT
    assert shown(p.ConsentGranted(evidence=evidence())) is None
    assert shown(p.ConsentRevoked(evidence=on_the_page)) is None


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("+1 415 555 0100", None, "+14155550100"),
        ("415-555-0100", "US", "+14155550100"),
        ("020 7946 0123", "GB", "+442079460123"),
        ("+49 30 901820", "US", "+4930901820"),
        ("911", "US", None),
        ("555 0100", "US", None),
        ("", "US", None),
        ("+", None, None),
        ("1" * 40, "US", None),
    ],
)
def test_what_somebody_types_is_a_number_or_nothing(
    typed: str, country: str | None, number: str | None
) -> None:
    assert e164(typed, country) == number


def test_a_number_tells_its_country_and_every_zone_it_could_be_in() -> None:
    plans = NumberingPlans()

    ottawa, toll_free = plans.place("+16135550123"), plans.place("+18005550123")

    assert ottawa is not None
    assert (ottawa.country, ottawa.zones) == ("CA", ("America/Toronto",))
    assert toll_free is not None
    assert len(toll_free.zones) > 5
    assert plans.place("72345") is None
    assert plans.place("Bank") is None
