"""What the cap costs: the same texts by the same senders, with a month's budget and without."""

import asyncio
import itertools
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, cast

from contracts import conversation as c
from contracts import person as p
from contracts.announcement import Announcement
from contracts.evidence import Evidence
from contracts.identity import conversation_stream, person_stream, spending_stream
from contracts.recorded import Cause, Subject
from deploy.bench.figure import Figure
from deploy.local.postgres import EmbeddedPostgres
from domain.spending import spending
from domain.spending.funds import Funds, Held
from services.adapters.clock import SystemClock
from services.runtime.allotment import Allotment
from services.runtime.outside import Outside, open_journal_of
from services.runtime.ports import Attempt, Entry, Journal, Outcome, SendAnswer
from services.runtime.settings import Settings, read_settings
from services.sender import Sender

TEXTS = 2_000
SENDERS = 8
RATE = 100
_PACED = 1_000
_AT_ONCE = 16
_CAUSE = Cause("bench", "bench")


def measured() -> Iterator[Figure]:
    """Yield how fast texts leave under a cap, against the same without one; and what is over."""
    with (
        TemporaryDirectory(prefix="parley-bench-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as server,
    ):
        settings = read_settings(
            {
                "PARLEY_DATABASE_URL": server.url,
                "PARLEY_PEPPER": "p" * 32,
                "PARLEY_MASTER_KEY": "q" * 43,
                "PARLEY_TWILIO_PHONE_NUMBER": "+14155550100",
                "PARLEY_SEGMENTS_PER_SECOND": "100000",
                "PARLEY_QUIET_HOURS": "off",
            }
        )
        found = asyncio.run(_measured(settings))
    yield Figure(
        f"{RATE} texts a second under a cap", found.paced, "texts/s", 0.95, "more",
        found.paced_free, "without",
    )  # fmt: skip
    yield Figure(
        f"texts under a cap, {SENDERS} senders, all they can", found.capped, "texts/s", RATE,
    )  # fmt: skip
    yield Figure("  without a cap", found.free, "texts/s")
    yield Figure("spent and reserved above the cap", found.over, "micro-dollars", 0, "less")


@dataclass(frozen=True, slots=True)
class _Found:
    """Texts a second, with the cap and without; micro-dollars above the cap."""

    paced: float
    paced_free: float
    capped: float
    free: float
    over: float


class _Carrier:
    """Takes every text at once."""

    def __init__(self) -> None:
        self._sids = itertools.count(1)

    async def send(self, attempt: Attempt) -> SendAnswer:
        """Take it."""
        del attempt
        return SendAnswer(Outcome.ACCEPTED, f"SM{next(self._sids):032x}")


class _Boundless(Allotment):
    """Money without end, of which nobody keeps the books."""

    def funds(self, *, refused: bool = False) -> Funds:
        """Return a lot that pays for everything."""
        account = super().funds(refused=refused).account
        return Funds(account, (Held("lot", 10**15, urgent=False),))


async def _measured(settings: Settings) -> _Found:
    journal = await open_journal_of(settings)
    outside = cast(
        "Outside",
        SimpleNamespace(
            settings=settings,
            policy=settings.policy(),
            journal=journal,
            sms=_Carrier(),
            clock=SystemClock(),
        ),
    )
    numbers = itertools.count(1)

    async def one(count: int, rate: float, *, boundless: bool) -> float:
        texts = await _asked(journal, itertools.islice(numbers, count))
        return await _sent(outside, texts, rate, boundless=boundless)

    try:
        return _Found(
            paced_free=await one(_PACED, RATE, boundless=True),
            paced=await one(_PACED, RATE, boundless=False),
            free=await one(TEXTS, 0, boundless=True),
            capped=await one(TEXTS, 0, boundless=False),
            over=await _over(outside),
        )
    finally:
        await journal.aclose()


async def _sent(
    outside: Outside, texts: Sequence[Announcement], rate: float, *, boundless: bool
) -> float:
    """Return how many texts a second left; each sender has some under way, as they come."""
    senders = [Sender(outside) for _ in range(SENDERS)]
    for sender in senders if boundless else ():
        sender.allotment = _Boundless(outside)
    waiting = iter(enumerate(texts))
    begun = time.monotonic()

    async def work(sender: Sender) -> None:
        for number, announced in waiting:
            if rate:
                await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
            await sender.send(announced)

    await asyncio.gather(*(work(sender) for sender in senders for _ in range(_AT_ONCE)))
    took = time.monotonic() - begun
    for sender in senders:
        await sender.allotment.tell(ending=True)
    return len(texts) / took


async def _over(outside: Outside) -> float:
    """Return by how much any prefix of the month's facts is above the cap."""
    cap, worst = outside.policy.budget_microdollars, 0
    stream = spending_stream(Sender(outside).allotment.funds().account)
    state: Any = spending.initial
    for recorded in await outside.journal.history(stream):
        state = spending.fold([recorded.fact], state)
        worst = max(worst, state.taken - cap)
    return float(worst)


async def _asked(journal: Journal, numbers: Iterable[int]) -> Sequence[Announcement]:
    """Ask for texts, each to another person; return what the relay would announce."""
    limit = asyncio.Semaphore(64)

    async def one(number: int) -> Announcement:
        async with limit:
            return await _one(journal, number, datetime.now(UTC))

    return await asyncio.gather(*map(one, numbers))


async def _one(journal: Journal, number: int, at: datetime) -> Announcement:
    who = f"{number:032x}"
    stream, subject = conversation_stream(who), Subject(who, 1)
    of_person = (
        p.Registered(
            generation=1, number=f"+1212{5_600_000 + number:07d}", source="cli", country="US"
        ),
        p.ConsentGranted(evidence=Evidence(source="cli", at=at)),
    )
    of_talk = (
        c.ConversationStarted(person_id=who, generation=1, initiated_by="person", at=at),
        c.SmsRequested(
            sms_id=f"{who}.1", turn_id=None, kind="reply", priority="normal", text="Rested?",
            encoding="gsm7", segments=1, estimated_microdollars=8_300, at=at, answers_at=at,
        ),
    )  # fmt: skip
    entries = [
        Entry(person_stream(who), 0, "", of_person, subject),
        Entry(stream, 0, "", of_talk, subject),
    ]
    told = (await journal.save(entries, _CAUSE, at))[-1]
    return Announcement(
        fact=told.fact.name, stream=stream, version=told.version, position=told.position,
        at=at, cause="bench", correlation="bench",
    )  # fmt: skip
