"""A request for consent runs out after a day, once, and whoever comes later is asked anew."""

import pytest

from contracts import conversation as c
from contracts import person as p
from contracts.base import Contract
from domain.person.expiring import unanswered
from domain.person.wording import CONSENT_REQUEST
from tests.facts import ADA, KNOWN, World, evidence, later, registered, somebody

DAY = 86_400
ASKED = (registered(), p.ConsentRequested(evidence=evidence()))
STOPPED = p.ConsentRevoked(evidence=evidence(later(5)))
RAN_OUT = p.ConsentExpired(evidence=evidence(later(DAY)))


def test_it_runs_out_after_a_day_with_proof_and_once() -> None:
    (fact,) = unanswered(somebody(*ASKED), later(DAY))

    assert (fact.evidence.source, fact.evidence.at) == ("scheduler", later(DAY))
    assert fact.evidence.wording
    after = somebody(*ASKED, fact)
    assert (after.consent, after.consent_open) == ("expired", False)
    assert unanswered(after, later(2 * DAY)) == ()


@pytest.mark.parametrize(
    ("facts", "at"),
    [
        (ASKED, DAY - 1),
        (KNOWN, DAY),
        ((*ASKED, p.ConsentGranted(evidence=evidence(later(9)))), DAY),
        ((*ASKED, STOPPED), DAY),
        ((*ASKED, p.Erased(person_id=ADA, at=later(9))), DAY),
        ((registered(),), DAY),
    ],
)
def test_nothing_runs_out_that_is_not_open_or_not_for_a_day(
    facts: tuple[Contract, ...], at: float
) -> None:
    assert unanswered(somebody(*facts), later(at)) == ()


def test_a_later_request_is_pending_again_and_runs_out_by_itself() -> None:
    again = p.ConsentRequested(evidence=evidence(later(3 * DAY)))
    person = somebody(*ASKED, RAN_OUT, again)

    assert person.consent == "pending"
    assert unanswered(person, later(3 * DAY + 60)) == ()
    assert len(unanswered(person, later(4 * DAY))) == 1


def test_a_request_after_a_revocation_runs_out_and_gives_nothing_back() -> None:
    person = somebody(registered(), STOPPED, p.ConsentRequested(evidence=evidence(later(9))))
    (fact,) = unanswered(person, later(DAY + 9))

    assert somebody(registered(), STOPPED, fact).consent == "revoked"


def test_a_yes_that_came_in_time_counts_though_it_is_heard_later() -> None:
    world = World(*ASKED, RAN_OUT)

    world.at = later(DAY + 9)
    world.text("YES", later(DAY - 1))

    assert world.person.consent == "granted"


@pytest.mark.parametrize("words", ["YES", "How do I get a break?"])
def test_whoever_comes_later_is_asked_anew(words: str) -> None:
    world = World(*ASKED, RAN_OUT)

    world.at = later(2 * DAY)
    world.text(words, world.at)

    answer = world.last(c.TurnAnswered)
    assert isinstance(answer, c.TurnAnswered)
    assert (answer.gate, answer.reply) == ("consent", CONSENT_REQUEST)
    assert world.person.consent == "pending"
