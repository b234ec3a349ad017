"""What was ever stored can be read for ever."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.catalogue import CATALOGUE
from contracts.personal import ERASED, SEALED
from contracts.upcasts import UPCASTS
from tests.contracts.examples import example
from tests.contracts.stored import SAMPLES, Sample

FILES = sorted(SAMPLES.glob("*.json"))


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in leaves(each)]
    if isinstance(value, list):
        return [leaf for each in value for leaf in leaves(each)]
    return [value]


def lost(said: Any, read: Any) -> bool:
    """Whether something of what was said is not in what is read; new fields may have come."""
    if isinstance(said, dict) and isinstance(read, dict):
        return any(name not in read or lost(value, read[name]) for name, value in said.items())
    if isinstance(said, list) and isinstance(read, list) and len(said) == len(read):
        return any(lost(one, other) for one, other in zip(said, read, strict=True))
    return bool(said != read)


def test_each_fact_has_a_sample() -> None:
    missing = {line.contract.name for line in CATALOGUE} - {path.stem for path in FILES}

    assert missing == set(), "run: python -m tests.contracts.make_samples"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_stored_fact_says_what_it_said_that_day(path: Path) -> None:
    sample = Sample.load(path)

    read = sample.read().fact.model_dump(mode="json")

    assert path.stem == sample.topic
    assert ERASED not in leaves(read)
    if sample.topic not in UPCASTS:
        assert not lost(sample.said, read)


def test_a_missing_word_is_noticed() -> None:
    assert lost({"a": [{"b": 1}]}, {"a": [{"b": 2}]})
    assert lost({"a": 1}, {})
    assert not lost({"a": 1}, {"a": 1, "new": None})


def test_personal_text_is_sealed_in_the_samples() -> None:
    texts = {path.stem: json.dumps(Sample.load(path).state) for path in FILES}

    assert SEALED in texts["conversation.message_received.v1"]
    for stored in texts.values():
        assert "+14155550100" not in stored
        assert "the text" not in stored


def test_every_contract_can_be_stored_and_read_today() -> None:
    for line in CATALOGUE:
        fact = example(line.contract)

        assert Sample.of(fact).read().fact == fact
