"""Bursts, texts while the model runs, HELP in between, and STOP at any moment."""

import time
from collections.abc import Iterator

import pytest

from tests.journeys.system import System, number, running


@pytest.fixture(scope="module")
def slow() -> Iterator[System]:
    """A system with a window of two seconds, whose service answers STOP, START and HELP."""
    with running(COALESCE_SECONDS="2", COALESCE_MAX_SECONDS="6", OPT_OUT_OWNER="service") as made:
        yield made


def _facts(system: System, phone: str, kind: str) -> int:
    del phone
    return int(
        system.query(
            "SELECT count(*) FROM stored_events WHERE topic = %s", f"conversation.{kind}.v1"
        )[0][0]
    )


def test_a_burst_is_one_run_and_one_answer(slow: System) -> None:
    phone = number(8_001)
    slow.people(phone)
    before = _facts(slow, phone, "reply_drafted")
    for words in ("My mom fell today", "she is okay", "but how do I get a break?"):
        slow.text(phone, words)
        time.sleep(0.4)

    slow.answered(phone)
    slow.quiet()

    assert len(slow.received(phone)) == 1
    assert _facts(slow, phone, "reply_drafted") == before + 1


def test_help_in_between_is_answered_and_so_is_the_turn(slow: System) -> None:
    phone = number(8_002)
    slow.people(phone)
    slow.text(phone, "How do I get a break?")
    slow.text(phone, "HELP")

    got = slow.answered(phone, 2)
    slow.quiet()

    assert len(got) == 2
    assert "STOP" in got[0]


def test_stop_before_the_answer_leaves_is_the_last_word(slow: System) -> None:
    phone = number(8_003)
    slow.people(phone)
    slow.text(phone, "How do I get a break?")
    time.sleep(0.5)
    slow.text(phone, "STOP")

    got = slow.answered(phone)
    time.sleep(3)

    assert len(slow.received(phone)) == 1
    assert "unsubscribed" in got[0]


def test_stop_from_another_conversation_withholds_what_waits(slow: System) -> None:
    phone = number(8_004)
    slow.people(phone)
    # The carrier is busy: the first answer has to wait, and the conversation is left meanwhile.
    slow.faults(script=[{"outcome": "reject", "code": 20429}] * 3)
    slow.text(phone, "How do I get a break?")
    time.sleep(2.5)
    slow.text(phone, "unsubscribe")
    slow.quiet()
    slow.faults(script=[])

    got = slow.received(phone)

    assert len(got) == 1
    assert "unsubscribed" in got[0]


def test_no_attempt_follows_a_revocation(slow: System) -> None:
    """At no position behind a revocation is there an attempt, save the one confirmation."""
    rows = slow.query(
        "SELECT count(*) FROM stored_events AS permitted"
        " JOIN stored_events AS revoked ON revoked.originator_id = permitted.originator_id"
        " AND revoked.topic = 'person.consent_revoked.v1'"
        " AND revoked.notification_id < permitted.notification_id"
        " WHERE permitted.topic = 'person.text_permitted.v1'"
        " AND NOT EXISTS (SELECT FROM stored_events AS granted"
        " WHERE granted.originator_id = permitted.originator_id"
        " AND granted.topic = 'person.consent_granted.v1'"
        " AND granted.notification_id BETWEEN revoked.notification_id AND permitted.notification_id)"
        " AND convert_from(permitted.state, 'UTF8')::json -> 'fact' ->> 'kind' <> 'opt_out'"
    )

    assert rows[0][0] == 0
