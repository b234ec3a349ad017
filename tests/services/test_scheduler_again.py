"""What waits for long is announced again, but seldomer and seldomer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from projections.due import Due
from services import scheduler
from services.runtime.ports import Conflict, Unavailable
from services.scheduler import Scheduler
from tests.facts import NOON, POLICY, TALK, later, turn_id

ROW = Due(
    id=f"open/{TALK}", kind="turn", key=turn_id(1), stream=f"conversation-{TALK}", version=3,
    fact="conversation.turn_admitted.v1", due_at=NOON, urgent=False, busy=False,
)  # fmt: skip


class _List:
    def __init__(self, *rows: Due) -> None:
        self.rows = rows

    async def before(
        self, now: datetime, limit: int, idle: timedelta, after: Due | None = None
    ) -> Sequence[Due]:
        del now, limit, idle, after
        return self.rows


class _Told:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, *rows: Due) -> None:
        self.now = NOON
        self.away = False
        self.at: list[datetime] = []
        self.streams: list[str] = []
        clock = SimpleNamespace(now=lambda: self.now, fresh=lambda: "0", wound=timedelta)
        settings = SimpleNamespace(database_url="", ack_wait_seconds=30.0)
        outside = SimpleNamespace(
            clock=clock, settings=settings, policy=POLICY, bus=None,
            journal=SimpleNamespace(now=self._database, head=_none, headers=_none_of),
        )  # fmt: skip
        self.scheduler = Scheduler(outside)  # type: ignore[arg-type]
        self.scheduler._due = _List(*rows)  # type: ignore[assignment]
        monkeypatch.setattr(scheduler, "announce_again", self._again)

    async def _database(self) -> datetime:
        return self.now

    async def _again(self, _bus: Any, _journal: Any, stream: str, *_: Any) -> bool:
        if stream == "broken":
            raise Conflict
        if self.away:
            raise Unavailable("NATS is away")
        self.at.append(self.now)
        self.streams.append(stream)
        return True


async def _none() -> int:
    return 0


async def _none_of(after: int, limit: int) -> Sequence[Any]:
    del after, limit
    return ()


async def test_the_first_time_after_the_limit_then_ever_seldomer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = _Told(monkeypatch, ROW)
    for second in range(0, 36_000, 30):
        told.now = later(second)
        await told.scheduler.look()

    waited = [(at - NOON).total_seconds() for at in told.at]
    assert waited[:4] == [60, 180, 420, 900]
    assert {after - before for before, after in pairwise(waited[3:])} == {600}


async def test_a_row_that_cannot_be_acted_on_keeps_no_other_from_its_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = _Told(monkeypatch, ROW._replace(stream="broken"), ROW)
    told.now = later(61)

    await told.scheduler.look()

    assert told.streams == [ROW.stream]


async def test_what_could_not_be_announced_is_as_soon_as_it_can_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = _Told(monkeypatch, ROW)
    told.away = True
    for second in range(61, 1_800, 60):
        told.now = later(second)
        with pytest.raises(Unavailable):
            await told.scheduler.look()

    told.away = False
    told.now = later(1_801)
    await told.scheduler.look()

    assert told.at == [later(1_801)]
