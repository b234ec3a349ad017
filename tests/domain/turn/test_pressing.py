"""Which texts wait behind no others."""

import pytest

from domain.turn.pressing import pressing


@pytest.mark.parametrize(
    "text",
    [
        "i want to kill myself", "she isn't breathing", "STOP", "stop.", "please stop texting me",
        "no quiero vivir", "i wish i was dead", "my dad hits me",
    ],
)  # fmt: skip
def test_danger_and_opting_out_are_pressing(text: str) -> None:
    assert pressing(text)


@pytest.mark.parametrize(
    "text", ["How can I get a break this week?", "YES", "HELP", "START", "", "thanks, bye"]
)
def test_everything_else_waits_its_turn(text: str) -> None:
    assert not pressing(text)
