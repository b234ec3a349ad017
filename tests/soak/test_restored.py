"""The database comes back from an older backup, under a queue and a carrier that know more."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.system import System, number, parley

ADA, BEN, CLEO, DORA = (number(9_000 + count) for count in range(4))
DAMAGED = 5
pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("deployments"),
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
    system = alone
    database, backup = system.state / "postgres", system.state.parent / "backup"
    system.start()
    system.people(ADA, BEN, CLEO, DORA)
    for phone in (ADA, BEN, CLEO):
        system.text(phone, "How do I find respite care?")
        system.answered(phone, 1)
    system.quiet()
    assert system.stop() == 0
    _copied(database, backup)

    system.start()
    system.text(ADA, "And who pays for it?")
    system.answered(ADA, 2)
    system.text(DORA, "SHARE")
    system.answered(DORA, 1)
    system.text(BEN, "please stop texting me")
    stopped = system.answered(BEN, 2)
    erased = json.loads(parley(system.state, "people", "erase", CLEO, "--json"))
    assert erased["facts"]
    system.quiet()
    before = {phone: system.received(phone) for phone in (ADA, BEN, CLEO, DORA)}
    assert system.stop() == 0
    _copied(backup, database)

    with pytest.raises(AssertionError, match="up ended"):
        system.start()
    assert system.process is not None
    assert system.process.wait(30) == DAMAGED

    system.start("--restored")
    system.quiet()

    assert {phone: system.received(phone) for phone in (ADA, BEN, CLEO, DORA)} == before
    states = dict(system.query("SELECT user_id, consent FROM people WHERE user_id IS NOT NULL"))
    assert states[f"u-{BEN[-7:]}"] == "revoked"
    assert len(stopped) == 2
    gone = "SELECT erased FROM people WHERE person_id = %s"
    assert system.query(gone, erased["person_id"]) == [(True,)]
    assert "[erased]" in parley(system.state, "people", "export", CLEO)
    heard = system.query(
        "SELECT count(*) FROM stored_events WHERE topic = 'conversation.message_received.v1'"
    )
    assert heard == [(6,)]  # three of the backup, and Ada's, Dora's and Ben's that were lost

    system.text(ADA, "One more thing: who do I call?")
    system.answered(ADA, 3)
    assert json.loads(parley(system.state, "audit", "verify", "--json"))["damage"] == []
