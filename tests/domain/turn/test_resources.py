"""Places to turn to: every entry has its source, and nobody is given another country's numbers."""

from typing import get_args

import pytest

from contracts.labels import Domain, Labels
from domain.turn.checks.claims import claims
from domain.turn.checks.heard import Heard
from domain.turn.checks.reply import Reply
from domain.turn.resources import (
    LINES,
    TOPICS,
    UNKNOWN,
    PlacesUnreadable,
    countries,
    guidance_for,
    lines_of,
    read,
    resources_for,
)
from domain.turn.style_guide import RULES, VERSION

WHOLE = """
country = "XX"
[lines]
crisis = "call 1"
emergency = "2"
protection = "3"
source = "example"
"""


@pytest.mark.parametrize("code", sorted(countries()))
def test_a_country_is_whole(code: str) -> None:
    country = countries()[code]

    assert country.lines == LINES[code]
    assert any(place.topic == "crisis" for place in country.places)
    assert country.guidance
    for each in country.guidance:
        assert each.source
        assert each.domains <= set(get_args(Domain))
        assert len(each.says) <= 200


@pytest.mark.parametrize(
    "said", [each.says for country in countries().values() for each in country.guidance]
)
def test_what_is_said_of_a_country_would_pass_as_a_reply(said: str) -> None:
    heard = Heard(asked=Reply(""), before=Reply(""), told=Reply(""), labels=Labels())

    assert [flag.flag for flag in claims(Reply(said), heard) if flag.act == "block"] == []


@pytest.mark.parametrize("country", [None, "", "ZZ"])
def test_an_unknown_country_has_no_numbers(country: str | None) -> None:
    assert lines_of(country) is UNKNOWN
    assert resources_for(country, "respite") == ()
    assert guidance_for(country, "benefits") == ()


def test_what_a_topic_is_about_comes_first_and_nothing_is_left_out() -> None:
    for domain, topics in TOPICS.items():
        found = resources_for("US", domain)
        assert sorted(found, key=str) == sorted(countries()["US"].places, key=str)
        assert found[0].topic in topics


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (WHOLE.replace('source = "example"', ""), "source is missing"),
        (WHOLE.replace('"example"', '" "'), "no source"),
        (WHOLE.replace("[lines]", "[linse]"), "lines is missing"),
        (WHOLE + "[[places]]\ntopic = 'a'\nname = 'b'\nsource = 'c'", "contact is missing"),
        ("country = ", "xx.toml"),
        (WHOLE + 'checked = "lately"', "Invalid isoformat"),
    ],
)
def test_a_file_that_is_not_whole_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(PlacesUnreadable, match=why):
        read("xx.toml", text)


def test_a_whole_file_is_read() -> None:
    assert read("xx.toml", WHOLE)[0] == "XX"


def test_the_style_guide_is_read_from_its_file() -> None:
    assert VERSION == "style-3"
    assert len({rule.rule for rule in RULES}) == len(RULES) >= 18
    assert all(rule.says.endswith(".") for rule in RULES)
