"""Many requests of the agent at once: refused together, told each, and urgent ones first."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from contracts import escalation as e
from contracts import person as p
from contracts.agent import EscalationUpdated, EscalationWanted
from contracts.catalogue import is_heard
from contracts.identity import escalation_stream, person_id, person_stream
from contracts.recorded import Cause, Recorded, Subject
from domain.counting import counted
from domain.escalation.reading import Malformed, read
from services.runtime.announcing import told
from services.runtime.escalation_intake import Intake
from services.runtime.escalation_telling import Telling
from services.runtime.escalation_turns import EscalationTurns
from services.runtime.escalations import Escalations, read_request
from services.runtime.ports import Entry, Unavailable
from services.runtime.together import Together
from tests.facts import KNOWN, NOON, POLICY
from tests.journal_in_memory import MemoryJournal

PHONE = "+12125550123"
PEPPER = b"p" * 32
WHO = person_id(PEPPER, PHONE)


class _Bus:
    def __init__(self) -> None:
        self.told: dict[str, EscalationUpdated] = {}
        self.away = 0

    async def tell(
        self, subject: str, body: bytes, message_id: str, headers: Mapping[str, str]
    ) -> None:
        del subject, headers
        if self.away:
            self.away -= 1
            raise Unavailable("NATS is away")
        self.told.setdefault(message_id, EscalationUpdated.model_validate_json(body))


class _Stage:
    """The intake over a journal in memory; `saves` counts how often it was appended to."""

    def __init__(self, **policy: Any) -> None:
        self.journal, self.bus = MemoryJournal(), _Bus()
        ids = iter(range(1_000))
        clock = SimpleNamespace(now=lambda: NOON, fresh=lambda: f"{next(ids):032x}")
        settings = SimpleNamespace(database_url="", secrets=lambda: SimpleNamespace(pepper=PEPPER))
        numbers = SimpleNamespace(place=lambda phone: SimpleNamespace(number=phone))
        self.outside: Any = SimpleNamespace(
            journal=self.journal, bus=self.bus, clock=clock, settings=settings,
            numbers=numbers, policy=replace(POLICY, **policy),
        )  # fmt: skip
        self.intake = Intake(self.outside, EscalationTurns(self.outside), Telling(self.outside))

    async def given_ada(self) -> None:
        entry = Entry(person_stream(WHO), 0, "", KNOWN, Subject(WHO, 1))
        await self.journal.save([entry], Cause("t", "t"), NOON)

    def ask(self, own: str, **more: Any) -> asyncio.Task[None]:
        return asyncio.create_task(self.intake.requested(wanted(own, **more)))

    async def facts(self) -> list[Recorded[Any]]:
        return [*await self.journal.page(0, 10_000)]

    def statuses(self) -> dict[str, str]:
        return {one.escalation_id: one.reason or one.status for one in self.bus.told.values()}


def wanted(own: str, **more: Any) -> EscalationWanted | Malformed:
    fields = {
        "escalation_id": own, "to": {"phone": PHONE}, "text": "The aide is late.",
        "priority": "low", "expects_reply": False, **more,
    }  # fmt: skip
    return read(json.loads(json.dumps(fields)))


async def _until(look: Any) -> None:
    async with asyncio.timeout(20):
        while not look():
            await asyncio.sleep(0.01)


async def test_what_is_refused_together_is_one_save_and_each_is_told_its_reason() -> None:
    stage = _Stage()

    async with asyncio.timeout(20):
        await asyncio.gather(
            *(stage.ask(f"e-{number}", priority="asap") for number in range(40)),
            stage.ask("e-long", text="word " * 100),
            stage.ask("e-7", text=""),
            stage.ask("e-nobody"),
        )

    facts = await stage.facts()
    refused = [one for one in facts if isinstance(one.fact, e.EscalationRefused)]
    assert len(refused) == len(stage.bus.told) == 42
    assert stage.statuses()["e-3"] == "bad_priority"
    assert stage.statuses()["e-long"] == "too_long"
    assert stage.statuses()["e-nobody"] == "unknown_user"
    # All their saves together: a fact of each, and that each was told.
    assert len({one.at for one in facts}) == 1
    assert len(facts) == 84
    for one in refused:
        assert one.correlation == one.stream
        assert one.cause.endswith(one.stream.removeprefix("escalation-"))
        assert not is_heard(one.fact.name, one.fact.model_dump())


async def test_an_urgent_one_passes_those_that_wait_and_finds_room() -> None:
    stage = _Stage(escalations_per_minute=40, escalations_per_person_hour=1_000)
    await stage.given_ada()

    many = [stage.ask(f"e-{number}") for number in range(300)]
    await asyncio.sleep(0)
    urgent = stage.ask("e-urgent", priority="urgent")
    await _until(urgent.done)

    decided = await stage.facts()
    taken = [one.stream for one in decided if isinstance(one.fact, e.EscalationRequested)]
    assert escalation_stream("e-urgent") in taken
    assert len(taken) < 30
    assert sum(one.done() for one in many) < 200
    await _until(lambda: sum(one.done() for one in many) > 250)
    assert set(stage.statuses().values()) >= {"rate_limited"}
    for one in many:
        one.cancel()
    await asyncio.gather(*many, return_exceptions=True)


async def test_what_was_refused_and_not_told_is_told_when_it_comes_again() -> None:
    stage = _Stage()
    stage.bus.away = 1
    with pytest.raises(Unavailable):
        await stage.ask("e-1", text="")
    assert stage.bus.told == {}

    await stage.ask("e-1")
    await stage.ask("e-1", text="")

    assert stage.statuses() == {"e-1": "empty"}
    names = [type(one.fact).__name__ for one in await stage.facts()]
    assert names == ["EscalationRefused", "EscalationReported"]


async def test_of_whom_is_erased_the_agent_hears_at_once() -> None:
    stage = _Stage()
    await stage.given_ada()
    await stage.ask("e-pending", priority="urgent", expects_reply=True)
    await stage.ask("e-waiting", expects_reply=True)
    whom = await stage.journal.read(counted, person_stream(WHO))
    erased = Entry(
        whom.stream, whom.version, whom.digest, (p.Erased(person_id=WHO, at=NOON),), None
    )
    [recorded] = await stage.journal.save([erased], Cause("t", "t"), NOON, forget=WHO)

    await Escalations(stage.outside).hear(told(recorded))

    ends = [
        one
        for one in await stage.facts()
        if isinstance(one.fact, (e.EscalationRefused, e.EscalationFailed))
    ]
    assert {one.stream: (type(one.fact).__name__, one.fact.reason) for one in ends} == {
        escalation_stream("e-pending"): ("EscalationFailed", "erased"),
        escalation_stream("e-waiting"): ("EscalationRefused", "erased"),
    }
    assert all(is_heard(one.fact.name, one.fact.model_dump()) for one in ends)
    assert is_heard(p.Erased.name, {})


def test_half_a_character_is_refused_and_what_is_no_json_is_nobodys() -> None:
    half = rb'{"escalation_id": "e-1", "to": {"phone": "+12125550123"}, "text": "a\ud800b?"}'

    assert read_request(half) == Malformed("e-1", "bad_text")
    for raw in (b"[" * 60_000, b"{", b"\xff\xfe", b"null", half[:40]):
        with pytest.raises(ValueError, match=r".+"):
            read_request(raw)


async def test_together_serves_the_first_alone_and_those_behind_it_at_once() -> None:
    batches: list[list[int]] = []

    async def work(keys: Any) -> list[int]:
        batches.append([*keys])
        await asyncio.sleep(0)
        return [key * 2 for key in keys]

    together = Together(work, every_s=0.02, most=3)
    first = asyncio.create_task(together.ask(1))
    await asyncio.sleep(0.001)
    others = [asyncio.create_task(together.ask(key)) for key in range(2, 7)]
    await asyncio.sleep(0)
    others[1].cancel()

    assert await first == 2
    given = await asyncio.gather(*others, return_exceptions=True)
    assert [one for one in given if isinstance(one, int)] == [4, 8, 10, 12]
    assert batches == [[1], [2, 4, 5], [6]]


async def test_together_tells_everybody_what_went_wrong_and_goes_on() -> None:
    broken = [True]

    async def work(keys: Any) -> Any:
        await asyncio.sleep(0)
        if broken.pop():
            raise Unavailable
        return keys

    together: Together[int, int] = Together(work, every_s=0.0, most=9)
    given = await asyncio.gather(together.ask(1), together.ask(2), return_exceptions=True)

    assert [type(one) for one in given] == [Unavailable, Unavailable]
    broken.append(False)
    assert await together.ask(3) == 3
