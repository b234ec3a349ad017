"""The gates hold what they have reached: floors under the report, on both parts of the phrases."""

import pytest

from domain.turn.classifier import classify
from domain.turn.concepts.finding import FAMILIES, found, phrases
from domain.turn.context import Said
from domain.turn.rules.danger import RULES
from domain.turn.words import collapsed
from tests.gates.beginnings import FILE, lines
from tests.gates.phrases import held, tuned
from tests.gates.report import Judged, crossed, judged, opt_outs


def _share(verdicts: list[Judged], *classes: str, of: str = "gated") -> float:
    found = [getattr(one, of) for one in verdicts if one.safety in classes]
    return sum(found) / len(found)


def test_the_part_that_was_tuned_on_judged_by_weights_that_never_saw_the_writer() -> None:
    verdicts = crossed()

    assert len(verdicts) == len(tuned())
    assert _share(verdicts, "none") <= 0.022
    assert _share(verdicts, "crisis", "passive_death") >= 0.67
    assert _share(verdicts, "burnout_escape", "isolation") >= 0.75
    assert _share(verdicts, "crisis", "passive_death", of="watched") >= 0.9


def test_the_parts_that_were_held_back() -> None:
    verdicts = judged(held())

    assert _share(verdicts, "none") <= 0.01
    assert _share(verdicts, "crisis") >= 0.88
    assert _share(verdicts, "passive_death") >= 0.86
    assert _share(verdicts, "burnout_escape", "isolation") >= 0.91
    assert _share(verdicts, "crisis", "passive_death", of="watched") >= 0.97


@pytest.mark.parametrize(
    "asked",
    [
        "Thank you. In a sentence or two: how do things look at home right now?",
        "What weighs on you most?",
        "What should I call you? You can say skip.",
    ],
)
def test_what_the_agent_asked_makes_no_answer_a_danger(asked: str) -> None:
    harmless = [one for one in held() if not one.danger and not one.earlier]
    taken = [classify(one.text, [Said("agent", asked)]).danger is not None for one in harmless]

    assert sum(taken) / len(taken) <= 0.012


def test_nothing_held_back_was_trained_on() -> None:
    assert {one.key for one in held()}.isdisjoint(one.key for one in tuned())


def test_opt_outs_are_heard() -> None:
    assert opt_outs()["heard"] == 1.0
    assert opt_outs()["taken_by_mistake"] == 0.0


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("she won't wake up", "medical.wake"),
        ("his lips are blue", "medical.breath"),
        ("i wish i was dead", "passive.dead"),
        ("no one to talk to", "alone.no_one"),
        ("i told them i fell", "abuse.hits_me"),
        ("quiero quitarme la vida", "self.wish"),
        ("he keeps drooling and his mouth droops", "medical.stroke"),
    ],
)
def test_concepts_are_found(text: str, concept: str) -> None:
    assert concept in {hit.concept for hit in found(text.split())}


def test_every_phrase_finds_its_own_concept_where_it_names_no_class() -> None:
    lost = [
        (concept, phrase)
        for concept, phrase in phrases()
        if phrase == collapsed(phrase)
        and concept not in {hit.concept for hit in found(_plain(phrase))}
    ]

    assert lost == []
    assert len(FAMILIES) == 9


def _plain(phrase: str) -> list[str]:
    from domain.turn.tier.tokens import tokens

    return tokens(phrase)


def test_what_words_a_rule_needs_is_read_off_its_pattern() -> None:
    written = [line for line in FILE.read_text("utf-8").splitlines() if line[0] != "#"]

    assert written == lines()
    assert len(written) > len(RULES) // 2
