"""STOP ends consent at once, whatever else is going on; so does any wording that means it."""

from contracts.conversation import SafetyNote
from contracts.evidence import Evidence
from contracts.person import ConsentRevoked, PhaseChanged
from domain.gates.situation import Ruling, Situation
from domain.person import wording
from domain.policy import Policy
from domain.turn.crisis_replies import crisis_line
from domain.turn.keywords import is_stop
from domain.turn.reading import Danger

# Twilio's default filter answers these and no others, and only as the whole message
# (twilio.com/docs/messaging/tutorials/advanced-opt-out).
PROVIDER_STOP = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
)


def stop(now: Situation) -> Ruling | None:
    """
    Revoke, end the conversation, confirm once.

    47 CFR 64.1200(a)(10): any reasonable wording counts.  (a)(12): one confirmation.  Where the
    carrier has answered the bare keyword already, silence is the answer.  A text that is a crisis
    as well is both: the one confirmation carries the crisis line, and a person is called.
    """
    keyword = now.opt_out_type == "STOP" or is_stop(now.text)
    if not keyword and not now.opt_out_rules:
        return None
    danger = now.reading.danger
    return Ruling(
        gate="stop",
        reply=_confirmation(now, danger),
        kind="opt_out",
        priority="urgent",
        closes_turn=True,
        person=_facts(now, danger),
        safety=None if danger is None else SafetyNote(
            kind=danger.kind, tier=danger.tier, quotes=danger.quotes
        ),
        ends="opted_out",
    )  # fmt: skip


def provider_answers(text: str, policy: Policy, opt_out_type: str | None) -> bool:
    """Return whether the carrier has confirmed the opt-out by itself."""
    bare = text.strip().upper() in PROVIDER_STOP
    return policy.opt_out_owner == "provider" and (bare or opt_out_type == "STOP")


def _confirmation(now: Situation, danger: Danger | None) -> str | None:
    if provider_answers(now.text, now.policy, now.opt_out_type) or now.person.consent == "revoked":
        return None
    if danger is None:
        return wording.STOPPED
    return f"{wording.STOPPED} {crisis_line(now.person.country)}"


def _facts(now: Situation, danger: Danger | None) -> tuple[ConsentRevoked | PhaseChanged, ...]:
    person = now.person
    if person.consent == "revoked" and _later_than(now):
        return ()
    rule = now.opt_out_rules[0] if now.opt_out_rules else "keyword"
    revoked = ConsentRevoked(
        evidence=Evidence(
            source="sms", at=now.received_at, words=now.text, sid=now.sid, wording=rule
        )
    )
    in_crisis = danger is not None and danger.safety in ("crisis", "passive_death")
    if in_crisis and person.phase != "crisis":
        return (revoked, PhaseChanged(phase="crisis"))
    return (revoked,)


def _later_than(now: Situation) -> bool:
    revoked_at = now.person.revoked_at
    return revoked_at is not None and now.received_at <= revoked_at
