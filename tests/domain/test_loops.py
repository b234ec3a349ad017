"""Programs that answer each other stop soon; people who are quick, repeat or quote do not."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle

import pytest

from contracts import conversation as c
from domain.gates.loop import loops
from domain.turn.disclosure import disclosed
from tests.facts import KNOWN, World, later

LONG = (
    "That sounds like a lot to carry on your own. Which part of the day is hardest for you, and "
    "who could take over for an hour?",
    "An afternoon at a day centre may give you a break. Have you talked with the family doctor "
    "about what there is near you?",
    "It may help to write down what happened before each of these evenings. What did the last "
    "one begin with, as far as you saw?",
    "Your sister could take the pharmacy and the paperwork off you. What would you like to ask "
    "her for first, and by when?",
    "Some people find a fixed hour for themselves works best. Which hour of the day could be "
    "yours this week, if only a short one?",
)
OFFLINE = (
    "I've read that. What would be the most useful thing to sort out first?",
    "I can't look that up, and a guess could do harm. What matters most about it to you?",
)


@dataclass
class Bot:
    """A copy of Parley: its gates, and a model that says one thing after the other."""

    world: World
    words: "cycle[str]"
    said: int = 0

    def answer(self, text: str, second: float, delay: float) -> str | None:
        self.world.at = later(second)
        heard = self.world.text(text)
        facts = [fact for facts in heard.facts.values() for fact in facts]
        if not any(isinstance(fact, c.TurnAdmitted) for fact in facts):
            return None
        self.said += 1
        at = later(second + delay)
        reply = disclosed(next(self.words), self.world.talk, at)
        asked = c.SmsRequested(
            sms_id=f"s{self.said}", turn_id=None, kind="reply", priority="normal", text=reply,
            encoding="gsm7", segments=1, estimated_microdollars=8300, at=at,
        )  # fmt: skip
        turn = self.world.talk.open_turn
        assert turn is not None
        closed = c.TurnSuperseded(turn_id=turn.turn_id, reason="gate")
        self.world.said(closed, asked)
        return reply


@pytest.mark.parametrize("words", [LONG, OFFLINE], ids=["model", "offline"])
@pytest.mark.parametrize("delay", [0.2, 6.0, 25.0])
def test_two_copies_stop_within_eight_texts(words: tuple[str, ...], delay: float) -> None:
    bots = [Bot(World(*KNOWN), cycle(words)), Bot(World(*KNOWN), cycle(words[::-1]))]
    text: str | None = "Hello, is somebody there?"
    texts, second = 0, 0.0
    while text is not None and texts < 50:
        text = bots[texts % 2].answer(text, second, delay)
        texts += 1
        second += delay + 1

    assert text is None
    assert texts <= 8


def spoken(*lines: tuple[str, str, float]) -> World:
    """Return a conversation: who, what, and at which second."""
    world = World(*KNOWN)
    for number, (who, text, second) in enumerate(lines):
        world.at = later(second)
        if who == "person":
            world.text(text, later(second))
        else:
            world.said(
                c.SmsRequested(
                    sms_id=f"s{number}", turn_id=None, kind="reply", priority="normal", text=text,
                    encoding="gsm7", segments=1, estimated_microdollars=1, at=later(second),
                )
            )  # fmt: skip
    return world


def test_somebody_who_is_quick_and_short_is_answered() -> None:
    lines = []
    for number, text in enumerate(("hi", "my mum", "she wanders", "at night", "since may")):
        lines += [("person", text, number * 4.0), ("agent", LONG[number], number * 4.0 + 2)]

    assert not loops(spoken(*lines).talk, "what now?", later(22))


def test_somebody_who_pastes_letters_is_answered_until_it_is_no_person_any_more() -> None:
    lines: list[tuple[str, str, float]] = [("person", "hi", 0), ("agent", OFFLINE[0], 1)]
    for number in range(3):
        assert not loops(spoken(*lines).talk, LONG[number], later(number * 10 + 3))
        lines += [
            ("person", LONG[number], number * 10 + 3),
            ("agent", OFFLINE[number % 2], number * 10 + 6),
        ]

    assert loops(spoken(*lines).talk, LONG[3], later(28))
    assert not loops(spoken(*lines).talk, LONG[3], later(28) + timedelta(minutes=1))


def test_somebody_who_quotes_us_once_is_answered() -> None:
    world = spoken(("person", "hi", 0), ("agent", LONG[0], 1))

    assert not loops(world.talk, LONG[0], later(60))
    assert not loops(world.talk, "Parley: who is this?", later(60))


def test_two_programs_still_hear_a_cry_for_help() -> None:
    lines: list[tuple[str, str, float]] = []
    for number in range(4):
        lines += [
            ("person", f"Parley: {LONG[number]}", number * 5),
            ("agent", OFFLINE[0], 3 + number * 5),
        ]
    world = spoken(*lines)
    world.at = later(30)

    heard = world.text("I want to kill myself")

    answered = [fact for facts in heard.facts.values() for fact in facts]
    assert any(isinstance(fact, c.TurnAnswered) and fact.gate == "crisis" for fact in answered)


@pytest.mark.parametrize(
    ("text", "gate"),
    [("How do I get a break?", "limits"), ("I want to kill myself", "crisis"), ("STOP", "stop")],
)
def test_a_spent_budget_silences_the_model_and_nothing_else(text: str, gate: str) -> None:
    world = World(*KNOWN)
    world.budget_spent = True

    world.text(text)

    answered = world.last(c.TurnAnswered)
    assert isinstance(answered, c.TurnAnswered)
    assert answered.gate == gate
    assert world.last(c.TurnAdmitted) is None
