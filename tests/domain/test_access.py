"""Who may what: the table of roles, and what stands before somebody's words are shown."""

import pytest

from contracts.person import Erased, PersonalTextRevealed
from domain.access import EVERYTHING, ROLES, Right, Role, is_grant, rights_of
from domain.person import person
from domain.person.revealing import Reveal, RevealRefused, reveal
from tests.facts import ADA, TALK, later, registered

ACTS = {right for right in Right if not right.endswith((":read", ":reveal"))}


def test_every_right_is_somebodys() -> None:
    assert rights_of(EVERYTHING) == set(Right)


def test_an_auditor_changes_nothing_and_a_developer_sees_nobody() -> None:
    assert not ROLES[Role.AUDITOR] & ACTS
    assert not ROLES[Role.DEVELOPER] & ACTS
    assert not ROLES[Role.DEVELOPER] & {
        Right.WORDS_READ, Right.WORDS_REVEAL, Right.PEOPLE_READ, Right.SAFETY_READ,
    }  # fmt: skip


def test_only_who_looks_after_people_reads_without_a_reason() -> None:
    assert [role for role in Role if Right.WORDS_READ in ROLES[role]] == [Role.REVIEWER]
    assert [role for role in Role if Right.PEOPLE_ERASE in ROLES[role]] == [Role.OPERATOR]


def test_who_answers_or_decides_about_danger_reads() -> None:
    for role in Role:
        if ROLES[role] & {Right.CONVERSATIONS_ANSWER, Right.SAFETY_ACT}:
            assert Right.WORDS_READ in ROLES[role]


def test_names_grant_what_they_say() -> None:
    assert rights_of(["developer", "safety:read"]) == ROLES[Role.DEVELOPER] | {Right.SAFETY_READ}
    assert rights_of(["king", "words:*", ""]) == frozenset()
    assert [is_grant(name) for name in ("operator", "words:read", "Operator", "")] == [
        True, True, False, False,
    ]  # fmt: skip


known = person.fold([registered()])


def test_the_fact_says_who_why_and_how_much() -> None:
    command = Reveal("eve", " A complaint ", later(1), TALK)
    assert reveal(known, command) == (
        PersonalTextRevealed(by="eve", why="A complaint", at=later(1), conversation_id=TALK),
    )


@pytest.mark.parametrize("why", ["", "  ", "two\nlines", "x" * 501])
def test_without_a_reason_nothing_is_shown(why: str) -> None:
    with pytest.raises(RevealRefused, match="Say why"):
        reveal(known, Reveal("eve", why, later(1)))


def test_of_nobody_nothing_is_shown() -> None:
    gone = person.fold([registered(), Erased(person_id=ADA, at=later(1))])
    for state in (person.initial, gone):
        with pytest.raises(RevealRefused, match="Nothing is kept"):
            reveal(state, Reveal("eve", "x", later(2)))
