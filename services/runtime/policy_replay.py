"""Today's rules over the recorded past: what would be decided otherwise, masked or revealed."""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from multiprocessing import get_context
from typing import Any

from contracts.base import Contract
from contracts.identity import person_stream
from contracts.person import PersonalTextRevealed
from contracts.recorded import Cause, Recorded
from domain.person import person
from domain.replaying import Difference, Replay
from services.adapters.journal_application import Journal as WholeJournal
from services.runtime.ports import Entry, Journal
from services.runtime.settings import Settings

_EVERY = 100_000
# Each reads the whole journal, so that more of them gain less and less.
_CORES = 4
# Fields of a decision that hold a person's words, or ours to them.
_PERSONAL = ("reply", "text")

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Decided:
    """How much was decided again, how much of it is erased, and what came out otherwise."""

    texts: int
    drafts: int
    erased: int
    found: Sequence[Difference]


async def replayed(settings: Settings, since: datetime | None, progress: Progress) -> Decided:
    """Return how much was decided again, and what came out otherwise, by as many cores as are."""
    loop = asyncio.get_running_loop()
    cores = min(os.cpu_count() or 1, _CORES)
    with ProcessPoolExecutor(max(cores - 1, 1), get_context("spawn")) as pool:
        others = [
            loop.run_in_executor(pool, _replayed, settings, since, (which, cores))
            for which in range(1, cores)
        ]
        own = await asyncio.to_thread(_replayed, settings, since, (0, cores), progress)
        parts = [own, *await asyncio.gather(*others)]
    found = sorted(
        (each for part in parts for each in part.found), key=lambda each: (each.at, each.stream)
    )
    return Decided(
        sum(part.texts for part in parts),
        sum(part.drafts for part in parts),
        sum(part.erased for part in parts),
        found,
    )


def _replayed(
    settings: Settings,
    since: datetime | None,
    share: tuple[int, int],
    progress: Progress | None = None,
) -> Decided:
    """Decide the texts and drafts of one share of all people again."""
    replay = Replay(settings.policy(), since, share)
    journal = WholeJournal(settings.database_url, settings.secrets())
    try:
        found = list(replay.take(_told(journal, progress)))
    finally:
        journal.close()
    return Decided(replay.texts, replay.drafts, replay.erased, found)


def _told(journal: WholeJournal, progress: Progress | None) -> Iterator[Recorded[Contract]]:
    for number, recorded in enumerate(journal.facts(), 1):
        yield recorded
        if progress is not None and number % _EVERY == 0:
            progress(number)


async def reveal(
    journal: Journal, found: Sequence[Difference], by: str, why: str, at: datetime
) -> None:
    """Write down, on the stream of each person, that somebody read their words, and why."""
    for who in sorted({each.person_id for each in found}):
        revealed = PersonalTextRevealed(by=by, why=why, at=at)

        async def decide(who: str = who, revealed: Contract = revealed) -> Sequence[Entry]:
            whom = await journal.read(person, person_stream(who))
            return [whom.then((revealed,), None)]

        await journal.act(decide, Cause("replay:policy", who), at)


def shown(difference: Difference, *, revealed: bool) -> dict[str, Any]:
    """Return a difference as it is printed: words masked, unless they are revealed."""
    return {
        "what": difference.what,
        "stream": difference.stream,
        "version": difference.version,
        "at": difference.at.isoformat(),
        "person_id": difference.person_id,
        "text": difference.text if revealed else masked(difference.text),
        "was": _decision(difference.was, revealed=revealed),
        "now": _decision(difference.now, revealed=revealed),
    }


def _decision(told: Any, *, revealed: bool) -> dict[str, Any]:
    return {
        name: masked(value) if name in _PERSONAL and value and not revealed else value
        for name, value in told.items()
    }


def masked(text: str) -> str:
    """Return how long a text is, and nothing else of it."""
    return f"({len(text)} characters)"
