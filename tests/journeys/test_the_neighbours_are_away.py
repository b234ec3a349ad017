"""PostgreSQL, NATS and the carrier are away for a while: everybody waits, nothing is lost."""

import os
import signal
import time
from collections.abc import Iterator

import pytest

from deploy.local.children import folder_mark, running_with
from tests.journeys.system import System, number, parley, running


@pytest.fixture(scope="module")
def alone() -> Iterator[System]:
    """A system of its own: others must not wait with it."""
    with running() as made:
        yield made


def _dead_letters(system: System) -> int:
    return int(
        system.query("SELECT count(*) FROM stored_events WHERE topic LIKE 'deadletter%%'")[0][0]
    )


def test_a_text_without_postgresql_waits(alone: System) -> None:
    phone = number(7_001)
    alone.people(phone)
    pids = running_with(f"parley-{folder_mark(alone.state / 'postgres')}")
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        alone.text(phone, "How do I get a break?")
        time.sleep(8)
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)

    alone.answered(phone, patience=40)
    alone.quiet()

    assert len(alone.received(phone)) == 1
    assert _dead_letters(alone) == 0


def test_a_text_without_the_carrier_waits(alone: System) -> None:
    phone = number(7_002)
    alone.people(phone)
    alone.faults(script=[{"outcome": "reject", "code": 20429}] * 4)
    alone.text(phone, "How do I get a break?")

    alone.answered(phone, patience=60)
    alone.quiet()

    assert len(alone.received(phone)) == 1
    assert _dead_letters(alone) == 0


def test_a_copy_after_the_queue_forgot_is_still_a_copy(alone: System) -> None:
    phone = number(7_003)
    alone.people(phone)
    sid = alone.text(phone, "What can I cook for her tonight?")
    alone.answered(phone)
    alone.quiet()
    alone.stop()
    _forget_the_queue(alone)
    alone.start()

    alone.text(phone, "What can I cook for her tonight?", sid=sid)
    time.sleep(2)

    assert len(alone.received(phone)) == 1


def test_without_the_queue_recover_finishes_all_work(alone: System) -> None:
    phones = [number(7_100 + count) for count in range(12)]
    alone.people(*phones)
    alone.arm("sender.attempted", "all 4")
    for phone in phones:
        try:
            alone.text(phone, "Who can sit with him on Friday?")
        except Exception:
            break
    alone.wait(lambda: not alone.running, 20, "the death of all")
    _forget_the_queue(alone)
    alone.start()
    parley(alone.state, "recover")
    alone.quiet(90)

    heard = alone.query(
        "SELECT count(*) FROM stored_events WHERE topic = 'conversation.message_received.v1'"
    )[0][0]
    got = [len(alone.received(phone)) for phone in phones]

    assert heard >= sum(got)
    assert max(got) == 1
    assert sum(got) >= 4


def _forget_the_queue(system: System) -> None:
    """Delete the queue's store, as a lost disk would."""
    import shutil

    for folder in (system.state / "nats").glob("store*"):
        shutil.rmtree(folder)
