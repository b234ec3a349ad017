"""A month's cap under eight senders: whatever leaves, and in whatever order, it holds."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from contracts import conversation as c
from contracts.announcement import Announcement
from contracts.texts import Priority, SmsKind
from domain.spending import spending
from domain.spending.state import Spending
from services.adapters.journal import AsyncJournal, open_journal
from services.adapters.keys import Secrets
from services.runtime.allotment import our_key
from services.sender import Sender
from tests.adapters.postgres_fixture import PostgresServer
from tests.domain.test_outbound import wanted
from tests.services.money import SETTINGS, Carrier, HandClock, Texts, capped, outside_of

MONTH = f"spending-{our_key(SETTINGS)}-2026-11"
TEXT = 8_300
SENDERS = 8


@pytest.fixture
async def journal(postgres: PostgresServer) -> AsyncIterator[AsyncJournal]:
    url = postgres.new_database()
    async with await open_journal(url, Secrets(bytes(32), b"pepper")) as opened:
        yield opened


async def test_two_hundred_texts(journal: AsyncJournal) -> None:
    await _holds(journal, texts=200, pays_for=150)


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_two_thousand_texts(journal: AsyncJournal) -> None:
    await _holds(journal, texts=2_000, pays_for=1_500)


def _kind(number: int) -> tuple[SmsKind, Priority]:
    """Every twentieth text is said in a crisis, every tenth is urgent."""
    if number % 20 == 7:
        return "crisis", "urgent"
    return "reply", "urgent" if number % 10 == 3 else "normal"


async def _holds(journal: AsyncJournal, texts: int, pays_for: int) -> None:
    carrier, clock = Carrier(), HandClock()
    outside = outside_of(carrier, policy=capped(pays_for), journal=journal, clock=clock)
    senders = [Sender(outside) for _ in range(SENDERS)]
    asking = Texts(journal)
    wishes: list[tuple[SmsKind, Announcement]] = []
    for number in range(texts):
        kind, priority = _kind(number)
        wish = wanted(kind).model_copy(update={"priority": priority})
        wishes.append((kind, await asking.asked(wish)))

    async def work(sender: Sender, mine: list[Announcement]) -> None:
        for count, announced in enumerate(mine):
            await sender.send(announced)
            if count % 20 == 19:
                await sender.allotment.tell()
        await sender.allotment.tell(ending=True)

    await asyncio.gather(
        *(
            work(sender, [told for _, told in wishes[each::SENDERS]])
            for each, sender in enumerate(senders)
        )
    )

    crises = sum(kind == "crisis" for kind, _ in wishes)
    under = len(carrier.sent) - crises
    month = (await journal.read(spending, MONTH)).state
    assert (month.spent, month.beside, month.reserved) == (under * TEXT, crises * TEXT, 0)
    assert month.spent <= pays_for * TEXT
    # The last tenth is for urgent ones, and what others hold when money ends is not asked for
    # again here: most of it went on its way, no more can be said.
    assert under >= pays_for * 0.6
    await _at_every_prefix(journal, pays_for * TEXT)
    assert {kind for kind, told in wishes if not await _left(journal, told)} == {"reply"}


async def _at_every_prefix(journal: AsyncJournal, cap: int) -> None:
    """Read the whole log: what is taken, and what attempts drew on lots, stays under the cap."""
    state, drawn, position = Spending(), 0, 0
    while page := await journal.page(position, 1_000):
        position = page[-1].position
        for recorded in page:
            if recorded.stream == MONTH:
                state = spending.evolve(state, recorded.fact)
                assert state.taken <= cap
            elif isinstance(recorded.fact, c.SmsAttempted):
                charge = recorded.fact.charge
                assert charge is not None
                drawn += 0 if charge.lot_id is None else charge.microdollars
                assert drawn <= state.taken


async def _left(journal: AsyncJournal, told: Announcement) -> bool:
    facts = [recorded.fact for recorded in await journal.history(told.stream)]
    return any(isinstance(fact, c.SmsSent) for fact in facts)
