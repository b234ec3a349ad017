"""What a text is about and whether somebody is in danger; deterministic, each label with rules."""

import re
from collections.abc import Sequence

from contracts.labels import Domain, Labels, Risk, Urgency
from domain.turn.context import Said
from domain.turn.reading import Danger, Reading
from domain.turn.rules.danger import DENIED, IDIOM, RULES, Rule
from domain.turn.rules.danger import VERSION as DANGER_VERSION
from domain.turn.rules.topics import DISTRESS, NOW, SOON, TODAY, TOPICS
from domain.turn.rules.topics import VERSION as TOPICS_VERSION
from domain.turn.words import collapsed

RULE_SET = f"{DANGER_VERSION}+{TOPICS_VERSION}"
_RISKS: dict[str, Risk] = {"critical": "critical", "high": "high", "medium": "elevated"}
_URGENCIES: tuple[tuple[Urgency, re.Pattern[str]], ...] = (
    ("now", NOW),
    ("today", TODAY),
    ("soon", SOON),
)
# A denial takes back what somebody says of themselves; of another it is part of the telling.
_OWN = frozenset({"self", "other_harm"})
_SEVERITY = {"crisis": 0, "passive_death": 1, "burnout_escape": 2, "isolation": 3}


def classify(text: str, earlier: Sequence[Said] = (), country: str | None = None) -> Reading:
    """
    Return the labels of a text and the danger in it.

    `earlier` are the lines before it, oldest first; `country` is reserved for wordings that
    differ by place.
    """
    del earlier, country
    words = collapsed(text)
    found = [(rule, match) for rule in RULES if (match := _matched(rule, words)) is not None]
    danger = _danger(found)
    return Reading(_labels(words, danger, [rule.rule for rule, _ in found]), danger)


def _matched(rule: Rule, words: str) -> re.Match[str] | None:
    match = rule.pattern.search(words)
    if match is None or (rule.unless is not None and rule.unless.search(words)):
        return None
    if rule.kind in _OWN and DENIED.search(words[: match.start()]):
        return None
    return None if IDIOM.search(match.group(0)) else match


def _danger(found: list[tuple[Rule, re.Match[str]]]) -> Danger | None:
    if not found:
        return None
    first = min(found, key=lambda pair: _SEVERITY[pair[0].safety])[0]
    same = [(rule, match) for rule, match in found if rule.safety == first.safety]
    return Danger(
        safety=first.safety,
        kind=first.kind,
        tier=first.tier,
        quotes=tuple(match.group(0) for _, match in same),
        rules=tuple(rule.rule for rule, _ in same),
    )


def _labels(words: str, danger: Danger | None, rules: list[str]) -> Labels:
    domain: Domain = "smalltalk"
    for name, pattern in TOPICS:
        if pattern.search(words):
            domain, rules = name, [*rules, f"topic.{name}"]
            break
    risk: Risk = "elevated" if DISTRESS.search(words) else "low"
    urgency: Urgency = "routine"
    for soon, pattern in _URGENCIES:
        if pattern.search(words):
            urgency = soon
            break
    if danger is not None:
        domain = "medical_urgent" if danger.kind == "medical" else "safety"
        risk = _RISKS[danger.tier]
        urgency = "now" if danger.tier == "critical" else "today"
    return Labels(domain=domain, risk=risk, urgency=urgency, rules=tuple(rules), rule_set=RULE_SET)
