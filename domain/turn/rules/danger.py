"""
Danger in a text: all rules, in the order in which they are tried, and of which a text is certain.

A rule is an id, the class and kind of danger, its tier, and patterns.  They read a text as
`domain.turn.rules.spelling` leaves it: lower case, no accents, plain spelling, one space between
words, apostrophes kept.  `also` must be found as well and `hint` first; `unless` names what makes
the same words innocent; what is denied is taken back where the denial stands before the group
`act`.  The rules stand by what they are about, a file each; their words in `vocabulary`.
"""

from domain.turn.rules import (
    body,
    done_to,
    leaving,
    nobody,
    oneself,
    others,
    spanish,
    wish_to_be_dead,
)
from domain.turn.rules.rule import Rule

VERSION = "danger-5"

RULES: tuple[Rule, ...] = (
    *oneself.RULES,
    *others.RULES,
    *done_to.RULES,
    *body.RULES,
    *wish_to_be_dead.RULES,
    *leaving.RULES,
    *nobody.RULES,
    *spanish.RULES,
)

# Of these a text is certain by the rule alone: hardly a harmless phrase of `tests/corpus/phrases`
# matches them.  All others mark a text, which is watched then, and the tier weighs the mark.
CERTAIN = frozenset(
    {
        "self.act", "self.fall", "self.goodbye", "self.harm", "self.means_es", "self.pills",
        "self.plain", "self.plan", "self.weapon", "other.harm", "other.harm_es", "abuse.money",
        "abuse.plain", "abuse.threat", "medical.wake", "passive.better", "passive.wish",
        "passive.not_live", "passive.es", "escape.leave", "escape.unsafe", "escape.es",
        "unsafe.es", "isolation.nobody", "isolation.es", "money.es",
    }
)  # fmt: skip
