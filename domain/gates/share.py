"""SHARE gives the invitation that a person can forward to somebody else."""

from domain.gates.situation import Ruling, Situation
from domain.person import wording
from domain.turn.keywords import SHARE_WORDS


def share(now: Situation) -> Ruling | None:
    """Answer SHARE to people who are known and have not taken consent back."""
    if now.keyword not in SHARE_WORDS or not now.person.known or now.person.consent == "revoked":
        return None
    return Ruling(gate="share", reply=wording.share(now.policy.signup_url))
