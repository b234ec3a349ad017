"""What a text is about and whether somebody is in danger; deterministic, each label with rules."""

import re
from collections.abc import Sequence

from contracts.labels import Domain, Labels, Risk, Urgency
from domain.turn.context import Said
from domain.turn.reading import Danger, Reading
from domain.turn.rules.danger import AMBIGUOUS, DENIED, IDIOM, RETREAT, RULES, SIGNS, Rule
from domain.turn.rules.danger import VERSION as DANGER_VERSION
from domain.turn.rules.spelling import Spelt, spelt
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
# How many of a person's last texts a cue stays open for, and how long a retreat can be.
_REMEMBERED = 3
_SHORT = 14
_GRAVE = frozenset({"crisis", "passive_death"})
# These two are said together in every hard week.
_COMMON = frozenset({"despair", "peace"})


def classify(text: str, earlier: Sequence[Said] = (), country: str | None = None) -> Reading:
    """
    Return the labels of a text and the danger in it.

    `earlier` are the lines before it, oldest first: after a cue, a retreat or an ambiguous text
    is the same danger still.  `country` is reserved for wordings that differ by place.
    """
    del country
    words = collapsed(text)
    danger, rules = _danger(words)
    if danger is None and earlier:
        danger = _thread(words, earlier)
    return Reading(_labels(words, danger, rules), danger)


def _danger(words: str) -> tuple[Danger | None, list[str]]:
    text = spelt(words)
    found = [(rule, match) for rule in RULES if (match := _matched(rule, text.words)) is not None]
    if not found:
        return _signs(text), []
    first = min(found, key=lambda pair: _SEVERITY[pair[0].safety])[0]
    same = [(rule, match) for rule, match in found if rule.safety == first.safety]
    danger = Danger(
        safety=first.safety,
        kind=first.kind,
        tier=first.tier,
        quotes=tuple(text.said(*match.span()) for _, match in same),
        rules=tuple(rule.rule for rule, _ in same),
    )
    return danger, [rule.rule for rule, _ in found]


def _matched(rule: Rule, words: str) -> re.Match[str] | None:
    first = rule.pattern.search(words)
    if first is None or (rule.unless is not None and rule.unless.search(words)):
        return None
    if rule.also is not None and rule.also.search(words) is None:
        return None
    return next((found for found in rule.pattern.finditer(words) if _meant(rule, found)), None)


def _meant(rule: Rule, match: re.Match[str]) -> bool:
    if IDIOM.search(match.group(0)):
        return False
    if rule.kind not in _OWN:
        return True
    acts = [match.start(name) for name, act in match.groupdict().items() if act is not None]
    return DENIED.search(match.string[: acts[0] if acts else match.start()]) is None


def _signs(text: Spelt) -> Danger | None:
    found = {name: match for name, sign in SIGNS if (match := sign.search(text.words)) is not None}
    if len(found) < 2 or found.keys() <= _COMMON:
        return None
    return Danger(
        safety="crisis",
        kind="self",
        tier="critical",
        quotes=tuple(text.said(*match.span()) for match in found.values()),
        rules=("self.signs", *(f"sign.{name}" for name in found)),
    )


def _thread(words: str, earlier: Sequence[Said]) -> Danger | None:
    """Return the danger that was open before this text, where the text does not leave it."""
    text = spelt(words).words
    retreats = len(text.split()) <= _SHORT and RETREAT.search(text) is not None
    if not retreats and AMBIGUOUS.search(text) is None:
        return None
    for line in [line for line in earlier if line.author == "person"][: -_REMEMBERED - 1 : -1]:
        cue, _ = _danger(collapsed(line.text))
        if cue is not None and cue.safety in _GRAVE:
            rule = "thread.retreat" if retreats else "thread.ambiguous"
            return Danger(cue.safety, cue.kind, cue.tier, (words,), (rule, *cue.rules))
    return None


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
        rules = list(dict.fromkeys((*rules, *danger.rules)))
        domain = "medical_urgent" if danger.kind == "medical" else "safety"
        risk = _RISKS[danger.tier]
        urgency = "now" if danger.tier == "critical" else "today"
    return Labels(domain=domain, risk=risk, urgency=urgency, rules=tuple(rules), rule_set=RULE_SET)
