"""Danger is seen, and everyday words are not taken for it: over texts the rules grew on and others."""

import json
import time
from pathlib import Path

import pytest

from domain import segments
from domain.turn.classifier import classify
from domain.turn.context import Said
from domain.turn.crisis_replies import crisis_line, crisis_reply
from domain.turn.reading import Danger
from domain.turn.resources import LINES
from domain.turn.rules.danger import RULES

CORPUS = Path(__file__).parents[1] / "corpus"
TEXTS, HELD = (
    [json.loads(line) for line in (CORPUS / f"danger_{part}.jsonl").read_text().splitlines()]
    for part in ("tune", "held")
)
GRAVE = ("crisis", "passive_death")
A_SECOND = 500


def test_dangers_are_seen() -> None:
    grave = [text["text"] for text in TEXTS if text["danger"]]

    missed = [text for text in grave if classify(text).danger is None]

    assert len(missed) <= 0.02 * len(grave), missed


def test_everyday_words_are_not_dangers() -> None:
    plain = [text["text"] for text in TEXTS if not text["danger"]]

    taken = [text for text in plain if classify(text).danger is not None]

    assert taken == []


def test_held_texts_in_danger_are_seen() -> None:
    dangers = [text for text in HELD if text["danger"]]
    grave = [text for text in dangers if text["safety"] in GRAVE]

    missed = [text["text"] for text in dangers if classify(text["text"]).danger is None]
    missed_grave = [text["text"] for text in grave if text["text"] in missed]

    assert len(missed_grave) <= 0.05 * len(grave), missed_grave
    assert len(missed) <= 0.05 * len(dangers), missed


def test_held_everyday_texts_are_left_alone() -> None:
    plain = [text["text"] for text in HELD if not text["danger"]]

    taken = [text for text in plain if classify(text).danger is not None]

    assert len(taken) <= 0.01 * len(plain), taken


def test_a_text_takes_little_time() -> None:
    began = time.process_time()
    for text in HELD:
        classify(text["text"])

    assert len(HELD) / (time.process_time() - began) > A_SECOND


@pytest.mark.parametrize(
    "retreat",
    [
        "I'm fine, forget it",
        "jk ignore that",
        "nvm",
        "im ok really, just tired",
        "forget i said anything",
        "haha didnt mean it",
        "ok i'll text 988",
        "no te preocupes, estoy bien",
    ],
)
@pytest.mark.parametrize(
    ("cue", "safety"),
    [("i want to kill myself", "crisis"), ("i wish i was dead", "passive_death")],
)
def test_a_retreat_does_not_end_the_thread(cue: str, safety: str, retreat: str) -> None:
    earlier = (Said("person", cue), Said("agent", "Are you safe this minute?"))

    danger = classify(retreat, earlier).danger

    assert danger is not None
    assert danger.safety == safety
    assert danger.rules[0] == "thread.retreat"
    assert classify(retreat).danger is None


def test_ambiguous_words_count_more_after_a_cue() -> None:
    earlier = (Said("person", "i wish i was dead"), Said("agent", "Are you safe?"))

    danger = classify("i just cant do this anymore", earlier).danger

    assert danger is not None
    assert danger.rules[0] == "thread.ambiguous"
    assert classify("i just cant do this anymore").danger is None


@pytest.mark.parametrize(
    "text",
    [
        "what time does the pharmacy open tomorrow",
        "can you help me find a ride for mom on friday",
        "she ate breakfast today and we went for a walk",
        "how do i apply for respite",
        "my sister is here with me",
        "i forget which pills she takes",
        "sorry for the late reply, what was the number",
    ],
)
def test_a_clear_ordinary_text_after_a_cue_is_ordinary(text: str) -> None:
    earlier = (Said("person", "i wish i was dead"), Said("agent", "Are you safe?"))

    assert classify(text, earlier).danger is None


def test_a_cue_long_ago_does_not_hold_a_retreat() -> None:
    since = tuple(Said("person", text) for text in ("thanks", "mom ate well", "good morning"))

    assert classify("i'm fine", (Said("person", "i wish i was dead"), *since)).danger is None


@pytest.mark.parametrize(
    ("text", "safety", "kind"),
    [
        ("I want to kill myself", "crisis", "self"),
        ("how many pills to die", "crisis", "means"),
        ("I have his leftover pills and I keep thinking about taking them all", "crisis", "self"),
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
