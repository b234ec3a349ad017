"""Danger is seen, and everyday words are not taken for it: over the texts the rules grew on."""

import json
from pathlib import Path

import pytest

from domain import segments
from domain.turn.classifier import classify
from domain.turn.crisis_replies import crisis_line, crisis_reply
from domain.turn.reading import Danger
from domain.turn.resources import LINES
from domain.turn.rules.danger import RULES

CORPUS = Path(__file__).parents[1] / "corpus" / "danger_tune.jsonl"
TEXTS = [json.loads(line) for line in CORPUS.read_text().splitlines()]


def test_dangers_are_seen() -> None:
    grave = [text["text"] for text in TEXTS if text["danger"]]

    missed = [text for text in grave if classify(text).danger is None]

    assert len(missed) <= 0.02 * len(grave), missed


def test_everyday_words_are_not_dangers() -> None:
    plain = [text["text"] for text in TEXTS if not text["danger"]]

    taken = [text for text in plain if classify(text).danger is not None]

    assert taken == []


@pytest.mark.parametrize(
    ("text", "safety", "kind"),
    [
        ("I want to kill myself", "crisis", "self"),
        ("how many pills to die", "crisis", "means"),
        ("I'm scared I'll hurt her", "crisis", "other_harm"),
        ("my son wants to kill himself", "crisis", "third_party"),
        ("he hit my mom", "crisis", "abuse"),
        ("she is not breathing", "crisis", "medical"),
        ("I wish I was dead", "passive_death", "passive"),
        ("I'm walking out and never coming back", "burnout_escape", "escape"),
        ("I have nobody to talk to", "isolation", "alone"),
        ("quiero morirme", "crisis", "self"),
    ],
)
def test_each_class_and_kind(text: str, safety: str, kind: str) -> None:
    danger = classify(text).danger

    assert danger is not None
    assert (danger.safety, danger.kind) == (safety, kind)
    assert danger.quotes
    assert danger.rules


KINDS = sorted({(rule.safety, rule.kind) for rule in RULES})


@pytest.mark.parametrize("country", [*LINES, None])
@pytest.mark.parametrize(("safety", "kind"), KINDS)
def test_replies_fit_and_name_the_countrys_own_line(
    safety: str, kind: str, country: str | None
) -> None:
    danger = Danger(safety, kind, "critical", (), ())  # type: ignore[arg-type]
    replies = [crisis_reply(danger, country, again=again) for again in range(2)]

    for reply in replies:
        size = segments.count(reply)
        assert size.encoding == "gsm7", reply
        assert size.segments <= 3, reply
        assert len(reply) <= 480
        assert "{" not in reply
        if country not in ("US", "CA"):
            assert "988" not in reply
    assert crisis_line(country)


def test_rules_have_names_of_their_own() -> None:
    names = [rule.rule for rule in RULES]

    assert len(names) == len(set(names))
