"""A number that nobody registered is met as the operator decided: redirected, or in silence."""

from datetime import timedelta

from contracts.person import StrangerMet
from domain.gates.situation import Ruling, Situation
from domain.person import wording

ONCE_A = timedelta(days=1)
# Whoever can text a public number can make us pay for answers (SMS pumping): all together.
CAP_A_DAY = 100


def stranger(now: Situation) -> Ruling | None:
    """Point a stranger to the sign-up page, at most once a day each and 100 times in all."""
    if now.person.known:
        return None
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


def _answered_today(now: Situation) -> bool:
    before = now.person.stranger_answered_at
    return before is not None and now.at < before + ONCE_A
