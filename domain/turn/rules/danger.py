"""
Danger in a text: each rule is an id, the class and kind of danger, its tier, and a pattern.

Patterns read the text as `domain.turn.words.collapsed` leaves it: lower case, no accents, one
space between words, apostrophes kept.  A rule with `denied` set does not count where the words
before or after take it back; life in danger counts even then, since a denial is itself a cue.
"""

import re
from dataclasses import dataclass

from domain.turn.reading import DangerKind, SafetyClass, Tier

VERSION = "danger-1"

_ME = r"(?:myself|me|my ?self|mysel)"
_WANT = r"(?:want|wanna|wnat|need|going|gonna|plan(?:ning)?|ready|about|thinking (?:of|about)|thought (?:of|about)|decided|tempted|trying|try)"
_TO = r"(?:\s+to)?"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to look for."""

    rule: str
    safety: SafetyClass
    kind: DangerKind
    tier: Tier
    pattern: re.Pattern[str]


def _rule(rule: str, safety: SafetyClass, kind: DangerKind, tier: Tier, pattern: str) -> Rule:
    return Rule(rule, safety, kind, tier, re.compile(pattern))


RULES: tuple[Rule, ...] = (
    # Oneself
    _rule("self.kill_myself", "crisis", "self", "critical", rf"\b(?:kill|killing|end|ending|off|offing|hang|hanging|shoot|shooting|drown|drowning|unalive|unaliving)\s+{_ME}\b|\bkms\b"),
    _rule("self.end_my_life", "crisis", "self", "critical", r"\b(?:end|ending|take|taking|took)\s+(?:my|it all|my own)\s*(?:own )?(?:life|it all)?\b(?<!take my)(?<!taking my)|\bend(?:ing)? it all\b|\bsuicid\w*\b"),
    _rule("self.want_to_die", "crisis", "self", "critical", rf"\bi(?:'m| am|m)?\s+(?:\w+\s+){{0,2}}{_WANT}{_TO}\s+die\b|\bgoing to end it\b|\bgonna end it\b"),
    _rule("self.harm", "crisis", "self", "critical", rf"\b(?:hurt|hurting|cut|cutting|harm|harming|burn|burning|starv\w+)\s+{_ME}\b|\bself ?harm\w*\b|\bslit(?:ting)? my wrists?\b"),
    _rule("self.overdose", "crisis", "self", "critical", r"\b(?:overdos\w+|od)\b(?=.*\b(?:i|me|my)\b)|\b(?:take|took|taking|swallow\w*)\s+(?:all|the whole bottle|every one)\s*(?:of )?(?:my|the|his|her|these)?\s*(?:pills?|meds?|medication|bottle)?\b(?<!take all)(?<!took all)"),
    _rule("self.goodbye", "crisis", "self", "critical", r"\b(?:this is|my)\s+(?:goodbye|last (?:text|message|night|day))\b|\bgoodbye (?:forever|for good)\b|\bwon't be here (?:tomorrow|anymore|much longer)\b"),
    _rule("self.means", "crisis", "means", "critical", r"\bhow many\s+(?:\w+\s+){0,4}(?:to die|to kill|would kill|is lethal|is fatal|to overdose)\b|\b(?:lethal|fatal) (?:dose|amount)\b|\bhow (?:high|far|long) .*\b(?:to die|would kill)\b"),
    _rule("self.es", "crisis", "self", "critical", r"\b(?:me quiero|quiero|voy a|pienso en|pensando en|ganas de)\s+(?:matarme|suicidarme|morir(?:me)?|quitarme la vida|acabar con (?:mi vida|todo)|hacerme dano|cortarme)\b|\bme (?:voy a matar|quiero matar|quiero morir)\b|\bsuicid\w+\b"),
    # Others
    _rule("other.harm", "crisis", "other_harm", "critical", r"\bi(?:'m| am|m)?\s+(?:\w+\s+){0,3}(?:want|wanna|going|gonna|about|afraid (?:i'll|i will|i might)|scared (?:i'll|i will|i might)|might|could|will)(?:\s+to)?\s+(?:\w+\s+)?(?:kill|hurt|hit|smother|strangle|choke|poison|shove|shake)\s+(?:her|him|them|my (?:mom|mother|dad|father|husband|wife|son|daughter|kid|kids|baby|brother|sister))\b"),
    _rule("third.suicidal", "crisis", "third_party", "critical", r"\b(?:he|she|they|my (?:mom|mother|dad|father|husband|wife|son|daughter|brother|sister|friend|partner))\s+(?:\w+\s+){0,3}(?:wants? to die|wants? to kill (?:himself|herself|themsel\w+)|going to kill (?:himself|herself|themsel\w+)|tried to kill (?:himself|herself|themsel\w+)|is suicidal|took all (?:his|her|their) pills)\b"),
    _rule("abuse.hit", "crisis", "abuse", "critical", r"\b(?:he|she|they|my (?:husband|wife|son|brother|dad|mom|boyfriend|girlfriend|partner))\s+(?:\w+\s+){0,2}(?:hits|hit|beats|beat|chok(?:es|ed)|punch(?:es|ed)|threaten(?:s|ed) to kill|pulled a (?:knife|gun) on)\s+(?:me|her|him|my (?:mom|mother|dad|father))\b"),
    _rule("medical.now", "crisis", "medical", "critical", r"\b(?:not|isn't|isnt|stopped|can't|cant)\s+breath(?:e|ing)\b|\b(?:unconscious|unresponsive|won't wake up|wont wake up|having a (?:stroke|seizure|heart attack)|face (?:is )?droop\w*|chest pains?|bleeding (?:badly|a lot|won't stop)|turning blue|choking)\b|\bno respira\b|\besta inconsciente\b"),
    # Passive
    _rule("passive.dead", "passive_death", "passive", "high", r"\b(?:wish|wished)\s+i\s+(?:was|were|am)\s+(?:dead|never born|gone|not here)\b|\bwish i (?:could|would|didn't|didnt) (?:just )?(?:not wake up|never wake up|wake up|disappear|not exist|stop existing)\b"),
    _rule("passive.not_wake", "passive_death", "passive", "high", r"\b(?:not|never|don't|dont|didn't|didnt)\s+(?:want to |wanna |have to )?(?:wake up|be here|be alive|exist|live)\s*(?:anymore|any more|again|in the morning|tomorrow)?\b(?=$|\s(?:and|but|so|anymore|any|again|in|tomorrow|like))"),
    _rule("passive.better_off", "passive_death", "passive", "high", r"\bbetter off (?:without me|dead|if i (?:was|were) (?:gone|dead))\b|\bworth more dead\b|\bno (?:point|reason) (?:in|to) (?:living|live|going on|being alive)\b|\btired of (?:living|being alive|life)\b"),
    _rule("passive.es", "passive_death", "passive", "high", r"\b(?:ojala|quisiera|no quiero)\s+(?:\w+\s+){0,2}(?:no despertar\w*|despertar|estar muert[oa]|seguir viviendo|vivir|existir)\b|\bestarian mejor sin mi\b"),
    # Leaving now
    _rule("escape.leaving", "burnout_escape", "escape", "medium", r"\bi(?:'m| am|m)?\s+(?:\w+\s+){0,3}(?:walk(?:ing)? out|leav(?:e|ing)|driv(?:e|ing) away|run(?:ning)? away)\s+(?:\w+\s+){0,3}(?:and (?:not|never) (?:com(?:e|ing) back|look(?:ing)? back)|on (?:her|him|them)|for good)\b|\b(?:not|never) coming back (?:home )?(?:to (?:her|him|them|this))\b"),
    _rule("escape.unsafe", "burnout_escape", "unsafe_now", "medium", r"\bfell asleep (?:at the stove|while (?:he|she) was|and (?:he|she) (?:got out|wandered))\b|\bcan't keep (?:her|him|them) safe\b|\bcant keep (?:her|him|them) safe\b"),
    # Nobody
    _rule("isolation.nobody", "isolation", "alone", "medium", r"\b(?:i (?:have|got|ve got)|there(?:'s| is)|i don't have|i dont have)\s+(?:absolutely |literally |just )?(?:no ?one|nobody|not one person|anyone|anybody)\s+(?:left|to (?:talk|turn|call|help)|in (?:my|the) (?:life|world)|at all|who (?:cares|helps))\b|\bhaven't (?:talked|spoken) to (?:anyone|another (?:adult|human|person)) in (?:days|weeks|months)\b|\bcompletely alone in this\b|\bno tengo a nadie\b"),
)  # fmt: skip

DENIED = re.compile(
    r"\b(?:not|never|don't|dont|wouldn't|wouldnt|won't|wont|no|isn't|isnt)\s+(?:\w+\s+){0,4}$"
)
IDIOM = re.compile(
    r"\b(?:dying|die) (?:laughing|of (?:laughter|embarrassment|boredom)|to (?:know|see|meet|try))\b"
    r"|\bkill(?:ing)? (?:me|it|for (?:a|some)|time)\b|\bto die for\b|\bover my dead body\b"
    r"|\bcould kill for\b|\bsuicide (?:squad|prevention|awareness|hotline)\b"
)
