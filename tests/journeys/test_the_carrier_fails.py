"""The carrier refuses, hangs, cuts, forgets and repeats: nobody gets a text twice or not at all."""

import pytest

from tests.journeys.system import System
from tests.soak.faulty_carrier import send_through


@pytest.mark.parametrize(
    "outcome",
    ["error_before", "error_after", "cut_after", "lose_callback", "repeat_callback", "reorder"],
)
def test_each_outcome_ends_with_one_text(system: System, phone: str, outcome: str) -> None:
    system.faults(script=[{"outcome": outcome}])
    system.text(phone, f"How do I get a break when {outcome} happens?")

    system.answered(phone, patience=40)
    system.quiet()

    assert len(system.received(phone)) == 1


def test_a_hanging_carrier_holds_nobody_else(system: System, phones: list[str]) -> None:
    first, second = phones[:2]
    system.faults(script=[{"outcome": "hang", "delay_s": 8}])
    system.text(first, "How do I get a break from this?")
    system.wait(lambda: not _script(system), 10, "the hang")
    system.text(second, "And how do I get a ride for her?")

    system.answered(second, patience=6)
    system.answered(first, patience=40)
    assert len(system.received(first)) == 1


def _script(system: System) -> list[object]:
    found: list[object] = system.http.get(f"{system.addresses['simulator']}/faults").json()[
        "script"
    ]
    return found


def test_a_refusal_is_final_and_shown(system: System, phone: str) -> None:
    system.faults(script=[{"outcome": "reject", "code": 21612}])
    system.text(phone, "How do I get a break tomorrow?")
    failed = "SELECT count(*) FROM outbox WHERE status = 'failed' AND code = 21612"
    system.wait(lambda: system.query(failed) == [(1,)], 30, "the refusal")
    system.quiet()

    assert system.received(phone) == []


def test_texts_whose_webhook_was_lost_are_found_and_answered_once(
    system: System, phones: list[str]
) -> None:
    system.faults(script=[{"outcome": "lose_webhook"}] * 3)
    for phone in phones[:6]:
        system.text(phone, f"How do I get a break, asks {phone[-2:]}?")
    assert _script(system) == []

    for phone in phones[:6]:
        system.answered(phone, patience=30)
    system.quiet()

    assert [len(system.received(phone)) for phone in phones[:6]] == [1] * 6


def test_a_hundred_sends(system: System) -> None:
    send_through(system, 100, first=20_000, patience=60)
