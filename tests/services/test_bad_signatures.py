"""Counting whoever knocks with a wrong signature."""

import pytest

from services.runtime import bad_signatures
from services.runtime.bad_signatures import BadSignatures


def knock(door: BadSignatures, times: int, at: float, address: str = "192.0.2.1") -> list[bool]:
    return [door.too_many(address, at) for _ in range(times)]


def test_twenty_a_minute_then_a_minute_of_nothing() -> None:
    door = BadSignatures()

    assert knock(door, 21, 100.0) == [False] * 20 + [True]
    assert knock(door, 1, 159.9) == [True]
    assert knock(door, 1, 160.0) == [False]


def test_twenty_spread_over_minutes_are_not_too_many() -> None:
    door = BadSignatures()

    assert [door.too_many("192.0.2.1", 10.0 * n) for n in range(100)] == [False] * 100


def test_each_address_is_counted_by_itself() -> None:
    door = BadSignatures()
    knock(door, 30, 100.0)

    assert knock(door, 1, 100.0, "192.0.2.2") == [False]
    assert knock(door, 1, 100.0) == [True]


def test_many_addresses_take_no_more_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bad_signatures, "ADDRESSES", 50)
    door = BadSignatures()
    for number in range(500):
        knock(door, 1, 100.0, f"a{number}")

    assert len(door) == 50
