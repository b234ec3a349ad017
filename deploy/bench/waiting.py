"""Ten thousand turns wait for a slow model at once: nothing comes twice, memory stays small."""

import asyncio
import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

import psycopg

from contracts import conversation as c
from contracts import person as p
from contracts.catalogue import listeners
from contracts.evidence import Evidence
from contracts.identity import conversation_stream, person_stream
from contracts.labels import Brief, Labels
from contracts.recorded import Cause, Subject
from deploy.bench.figure import Figure
from deploy.bench.slow_runner import TURNS
from deploy.local.nats import EmbeddedNats
from deploy.local.ports import free_port
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.preparing import provision
from services.adapters.streams import FACTS
from services.runtime.announcing import told
from services.runtime.outside import open_bus, open_journal_of
from services.runtime.ports import Entry, Journal
from services.runtime.settings import Settings, read_settings

_PATIENCE_S = 180.0
_AT_ONCE = 256
_SHOWN = 5
Servers = tuple[EmbeddedPostgres, EmbeddedNats]
_CAUSE = Cause("bench", "bench")
_DRAFTED = "conversation.reply_drafted.v1"


def measured() -> Iterator[Figure]:
    """Yield the figures."""
    with _neighbours() as (environment, servers):
        settings = read_settings(environment)
        asyncio.run(_prepare(settings))
        runner = _Runner(environment)
        asyncio.run(_announce(settings))
        ended = asyncio.run(_until_drafted(settings, servers, runner))
        said = runner.end()
    asked, turns = int(said["asked"]), int(said["turns"])
    yield Figure("turns that waited for the model at once", said["most_waiting"], "", TURNS)
    yield Figure("turns asked twice or never", asked - turns + abs(TURNS - turns), "", 0, "less")
    yield Figure("drafts missing or doubled", abs(TURNS - ended.drafts), "", 0, "less")
    yield Figure("messages delivered again", ended.again, "", 0, "less")
    if said["together_s"]:
        yield Figure("turns that begin to wait", TURNS / said["together_s"], "turns/s")
    yield Figure("memory: runner, NATS, PostgreSQL", ended.megabytes, "MB", 1_500, "less")
    yield Figure("  of it the runner", ended.runner_megabytes, "MB")


@dataclass(frozen=True, slots=True)
class _End:
    drafts: int
    again: int
    megabytes: float
    runner_megabytes: float


@contextlib.contextmanager
def _neighbours() -> Generator[tuple[dict[str, str], Servers]]:
    """Give a NATS and a PostgreSQL: settings for whoever uses them, and the servers."""
    with TemporaryDirectory(prefix="parley-bench-") as name:
        folder = Path(name)
        taken: set[int] = set()
        port = free_port(15_222, taken)
        monitor = free_port(port + 1, {port})
        key = base64.b64encode(bytes(32)).decode()
        with (
            EmbeddedPostgres(folder / "postgres") as postgres,
            EmbeddedNats(folder / "nats", port, monitor, "bench") as nats,
        ):
            yield (
                {
                    "PARLEY_DATABASE_URL": postgres.url,
                    "PARLEY_NATS_URL": nats.url,
                    "PARLEY_PEPPER": "p" * 32,
                    "PARLEY_MASTER_KEY": key,
                    "PARLEY_LOG_LEVEL": "warning",
                },
                (postgres, nats),
            )


async def _prepare(settings: Settings) -> None:
    """Make people of whom each has one open turn."""
    await provision(settings)
    journal = await open_journal_of(settings)
    limit = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> None:
        async with limit:
            await _one_turn(journal, number, datetime.now(UTC))

    await asyncio.gather(*(one(number) for number in range(TURNS)))
    await journal.aclose()


async def _one_turn(journal: Journal, number: int, at: datetime) -> None:
    who = f"{number:032x}"
    of_person = (
        p.Registered(generation=1, number=f"+1212{5_600_000 + number:07d}", source="cli"),
        p.ConsentGranted(evidence=Evidence(source="cli", at=at)),
    )
    of_talk = (
        c.ConversationStarted(person_id=who, generation=1, initiated_by="person", at=at),
        c.MessageReceived(sid=f"SM{number:032x}", text="How do I get a break?", received_at=at),
        c.TurnAdmitted(
            turn_id=who,
            trigger="text",
            covers_from=1,
            covers_through=1,
            due_at=at,
            labels=Labels(),
            brief=Brief(brief_id="b", priority="p", need="n"),
        ),
    )
    entries = [
        Entry(person_stream(who), 0, "", of_person, Subject(who, 1)),
        Entry(conversation_stream(who), 0, "", of_talk, Subject(who, 1)),
    ]
    await journal.save(entries, _CAUSE, at)


async def _announce(settings: Settings) -> None:
    """Announce what has listeners, as the relay does."""
    journal = await open_journal_of(settings)
    bus = await open_bus(settings, "bench")
    after = 0
    while page := await journal.page(after, 500):
        after = page[-1].position
        heard = [fact for fact in page if fact.fact.name in listeners()]
        messages = [told(fact).as_message(f"1.{fact.position}", urgent=False) for fact in heard]
        await bus.publish_many(messages)
    await bus.aclose()
    await journal.aclose()


class _Runner:
    """The process that waits."""

    def __init__(self, environment: dict[str, str]) -> None:
        # A pipe that nobody reads would stop it at the first few warnings.
        self._output = TemporaryFile("w+")  # noqa: SIM115  # closed by `end`
        kept = {name: value for name, value in os.environ.items() if name[:7] != "PARLEY_"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "deploy.bench.slow_runner"],
            env={**kept, **environment},
            stdout=self._output,
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def end(self) -> dict[str, float]:
        """End it; return what it says."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(60)
        with self._output as output:
            output.seek(0)
            lines = output.read().splitlines()
        # What it had to wait for is worth a look; its last line is the report.
        sys.stderr.writelines(f"{line}\n" for line in lines[:-1][:_SHOWN])
        found: dict[str, float] = json.loads(lines[-1])
        return found


async def _until_drafted(settings: Settings, servers: Servers, runner: _Runner) -> _End:
    """Watch until every turn has its draft, or nobody believes in it any more."""
    bus = await open_bus(settings, "bench")
    begun, drafts, again, most, most_runner = time.monotonic(), 0, 0, 0.0, 0.0
    while drafts < TURNS and time.monotonic() < begun + _PATIENCE_S:
        await asyncio.sleep(0.5)
        drafts = _drafts(settings.database_url)
        durable = await bus.stream.consumer_info(FACTS, "turn_runner")
        again = max(again, durable.num_redelivered or 0)
        own = _megabytes(runner.pid)
        most_runner = max(most_runner, own)
        most = max(most, own + sum(_megabytes(pid) for pid in _pids(servers)))
    await bus.aclose()
    return _End(drafts, again, most, most_runner)


def _drafts(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT count(*) FROM stored_events WHERE topic = %s", (_DRAFTED,)
        ).fetchone()
    return 0 if row is None else int(row[0])


def _pids(servers: Servers) -> list[int]:
    """Return the servers and their children."""
    own = [server.pid for server in servers if server.pid is not None]
    children = [Path(f"/proc/{pid}/task/{pid}/children").read_text().split() for pid in own]
    return own + [int(pid) for some in children for pid in some]


def _megabytes(pid: int) -> float:
    """Return a process's memory; what it shares with others is divided among them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line[:4] == "Pss:"), 0.0)
