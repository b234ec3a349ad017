"""Nobody is answered by the model before they agreed to be texted."""

from datetime import timedelta

from contracts.evidence import Evidence
from contracts.person import ConsentRequested
from domain.gates.situation import Ruling, Situation
from domain.person import wording

# Asking again with every text of a burst would only annoy.
ASK_AGAIN_AFTER = timedelta(minutes=2)


def consent(now: Situation) -> Ruling | None:
    """Ask who has not agreed (or whose consent ran out); stay silent to who revoked."""
    person = now.person
    if person.consent == "granted":
        return None
    if person.consent == "revoked":
        return Ruling(gate="consent", reply=None)
    asked = person.asked_at
    if asked is not None and now.at < asked + ASK_AGAIN_AFTER:
        return Ruling(gate="consent", reply=None)
    evidence = Evidence(source="sms", at=now.at, sid=now.sid, wording=wording.CONSENT_VERSION)
    return Ruling(
        gate="consent",
        reply=wording.CONSENT_REQUEST,
        person=(ConsentRequested(evidence=evidence),),
    )
