"""Who a user is: never answered from a list of people that is older than the question."""

from types import SimpleNamespace
from typing import Any

import pytest

from services.runtime import users
from services.runtime.ports import Unavailable
from services.runtime.process import Later
from services.runtime.users import Users


def journal(head: int) -> Any:
    async def answer() -> int:
        return head

    return SimpleNamespace(head=answer)


async def test_nobody_is_nobody_once_everything_was_taken_in(database_url: str) -> None:
    assert await Users(database_url, journal(0)).person_id("u-17") is None


async def test_while_the_list_is_behind_nobody_is_refused(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users, "_LOOK_S", 0.0)

    with pytest.raises(Later):
        await Users(database_url, journal(7)).person_id("u-17")


async def test_a_database_that_is_away_is_waited_for() -> None:
    with pytest.raises(Unavailable):
        await Users("postgresql://nobody@127.0.0.1:1/x", journal(0)).person_id("u-17")
