"""The sending speed: a bucket by hand, and who goes first when it is empty."""

import asyncio

import pytest

from domain.pace import Bucket
from services.runtime.pacing import Pacing


def test_a_bucket_fills_by_the_second_and_never_over() -> None:
    bucket = Bucket(2.0, 4.0, 4.0, 0.0).take(4, 0.0)

    assert bucket.wait(1, 0.0) == pytest.approx(0.5)
    assert bucket.wait(1, 0.5) == 0
    assert bucket.wait(4, 100.0) == 0
    assert bucket.take(4, 100.0).wait(1, 100.0) == pytest.approx(0.5)


def test_what_is_larger_than_the_bucket_leaves_a_debt() -> None:
    bucket = Bucket(2.0, 4.0, 4.0, 0.0)

    assert bucket.wait(6, 0.0) == 0
    assert bucket.take(6, 0.0).wait(1, 0.0) == pytest.approx(1.5)


async def test_urgent_texts_go_before_those_that_wait_and_the_others_in_order() -> None:
    clock = [0.0]
    pacing = Pacing(10.0, lambda: clock[0])
    await pacing.take(10, urgent=False)
    went: list[str] = []

    async def go(name: str, *, urgent: bool) -> None:
        await pacing.take(5, urgent=urgent)
        went.append(name)

    tasks = [
        asyncio.create_task(go(name, urgent=name == "urgent")) for name in ("a", "b", "urgent")
    ]
    await asyncio.sleep(0)
    assert went == []
    for second in (0.5, 1.0, 1.5):
        clock[0] = second
        pacing.give_back(0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    assert went == ["urgent", "a", "b"]
    await asyncio.gather(*tasks)


async def test_who_gives_up_waiting_takes_nothing() -> None:
    clock = [0.0]
    pacing = Pacing(10.0, lambda: clock[0])
    await pacing.take(10, urgent=False)
    waiting = asyncio.create_task(pacing.take(10, urgent=True))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    clock[0] = 1.0

    async with asyncio.timeout(1):
        await pacing.take(10, urgent=False)
