"""HELP and INFO say who this is, in any state; they leave the open turn open."""

from domain.gates.situation import Ruling, Situation
from domain.person import wording
from domain.turn.keywords import HELP_WORDS

# twilio.com/docs/api/errors/23002: what Twilio's default filter answers by itself.
PROVIDER_HELP = frozenset({"HELP", "INFO"})


def help_(now: Situation) -> Ruling | None:
    """Answer HELP (CTIA: program, contact, rates, how to stop), unless the carrier has."""
    if now.opt_out_type != "HELP" and now.keyword not in HELP_WORDS:
        return None
    bare = now.text.strip().upper() in PROVIDER_HELP or now.opt_out_type == "HELP"
    answered = bare and now.policy.opt_out_owner == "provider"
    return Ruling(gate="help", reply=None if answered else wording.help_(now.policy.support))
