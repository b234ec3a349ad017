"""A request for consent that nobody answers for a day runs out."""

from datetime import datetime, timedelta

from contracts.evidence import Evidence
from contracts.person import ConsentExpired
from domain.person import wording
from domain.person.state import Person

# A YES counts only while the question can still be remembered.
OPEN_FOR = timedelta(hours=24)


def unanswered(person: Person, at: datetime) -> tuple[ConsentExpired, ...]:
    """
    Return that the open request ran out; nothing where none is open, or not for long enough.

    A YES that was received in time counts although it is heard later.
    """
    if not person.consent_open or person.asked_at is None or at < person.asked_at + OPEN_FOR:
        return ()
    proof = Evidence(source="scheduler", at=at, wording=wording.CONSENT_VERSION)
    return (ConsentExpired(evidence=proof),)
