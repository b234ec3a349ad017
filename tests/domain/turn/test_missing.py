"""What a good answer lacks: by topic, struck by what was said, and the one thing the brief asks."""

import json
from pathlib import Path
from typing import get_args

import pytest

from contracts.labels import Domain
from contracts.memory_keys import KEYS
from domain.turn.bundle import spoken
from domain.turn.chief_of_staff import brief
from domain.turn.classifier import classify
from domain.turn.context import Said
from domain.turn.missing import ASKED, NEEDS, REMEMBERED, SAYS, missing, rule_of
from domain.turn.words import collapsed
from tests.domain.turn.test_chief_of_staff import known

CORPUS = Path(__file__).parents[2] / "corpus"


def lacks(text: str, *before: str, country: str | None = "US") -> tuple[str, ...]:
    earlier = tuple(Said("person", words) for words in before)
    return classify(text, earlier, country).labels.missing


def test_every_topic_has_its_needs_and_every_need_a_rule_and_a_question() -> None:
    needs = {need for wanted in NEEDS.values() for need in wanted}

    assert set(NEEDS) == set(get_args(Domain))
    assert set(SAYS) == set(ASKED) == needs
    assert set(REMEMBERED) <= needs
    assert {key for keys in REMEMBERED.values() for key in keys} <= set(KEYS)


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("how do i get medicaid", ("location_zip_state", "benefit_fact:care_recipient_age", "recipient_relation")),
        ("can my dad get benefits", ("location_zip_state", "benefit_fact:care_recipient_age", "benefit_fact:insurance")),
        ("can my 81 year old dad on medicare get benefits in ohio", ()),
        ("i need a break", ("location_zip_state", "timing", "what_tried", "recipient_condition")),
        ("need respite this weekend for mom with dementia, 43215, already called the agency", ()),
        ("can i double the pills", ("med_and_prescriber", "recipient_relation", "timing")),
        ("the dr gave mom lisinopril yesterday, one pill or two", ()),
        ("is a fever bad", ("recipient_relation", "timing", "recipient_condition")),
        ("my wife has ms and a fever since last night", ()),
        ("power of attorney?", ("location_zip_state", "recipient_relation", "recipient_condition")),
        ("my brother never shows up", ("desired_help", "what_tried")),
        ("my brother never shows up. i asked him twice, what do i say", ()),
        ("so tired", ("desired_help",)),
        ("so tired, just need to vent", ()),
        ("hospice came", ()),
        ("i'm so lonely", ("what_tried", "location_zip_state")),
        ("are you a robot", ()),
        ("hello", ("desired_help", "caregiver_name")),
        ("hi, my name is Ana, can you help me", ()),
        ("i need a ride", ("location_zip_state", "timing")),
        ("necesito un descanso", ("location_zip_state", "timing", "what_tried", "recipient_condition")),
        ("mi papa tiene fiebre desde ayer y tiene demencia", ()),
        ("she isn't breathing", ()),
        ("i want to kill myself", ("safety_status",)),
    ],
)  # fmt: skip
def test_what_a_text_lacks(text: str, needs: tuple[str, ...]) -> None:
    assert lacks(text) == needs


@pytest.mark.parametrize("need", sorted(SAYS))
def test_each_label_names_its_rule(need: str) -> None:
    domain = next(each for each, needs in NEEDS.items() if need in needs)

    assert need in missing(domain, "", (), None)
    assert rule_of(need) == f"missing.{need}"


def test_the_rules_behind_the_labels_are_among_the_labels_rules() -> None:
    labels = classify("how do i get medicaid", (), "US").labels

    assert {f"missing.{need}" for need in labels.missing} <= set(labels.rules)
    assert labels.rule_set.endswith("+missing-1")


def test_an_unknown_country_is_what_lacks_first_unless_it_is_said() -> None:
    assert lacks("how do i get benefits", country=None)[0] == "country"
    assert "country" not in lacks("how do i get benefits in the uk", country=None)
    assert "country" not in lacks("how do i get benefits", country="GB")


def test_what_the_person_said_before_is_not_missing_and_what_we_said_does_not_count() -> None:
    assert lacks(
        "i need a break", "mom has dementia", "we live in Austin", "i tried day care"
    ) == ("timing",)
    told = (Said("agent", "Do you live in Ohio?"),)
    assert "location_zip_state" in classify("i need a break", told, "US").labels.missing


@pytest.mark.parametrize(
    ("text", "memory", "unknown", "asks"),
    [
        ("i need a break", {}, 4, "their ZIP or post code"),
        ("i need a break", {"profile__zip_code": "43215"}, 3, "since when, or by when"),
        (
            "i need a break tonight",
            {
                "profile__state": "OH",
                "care__conditions": "dementia",
                "care__what_tried": "a sitter",
            },
            0,
            "or ask exactly one question",
        ),
    ],
)
def test_the_brief_strikes_what_is_remembered_and_asks_one_thing(
    text: str, memory: dict[str, str], unknown: int, asks: str
) -> None:
    reading = classify(text, (), "US")

    said = brief(reading.labels, known(**memory), reading)

    assert len(said.unknown) == unknown
    assert asks in said.next_step
    assert ("Not known yet: " in spoken(said)) is bool(unknown)


def test_over_many_ordinary_texts_something_is_missing_of_most_and_not_of_all() -> None:
    lines = (CORPUS / "good_replies.jsonl").read_text().splitlines()
    counts = [len(lacks(collapsed(json.loads(line)["inbound"]))) for line in lines]

    assert 0.3 < sum(count > 0 for count in counts) / len(counts) < 0.95
    assert max(counts) <= 5
