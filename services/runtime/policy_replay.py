"""Today's rules over the recorded past: what would be decided otherwise, masked or revealed."""

import asyncio
import gc
import os
import signal
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from multiprocessing import get_context
from typing import Any, Protocol

from contracts.base import Contract
from contracts.identity import CONVERSATION, PERSON, kind_of, person_stream
from contracts.person import PersonalTextRevealed
from contracts.recorded import Cause, Recorded
from domain.gates import GATES
from domain.person import person
from domain.replaying import UNREAD, Difference, Replay, read
from domain.turn import classifier, evaluator
from services.adapters.journal_application import Journal as WholeJournal
from services.adapters.mapper import StoredRow, subject_of
from services.runtime.ports import Entry, Journal
from services.runtime.replay_bookmark import Bookmark, Bookmarks
from services.runtime.settings import Settings
from services.runtime.told import told

FOLDER = "replay-policy"
_EVERY = 5_000
_KEPT_EVERY_S = 3.0
# Each reads the whole journal, so that more of them gain less and less.
_CORES = 4
# Fields of a decision that hold a person's words, or ours to them.
_PERSONAL = ("reply", "text")


class Stop(Protocol):
    """Says whether somebody wants the replay to end."""

    def is_set(self) -> bool:
        """Return whether it is to end."""
        ...


Progress = Callable[[int, int], None]
"""Is told now and then up to which position the journal was looked at, and where it ends."""


@dataclass(frozen=True, slots=True)
class Decided:
    """How much was decided again, how much of it is erased, and what came out otherwise."""

    texts: int
    drafts: int
    erased: int
    found: Sequence[Difference]


class Stopped(Exception):
    """Somebody wants the replay to end; where it stands is kept."""


async def replayed(
    settings: Settings, since: datetime | None, progress: Progress, *, resume: bool = False
) -> Decided:
    """
    Return how much was decided again, and what came out otherwise, by as many cores as are.

    One that was interrupted is gone on with by `resume`, which raises `CannotResume` if there is
    none, or if rules, settings or `since` are not what they were.
    """
    cores = min(os.cpu_count() or 1, _CORES)
    bookmarks = Bookmarks(settings.state_dir / FOLDER, _rules(settings, since), cores)
    begun = bookmarks.found() if resume else [Bookmark()] * cores
    if not resume:
        bookmarks.begin()
    shares = [
        _Share(settings, since, (which, cores), bookmarks, begun[which]) for which in range(cores)
    ]
    parts = await _decided(shares, progress)
    bookmarks.begin()
    found = sorted(
        (each for part in parts for each in part.found), key=lambda each: (each.at, each.stream)
    )
    return Decided(
        sum(part.texts for part in parts),
        sum(part.drafts for part in parts),
        sum(part.erased for part in parts),
        found,
    )


@dataclass(frozen=True, slots=True)
class _Share:
    """What one process is to decide again, and from where on."""

    settings: Settings
    since: datetime | None
    share: tuple[int, int]
    bookmarks: Bookmarks
    begun: Bookmark


async def _decided(shares: Sequence[_Share], progress: Progress) -> Sequence[Decided]:
    """Decide the first share here, for somebody who watches, and the others beside it."""
    loop, context = asyncio.get_running_loop(), get_context("spawn")
    stop = context.Event()
    with ProcessPoolExecutor(
        max(len(shares) - 1, 1), context, initializer=_begin, initargs=(stop,)
    ) as pool:
        try:
            others = [loop.run_in_executor(pool, _beside, each) for each in shares[1:]]
            own = asyncio.to_thread(_replayed, shares[0], stop, progress)
            return await asyncio.gather(own, *others)
        finally:
            stop.set()  # whoever goes on, as after Ctrl-C, ends within a moment


_stop: Any = None


def _begin(stop: Any) -> None:
    """Let the process that began this one say when it ends, not the terminal."""
    global _stop  # noqa: PLW0603 (a process of the pool is given it once, and keeps it)
    _stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _beside(share: _Share) -> Decided:
    return _replayed(share, _stop)


def _replayed(share: _Share, stop: Stop, progress: Progress | None = None) -> Decided:
    """Decide the texts and drafts of one share of all people again.  Raises `Stopped`."""
    begun, settings = share.begun, share.settings
    replay = Replay(
        settings.policy(), share.since, share.share, begun.texts, begun.drafts, begun.erased,
        begun.through, set(begun.differed),
    )  # fmt: skip
    journal = WholeJournal(settings.database_url, settings.secrets())
    try:
        with _nothing_collected():
            found = list(replay.take(_told(journal, replay, share, stop, progress)))
    except Stopped:
        share.bookmarks.keep(share.share[0], _standing(replay))
        raise
    finally:
        journal.close()
    share.bookmarks.keep(share.share[0], _standing(replay))
    return Decided(replay.texts, replay.drafts, replay.erased, found)


@contextmanager
def _nothing_collected() -> Generator[None]:
    """
    Leave the cyclic garbage collector out.

    A replay makes no cycles, and keeps the states of everybody: to look through them again and
    again took a quarter of its time.
    """
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def _told(
    journal: WholeJournal,
    replay: Replay,
    share: _Share,
    stop: Stop,
    progress: Progress | None,
) -> Iterator[Recorded[Contract]]:
    """Yield the facts that the share needs; keep where it stands every few seconds."""
    head, kept = journal.head(), time.monotonic()
    for number, recorded in enumerate(journal.sifted(UNREAD, _of(share.share)), 1):
        if number % 100 == 0 and stop.is_set():
            raise Stopped
        if time.monotonic() - kept > _KEPT_EVERY_S:
            share.bookmarks.keep(share.share[0], _standing(replay))
            kept = time.monotonic()
        if progress is not None and number % _EVERY == 0:
            progress(recorded.position, head)
        yield recorded
    if progress is not None:
        progress(head, head)


def _of(share: tuple[int, int]) -> Callable[[StoredRow], bool]:
    """Return what leaves unread what decides nothing, and the facts of people of other shares."""
    which, shares = share

    def mine(row: StoredRow) -> bool:
        if not read(row.stream, row.topic):
            return False
        if kind_of(row.stream) not in (PERSON, CONVERSATION):
            return True
        subject = subject_of(row)
        return subject is None or int(subject[:8], 16) % shares == which

    return mine


def _standing(replay: Replay) -> Bookmark:
    return Bookmark(
        replay.through, replay.texts, replay.drafts, replay.erased,
        tuple(sorted(replay.differed)),
    )  # fmt: skip


def _rules(settings: Settings, since: datetime | None) -> str:
    """Return what tells these rules from others."""
    gates = [gate.__name__ for gate in GATES]
    parts = [told(settings.policy()), since, gates, classifier.RULE_SET, evaluator.RULE_SET]
    return sha256(repr(parts).encode()).hexdigest()


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
