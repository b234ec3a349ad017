"""YES to an open consent request grants; NO declines; anything else is no answer."""

from contracts.evidence import Evidence
from contracts.person import ConsentGranted, ConsentRevoked
from domain.gates.beginning import begins
from domain.gates.situation import Ruling, Situation
from domain.person import wording
from domain.person.expiring import OPEN_FOR
from domain.turn.keywords import NO_WORDS, YES_WORDS


def pending_yes(now: Situation) -> Ruling | None:
    """Take the answer to the consent request that is open, if one is."""
    if not _asked(now) or now.keyword not in YES_WORDS | NO_WORDS:
        return None
    evidence = Evidence(
        source="sms",
        at=now.received_at,
        words=now.text,
        sid=now.sid,
        wording=wording.CONSENT_VERSION,
    )
    if now.keyword in NO_WORDS:
        return Ruling(
            gate="pending_yes",
            reply=wording.DECLINED,
            kind="opt_out",
            priority="urgent",
            closes_turn=True,
            person=(ConsentRevoked(evidence=evidence),),
            ends="opted_out",
        )
    return Ruling(
        gate="pending_yes",
        reply=wording.WELCOME,
        person=(ConsentGranted(evidence=evidence), *begins(now.person)),
    )


def _asked(now: Situation) -> bool:
    person = now.person
    if person.asked_at is None or person.consent == "granted":
        return False
    if not person.asked_at <= now.received_at <= person.asked_at + OPEN_FOR:
        return False
    return person.revoked_at is None or now.received_at > person.revoked_at
