"""What a rule of danger is, and how it is read: the scheme that the rules of each class follow."""

import re
from dataclasses import dataclass
from importlib.resources import files

from domain.turn.reading import DangerKind, SafetyClass, Tier
from domain.turn.rules.vocabulary import PILLS

TIERS: dict[SafetyClass, Tier] = {
    "crisis": "critical", "passive_death": "high", "burnout_escape": "medium",
    "isolation": "medium",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to look for; `also` and `unless` are looked for in the whole text."""

    rule: str
    safety: SafetyClass
    kind: DangerKind
    tier: Tier
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None
    also: re.Pattern[str] | None = None
    hint: re.Pattern[str] | None = None
    # What some word of a text must begin with for the rule to match; nothing: it is always tried.
    beginnings: frozenset[str] = frozenset()


def _beginnings() -> dict[str, frozenset[str]]:
    text = (files("domain.turn.rules") / "beginnings.txt").read_text("utf-8")
    lines = (line.partition(": ") for line in text.splitlines() if line[0] != "#")
    return {rule: frozenset(words.split()) for rule, _, words in lines}


BEGINNINGS = _beginnings()


def ruled(
    rule: str,
    safety: SafetyClass,
    kind: DangerKind,
    *patterns: str,
    unless: str = "",
    also: str = "",
) -> Rule:
    """Return a rule of patterns, any of which is enough; its hint and beginnings are looked up."""
    return Rule(
        rule,
        safety,
        kind,
        TIERS[safety],
        re.compile("|".join(patterns)),
        re.compile(unless) if unless else None,
        re.compile(also) if also else None,
        _HINTS.get(rule),
        BEGINNINGS.get(rule, frozenset()),
    )


# A rule whose words may stand far apart is only tried where one of its own words is there at all.
_HINTS: dict[str, re.Pattern[str]] = {
    rule: re.compile(rf"\b(?:{words})")
    for rule, words in {
        "self.pills": rf"od|overdos|{PILLS}|bottle|of them|cabinet|dialysis|treatment|oxygen",
        "third.suicidal": "himself|herself|themsel|suicid|life|took|swallowed|overdosed|downed|gun|"
        "razor|knife|noose|rope|pills|die|dead|live|be alive|be here|goodbye|blade|end|kill|cut|od",
        "abuse.hit": "hit|beat|slap|chok|punch|kick|shov|burn|molest|rap|grab|push|strangl|attack|"
        "shakes|bit|hurt|assault|smack|yank|tortur|thr[eo]w|bruises|black eye|welts|marks|tie|"
        "restrain|strap|lock|chain|touch|sexual|fed|feed|changed|bathed|cleaned|turned|washed|given|"
        "own|leav|let|abuse|beaten|neglected|starved",
        "abuse.threat": "at me|at us|threaten|pull|chas|tr(?:ied|ies|ying) to|afraid|hiding|locked",
        "abuse.money": r"money|savings|account|check|pension|social|ssi|va|house|jewelry|card|cash|"
        r"dollars|retirement|signature|name|benefits|ring|inheritance|bank|valuables|debit|credit|"
        r"ebt|atm|deed|will|power|poa|car|gift|thousand|\d|scamm|wire",
        "escape.unsafe": "safe|unsafe|stove|oven|burner|kitchen|fire|bath|tub|wander|got out|get(?:s|"
        "ting) out|road|street|highway|front door|door was|could|burn|smoke|drown|kni[fv]|driving|"
        "hurt|danger|escap|to+ |what i|locked|left|trust",
    }.items()
}
