"""A number that nobody registered is met as the operator decided: redirected, or in silence."""

from datetime import timedelta

from contracts.evidence import Evidence
from contracts.person import ConsentRequested, StrangerMet, UserLinked
from domain.gates.situation import Ruling, Situation
from domain.person import wording

ONCE_A = timedelta(days=1)
# Whoever can text a public number can make us pay for answers (SMS pumping): all together.
CAP_A_DAY = 100


def stranger(now: Situation) -> Ruling | None:
    """Point a stranger to the sign-up page, at most once a day each and 100 times in all."""
    if now.person.known:
        return None
    if now.policy.strangers == "identify" and now.links_to is not None:
        return _linked(now, now.links_to)
    answer = (
        now.answerable
        and now.policy.strangers != "silent"
        and now.person.consent != "revoked"
        and now.strangers_answered < CAP_A_DAY
        and not _answered_today(now)
    )
    if not answer:
        return Ruling(gate="stranger", reply=None)
    reply = (
        wording.stranger(now.policy.signup_url)
        if now.policy.strangers == "signup"
        else wording.IDENTIFY
    )
    return Ruling(
        gate="stranger",
        reply=reply,
        person=(StrangerMet(at=now.at, answered=True),),
        strangers=True,
    )


def _linked(now: Situation, user_id: str) -> Ruling:
    """The code was right: the number is the user's, who is asked for consent like anybody."""
    asked = ConsentRequested(
        evidence=Evidence(source="sms", at=now.at, sid=now.sid, wording=wording.CONSENT_VERSION)
    )
    return Ruling(
        gate="stranger",
        reply=wording.CONSENT_REQUEST,
        person=(UserLinked(user_id=user_id), asked),
        uses_code=True,
    )


def _answered_today(now: Situation) -> bool:
    before = now.person.stranger_answered_at
    return before is not None and now.at < before + ONCE_A
