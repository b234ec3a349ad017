"""Somebody in danger texts while thousands of others wait: how long until the phone shows it."""

import json
import sys
import time

import pytest

from tests.journeys.crowd import SENT, gathered, texting, waiting
from tests.journeys.system import System, number

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(1_800),
]

CROWD = 5_000
WITHIN_S = 2.0


def test_a_cry_for_help_does_not_wait(own: System, share: float) -> None:
    phone = number(50_000)
    own.people(phone)
    people = gathered(own, max(int(CROWD * share), 300))
    sent = int(own.query(SENT)[0][0])
    with texting(own, people):
        begun = time.monotonic()
        own.text(phone, "i want to kill myself")
        answer = own.answered(phone, patience=120)[0]
        took = time.monotonic() - begun
        left = waiting(own, people, sent)
    sys.stdout.write(json.dumps({"queued": left, "crisis_answer_s": round(took, 2)}) + "\n")

    assert "988" in answer
    assert left > 0
    assert took < WITHIN_S
