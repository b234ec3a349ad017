"""Conversations, their lines, texts and people, as the console shows them."""

from collections.abc import Callable
from typing import Any

import pytest

from contracts import person as p
from contracts.base import Contract
from projections.inbox import INBOX
from projections.outbox import OUTBOX
from projections.people import PEOPLE
from projections.transcript import TRANSCRIPT
from projections.view import AnyProjection
from tests.facts import ADA, TALK, evidence, later, registered, sid, turn_id
from tests.projections.stage import PERSON, Stage
from tests.projections.stories import (
    absent,
    admitted,
    answered,
    attempted,
    committed,
    deferred,
    delivered,
    ended,
    failed,
    packaged,
    processed,
    received,
    released,
    requested,
    sent,
    started,
    unknown,
    withheld,
)

Set = Callable[[AnyProjection], Stage]


def test_a_conversation_in_one_line(stage: Set) -> None:
    told = stage(INBOX).after(started(), received(at=later(7)), admitted())
    told.shows(
        {
            "conversation_id": TALK, "person_id": ADA, "status": "active", "heard": 1, "sent": 0,
            "last_at": later(7), "open_turn": turn_id(1), "initiated_by": "person",
        }
    )  # fmt: skip
    told.after(committed(), requested(at=later(9)), requested("t2", at=later(8)), withheld("t2"))
    told.shows({"sent": 1, "last_at": later(9), "open_turn": None})
    told.after(ended())
    told.shows({"status": "ended", "end_reason": "done", "version": 8})
    told.after(packaged(), processed())
    told.shows({"status": "processed", "end_reason": "done", "version": 10})


@pytest.mark.parametrize(
    ("fact", "open_turn"),
    [(answered(closes=False), turn_id(1)), (answered(closes=True), None), (ended(), None)],
)
def test_what_closes_the_open_turn(stage: Set, fact: Contract, open_turn: str | None) -> None:
    stage(INBOX).after(started(), admitted(), fact).shows({"open_turn": open_turn})


def test_lines_say_where_their_words_are(stage: Set) -> None:
    told = stage(TRANSCRIPT).after(started(), received(at=later(3)), requested(at=later(5)))
    told.shows(
        {"line_id": sid(1), "author": "person", "version": 2, "at": later(3), "status": None},
        {"line_id": "t1", "author": "agent", "version": 3, "kind": "reply", "sms_id": "t1"},
    )


@pytest.mark.parametrize(
    ("facts", "status", "code"),
    [
        ((), "requested", None),
        ((attempted(),), "attempted", None),
        ((attempted(), sent()), "sent", None),
        ((attempted(), failed()), "failed", 30003),
        ((attempted(), failed(final=False)), "requested", 30003),
        ((attempted(), failed(final=False), attempted(number=11)), "attempted", None),
        ((attempted(), failed(), sent()), "failed", 30003),
        ((attempted(), sent(), delivered(), sent()), "delivered", None),
        ((attempted(), delivered(), failed()), "delivered", None),
        ((attempted(), unknown()), "unknown", None),
        ((attempted(), unknown(), absent()), "requested", None),
        ((deferred(),), "deferred", None),
        ((deferred(), released()), "requested", None),
        ((withheld(),), "withheld", None),
    ],
)
@pytest.mark.parametrize("projection", [OUTBOX, TRANSCRIPT], ids=lambda each: each.name)
def test_delivery_is_shown_as_it_stands(
    stage: Set,
    projection: AnyProjection,
    facts: tuple[Contract, ...],
    status: str,
    code: int | None,
) -> None:
    stage(projection).after(started(), requested(), *facts).shows({"status": status, "code": code})


def test_a_waiting_text_says_until_when_and_why(stage: Set) -> None:
    told = stage(OUTBOX).after(started(), requested(), deferred(until=later(900)))
    told.shows({"until": later(900), "reason": "quiet_hours", "attempts": 0})
    told.after(released(), attempted(number=5))
    told.shows({"until": None, "attempts": 1, "attempt_id": f"{TALK}.5", "reason": None})


def test_a_person_is_shown_without_a_name(stage: Set) -> None:
    told = stage(PEOPLE).after(
        registered(), p.UserLinked(user_id="u-17"), p.ConsentGranted(evidence=evidence()),
        p.ConversationOpened(conversation_id=TALK), stream=PERSON,
    )  # fmt: skip
    told.shows(
        {
            "person_id": ADA, "user_id": "u-17", "consent": "granted", "known": True,
            "country": "US", "conversation_id": TALK, "generation": 1,
        }
    )  # fmt: skip
    told.after(p.ConversationClosed(conversation_id=TALK, reason="done"), stream=PERSON)
    told.shows({"conversation_id": None})


@pytest.mark.parametrize(
    ("facts", "consent"),
    [
        ((p.ConsentRevoked(evidence=evidence(later(9))),), "revoked"),
        (
            (
                p.ConsentRevoked(evidence=evidence(later(9))),
                p.ConsentGranted(evidence=evidence(later(8))),
            ),
            "revoked",
        ),
        (
            (
                p.ConsentRevoked(evidence=evidence(later(9))),
                p.ConsentGranted(evidence=evidence(later(10))),
            ),
            "granted",
        ),
        (
            (p.ConsentRequested(evidence=evidence()), p.ConsentExpired(evidence=evidence())),
            "expired",
        ),
        (
            (p.ConsentExpired(evidence=evidence()), p.ConsentRequested(evidence=evidence())),
            "pending",
        ),
        (
            (p.ConsentRevoked(evidence=evidence()), p.ConsentExpired(evidence=evidence())),
            "revoked",
        ),
        (
            (p.ConsentGranted(evidence=evidence()), p.ConsentExpired(evidence=evidence())),
            "expired",
        ),
        ((p.ConsentRevoked(evidence=evidence()), registered(generation=2)), "revoked"),
        ((p.ConsentGranted(evidence=evidence()), registered(generation=2)), "pending"),
        ((p.ConsentGranted(evidence=evidence()), p.Erased(person_id=ADA, at=later(1))), "pending"),
    ],
)
def test_consent(stage: Set, facts: tuple[Any, ...], consent: str) -> None:
    stage(PEOPLE).after(registered(), *facts, stream=PERSON).shows({"consent": consent})


def test_erasure_leaves_nothing_that_says_who(stage: Set) -> None:
    stage(PEOPLE).after(
        registered(), p.UserLinked(user_id="u-17"), p.Erased(person_id=ADA, at=later(1)),
        stream=PERSON,
    ).shows({"user_id": None, "country": None, "erased": True, "known": False})  # fmt: skip
