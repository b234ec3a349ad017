"""A console over a real database, with somebody to look at."""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contracts import conversation as c
from contracts import escalation as e
from contracts import person as p
from contracts import spending as s
from contracts.base import Contract
from contracts.dead_letter import DeadLettered
from contracts.labels import Brief, Labels
from contracts.recorded import Cause, Subject
from contracts.safety import SafetyCaseOpened
from domain.access import EVERYTHING
from projections.catalogue import PROJECTIONS
from services.runtime.access.keys import Keys
from services.runtime.access.links import Invited, Links
from services.runtime.access.tables import AccessTables
from services.runtime.access.tokens import fresh_token
from services.runtime.outside import numbers_here
from services.runtime.ports import Entry, Journal, Letter
from services.runtime.projecting import Following
from services.runtime.settings import Settings
from tests.adapters.postgres_fixture import PostgresServer
from tests.facts import (
    ADA,
    NOON,
    NUMBER,
    POLICY,
    TALK,
    evidence,
    later,
    registered,
    sid,
    turn_id,
    usage,
)
from tests.journal_in_memory import MemoryJournal
from tests.projections.stories import (
    admitted,
    answered,
    attempted,
    committed,
    delivered,
    drafted,
    failed,
    requested,
    started,
)

CAUSE = Cause("test", "test")
WORDS = "<b>I cannot sleep</b> since he wanders at night <script>document.title = 1</script>"
REPLY = "That sounds exhausting. Would a door alarm help tonight?"
DIGITS = NUMBER[2:-2]


class At:
    """A clock that stands, until a test moves it."""

    def __init__(self) -> None:
        self.passed = timedelta(0)

    def now(self) -> Any:
        return later(120) + self.passed

    def wound(self) -> timedelta:
        return timedelta(0)

    def fresh(self) -> str:
        return secrets.token_hex(16)


class Box:
    """Dead letters that wait, and what became of them."""

    def __init__(self) -> None:
        self.waiting = [Letter(7, "INBOUND", "policy_gate", "sms.inbound", 3, "why", 1, NOON)]
        self.replayed: list[Letter] = []

    async def letters(self, after: int = 0) -> Sequence[Letter]:
        return [letter for letter in self.waiting if letter.sequence > after]

    async def replay(self, letter: Letter) -> None:
        self.replayed.append(letter)

    async def remove(self, letter: Letter) -> None:
        self.waiting.remove(letter)


class Queue:
    """A message queue that has two messages of whoever is erased."""

    async def shred(self, belongs: Any) -> dict[str, int]:
        return {"AGENT_OUT": 2}


# No folder: an erasure that cannot be written down is refused.
NO_LEDGER = Path("/dev/null/erasures.jsonl")


def outside(journal: Journal, database_url: str, **settings: Any) -> Any:
    told: dict[str, Any] = {
        "database_url": database_url, "console_port": 0, "pepper": "p" * 32,
        "master_key": "A" * 43 + "=", "erasure_ledger": NO_LEDGER, **settings,
    }  # fmt: skip
    return SimpleNamespace(
        settings=Settings(**told), policy=POLICY, journal=journal, clock=At(), letters=Box(),
        numbers=numbers_here(), bus=Queue(),
    )  # fmt: skip


async def key(database_url: str, *grants: str, name: str = "grace") -> dict[str, str]:
    """Return the header of an access key with these grants; with none, of all roles."""
    tables = AccessTables(database_url)
    made = await Keys(tables).make(name, grants or EVERYTHING, At().now())
    await tables.aclose()
    return {"Authorization": f"Bearer {made.key}"}


async def link(
    database_url: str, *grants: str, name: str = "grace", here_only: bool = True
) -> str:
    """Return the path of a one-time link with these grants; with none, of all roles."""
    tables = AccessTables(database_url)
    invited = Invited(name, grants or EVERYTHING)
    token = fresh_token()
    await Links(tables).make(token, invited, At().now(), here_only=here_only)
    await tables.aclose()
    return f"/sign-in/{token}"


async def add(
    journal: Journal,
    stream: str,
    facts: Sequence[Contract],
    person: str = ADA,
    generation: int = 1,
) -> None:
    before = await journal.history(stream)
    digest = before[-1].digest if before else ""
    entry = Entry(stream, len(before), digest, tuple(facts), Subject(person, generation))
    await journal.save([entry], CAUSE, NOON)


def flag() -> c.Flag:
    return c.Flag(
        flag="two_steps", failure_mode="fm", rule="steps-2", span="help tonight", act="warn"
    )


def talk() -> list[Contract]:
    """Return one text, its answer, and an answer of a gate that did not arrive."""
    trace = c.Trace(
        mode="model", labels=Labels(domain="respite", risk="elevated"), decision="approved",
        flags=(flag(),), usage=(usage(),), waited_ms=12, model_ms=340,
    )  # fmt: skip
    spoken = {"text": REPLY, "encoding": "gsm7", "segments": 1, "estimated_microdollars": 8300}
    return [
        started(),
        c.MessageReceived(sid=sid(1), text=WORDS, received_at=NOON),
        admitted().model_copy(
            update={"brief": Brief(brief_id="b", priority="rest first", need="sleep")}
        ),
        drafted(),
        committed().model_copy(update={"trace": trace}),
        requested("t1", later(2)).model_copy(update=spoken),
        attempted("t1"),
        delivered("t1"),
        c.MessageReceived(sid=sid(2), text="HELP", received_at=later(60)),
        answered(2),
        committed(2).model_copy(update={"trace": c.Trace(mode="deterministic", gate="help")}),
        requested("t2", later(62)).model_copy(
            update={"turn_id": turn_id(2), "kind": "notice", "text": "This is Parley."}
        ),
        attempted("t2"),
        failed("t2"),
    ]


async def seed(journal: Journal) -> None:
    known = [registered(), p.UserLinked(user_id="u-17"), p.ConsentGranted(evidence=evidence())]
    await add(journal, f"person-{ADA}", known)
    await add(journal, f"conversation-{TALK}", talk())


CASE = turn_id(9)
QUOTE = "I do not want to be here any more"
LETTER = "INBOUND.policy_gate.3"


async def endanger(journal: Journal) -> None:
    """Let the person be in crisis, their case wait, and a message be put aside."""
    opened = SafetyCaseOpened(
        person_id=ADA, conversation_id=TALK, kind="suicidal_ideation", tier="critical",
        quotes=(QUOTE,), at=later(70),
    )  # fmt: skip
    aside = DeadLettered(
        stream="INBOUND", consumer="policy_gate", subject="sms.inbound", sequence=3, attempts=1,
        reason="not understood: sid: string_type", at=later(80),
    )  # fmt: skip
    await add(journal, f"person-{ADA}", [p.PhaseChanged(phase="crisis")])
    await add(journal, f"safety-{CASE}", [opened])
    await add(journal, f"deadletter-{LETTER}", [aside])


ACCOUNT = "0123456789abcdef-2026-11"
NEED = "f" * 32


def money() -> list[Contract]:
    """Return a month whose cap comes near."""
    cap = 1_000_000
    return [
        s.BudgetAllotted(
            lot_id="a", microdollars=600_000, urgent=False, cap_microdollars=cap, at=NOON,
            expires_at=later(300),
        ),
        s.BudgetSettled(
            why="lot", lot_id="a", beside=False, microdollars=500_000, texts=60,
            cap_microdollars=cap, at=NOON,
        ),
        s.ThresholdCrossed(percent=50, spent_microdollars=1, cap_microdollars=cap, at=NOON),
    ]  # fmt: skip


async def spend(journal: Journal) -> None:
    """Let a text leave that was paid for, the cap come near, and the agent need somebody."""
    paid = attempted("t9", 90).model_copy(
        update={
            "charge": c.Charge(
                account=ACCOUNT, lot_id="a", microdollars=8300, segments=1, kind="reply"
            )
        }
    )
    need = [
        e.EscalationRequested(
            person_id=ADA, generation=1, priority="urgent", kind="question",
            text="Is she home?", project_id="p-1", expects_reply=True, expires_at=later(900),
            at=NOON,
        ),
        e.EscalationHeld(reason="crisis", until=later(60), at=later(1)),
    ]  # fmt: skip
    await add(journal, f"spending-{ACCOUNT}", money())
    await add(journal, f"conversation-{'b' * 32}", [started(), paid])
    await add(journal, f"escalation-{NEED}", need)


@pytest.fixture(scope="session")
def with_tables(postgres: PostgresServer) -> str:
    """A database that has every table of the console, and nothing in them."""
    url = postgres.new_database()
    asyncio.run(_prepare(url))
    return url


async def _prepare(database_url: str) -> None:
    tables = AccessTables(database_url)
    await tables.prepare()
    await tables.aclose()
    await project(MemoryJournal(), database_url)


@pytest.fixture
def database_url(postgres: PostgresServer, with_tables: str) -> str:
    """The address of a database with empty tables, of one's own."""
    return postgres.new_database(like=with_tables)


async def project(journal: Journal, database_url: str) -> None:
    following = Following(journal, database_url, PROJECTIONS)
    while await following.step():
        pass
    await following.aclose()
