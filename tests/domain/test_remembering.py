"""Every rule of memory: what a value looks like, how it merges, what goes, and who may see it."""

from collections.abc import Mapping

import pytest

from contracts import person as p
from contracts.memory_keys import KEYS, contract_of, members, merged, writable
from domain.person.memory_values import normalised
from domain.person.remembering import Noted, derived, forgotten, remembered, screened, visible
from domain.turn.chief_of_staff import CAPTURE, USE
from domain.turn.forgetting import asked_to_forget
from tests.facts import TALK, somebody

SID = "SM" + "1" * 32


def after(memory: Mapping[str, str], *notes: tuple[str, str]) -> tuple[list[str], dict[str, str]]:
    """Return the names of the facts, and what is remembered then."""
    known = [
        p.MemoryKept(key=key, value=value, evidence_sid="SM0", conversation_id=TALK)
        for key, value in memory.items()
    ]
    facts = remembered(memory, [Noted(key, value, SID) for key, value in notes], TALK)
    return [type(fact).__name__ for fact in facts], dict(somebody(*known, *facts).memory)


@pytest.mark.parametrize(
    ("memory", "notes", "names", "then"),
    [
        ({}, [("care:recipient", "my mom")], ["MemoryKept"], {"care:recipient": "my mom"}),
        (
            {"care:recipient_name": "Jane"},
            [("care:recipient_name", "June")],
            ["MemorySuperseded", "MemoryKept"],
            {"care:recipient_name": "June"},
        ),
        ({"profile:zip_code": "10001"}, [("profile:zip_code", "zip 10001")], [],
         {"profile:zip_code": "10001"}),
        (
            {"care:what_helps": "music"},
            [("care:what_helps", "walks"), ("care:what_helps", "Music")],
            ["MemoryKept"],
            {"care:what_helps": "music; walks"},
        ),
        (
            {"assessment:mood": "low"},
            [("assessment:mood", "low")],
            ["MemoryKept"],
            {"assessment:mood": "low; low"},
        ),
        ({}, [("care:condition", "dementia")], ["MemoryKept"], {"care:conditions": "dementia"}),
        ({}, [("care:favourite_colour", "red")], [], {}),
        ({}, [("care:recipient_age", "old")], [], {}),
    ],
)  # fmt: skip
def test_merging(
    memory: dict[str, str], notes: list[tuple[str, str]], names: list[str], then: dict[str, str]
) -> None:
    assert after(memory, *notes) == (names, then)


def test_of_two_values_at_once_the_last_one_stands_and_the_first_is_superseded() -> None:
    names, then = after({}, ("profile:city", "Reno"), ("profile:city", "Elko"))

    assert names == ["MemoryKept", "MemorySuperseded", "MemoryKept"]
    assert then == {"profile:city": "Elko"}


@pytest.mark.parametrize("key", sorted(KEYS))
def test_remembering_the_same_again_is_nothing_but_for_what_is_appended(key: str) -> None:
    value = {"age": "82", "count": "3", "money": "2400", "yes_no": "yes", "zip": "10001",
             "state": "TX", "language": "es", "often": "weekly"}.get(KEYS[key].form, "Some words")  # fmt: skip
    names, _ = after({key: value}, (key, value))

    assert names == (["MemoryKept"] if KEYS[key].merge == "append" else [])


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("profile:first_name", "ana maria", "Ana Maria"),
        ("profile:first_name", "DeShawn", "DeShawn"),
        ("profile:first_name", "JUNE", "June"),
        ("profile:first_name", "4 life", None),
        ("profile:zip_code", "my zip is 60614-1234", "60614"),
        ("profile:zip_code", "k1a 0b1", "K1A 0B1"),
        ("profile:zip_code", "sw1a 1aa", "SW1A 1AA"),
        ("profile:zip_code", "downtown", None),
        ("profile:state", "Texas", "TX"),
        ("profile:state", "tx", "TX"),
        ("profile:state", "New  Hampshire", "NH"),
        ("profile:state", "Ontario", "Ontario"),
        ("profile:language", "Español", "es"),
        ("profile:language", "klingon", None),
        ("care:recipient_age", "eighty two", "82"),
        ("care:recipient_age", "eighty-two", "82"),
        ("care:recipient_age", "she is 82 years old", "82"),
        ("care:recipient_age", "nineteen", "19"),
        ("care:recipient_age", "820", None),
        ("eligibility:household_size", "three of us", "3"),
        ("eligibility:household_income_monthly", "$2,400", "2400"),
        ("eligibility:household_income_monthly", "about 2.4k", "2400"),
        ("eligibility:household_income_monthly", "$36,000 a year", "3000"),
        ("eligibility:household_income_monthly", "600 a week", "2600"),
        ("eligibility:household_income_monthly", "two thousand", "2000"),
        ("eligibility:household_income_monthly", "18 an hour", None),
        ("eligibility:household_income_monthly", "not much", None),
        ("eligibility:veteran_status", "served in the Navy", "yes"),
        ("eligibility:veteran_status", "never served", "no"),
        ("care:conditions", "dementia; dementia; diabetes.", "dementia; diabetes"),
        ("care:situation", "  she   moved in ", "she moved in"),
        ("care:situation", "   ", None),
        ("profile:check_in", "every Monday", "weekly"),
        ("profile:check_in", "once a day", "daily"),
        ("profile:check_in", "no check-ins please", "never"),
        ("profile:check_in", "once a month", "monthly"),
        ("profile:check_in", "purple", None),
    ],
)
def test_values_in_order(key: str, value: str, kept: str | None) -> None:
    assert normalised(KEYS[key], value) == kept
    if kept is not None:
        assert normalised(KEYS[key], kept) == kept


def test_a_full_set_lets_the_oldest_members_go() -> None:
    contract = KEYS["care:routines"]
    value = ""
    for number in range(60):
        value = merged(contract, value, f"routine number {number}")

    assert members(value)[-1] == "routine number 59"
    assert "routine number 0" not in members(value)


@pytest.mark.parametrize("key", sorted(KEYS))
def test_the_model_sees_no_restricted_value_but_yes_and_no(key: str) -> None:
    contract = KEYS[key]
    seen = key in visible({key: "yes"})

    assert seen is (contract.sensitivity != "restricted" or contract.form == "yes_no")
    if key.startswith("safety:"):
        assert not seen
        assert writable(key) is None


def test_the_model_sees_the_latest_run_and_a_key_that_no_contract_knows_not_at_all() -> None:
    shown = visible({"assessment:mood": "low; better", "care:unknown": "x"})

    assert dict(shown) == {"assessment:mood": "better"}


@pytest.mark.parametrize(
    ("memory", "facts"),
    [
        ({}, {}),
        ({"care:recipient_age": "82"}, {"derived:care_recipient_60_or_over": "yes",
                                        "derived:care_recipient_65_or_over": "yes"}),
        ({"care:recipient_age": "82", "eligibility:care_recipient_age": "59"},
         {"derived:care_recipient_60_or_over": "no", "derived:care_recipient_65_or_over": "no"}),
        ({"eligibility:applicant_age": "62"}, {"derived:person_60_or_over": "yes",
                                               "derived:person_65_or_over": "no"}),
        ({"eligibility:household_income_monthly": "900"},
         {"derived:household_income_monthly_known": "yes"}),
        ({"care:recipient_age": "about eighty"}, {}),
    ],
)  # fmt: skip
def test_what_follows_from_memory(memory: dict[str, str], facts: dict[str, str]) -> None:
    assert derived(memory) == facts
    assert not any(value in str(facts) for value in ("82", "62", "900"))


def test_the_screener_reads_what_was_told_for_another_reason() -> None:
    told = {"profile:state": "TX", "care:recipient_age": "82", "eligibility:state": "NY"}

    assert dict(screened(told)) == {"state": "NY", "care_recipient_age": "82"}


REMEMBERED = {
    "profile:first_name": "Ana",
    "care:recipient": "mom",
    "care:meds_mentioned": "lisinopril",
    "eligibility:household_income_monthly": "900",
    "safety:event": "2026-11-24 self critical",
}
ALL = tuple(sorted(key for key in REMEMBERED if not key.startswith("safety:")))


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Forget everything", ALL),
        ("please forget everything you know about me", ALL),
        ("delete my data", ALL),
        ("Can you erase what I told you?", ALL),
        ("olvida todo", ALL),
        ("forget my name", ("profile:first_name",)),
        ("please delete my income", ("eligibility:household_income_monthly",)),
        ("forget what I said about my mom's meds", ("care:meds_mentioned",)),
        ("forget about my mom", ("care:meds_mentioned", "care:recipient")),
        ("forget my zip code", ()),
        ("forget it", ()),
        ("Forget that, I'm fine", ()),
        ("forget I said anything", ()),
        ("I forget everything lately", ()),
        ("she forgets her meds", ()),
        ("don't forget my meds", ()),
        ("I'll never forget my mom", ()),
    ],
)
def test_asked_to_forget(text: str, keys: tuple[str, ...]) -> None:
    assert asked_to_forget(text, REMEMBERED) == keys


def test_what_is_forgotten_is_gone_and_the_record_of_danger_stays() -> None:
    kept = [
        p.MemoryKept(key=key, value=value, evidence_sid=SID, conversation_id=TALK)
        for key, value in REMEMBERED.items()
    ]
    facts = forgotten(REMEMBERED, REMEMBERED, SID)

    assert dict(somebody(*kept, *facts).memory) == {"safety:event": REMEMBERED["safety:event"]}
    assert forgotten({}, REMEMBERED, SID) == ()


def test_every_key_that_a_brief_names_has_a_contract_and_is_in_sight_or_writable() -> None:
    for keys in CAPTURE.values():
        assert all(writable(key) is not None for key in keys)
    for keys in USE.values():
        assert all((known := contract_of(key)) and known.sight == "model" for key in keys)
