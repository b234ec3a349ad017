"""Guidance packs: every file is whole, and each kind of turn is given the right ones."""

from importlib.resources import files
from typing import get_args

import pytest

from contracts.labels import Domain, Labels
from domain.segments import normalise
from domain.turn.skills import CHOSEN_AT_MOST, LONGEST, SkillUnreadable, chosen, read, skills


def ids(labels: Labels, text: str = "", phase: str = "active") -> list[str]:
    return [skill.skill_id for skill in chosen(labels, phase, (text,))]


def test_there_is_a_pack_for_every_domain() -> None:
    covered = {domain for skill in skills() for domain in skill.domains}

    assert covered == set(get_args(Domain))
    assert len(skills()) >= 12


@pytest.mark.parametrize("skill", skills(), ids=lambda skill: skill.skill_id)
def test_a_pack_is_short_plain_and_for_something(skill: object) -> None:
    from domain.turn.skills import Skill

    assert isinstance(skill, Skill)
    assert 80 <= len(skill.body) <= LONGEST
    assert skill.domains or skill.risks or skill.phases or skill.words
    assert skill.body == normalise(skill.body)
    assert "<" not in skill.body
    assert not any(mark in skill.body for mark in ("**", "##", "http"))
    assert not any(letter.isdigit() for letter in skill.body)


@pytest.mark.parametrize(
    ("labels", "text", "phase", "packs"),
    [
        (Labels(domain="medication"), "", "active", ["medicines"]),
        (Labels(domain="medication"), "She has dementia.", "active", ["dementia", "medicines"]),
        (Labels(domain="respite", risk="elevated"), "", "active", ["at-the-limit", "time-off"]),
        (Labels(domain="smalltalk"), "hi", "active", ["first-words"]),
        (Labels(domain="smalltalk"), "I'm fine", "crisis", ["after-crisis", "first-words"]),
        (Labels(domain="care_logistics"), "home from the hospital", "active",
         ["hospital", "logistics"]),
        (Labels(domain="emotional_support"), "Up all night again", "active",
         ["nights", "feelings"]),
        (Labels(domain="medical_urgent", risk="critical"), "", "active",
         ["medical-now"]),
    ],
)  # fmt: skip
def test_choosing(labels: Labels, text: str, phase: str, packs: list[str]) -> None:
    found = ids(labels, text, phase)

    assert found[: len(packs)] == packs
    assert len(found) <= CHOSEN_AT_MOST


def test_the_pack_for_the_limit_is_not_for_calm_turns() -> None:
    assert "at-the-limit" not in ids(Labels(domain="respite"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no header", "header"),
        ("---\ntitle: T\n---\n", "says something"),
        ("---\ntitle: T\n---\n" + "x" * (LONGEST + 1), "says something"),
        ("---\ndomains: respite\n---\nBody", "title"),
        ("---\ntitle: T\ndomains: gardening\n---\nBody", "'gardening' is not among the domains"),
        ("---\ntitle: T\nrisks: huge\n---\nBody", "'huge' is not among the risks"),
        ("---\ntitle: T\ncolour: red\n---\nBody", "'colour' is no field"),
        ("---\ntitle: T\nweight: heavy\n---\nBody", "whole number"),
    ],
)
def test_a_pack_that_is_not_whole_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(SkillUnreadable, match=why) as refused:
        read("pack.md", text)
    assert str(refused.value).startswith("pack.md: ")


def test_every_file_of_the_folder_is_read() -> None:
    there = [
        each.name for each in files("domain.turn.skills").iterdir() if each.name[-3:] == ".md"
    ]

    assert sorted(f"{skill.skill_id}.md" for skill in skills()) == sorted(there)
