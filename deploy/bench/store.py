"""The journal and the projections against plain psycopg on the same server."""

import asyncio
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from contracts import conversation as c
from contracts import person as p
from contracts.identity import conversation_stream, person_stream
from contracts.recorded import Cause, Subject
from deploy.bench.figure import Figure
from deploy.local.postgres import EmbeddedPostgres
from projections.catalogue import PROJECTIONS
from projections.view import AnyProjection
from services.adapters.journal import AsyncJournal, open_journal
from services.adapters.keys import Secrets
from services.runtime.garbage import collect_rarely
from services.runtime.ports import Entry
from services.runtime.projecting import Following

SECRETS = Secrets(bytes(32), b"p" * 32)
CALLERS = 8
SECONDS = 5.0
FILLED = 30_000
_AT = datetime(2026, 11, 24, 17, tzinfo=UTC)
_CAUSE = Cause("bench", "bench")


def append() -> Iterator[Figure]:
    """Yield how fast facts are appended by callers that each wait for their own."""
    with _server() as url:
        plain = _raw_inserts(url)
        ours = asyncio.run(_appends(url))
        yield Figure(
            "journal append, 1 fact, 8 callers", ours, "facts/s", 1.0, "more", plain,
            "raw psycopg on 8 connections",
        )  # fmt: skip


def replay() -> Iterator[Figure]:
    """Yield how fast the journal is read, and the projections made from it."""
    with _server() as url:
        one_each = _one_transaction_each(url)
        decoded, one, others = asyncio.run(_replays(url))
        yield Figure("decoded replay", decoded, "facts/s", 50_000)
        yield Figure(
            f"projection {PROJECTIONS[0].name} rebuilt", one, "facts/s", 40, "more", one_each,
            "one transaction a fact",
        )  # fmt: skip
        yield Figure(f"the other {len(PROJECTIONS) - 1} rebuilt together", others, "facts/s")


@contextmanager
def _server() -> Generator[str]:
    with (
        TemporaryDirectory(prefix="parley-bench-") as folder,
        EmbeddedPostgres(Path(folder) / "postgres") as server,
    ):
        yield server.url


def _raw_inserts(url: str) -> float:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE plain (id text, version bigint, topic text, state bytea, n bigserial)"
        )
    counts = [0] * CALLERS
    until = time.monotonic() + SECONDS

    def work(number: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while time.monotonic() < until:
                connection.execute(
                    "INSERT INTO plain (id, version, topic, state) VALUES (%s, %s, %s, %s)",
                    (f"s{number}", counts[number], "bench.v1", b"x" * 300),
                    prepare=True,
                )
                counts[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def _fact(count: int) -> c.SmsReleased:
    return c.SmsReleased(sms_id=f"sms-{count}", priority="normal", why="retry")


async def _appends(url: str) -> float:
    journal = await open_journal(url, SECRETS)
    counts = [0] * CALLERS
    until = time.monotonic() + SECONDS

    async def work(number: int) -> None:
        stream, digest = f"bench-{number}", ""
        while time.monotonic() < until:
            entry = Entry(stream, counts[number], digest, (_fact(counts[number]),), None)
            digest = (await journal.save([entry], _CAUSE, _AT))[0].digest
            counts[number] += 1

    await asyncio.gather(*(work(number) for number in range(CALLERS)))
    await journal.aclose()
    return sum(counts) / SECONDS


def _one_transaction_each(url: str) -> float:
    """Return how fast a plain projector is: each fact's row and its position, in one commit."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE seen (id text PRIMARY KEY, n bigint)")
        connection.execute("CREATE TABLE seen_position (name text PRIMARY KEY, position bigint)")
        connection.execute("INSERT INTO seen_position VALUES ('seen', 0)")
        begun, count = time.monotonic(), 0
        while time.monotonic() < begun + 2.0:
            with connection.transaction():
                connection.execute(
                    "INSERT INTO seen VALUES (%s, 1)"
                    " ON CONFLICT (id) DO UPDATE SET n = seen.n + 1",
                    (f"c{count % 500}",),
                    prepare=True,
                )
                connection.execute(
                    "UPDATE seen_position SET position = %s WHERE name = 'seen'",
                    (count,),
                    prepare=True,
                )
            count += 1
        return count / (time.monotonic() - begun)


async def _replays(url: str) -> tuple[float, float, float]:
    """Return facts a second: decoded, one projection made from them, and all of them."""
    journal = await open_journal(url, SECRETS)
    try:
        await _fill(journal)
        collect_rarely(reading=True)
        begun, after, count = time.monotonic(), 0, 0
        while page := await journal.page(after, 1_000):
            after, count = page[-1].position, count + len(page)
        decoded = count / (time.monotonic() - begun)
        one = count / await _rebuilt(journal, url, PROJECTIONS[:1])
        every = count / await _rebuilt(journal, url, PROJECTIONS[1:])
    finally:
        await journal.aclose()
    return decoded, one, every


async def _rebuilt(journal: AsyncJournal, url: str, projections: Sequence[AnyProjection]) -> float:
    """Return the seconds that projections take from the beginning of the journal to its end."""
    following = Following(journal, url, projections)
    begun = time.monotonic()
    while await following.step():
        pass
    await following.aclose()
    return time.monotonic() - begun


async def _fill(journal: AsyncJournal) -> None:
    """Append conversations as they are: sealed texts, requests, callbacks."""
    for number in range(FILLED // 12):
        who = f"{number:032x}"
        subject = Subject(who, 1)
        started = c.ConversationStarted(person_id=who, generation=1, initiated_by="person", at=_AT)
        registered = p.Registered(generation=1, number="+12125550123", source="cli")
        facts: list[c.ConversationStarted | c.MessageReceived | c.SmsReleased] = [started]
        facts += [
            c.MessageReceived(sid=f"SM{count:032x}", text="How do I get a break?", received_at=_AT)
            for count in range(number * 5, number * 5 + 5)
        ]
        facts += [_fact(count) for count in range(5)]
        await journal.save(
            [
                Entry(person_stream(who), 0, "", (registered,), subject),
                Entry(conversation_stream(who), 0, "", tuple(facts), subject),
            ],
            _CAUSE,
            _AT,
        )
