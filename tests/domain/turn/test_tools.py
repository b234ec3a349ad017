"""What the agent's tools return: places, records as quoted data, and programmes that may fit."""

import pytest

from domain.turn.benefits import (
    PRIORITY,
    QUESTIONS,
    ProgrammesUnreadable,
    next_fact,
    programmes,
    read,
    screen,
)
from domain.turn.context import Context, Resource
from domain.turn.tools import recalled, resources_on, screened

RESPITE = Resource("respite", "the Eldercare Locator", "1-800-677-1116")


def context(**more: object) -> Context:
    fields: dict[str, object] = {
        "turn_id": "t", "brief": "", "state": {}, "memory": {}, "history": (), "pending": (),
    }  # fmt: skip
    return Context(**{**fields, **more})  # type: ignore[arg-type]


def verdicts(facts: dict[str, str], country: str | None = "US") -> dict[str, str]:
    return {each.programme: each.verdict for each in screen(country, facts)}


@pytest.mark.parametrize(
    ("facts", "programme", "verdict"),
    [
        ({}, "va_caregiver", "maybe"),
        ({"care_recipient_veteran": "yes"}, "va_caregiver", "maybe"),
        ({"care_recipient_veteran": "no"}, "va_caregiver", "unlikely"),
        ({"care_recipient_age": "59"}, "family_caregiver_support", "unlikely"),
        ({"care_recipient_age": "60"}, "family_caregiver_support", "maybe"),
        ({"care_recipient_age": "64"}, "medicare_savings", "unlikely"),
        ({"employer_size": "49"}, "family_leave", "unlikely"),
        ({"employer_size": "50", "employment_hours_yearly": "1249"}, "family_leave", "unlikely"),
        ({"employer_size": "50", "employment_hours_yearly": "1250"}, "family_leave", "maybe"),
        ({"care_recipient_age": "about eighty"}, "medicare_savings", "maybe"),
    ],
)
def test_screening(facts: dict[str, str], programme: str, verdict: str) -> None:
    assert verdicts(facts)[programme] == verdict


def test_nothing_is_ever_certain() -> None:
    everything = {
        fact: {"care_recipient_veteran": "yes", "veteran_status": "yes"}.get(fact, "2000")
        for fact in PRIORITY
    }

    for country in programmes():
        assert set(verdicts(everything, country).values()) <= {"maybe", "unlikely"}
        assert next_fact(screen(country, everything)) is None


def test_a_country_without_programmes_has_none() -> None:
    assert screen(None, {}) == screen("ZZ", {}) == ()


@pytest.mark.parametrize(
    ("facts", "asked"),
    [
        ({}, "state"),
        ({"state": "TX"}, "care_recipient_age"),
        ({"state": "TX", "care_recipient_age": "82"}, "care_recipient_veteran"),
    ],
)
def test_one_fact_is_asked_next_in_a_fixed_order(facts: dict[str, str], asked: str) -> None:
    assert next_fact(screen("US", facts)) == asked


def test_every_fact_that_decides_has_a_key_of_memory_and_a_question() -> None:
    from contracts.memory_keys import KEYS

    assert set(PRIORITY) == set(QUESTIONS)
    assert all(f"eligibility:{fact}" in KEYS for fact in PRIORITY)
    for country in programmes().values():
        for each in country:
            assert each.source
            assert each.needs


WHOLE = """
country = "XX"
[[programmes]]
id = "a"
name = "b"
ask = "c"
needs = ["state"]
rules = []
source = "d"
"""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (WHOLE.replace('"state"', '"shoe_size"'), "shoe_size"),
        (WHOLE.replace('source = "d"', ""), "source is missing"),
        (WHOLE.replace('"d"', '""'), "no source"),
        ("country =", "xx.toml"),
    ],
)
def test_a_file_that_is_not_whole_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(ProgrammesUnreadable, match=why):
        read("xx.toml", text)
    assert read("xx.toml", WHOLE)[0] == "XX"


def test_the_tool_says_may_and_what_is_unknown_and_no_value() -> None:
    facts = {"state": "TX", "care_recipient_age": "82", "household_income_monthly": "2417"}
    found = screened(context(screening=screen("US", facts)))

    assert 1 <= len(found["programmes"]) <= 3
    assert all(each["verdict"].startswith("may") for each in found["programmes"])
    assert found["ask_next"] == QUESTIONS["care_recipient_veteran"]
    assert "2417" not in str(found)
    assert "82" not in str(found).replace("0808", "").replace("1-800", "")


def test_without_programmes_the_tool_says_nothing() -> None:
    assert screened(context()) == {"programmes": [], "ask_next": ""}


@pytest.mark.parametrize(
    ("topic", "found"), [("respite", 1), (" Respite ", 1), ("meals", 0), ("", 0)]
)
def test_places_of_a_topic(topic: str, found: int) -> None:
    assert len(resources_on(context(resources=(RESPITE,)), topic)) == found


@pytest.mark.parametrize(
    ("about", "records"),
    [
        ("care:recipient", ['<record key="care:recipient">mom &lt;3</record>']),
        ("MOM", ['<record key="care:recipient">mom &lt;3</record>']),
        ("dad", []),
        ("  ", []),
    ],
)
def test_recalling(about: str, records: list[str]) -> None:
    assert recalled(context(memory={"care:recipient": "mom <3"}), about) == records
