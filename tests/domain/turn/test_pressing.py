"""Which texts wait behind no others."""

import pytest

from contracts.sms import INBOUND_SUBJECT, INBOUND_URGENT_SUBJECT
from domain.turn import pressing as pressing_module
from domain.turn.pressing import lane_of, pressing


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


def test_each_has_its_lane() -> None:
    assert lane_of("she isn't breathing") == INBOUND_URGENT_SUBJECT
    assert lane_of("How can I get a break this week?") == INBOUND_SUBJECT


def test_a_rule_that_breaks_keeps_no_text_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> None:
        raise ValueError("a rule is broken")

    monkeypatch.setattr(pressing_module, "classify", broken)

    assert lane_of("How can I get a break this week?") == INBOUND_URGENT_SUBJECT
