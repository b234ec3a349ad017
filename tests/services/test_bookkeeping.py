"""Over a real journal: eight senders at once, one that died, and the carrier's own prices."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg.rows import tuple_row

from contracts import spending as s
from contracts.conversation import Charge
from domain.outbound import Reserve
from domain.spending import spending
from domain.spending.decisions import LOST_AFTER, LOT_FOR
from domain.spending.state import Spending
from projections.charges import CHARGES, shares
from projections.positions import prepare, take_in
from services.adapters.journal import AsyncJournal, open_journal
from services.adapters.keys import Secrets
from services.runtime.allotment import Allotment, our_key
from services.runtime.bookkeeping import Bookkeeping
from services.runtime.console.day_sums import DaySums
from services.runtime.outside import Outside
from services.sender import Sender
from tests.adapters.postgres_fixture import PostgresServer
from tests.domain.test_outbound import wanted
from tests.services.money import SETTINGS, Carrier, HandClock, Texts, capped, outside_of

ACCOUNT = f"{our_key(SETTINGS)}-2026-11"
MONTH = f"spending-{ACCOUNT}"
TEXT = 8_300


def charge(lot_id: str) -> Charge:
    return Charge(account=ACCOUNT, lot_id=lot_id, microdollars=TEXT, segments=1, kind="reply")


class Books:
    """A journal with its projection, and a sender with an account of so many texts."""

    def __init__(self, url: str, journal: AsyncJournal) -> None:
        self.url, self.journal = url, journal
        self.carrier, self.clock = Carrier(), HandClock()
        self.texts = Texts(journal)

    def outside(self, texts: float) -> Outside:
        outside = outside_of(
            self.carrier, policy=capped(texts), journal=self.journal, clock=self.clock
        )
        settings = SETTINGS.model_copy(
            update={"database_url": self.url, "price_after_seconds": 1.0}
        )
        outside.settings = settings  # type: ignore[misc]
        return outside

    async def month(self) -> Spending:
        return (await self.journal.read(spending, MONTH)).state

    async def project(self) -> None:
        page = await self.journal.outline(0, 100_000, CHARGES.names)
        with psycopg.connect(self.url, autocommit=True) as connection:
            standing = prepare(connection, [CHARGES])[0]
            with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
                facts = [one for one in page.facts if one.position > standing.position]
                if page.through > standing.position:
                    take_in(cursor, [standing], facts, page.through)


@pytest.fixture
async def books(postgres: PostgresServer) -> AsyncIterator[Books]:
    url = postgres.new_database()
    async with await open_journal(url, Secrets(bytes(32), b"pepper")) as journal:
        yield Books(url, journal)


async def test_eight_senders_share_a_cap_and_two_thousand_texts(books: Books) -> None:
    outside = books.outside(texts=1500)
    senders = [Allotment(outside) for _ in range(8)]

    async def send(sender: Allotment, texts: int) -> int:
        sent = 0
        for number in range(texts):
            wish = Reserve(TEXT, urgent=number % 5 == 0)
            if await sender.reserve(wish):
                lot_id = sender.funds().lot_for(TEXT, urgent=wish.urgent)
                assert lot_id is not None
                sender.draw(charge(lot_id)).spend()
                sent += 1
            if number % 50 == 49:
                await sender.tell()
        await sender.tell(ending=True)
        return sent

    sent = sum(await asyncio.gather(*(send(sender, 250) for sender in senders)))
    month = await books.month()
    facts = [recorded.fact for recorded in await books.journal.history(MONTH)]

    assert (month.spent, month.reserved) == (sent * TEXT, 0)
    assert 1_200 <= sent <= 1_500
    state = Spending()
    for fact in facts:
        state = spending.evolve(state, fact)
        assert state.taken <= 1500 * TEXT
    assert len(facts) < sent / 2


async def test_the_lots_of_a_sender_that_died_are_closed_at_what_was_drawn(books: Books) -> None:
    outside = books.outside(texts=1000)
    sender = Sender(outside)
    for _ in range(3):
        await sender.send(await books.texts.asked(wanted()))
    keeper = Bookkeeping(outside)
    await books.project()

    books.clock.wind(LOT_FOR.total_seconds())
    await keeper.look()
    assert (await books.month()).reserved == 50 * TEXT
    books.clock.wind(LOST_AFTER.total_seconds())
    await keeper.close_lost(ACCOUNT)
    await keeper._let_go()

    month = await books.month()
    assert (month.spent, month.reserved, month.texts) == (3 * TEXT, 0, 3)
    returned = (await books.journal.history(MONTH))[-1].fact
    assert isinstance(returned, s.BudgetReturned)
    assert returned.why == "expired"
    await sender.allotment.tell(ending=True)
    assert (await books.month()).spent == 3 * TEXT


async def test_a_lot_is_not_closed_before_every_attempt_is_counted(books: Books) -> None:
    outside = books.outside(texts=1000)
    await books.project()
    await Sender(outside).send(await books.texts.asked(wanted()))
    books.clock.wind((LOT_FOR + LOST_AFTER).total_seconds())
    keeper = Bookkeeping(outside)

    await keeper.close_lost(ACCOUNT)
    assert (await books.month()).reserved == 50 * TEXT
    await books.project()
    await keeper.close_lost(ACCOUNT)
    await keeper._let_go()

    assert (await books.month()).spent == TEXT


async def test_prices_are_asked_once_and_settled(books: Books) -> None:
    outside = books.outside(texts=1000)
    sender = Sender(outside)
    for kind in ("reply", "reply", "crisis"):
        await sender.send(await books.texts.asked(wanted(kind)))  # type: ignore[arg-type]
    await sender.allotment.tell(ending=True)
    await books.project()
    keeper = Bookkeeping(outside)

    books.clock.wind(2)
    await keeper.ask_prices()
    assert (await books.month()).spent == 2 * TEXT
    books.carrier.price = 10_000
    books.clock.wind(3600)
    await keeper.ask_prices()
    await keeper.ask_prices()
    month = await books.month()
    assert (month.spent, month.beside) == (20_000, 10_000)

    await books.project()
    connection = await keeper._connected()
    assert [(one.kind, one.texts, one.microdollars) for one in await shares(connection, ACCOUNT)] == [
        ("crisis", 1, 10_000), ("reply", 2, 20_000),
    ]  # fmt: skip
    await keeper._let_go()


async def test_the_newest_day_is_added_up_anew_and_earlier_ones_each_minute(books: Books) -> None:
    outside = books.outside(texts=1000)
    for kind in ("reply", "reply", "crisis"):
        await Sender(outside).send(await books.texts.asked(wanted(kind)))  # type: ignore[arg-type]
    await books.project()
    now = [0.0]
    sums = DaySums(monotonic=lambda: now[0])
    async with await psycopg.AsyncConnection.connect(books.url, autocommit=True) as connection:
        assert await sums.of(connection, "nobody's") == ()
        await connection.execute(
            b"UPDATE charges SET at = at - interval '25 hours' WHERE kind = 'crisis'"
        )
        before = await sums.of(connection, ACCOUNT)
        assert before == await shares(connection, ACCOUNT)
        assert [(one.kind, one.texts) for one in before] == [("crisis", 1), ("reply", 2)]

        await connection.execute(b"UPDATE charges SET charged = 1")
        assert [one.microdollars for one in await sums.of(connection, ACCOUNT)] == [TEXT, 2]
        now[0] += 61
        assert [one.microdollars for one in await sums.of(connection, ACCOUNT)] == [1, 2]
