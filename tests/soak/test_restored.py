"""The database comes back from an older backup, under a queue and a carrier that know more."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.journeys.system import System, number, parley
from tests.journeys.test_escalations import Agent

ADA, BEN, CLEO, DORA, EVE, FINN, GINA = (number(9_000 + count) for count in range(7))
EVERYBODY = (ADA, BEN, CLEO, DORA, EVE, FINN, GINA)
DAMAGED = 5
SENT = ("started", "sent", "delivered")
pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(900),
]


@pytest.fixture
def alone() -> Iterator[System]:
    """A system of its own, because its past is changed."""
    with tempfile.TemporaryDirectory(prefix="parley-") as folder:
        made = System(Path(folder) / "state")
        try:
            yield made
        finally:
            made.close()


def _copied(source: Path, target: Path) -> None:
    """Copy a database, owners and all."""
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def test_nothing_is_sent_twice_and_neither_stop_nor_erasure_is_forgotten(alone: System) -> None:
    system, agent = alone, Agent(alone)
    database, backup = system.state / "postgres", system.state.parent / "backup"
    waiting = _before_the_backup(system, agent)
    _copied(database, backup)

    system.start()
    erased = _in_lost_time(system)
    begun = _begun_in_lost_time(system, agent, waiting)
    before = {phone: system.received(phone) for phone in EVERYBODY}
    assert system.stop() == 0
    _copied(backup, database)

    with pytest.raises(AssertionError, match="up ended"):
        system.start()
    assert system.process is not None
    assert system.process.wait(30) == DAMAGED

    system.start("--restored")
    system.quiet()

    assert {phone: system.received(phone) for phone in EVERYBODY} == before
    _is_over_once(system, agent, waiting, begun)
    states = dict(system.query("SELECT user_id, consent FROM people WHERE user_id IS NOT NULL"))
    assert states[f"u-{BEN[-7:]}"] == "revoked"
    assert len(before[BEN]) == 2
    gone = "SELECT erased FROM people WHERE person_id = %s"
    assert system.query(gone, erased) == [(True,)]
    assert "[erased]" in parley(system.state, "people", "export", CLEO)
    heard = system.query(
        "SELECT count(*) FROM stored_events WHERE topic = 'conversation.message_received.v1'"
    )
    assert heard == [(8,)]  # four of the backup, and Ada's, Ben's, Dora's and Eve's, lost

    system.text(ADA, "One more thing: who do I call?")
    system.answered(ADA, 3)
    assert json.loads(parley(system.state, "audit", "verify", "--json"))["damage"] == []


def _before_the_backup(system: System, agent: Agent) -> str:
    """Let people text, promise something, and have an escalation wait; return its id."""
    system.start()
    system.people(*EVERYBODY)
    for phone in (ADA, BEN, CLEO):
        system.text(phone, "How do I find respite care?")
        system.answered(phone, 1)
    system.text(FINN, "remind me in 1 hour to rest")
    assert "1 hour" in system.answered(FINN, 1)[0]
    soon = datetime.now(UTC) + timedelta(minutes=5)
    waiting = agent.ask(EVE, not_before=soon.isoformat())
    agent.status(waiting, "held")
    system.quiet()
    assert system.stop() == 0
    return waiting


def _in_lost_time(system: System) -> str:
    """Let people text, stop and be erased; return the id of who was."""
    system.text(ADA, "And who pays for it?")
    system.answered(ADA, 2)
    system.text(DORA, "SHARE")
    system.answered(DORA, 1)
    system.text(BEN, "please stop texting me")
    system.answered(BEN, 2)
    erased = json.loads(parley(system.state, "people", "erase", CLEO, "--json"))
    assert erased["facts"]
    person_id: str = erased["person_id"]
    return person_id


def _begun_in_lost_time(system: System, agent: Agent, waiting: str) -> str:
    """Let what waited begin and be answered, and another begin; return the other's id."""
    begun = agent.ask(GINA)
    agent.status(begun, *SENT)
    system.wind(301)
    agent.status(waiting, "held", *SENT)
    system.text(EVE, "1")
    agent.status(waiting, "held", *SENT, "answered")
    system.answered(EVE, 2)
    system.quiet()
    system.wind(3_600)
    assert "rest" in system.answered(FINN, 2)[1]
    system.quiet()
    return begun


def _is_over_once(system: System, agent: Agent, waiting: str, begun: str) -> None:
    [*_, failed] = agent.status(begun, *SENT, "failed")
    assert failed["reason"] == "restored"
    agent.status(waiting, "held", *SENT, "answered")
    cancelled = system.query(
        "SELECT convert_from(state, 'UTF8')::json -> 'fact' ->> 'reason' FROM stored_events"
        " WHERE topic = 'followup.cancelled.v1'"
    )
    assert cancelled == [("restored",)]
