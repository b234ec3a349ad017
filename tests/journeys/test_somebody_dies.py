"""Every process is killed at every named point while people text: one answer each, no more."""

import json

import httpx
import pytest

from domain.spending.decisions import LOST_AFTER, LOT_FOR
from services.runtime.failpoint import CRASH_POINTS
from tests.journeys.system import System, number, parley

# These need something else to happen than a text: each has its own way below.
_OTHERWISE = {
    "agent.cancelled": None,
    "agent.refused": None,
    "agent.requested": None,
    "agent.texted": None,
    "agent.told": None,
    "global_agent.acked": None,
    "global_agent.fetched": None,
    "global_agent.handled": None,
    "scheduler.escalated": None,
    "shifts.accepted": None,
    "shifts.offered": None,
    "shifts.packaged": None,
    "shifts.published": None,
    "scheduler.fired": None,
    "scheduler.ended": None,
    "scheduler.expired": None,
    "scheduler.released": "unknown",
    "sender.looked": "unknown",
    # Once for many texts, when minutes have passed.
    "sender.reserved": "money",
    "sender.settled": "money",
    "books.closed": "money",
    "books.priced": "money",
}
_BY_TEXT = [point for point in CRASH_POINTS if point not in _OTHERWISE]


def test_each_process_dies_at_each_point(system: System) -> None:
    phones = {point: number(9_000 + count) for count, point in enumerate(_BY_TEXT)}
    system.people(*phones.values())

    for point, phone in phones.items():
        system.arm(point)
        system.text(phone, f"How can I get a break from {point}?")
        system.wait(lambda point=point: system.fired(point), 20, f"a death at {point}")  # type: ignore[misc]
        if point.startswith("ingress"):
            # The carrier tries a webhook a few times only; those of two deaths in a row are more.
            system.answered(phone)
    for point, phone in phones.items():
        assert len(system.answered(phone, patience=40)) == 1, point
    system.quiet()

    assert {
        point: len(system.received(phone)) for point, phone in phones.items()
    } == dict.fromkeys(phones, 1)


@pytest.mark.parametrize("point", ["sender.looked", "scheduler.released"])
def test_it_dies_while_an_outcome_is_unknown(system: System, phone: str, point: str) -> None:
    system.faults(script=[{"outcome": "error_before"}])
    system.arm(point)
    system.text(phone, f"How can I get a break from {point}?")

    system.wait(lambda: system.fired(point), 30, f"a death at {point}")
    system.quiet()

    assert len(system.received(phone)) == 1


def test_it_dies_while_money_is_counted(system: System, phones: list[str]) -> None:
    first, second, *_ = phones
    system.text(first, "How can I get a break from sums?")
    system.answered(first)

    _dies(system, "sender.settled", LOT_FOR.total_seconds() + 1)
    system.arm("sender.reserved")
    system.text(second, "How can I get a break from sums?")
    system.wait(lambda: system.fired("sender.reserved"), 20, "a death at sender.reserved")
    system.answered(second)
    # The lot of the sender that died is nobody's, and is closed in the end.
    _dies(system, "books.closed", (LOT_FOR + LOST_AFTER).total_seconds() + 60)
    _dies(system, "books.priced", 3_600)
    system.quiet()

    assert [len(system.received(phone)) for phone in (first, second)] == [1, 1]
    assert system.query(_PRICED_TWICE) == []


_PRICED_TWICE = """
SELECT convert_from(state, 'UTF8')::json -> 'fact' ->> 'attempt_id' FROM stored_events
WHERE topic = 'conversation.sms_priced.v1' GROUP BY 1 HAVING count(*) > 1
"""


def _dies(system: System, point: str, seconds: float) -> None:
    """Let so much time pass that somebody dies."""
    system.arm(point)
    system.wind(seconds)
    system.wait(lambda: system.fired(point), 30, f"a death at {point}")


def test_everything_dies_at_once_and_comes_back(system: System, phones: list[str]) -> None:
    system.arm("sender.posted", "all 5")
    texted: list[str] = []
    for phone in phones:
        try:
            system.text(phone, "What would help me sleep at night?")
        except (AssertionError, httpx.HTTPError):
            break
        texted.append(phone)
    system.wait(lambda: not system.running, 20, "the death of all")

    system.start()
    for phone in texted:
        system.answered(phone, patience=60)
    system.quiet()

    assert texted  # the fifth that leaves may be somebody else's
    assert [len(system.received(phone)) for phone in texted] == [1] * len(texted)


def test_what_is_left_is_whole(system: System) -> None:
    told = json.loads(parley(system.state, "audit", "verify", "--json"))

    assert told["damage"] == []
