"""
The policy gates and their order: the first that rules is the answer.

STOP, HELP, SHARE, YES and START are whole messages, so nothing can hide behind them; an opt-out
in free wording is read for danger as well.  Danger stands before strangers and consent: whoever
is in crisis is met.  Limits come last: they never stand between a person and any of those.
"""

from domain.gates.burnout_escape import burnout_escape
from domain.gates.consent import consent
from domain.gates.crisis import crisis
from domain.gates.help_ import help_
from domain.gates.isolation import isolation
from domain.gates.limits import limits
from domain.gates.passive_death import passive_death
from domain.gates.pending_yes import pending_yes
from domain.gates.share import share
from domain.gates.situation import Gate, Ruling, Situation
from domain.gates.start import start
from domain.gates.stop import stop
from domain.gates.stranger import stranger

__all__ = ["GATES", "Gate", "Ruling", "Situation", "rule"]

GATES: tuple[Gate, ...] = (
    stop,
    help_,
    share,
    pending_yes,
    start,
    crisis,
    passive_death,
    burnout_escape,
    isolation,
    stranger,
    consent,
    limits,
)


def rule(now: Situation) -> Ruling | None:
    """Return the first gate's ruling, or None where the model may answer."""
    return next((ruling for gate in GATES if (ruling := gate(now)) is not None), None)
