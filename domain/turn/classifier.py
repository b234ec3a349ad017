"""What a text is about and whether somebody is in danger; deterministic, each label with rules."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_

from contracts.labels import Domain, Labels, Risk, Urgency
from domain.turn.concepts.finding import Hit, classes
from domain.turn.concepts.finding import found as concepts_in
from domain.turn.context import Said
from domain.turn.missing import TEXTS_READ, missing, rule_of
from domain.turn.missing import VERSION as MISSING_VERSION
from domain.turn.reading import Danger, Reading, SafetyClass
from domain.turn.rules.danger import CERTAIN, RULES
from domain.turn.rules.danger import VERSION as DANGER_VERSION
from domain.turn.rules.frames import AMBIGUOUS, DENIED, FRAME, IDIOM, RETREAT
from domain.turn.rules.rule import BEGINNINGS, TIERS, Rule
from domain.turn.rules.signs import SIGNS
from domain.turn.rules.spelling import Spelt, spelt
from domain.turn.rules.topics import DISTRESS, NOW, SOON, TODAY, TOPICS
from domain.turn.rules.topics import VERSION as TOPICS_VERSION
from domain.turn.tier.features import Features, features
from domain.turn.tier.tier import VERSION as TIER_VERSION
from domain.turn.tier.tier import Weighed, shipped, telling, weigh
from domain.turn.tier.tokens import tokens, written
from domain.turn.words import collapsed

RULE_SET = f"{DANGER_VERSION}+{TIER_VERSION}+{TOPICS_VERSION}+{MISSING_VERSION}"
_RISKS: dict[str, Risk] = {"critical": "critical", "high": "high", "medium": "elevated"}
_URGENCIES: tuple[tuple[Urgency, re.Pattern[str]], ...] = (
    ("now", NOW),
    ("today", TODAY),
    ("soon", SOON),
)
# A denial takes back what somebody says of themselves; of another it is part of the telling.
_OWN = frozenset({"self", "other_harm"})
_DENIAL = re.compile(r"not suicidal|no (?:plans?|intention)|not planning")
_CLASS_OF: dict[str, SafetyClass] = {
    "passive": "passive_death", "escape": "burnout_escape", "alone": "isolation",
}  # fmt: skip
_SEVERITY = {"crisis": 0, "passive_death": 1, "burnout_escape": 2, "isolation": 3}
# Told of another time, taken back or quoted: a rule alone is not certain then.
_FRAMES = frozenset(
    {
        "frame.past",
        "frame.resolved",
        "frame.denied",
        "frame.quoted",
        "frame.joke",
        "frame.question",
    }
)
# How many of a person's last texts a cue stays open for, and how long a retreat can be.
_REMEMBERED = 3
_SHORT = 14
# The families of concepts that make a line of the agent's a question after a danger.
_ASKED_OF = frozenset({"self", "passive", "other", "third", "means", "abuse", "alone", "escape"})
# Of fewer words than these, a text that names no danger must weigh more to be one.
_ENOUGH = 6
# How many words of what the agent asked are looked at.
_LOOKED_BACK = 25
# Asked after these, whoever says yes has said it.
_WISHES = frozenset({"self.asked", "self.wish"})
_AFFIRMED = frozenset({"yes", "yeah", "yea", "yep", "yup", "si", "kinda", "sometimes", "often"})
_YES = Danger("crisis", "self", "critical", ("yes",), ("self.answered",))
_GRAVE = frozenset({"crisis", "passive_death"})
# These two are said together in every hard week.
_COMMON = frozenset({"despair", "peace"})


def load() -> None:
    """Read what texts are weighed by, which takes a second: the first text would wait for it."""
    shipped()


def classify(text: str, earlier: Sequence[Said] = (), country: str | None = None) -> Reading:
    """
    Return the labels of a text and the danger in it.

    `earlier` are the lines before it, oldest first: after a cue, a retreat, an ambiguous text or
    one that is watched is the same danger still.  `country` is the one that the number tells.
    """
    words = collapsed(text)
    heard = _heard(text, words, earlier)
    danger = heard.danger
    if danger is None and earlier:
        danger = _thread(words, heard, earlier)
    before = [line.text for line in earlier if line.author == "person"][-TEXTS_READ:]
    return Reading(_labels(words, danger, heard, [*map(collapsed, before)], country), danger)


@dataclass(frozen=True, slots=True)
class _Heard:
    """What rules and tier make of one text and what was said just before it."""

    danger: Danger | None
    rules: tuple[str, ...]
    watched: bool = False
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """A text as the tier sees it, and what rules alone make of it."""

    features: Features
    before: list[str]
    hits: list[Hit]
    certain: Danger | None
    rules: tuple[str, ...]

    @property
    def brief(self) -> bool:
        """Whether it is so short that it says little: no danger is named, none was asked of."""
        return len(self.features.words) < _ENOUGH and not self.before and not _named(self)


def look(text: str, words: str, earlier: Sequence[Said]) -> Looked:
    """Return what is to be weighed of a text (and of it collapsed)."""
    plain = spelt(words)
    line = tokens(text)
    hits = concepts_in(line)
    found = _found(plain.words, hits)
    asked = before(earlier)
    return Looked(
        features(line, asked, hits, _marks(found)),
        asked,
        hits,
        _certain(plain, found),
        tuple(rule.rule for rule, _ in found.rules),
    )


def _named(seen: Looked) -> list[Hit]:
    return [hit for hit in seen.hits if not hit.concept.startswith("frame.")]


def _asked_and_said(seen: Looked) -> bool:
    """Return whether somebody was asked after a wish to die or to do harm, and says so."""
    words, asked = seen.features.words, seen.before
    return (
        bool(words)
        and "?" in asked
        and len(words) <= _SHORT
        and words[0] in _AFFIRMED
        and not any("DENIAL" in classes(word) for word in words)
        and any(hit.concept in _WISHES for hit in concepts_in(asked))
    )


def before(earlier: Sequence[Said]) -> list[str]:
    """
    Return the words of the last line before a text, where the agent asked of a danger in it.

    Any other line of the agent's says nothing of what is answered: weighed with the text, "how do
    things look at home right now?" would make three in ten harmless answers a danger.
    """
    if not earlier or earlier[-1].author == "person":
        return []
    line = tokens(earlier[-1].text)[-_LOOKED_BACK:]
    named = any(hit.concept.partition(".")[0] in _ASKED_OF for hit in concepts_in(line))
    return line if named else []


def _heard(text: str, words: str, earlier: Sequence[Said]) -> _Heard:
    seen = look(text, words, earlier)
    weights = shipped()
    weighed, limits = weigh(seen.features, weights), weights.limits
    # What a rule is certain of must weigh less; where all else speaks against it, it is mistaken.
    if seen.certain is not None and weighed.score >= limits["ruled"]:
        return _Heard(seen.certain, seen.rules)
    if _asked_and_said(seen):
        return _Heard(_YES, seen.rules)
    if weighed.score >= limits["brief" if seen.brief else "gate"]:
        return _Heard(_weighed(text, seen, weighed), seen.rules)
    return _Heard(
        None,
        seen.rules,
        watched=bool(seen.rules) or weighed.score >= limits["watch"],
        continues=bool(seen.rules) or weighed.score >= limits["continue"],
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """
    Which rules and signs a text matches, and whether it tells of a film or another time.

    `denied`: all that frames it is that somebody says not to be suicidal.
    """

    rules: list[tuple[Rule, re.Match[str]]]
    signs: dict[str, re.Match[str]]
    framed: bool
    denied: bool


def _certain(text: Spelt, found: _Found) -> Danger | None:
    certain = [pair for pair in found.rules if pair[0].rule in CERTAIN]
    if certain and not found.framed:
        return _ruled(text, found.rules)
    # Whoever says "not suicidal, but" behind a wish to be dead has still said the wish.
    passive = [pair for pair in certain if pair[0].kind == "passive"]
    if passive and found.denied:
        return _ruled(text, passive)
    return _signs(text, found.signs)


def _found(words: str, hits: Sequence[Hit]) -> _Found:
    frames = {hit.concept for hit in hits if hit.concept in _FRAMES}
    told = [match.group() for match in FRAME.finditer(words)]
    may_be = reduce(or_, map(_begun, words.split()), _ALWAYS)
    return _Found(
        [
            (rule, match)
            for bit, rule in _RULES
            if may_be & bit and (match := _matched(rule, words)) is not None
        ],
        {
            name: match
            for bit, name, sign in _SIGNS
            if may_be & bit and (match := sign.search(words)) is not None
        },
        framed=bool(told or frames),
        denied=all(map(_DENIAL.fullmatch, told)) and frames <= {"frame.denied"},
    )


def _marks(found: _Found) -> list[str]:
    marks = [f"rule {rule.rule}" for rule, _ in found.rules]
    marks += dict.fromkeys(f"kind {rule.kind}" for rule, _ in found.rules)
    marks += [f"sign {name}" for name in found.signs]
    if found.framed:
        marks.append("frame ruled" if found.rules else "frame")
    return marks


def _ruled(text: Spelt, found: list[tuple[Rule, re.Match[str]]]) -> Danger:
    first = min(found, key=lambda pair: _SEVERITY[pair[0].safety])[0]
    same = [(rule, match) for rule, match in found if rule.safety == first.safety]
    return Danger(
        safety=first.safety,
        kind=first.kind,
        tier=first.tier,
        quotes=tuple(text.said(*match.span()) for _, match in same),
        rules=tuple(rule.rule for rule, _ in same),
    )


def _weighed(text: str, seen: Looked, weighed: Weighed) -> Danger:
    """Return the danger that the whole of a text speaks of, where no one rule can say it."""
    kind = weighed.kind
    if kind == "means" and not _asks_for_means(seen):
        # Whoever has the means and thinks of them asked for nothing that could be denied them.
        kind = "self"
    safety = _CLASS_OF.get(kind, "crisis")
    said = written(text)
    named = _named(seen)
    places = set(telling(seen.features.words, kind, shipped()))
    places.update(at for hit in named for at in range(hit.start, hit.end))
    return Danger(
        safety=safety,
        kind=kind,
        tier=TIERS[safety],
        quotes=tuple(dict.fromkeys(said[at] for at in sorted(places))) or (collapsed(text),),
        rules=tuple(dict.fromkeys((f"tier.{kind}", *seen.rules, *(hit.concept for hit in named)))),
    )


def _asks_for_means(seen: Looked) -> bool:
    return "?" in seen.features.words or any(hit.concept == "means.lethal_q" for hit in seen.hits)


# A bit for each rule and sign; which of them a word's beginning makes worth trying.
_RULES = tuple((1 << at, rule) for at, rule in enumerate(RULES))
_SIGNS = tuple((1 << at, *sign) for at, sign in enumerate(SIGNS, len(RULES)))
_BITS: dict[str, int] = {}
for _bit, _beginnings in (
    *((_bit, _rule.beginnings) for _bit, _rule in _RULES),
    *((_bit, BEGINNINGS[f"sign {_name}"]) for _bit, _name, _ in _SIGNS),
):
    for _beginning in _beginnings or ("",):
        _BITS[_beginning] = _BITS.get(_beginning, 0) | _bit
_ALWAYS = _BITS.get("", 0)


@lru_cache(maxsize=50_000)
def _begun(word: str) -> int:
    """Return the bits of the rules and signs that a word makes worth trying."""
    begun = {piece[:size] for piece in (word, *word.split("'")) for size in (1, 2, 3)}
    return reduce(or_, (_BITS.get(each, 0) for each in begun))


def _matched(rule: Rule, words: str) -> re.Match[str] | None:
    if rule.hint is not None and rule.hint.search(words) is None:
        return None
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


def _signs(text: Spelt, found: dict[str, re.Match[str]]) -> Danger | None:
    if len(found) < 2 or found.keys() <= _COMMON:
        return None
    return Danger(
        safety="crisis",
        kind="self",
        tier="critical",
        quotes=tuple(text.said(*match.span()) for match in found.values()),
        rules=("self.signs", *(f"sign.{name}" for name in found)),
    )


def _thread(words: str, heard: _Heard, earlier: Sequence[Said]) -> Danger | None:
    """Return the danger that was open before this text, where the text does not leave it."""
    text = spelt(words).words
    retreats = len(text.split()) <= _SHORT and RETREAT.search(text) is not None
    if not (retreats or heard.continues or AMBIGUOUS.search(text) is not None):
        return None
    for line in [line for line in earlier if line.author == "person"][: -_REMEMBERED - 1 : -1]:
        cue = _heard(line.text, collapsed(line.text), ()).danger
        if cue is not None and cue.safety in _GRAVE:
            rule = "thread.retreat" if retreats else "thread.ambiguous"
            return Danger(cue.safety, cue.kind, cue.tier, (words,), (rule, *cue.rules))
    return None


def _labels(
    words: str, danger: Danger | None, heard: _Heard, before: Sequence[str], country: str | None
) -> Labels:
    domain: Domain = "smalltalk"
    rules = [*heard.rules, "tier.watch"] if heard.watched else [*heard.rules]
    for name, pattern in TOPICS:
        if pattern.search(words):
            domain, rules = name, [*rules, f"topic.{name}"]
            break
    risk: Risk = "elevated" if heard.watched or DISTRESS.search(words) else "low"
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
    lacks = missing(domain, words, before, country)
    return Labels(
        domain=domain,
        risk=risk,
        urgency=urgency,
        missing=lacks,
        rules=(*rules, *map(rule_of, lacks)),
        rule_set=RULE_SET,
    )
