"""START and UNSTOP bring back who left by SMS."""

from contracts.evidence import Evidence
from contracts.person import ConsentGranted
from domain.gates.beginning import begins
from domain.gates.situation import Ruling, Situation
from domain.person import wording
from domain.turn.keywords import START_WORDS

# twilio.com/docs/messaging/tutorials/advanced-opt-out: the words that unblock at the carrier
# and are answered there.  YES unblocks there, too, but grants nothing here.
PROVIDER_START = frozenset({"START", "UNSTOP"})


def start(now: Situation) -> Ruling | None:
    """Grant again after a revocation, unless this START is the older of the two."""
    if now.opt_out_type != "START" and now.keyword not in START_WORDS:
        return None
    person = now.person
    if person.consent != "revoked":
        return None
    if person.revoked_at is not None and now.received_at <= person.revoked_at:
        return Ruling(gate="start", reply=None)
    evidence = Evidence(source="sms", at=now.received_at, words=now.text, sid=now.sid)
    bare = now.text.strip().upper() in PROVIDER_START or now.opt_out_type == "START"
    answered = bare and now.policy.opt_out_owner == "provider"
    return Ruling(
        gate="start",
        reply=None if answered else wording.STARTED,
        person=(ConsentGranted(evidence=evidence), *begins(person)),
    )
