"""Who talks says that it is a program: first, every three hours, and in no other way than plainly."""

import pytest

from contracts import conversation as c
from domain.conversation.state import Conversation, Line
from domain.turn.disclosure import NAME, disclosed
from domain.turn.settlement import settle
from tests.facts import KNOWN, World, later


def after(*lines: tuple[str, float]) -> Conversation:
    return Conversation(lines=tuple(Line("agent", text, later(at)) for text, at in lines))


SAID = "This is the automated assistant."
THREE_HOURS = 3 * 3600


@pytest.mark.parametrize(
    ("before", "text", "at", "named"),
    [
        ((), "Hello.", 0, True),
        ((), "I'm an automated assistant, not a person.", 0, False),
        ((), "Soy un asistente automatizado.", 0, False),
        ((), "An automated pill box may help.", 0, True),
        (((SAID, 0),), "Hello.", THREE_HOURS - 1, False),
        (((SAID, 0),), "Hello.", THREE_HOURS, True),
        ((("An automated pill box may help.", 0),), "Hello.", 60, True),
        ((("Parley (automated): who is it?", 0),), "Hello.", 60, False),
        (((f"{NAME}: Hello.", 0), ("And?", 60)), "Hello.", 120, False),
    ],
)
def test_saying_so(
    before: tuple[tuple[str, float], ...], text: str, at: float, named: bool
) -> None:
    said = disclosed(text, after(*before), later(at))

    assert said == (f"{NAME}: {text}" if named else text)


def test_whoever_is_in_danger_is_told_as_well_that_no_person_writes() -> None:
    world = World(*KNOWN)
    world.text("I want to kill myself")
    world.append(
        dict(settle(world.talk_id, world.person, world.talk, later(1), world.policy).facts)
    )
    first = world.last(c.SmsRequested)
    world.text("I really want to kill myself", later(60))
    world.append(
        dict(settle(world.talk_id, world.person, world.talk, later(61), world.policy).facts)
    )
    second = world.last(c.SmsRequested)

    assert isinstance(first, c.SmsRequested)
    assert isinstance(second, c.SmsRequested)
    assert first.text.startswith(f"{NAME}: ")
    assert "automated" not in second.text
    assert "988" in first.text
