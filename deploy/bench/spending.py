"""What the cap costs: the same texts by the same senders, with a month's budget and without."""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
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
        free, capped, over = asyncio.run(_both(settings))
    yield Figure(
        f"texts under a cap, {SENDERS} senders", capped, "texts/s", 0.9, "more", free, "without",
    )  # fmt: skip
    yield Figure("texts under a cap, as they must leave", capped, "texts/s", 100)
    yield Figure("spent and reserved above the cap", over, "micro-dollars", 0, "less")


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


async def _both(settings: Settings) -> tuple[float, float, float]:
    """Return texts a second without and with the cap, and what the cap was exceeded by."""
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
    try:
        free = await _sent(outside, await _asked(journal, numbers), boundless=True)
        capped = await _sent(outside, await _asked(journal, numbers), boundless=False)
        return free, capped, await _over(outside)
    finally:
        await journal.aclose()


async def _sent(outside: Outside, texts: Sequence[Announcement], *, boundless: bool) -> float:
    senders = [Sender(outside) for _ in range(SENDERS)]
    for sender in senders if boundless else ():
        sender.allotment = _Boundless(outside)

    async def work(sender: Sender, mine: Iterator[Announcement]) -> None:
        for announced in mine:
            await sender.send(announced)

    begun = time.monotonic()
    shares = [iter(texts[each::SENDERS]) for each in range(SENDERS)]
    await asyncio.gather(
        *(
            work(sender, share)
            for sender, share in zip(senders, shares, strict=True)
            for _ in range(_AT_ONCE)
        )
    )
    for sender in senders:
        await sender.allotment.tell(ending=True)
    return len(texts) / (time.monotonic() - begun)


async def _over(outside: Outside) -> float:
    """Return by how much any prefix of the month's facts is above the cap."""
    cap, worst = outside.policy.budget_microdollars, 0
    stream = spending_stream(Sender(outside).allotment.funds().account)
    state: Any = spending.initial
    for recorded in await outside.journal.history(stream):
        state = spending.fold([recorded.fact], state)
        worst = max(worst, state.taken - cap)
    return float(worst)


async def _asked(journal: Journal, numbers: Iterator[int]) -> Sequence[Announcement]:
    """Ask for texts, each to another person; return what the relay would announce."""
    limit = asyncio.Semaphore(64)

    async def one(number: int) -> Announcement:
        async with limit:
            return await _one(journal, number, datetime.now(UTC))

    return await asyncio.gather(*(one(next(numbers)) for _ in range(TEXTS)))


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
