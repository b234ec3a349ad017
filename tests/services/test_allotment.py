"""The money in a sender's hands: what leaves at which spending, and what is told of it."""

from collections import Counter
from collections.abc import Sequence

import pytest

from contracts import conversation as c
from contracts import person as p
from contracts import spending as s
from contracts.announcement import Announcement
from contracts.base import Contract
from contracts.recorded import Cause
from domain.conversation import conversation
from domain.conversation.decisions import released
from domain.person import person
from domain.spending import spending
from domain.spending.decisions import LOT_FOR
from domain.spending.state import Spending
from services.runtime.allotment import our_key
from services.runtime.ports import Outcome, SendAnswer
from services.runtime.process import Later
from services.sender import Sender
from tests.domain.test_outbound import wanted
from tests.facts import evidence
from tests.journal_in_memory import MemoryJournal
from tests.services.money import SETTINGS, Carrier, HandClock, Texts, capped, outside_of

MONTH = f"spending-{our_key(SETTINGS)}-2026-11"
TEXT = 8_300
TEST = Cause("test", "test")


class Stage:
    """A sender, its carrier, and the month's stream."""

    def __init__(self, texts: float = 1000) -> None:
        self.journal = MemoryJournal()
        self.carrier = Carrier()
        self.clock = HandClock()
        self.outside = outside_of(
            self.carrier, policy=capped(texts), journal=self.journal, clock=self.clock
        )
        self.sender = Sender(self.outside)
        self.texts = Texts(self.journal)

    async def send(self, wish: c.SmsRequested) -> Announcement:
        told = await self.texts.asked(wish)
        await self.sender.send(told)
        return told

    async def month(self) -> Spending:
        return (await self.journal.read(spending, MONTH)).state

    async def facts(self, stream: str = MONTH) -> Sequence[Contract]:
        return [recorded.fact for recorded in await self.journal.history(stream)]

    async def names(self, stream: str = MONTH) -> dict[str, int]:
        return dict(Counter(type(fact).__name__ for fact in await self.facts(stream)))


def urgent() -> c.SmsRequested:
    return wanted().model_copy(update={"priority": "urgent"})


async def test_many_texts_are_one_lot_and_are_settled_together() -> None:
    stage = Stage()
    for _ in range(10):
        await stage.send(wanted())

    assert await stage.names() == {"BudgetAllotted": 1}
    await stage.sender.allotment.tell(ending=True)

    month = await stage.month()
    assert await stage.names() == {"BudgetAllotted": 1, "BudgetSettled": 1, "BudgetReturned": 1}
    assert (month.spent, month.texts, month.reserved) == (10 * TEXT, 10, 0)
    assert len(stage.carrier.sent) == 10


async def test_each_attempt_names_its_lot() -> None:
    stage = Stage()
    told = await stage.send(wanted())

    attempted = next(
        fact for fact in await stage.facts(told.stream) if isinstance(fact, c.SmsAttempted)
    )
    (lot,) = (await stage.month()).lots
    assert attempted.charge is not None
    assert attempted.charge.lot_id == lot
    assert f"spending-{attempted.charge.account}" == MONTH


async def test_near_the_cap_only_urgent_texts_leave_and_at_the_cap_only_those_beside_it() -> None:
    stage = Stage(texts=10)
    for _ in range(12):
        await stage.send(wanted())
    assert len(stage.carrier.sent) == 9
    deferred = await stage.send(wanted())
    said = (await stage.facts(deferred.stream))[-1]
    assert isinstance(said, c.SmsDeferred)
    assert said.reason == "near_cap"

    await stage.send(urgent())
    assert len(stage.carrier.sent) == 10
    last = await stage.send(urgent())
    said = (await stage.facts(last.stream))[-1]
    assert isinstance(said, c.SmsDeferred)
    assert said.reason == "budget"
    assert (await stage.names())["BudgetExhausted"] == 2

    await stage.send(wanted("crisis"))
    assert len(stage.carrier.sent) == 11
    await stage.sender.allotment.tell(ending=True)
    month = await stage.month()
    assert (month.spent, month.beside, month.reserved) == (10 * TEXT, TEXT, 0)


async def test_an_opt_out_is_confirmed_at_a_cap_of_nothing() -> None:
    stage = Stage(texts=0)
    told = await stage.texts.asked(wanted("opt_out"))
    talk = await stage.journal.read(conversation, told.stream)
    whom = await stage.journal.read(person, f"person-{talk.state.person_id}")
    revoked = p.ConsentRevoked(evidence=evidence())
    await stage.journal.save([whom.then((revoked,), None)], TEST, stage.clock.now())
    await stage.sender.send(told)

    assert len(stage.carrier.sent) == 1
    assert (await stage.month()).beside == TEXT


@pytest.mark.parametrize("outcome", [Outcome.NOT_SENT, Outcome.REJECTED])
async def test_what_the_carrier_did_not_take_costs_nothing(outcome: Outcome) -> None:
    stage = Stage()
    stage.carrier.answers = [SendAnswer(outcome, reason="no")]
    try:
        await stage.send(wanted())
    except Later:
        assert outcome is Outcome.NOT_SENT
    await stage.sender.allotment.tell(ending=True)

    assert (await stage.month()).taken == 0


async def test_what_nobody_knows_counts_as_spent() -> None:
    stage = Stage()
    stage.carrier.answers = [SendAnswer(Outcome.UNKNOWN, reason="500")]
    await stage.send(wanted())
    await stage.sender.allotment.tell(ending=True)

    assert (await stage.month()).spent == TEXT


async def test_a_lot_that_is_over_is_closed_and_another_opened() -> None:
    stage = Stage()
    await stage.send(wanted())
    stage.clock.wind(LOT_FOR.total_seconds())
    await stage.send(replace_at(wanted(), stage.clock))
    await stage.sender.allotment.tell()

    assert await stage.names() == {"BudgetAllotted": 2, "BudgetSettled": 1, "BudgetReturned": 1}


def replace_at(wish: c.SmsRequested, clock: HandClock) -> c.SmsRequested:
    now = clock.now()
    return wish.model_copy(update={"at": now, "answers_at": now, "expires_at": None})


async def test_a_new_month_has_a_stream_and_a_budget_of_its_own() -> None:
    stage = Stage(texts=1.2)
    await stage.send(wanted())
    stage.clock.at = stage.clock.at.replace(month=12, day=1)
    await stage.send(replace_at(wanted(), stage.clock))
    await stage.sender.allotment.tell()

    december = await stage.facts(MONTH.replace("-11", "-12"))
    assert isinstance(december[0], s.BudgetAllotted)
    assert len(stage.carrier.sent) == 2


async def test_a_raised_cap_lets_the_text_leave_an_hour_later() -> None:
    stage = Stage(texts=0)
    told = await stage.send(wanted())
    richer = Sender(
        outside_of(stage.carrier, policy=capped(10), journal=stage.journal, clock=stage.clock)
    )
    stage.clock.wind(3601)
    talk = await stage.journal.read(conversation, told.stream)
    sms_id = next(iter(talk.state.outbox.texts))
    facts = released(talk.state, sms_id, stage.clock.now())
    saved = await stage.journal.save([talk.then(facts, None)], TEST, stage.clock.now())
    await richer.send(told.model_copy(update={"version": saved[-1].version}))

    # Later than ten minutes, but still by day.
    assert len(stage.carrier.sent) == 1
