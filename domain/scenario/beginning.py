"""Where a scenario begins: the person's past as the facts that led to it."""

from datetime import datetime, timedelta

from contracts import person as p
from contracts.base import Contract
from contracts.evidence import Evidence
from contracts.person import LoopStage, Phase
from domain.person.wording import CONSENT_VERSION
from domain.policy import Policy
from domain.scenario.form import Beginning, Rules, Scenario
from domain.turn.hearing import Sender

_BEFORE = "b" * 32
_LONG_AGO = timedelta(days=30)
# Numbers that are kept for fiction where a country has such; each with the zone it is in.
_PLACES = {
    "US": ("+12125550123", "America/New_York"),
    "GB": ("+447700900123", "Europe/London"),
    "MX": ("+525555550123", "America/Mexico_City"),
    "ES": ("+34600000123", "Europe/Madrid"),
    "CA": ("+14165550123", "America/Toronto"),
    "AU": ("+61491570156", "Australia/Sydney"),
    "IE": ("+353200000123", "Europe/Dublin"),
    "NZ": ("+64200000123", "Pacific/Auckland"),
}
_NOWHERE = ("+88213000123", "")


def policy_of(rules: Rules) -> Policy:
    """Return the policy that a scenario is played under."""
    return Policy(
        opt_out_owner=rules.opt_out_owner,
        strangers=rules.strangers,
        signup_url=rules.signup_url,
        support=rules.support,
        rate_limit_per_hour=rules.rate_limit_per_hour,
        max_segments=rules.max_segments,
    )


def sender_of(scenario: Scenario, person_id: str) -> Sender:
    """Return whom the texts are from, with the zones that the number could be in."""
    number, zone = _PLACES.get(scenario.country or "", _NOWHERE)
    zones = scenario.person.zones or ((zone,) if zone else ())
    return Sender(person_id, number, scenario.country, zones)


def past_of(person: Beginning, sender: Sender, now: datetime) -> tuple[Contract, ...]:
    """Return the facts that made the person what they are at the beginning."""
    never_met = not person.known and person.consent == "pending"
    if never_met and person.asked is None:
        return ()
    return (
        p.Registered(
            generation=1,
            number=sender.number,
            source="cli" if person.known else "sms",
            display_name=person.name,
            timezone=person.timezone,
            zones=(person.timezone,) if person.timezone else sender.zones,
            country=sender.country,
        ),
        *_consent(person, now),
        *_stage(person),
        *_told(person, now),
    )


def _consent(person: Beginning, now: datetime) -> list[Contract]:
    facts: list[Contract] = []
    if person.consent in ("granted", "revoked", "expired"):
        facts.append(p.ConsentGranted(evidence=_evidence(now - 2 * _LONG_AGO)))
    if person.consent == "revoked":
        facts.append(p.ConsentRevoked(evidence=_evidence(now - _LONG_AGO)))
    if person.consent == "expired":
        facts.append(p.ConsentExpired(evidence=_evidence(now - _LONG_AGO)))
    if person.asked is not None:
        facts.append(p.ConsentRequested(evidence=_evidence(now - person.asked)))
    if person.urgent_agreed:
        facts.append(p.UrgentAgreed(evidence=_evidence(now - _LONG_AGO)))
    return facts


def _evidence(at: datetime) -> Evidence:
    return Evidence(source="cli", at=at, wording=CONSENT_VERSION)


def _stage(person: Beginning) -> list[Contract]:
    agreed = person.consent != "pending"
    stage: LoopStage = person.loop_stage or ("active" if agreed else "consent")
    phase: Phase = person.phase or ("active" if stage == "active" else "onboarding")
    facts: list[Contract] = []
    if stage != "consent":
        facts.append(p.LoopStageAdvanced(loop_stage=stage))
    if phase != "onboarding":
        facts.append(p.PhaseChanged(phase=phase))
    return facts


def _told(person: Beginning, now: datetime) -> list[Contract]:
    facts: list[Contract] = [
        p.MemoryKept(key=key, value=value, evidence_sid="SM0", conversation_id=_BEFORE)
        for key, value in person.memory.items()
    ]
    facts += [p.ProfileSettled(question=each, outcome="skipped") for each in person.settled]
    if person.asking is not None:
        facts.append(p.ProfileAsked(question=person.asking, at=now - timedelta(minutes=5)))
    return facts
