"""A recovery that broke off begins where the backup ends, not where it broke off."""

from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.identity import person_id, person_stream
from contracts.person import ConsentRevoked
from contracts.recorded import Cause, Subject
from contracts.sms import InboundSms
from domain.person import person
from services.runtime import restoring
from services.runtime.ports import Listed, Unavailable
from services.runtime.restoring import Restoring
from tests.facts import NOON, NUMBER, OURS, POLICY, evidence, later, registered, sid
from tests.journal_in_memory import MemoryJournal

PEPPER = b"p" * 32
WHO = person_id(PEPPER, NUMBER)
LOST = later(3_600)
NOW = later(86_400)


class _Carrier:
    """Lists one lost text, and remembers from when on it was asked."""

    def __init__(self) -> None:
        self.since: list[datetime] = []

    async def received(self, since: datetime) -> Sequence[Listed]:
        self.since.append(since)
        return [Listed(sid(1), OURS, NUMBER, "STOP", "received", LOST, "inbound")]

    async def exchanged(self, number: str) -> Sequence[Listed]:
        del number
        return ()


async def _nothing(*_: Any) -> Sequence[Any]:
    return ()


async def test_what_was_lost_is_looked_for_again_after_a_recovery_that_broke_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    journal, carrier = MemoryJournal(), _Carrier()

    async def say(at: datetime, *facts: Any) -> None:
        whom = await journal.read(person, person_stream(WHO))
        await journal.save([whom.then(facts, Subject(WHO, 1))], Cause("test", WHO), at)

    async def hear(text: InboundSms, said: tuple[str, ...]) -> None:
        del text, said
        await say(NOW, ConsentRevoked(evidence=evidence(NOW)))
        raise Unavailable("the carrier is away")

    async def announced() -> int:
        return 1

    outside: Any = SimpleNamespace(
        journal=journal, sms=carrier, policy=POLICY, bus=None,
        relay_state=SimpleNamespace(position=announced),
        settings=SimpleNamespace(
            secrets=lambda: SimpleNamespace(pepper=PEPPER),
            twilio_account_sid="AC" + "0" * 32, database_url="",
        ),
        clock=SimpleNamespace(now=lambda: NOW),
    )  # fmt: skip
    monkeypatch.setattr(restoring.Restoring, "_rows", _nothing)
    await say(NOON, registered())
    ledger: Any = SimpleNamespace(read=lambda: ())

    for _ in range(2):
        with pytest.raises(Unavailable):
            await Restoring(outside, ledger, hear).restore()

    first, second = carrier.since
    assert first == second
    assert second < LOST
