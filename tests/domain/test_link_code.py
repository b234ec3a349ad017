"""A one-time code makes a stranger somebody's user: once, in time, and only where asked for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts import conversation as c
from contracts.link_code import LinkCodeIssued, LinkCodeUsed
from domain.person import wording
from domain.person.link_code import VALID_FOR, LinkCode, link_code, typed
from domain.turn.hearing import Met
from tests.facts import ADA, NOON, POLICY, World

ISSUED = LinkCodeIssued(user_id="u-17", at=NOON, expires_at=NOON + VALID_FOR)
IDENTIFY = replace(POLICY, strangers="identify")


@pytest.mark.parametrize(
    ("text", "code"),
    [("AB2C3D4E", "AB2C3D4E"), (" ab2c-3d4e ", "AB2C3D4E"), ("hello", None), ("AB2C3D4O", None)],
)
def test_what_a_code_looks_like(text: str, code: str | None) -> None:
    assert typed(text) == code


def test_a_code_links_once_and_in_time() -> None:
    issued = link_code.fold([ISSUED])
    used = link_code.fold([ISSUED, LinkCodeUsed(person_id=ADA, at=NOON)])

    assert issued.links(NOON) == "u-17"
    assert issued.links(NOON + timedelta(days=8)) is None
    assert used.links(NOON) is None
    assert LinkCode().links(NOON) is None


def world(code: LinkCode, strangers: str = "identify") -> World:
    made = World(policy=replace(POLICY, strangers=strangers))  # type: ignore[arg-type]
    made.met = Met(0, code, "linkcode-x")
    return made


def test_the_right_code_links_the_number_and_asks_for_consent() -> None:
    story = world(link_code.fold([ISSUED]))

    heard = story.text("AB2C3D4E")

    assert story.person.user_id == "u-17"
    assert story.person.known
    assert story.person.consent == "pending"
    assert [type(fact) for fact in heard.facts["linkcode-x"]] == [LinkCodeUsed]
    answer = story.last(c.TurnAnswered)
    assert isinstance(answer, c.TurnAnswered)
    assert answer.reply == wording.CONSENT_REQUEST


def test_a_wrong_code_is_asked_for_again_only_tomorrow() -> None:
    story = world(LinkCode())
    story.text("AB2C3D4E")
    first = story.last(c.TurnAnswered)
    story.text("AB2C3D4F")
    second = story.last(c.TurnAnswered)

    assert isinstance(first, c.TurnAnswered)
    assert isinstance(second, c.TurnAnswered)
    assert (first.reply, second.reply) == (wording.IDENTIFY, None)
    assert story.person.user_id is None


def test_a_code_is_nothing_where_strangers_sign_up() -> None:
    story = world(link_code.fold([ISSUED]), "signup")

    story.text("AB2C3D4E")

    assert story.person.user_id is None


def test_silence_to_strangers() -> None:
    story = world(LinkCode(), "silent")

    story.text("hello?")

    answer = story.last(c.TurnAnswered)
    assert isinstance(answer, c.TurnAnswered)
    assert answer.reply is None
