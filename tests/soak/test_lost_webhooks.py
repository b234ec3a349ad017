"""One webhook in five is lost for a minute: every text is found in the list and answered once."""

import time
from collections.abc import Iterator

import pytest

from tests.journeys.system import System, number, running
from tests.soak.tally import heard, tally

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(900),
]

SEED = 20261125
SECONDS, TEXTS_A_SECOND = 60, 5
RECONCILE_S = 30
# From the carrier's date, which has whole seconds, to the moment at which the text was stored.
_FOUND_AFTER = """
SELECT max(extract(epoch FROM (event ->> 'at')::timestamptz
    - (event -> 'fact' ->> 'received_at')::timestamptz)),
    count(*) FILTER (WHERE (event -> 'fact' ->> 'received_at') NOT LIKE '%%.%%')
FROM (
    SELECT convert_from(state, 'UTF8')::json AS event FROM stored_events
    WHERE topic = 'conversation.message_received.v1'
) AS heard
"""


@pytest.fixture
def patient() -> Iterator[System]:
    """A system that looks through the carrier's list three times in half a minute."""
    with running(RECONCILE_SECONDS=str(RECONCILE_S)) as made:
        yield made


def test_every_text_is_found_within_the_interval(patient: System, share: float) -> None:
    system, count = patient, max(int(SECONDS * TEXTS_A_SECOND * share), 50)
    phones = [number(50_000 + each) for each in range(count)]
    system.people(*phones)
    system.faults(rates={"lose_webhook": 0.2}, seed=SEED)
    begun, texted = time.monotonic(), dict[str, str]()
    for each, phone in enumerate(phones):
        time.sleep(max(0.0, begun + each / TEXTS_A_SECOND - time.monotonic()))
        texted[phone] = system.text(phone, "How do I get a break this week?")
    system.faults()
    system.wait(lambda: heard(system) >= count, 120, "every text")
    system.quiet(120)

    found = tally(system, texted)
    [(longest, by_listing)] = system.query(_FOUND_AFTER)
    found.say(texts=count, seed=SEED, longest_s=round(float(longest), 1), by_listing=by_listing)
    assert (found.answered, found.doubled, found.lost, found.dead) == (count, 0, 0, 0)
    assert by_listing >= count * 0.1
    assert float(longest) <= RECONCILE_S
