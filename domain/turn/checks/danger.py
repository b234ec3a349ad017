"""
What danger a person's text speaks of, as far as a reply must answer it.

The classifier decides which gate answers; this is the second reader, which only says what a
reply may not leave out.  It is wider on acts and narrower on moods than a gate has to be.
"""

import re

from domain.turn.checks.reply import Reply
from domain.turn.checks.rule import Cued, possible_ways
from domain.turn.checks.vocabulary import KIN
from domain.turn.reading import Danger

SELF, PASSIVE, HARM, MEDICAL, ABUSE, EXPLOIT, AGGRESSION, MEANS = (
    "self", "passive", "other_harm", "medical", "abuse", "exploitation", "aggression", "means",
)  # fmt: skip
_OF_DANGER = {
    "self": SELF,
    "third_party": SELF,
    "means": MEANS,
    "passive": PASSIVE,
    "other_harm": HARM,
    "medical": MEDICAL,
    "abuse": ABUSE,
    "exploitation": EXPLOIT,
    "aggression": AGGRESSION,
}
_RELATIVE = rf"(?:he|she|they|him|her|them|it|my (?:\w+ )?{KIN}|{KIN})"

_NOT = (
    r"(?:\b(?:not|never|no longer|isn't|wasn't|don't|didn't|won't|wouldn't|without|used to|last (?:year|month)|years? ago|months? ago|back in|as a "
    r"kid|movie|book|show|joke|jk|figure of speech|no)\b)[^.!?\n]{0,24}$"
)
# What a person with dementia is sure of; "I think" is the carer's own.
_IMAGINED = re.compile(r"\b(?:thinks|believes|accus\w+|imagines)\b[^.!?\n]{0,40}$")
# Somebody else's death, long over or not: grief, and not a plan.
_LOSS = re.compile(
    r"\b(?:lost [^.!?\n]{1,30} to|died (?:by|of|from)|death (?:by|from)|loss (?:to|by)) $"
)
# What follows and makes it another thing: another time, a game, an errand, a place, a chair.
_PAST = (
    r"[^.!?\n]{0,30}?\b(?:last (?:week|month|year|spring|summer|fall|winter)|(?:years|months|weeks) ago|"
    r"in (?:19|20)\d\d|as a kid|back then)\b"
)
_ERRAND = r"[^.!?\n]{0,12}? (?:to|from|at) the pharmacy\b"
_OTHERWISE = re.compile(
    rf"{_PAST}|{_ERRAND}| at (?:chess|checkers|cards|poker|uno|scrabble|bingo|golf|tennis|pool|\w+ again)\b|"
    r"[^.!?\n]{0,20}? (?:like|as) (?:he|she|they)(?:'s| is|'re| are)? (?:should|supposed)|"
    r"[^.!?\n]{0,20}? (?:with (?:food|water|juice|breakfast|lunch|dinner) |on time\b)|"
    r"(?:'s)? (?:wheel)?chair\b| (?:around|along|up) the (?:park|block|hall|house|ramp|street|store)\b|"
    r" before (?:he|she|they) (?:fell|could fall|slipped|hit)\b"
)
_ELSEWHERE = re.compile(
    rf" (?:early|late|before (?:\d|noon|ten|nine|eight|seven|six)|without coffee|with (?:him|her|them|(?:my )?(?:\w+ )?(?:{KIN}|in[- ]?laws))\b|"
    r"for (?:the holidays|christmas|thanksgiving|dialysis|work|church|school)|out of a suitcase|"
    r"(?:in|at) (?:this|that|the|my|his|her) (?:town|house|place|city|apartment|country|state|facility|hospital|home|job)\b)|"
    r" my (?:hair|nails|shirt)\b|(?<=suicide) (?:squad|prevention|awareness)\b"
)
_SIGNS: tuple[tuple[str, Cued], ...] = tuple(
    (kind, Cued(pattern))
    for kind, pattern in (
        (
            SELF,
            r"\b(?:kill(?:ing)? my ?self|kms\b|end(?:ing)? (?:my life|it all|things for good)|suicid\w+|take my (?:own )?life|hang myself|shoot myself|cut(?:ting)? myself|"
            r"hurt(?:ing)? myself|harm(?:ing)? myself|jump(?:ing)? off (?:the|a)|driv(?:e|ing) (?:\w+ ){0,3}?(?:off|into|in front of) (?:a|the) (?:bridge|tree|wall|river|cliff|lake|median|"
            r"truck)|overdose on|swallow (?:all|the whole|every)|take all (?:of )?(?:my|the|her|his|these|those) (?:pills|meds|medication)|want to die|wanna die|"
            r"ready to die|plan to die|slit my|goodbye note|suicide note|matarme|suicidar\w*|quitarme la vida|quiero morir(?:me)?|acabar con (?:mi vida|todo))\b",
        ),
        (
            PASSIVE,
            r"\b(?:(?:don't|dont|do not) (?:want|wanna) (?:to )?(?:wake up|be here|be alive|live|exist|go on living)|(?:wish|hope|wouldn't mind|pray)[^.!?\n]{0,20} "
            r"(?:i (?:\w+ ){0,2}?(?:not|never|don't|didn't|wouldn't|won't) wake up|i was(?:n't)? (?:dead|never born|here)|i were dead|i wasn't here|god "
            r"would take me|not waking up|i could (?:just )?(?:disappear|sleep forever|not exist))|(?:better off|better|happier|easier|relieved|fine)(?: for \w+)? (?:without me|dead|if i(?: just)? (?:was|were|wasn't|weren't|died|disappeared|didn't exist)(?: (?:gone|dead|here|around))?)|wish(?:ed)? i (?:was|were) (?:dead|gone)|be (?:dead|better dead)|"
            r"(?:nobody|no one)(?:'d| would| will)? (?:even )?(?:miss|notice)(?: me)?(?: if i| if something|\b)|no (?:reason|point) (?:to|in) (?:live|living|being alive|go on|going on)|tired of (?:living|being alive)|rather be dead|sleep and (?:never|not) wake|"
            r"(?:if|when) i(?:'m| am| was| were) (?:gone|dead|not around)[^.!?\n]{0,40}(?:better|easier|insurance|money|relief)|"
            r"mejor (?:sin mi|muert[oa])|no quiero (?:vivir|despertar|seguir viviendo)|ojala no despertara)\b",
        ),
        (
            HARM,
            r"\b(?:(?:going to|gonna|want to|wanna|could|might|about to|afraid (?:i'll|i will|i'm going to|i might)|scared (?:i'll|i might|i'm going to|i will)|almost|nearly|"
            r"tempted to|thought about|thinking (?:of|about)|feel like|urge to) (?:just )?(?:kill(?:ing)?|hurt(?:ing)?|hit(?:ting)?|slap(?:ping)?|chok(?:e|ing)|shak(?:e|ing)|"
            rf"smother(?:ing)?|push(?:ing|ed)?|shov(?:e|ing)|strangl(?:e|ing)|shoot(?:ing)?|stab(?:bing)?|poison(?:ing)?|strangled|hit|slapped|choked) {_RELATIVE}|pillow over "
            rf"(?:his|her|their) face|i (?:just )?(?:hit|slapped|shoved|shook|choked|grabbed|pushed) {_RELATIVE}|quiero (?:pegarle|matarl[oa]|ahogarl[oa]))\b(?! (?:bed|pain|up))",
        ),
        (
            MEDICAL,
            r"\b(?:(?<!\bi )(?:is|are|he's|she's|they're|was|isn't|stopped|barely|hardly|not|can't|cannot|cant|struggling to|trouble|gasping|having (?:a )?(?:hard time|trouble|difficulty)) "
            r"(?:not )?breath(?:e|ing)\b|unresponsive|unconscious|(?:can't|cannot|cant|couldn't|unable to|not able to) (?:move|lift|feel|raise) (?:his|her|one) (?:\w+ )?(?:arm|leg|side|face|hand)|(?:talk\w*|speak\w*|saying) (?:gibberish|nonsense)|(?:arm|side|face|leg) (?:is|went|has gone) (?:numb|limp|dead|slack)|passed out|(?:won't|wont|can't|cant|will not|not) wak(?:e|ing) (?:up|him|her)|chest (?:pain|is tight|hurts|pressure|"
            r"tightness)|face (?:is )?(?:droop\w*|drooping)|(?:slurr\w+|slurring)(?: \w+){0,2} (?:speech|words)|speech is slurred|one side of (?:his|her)|choking|turn(?:ed|ing) blue|lips (?:are )?(?:turning )?blue|"
            r"seizing|(?:having|had|another|in) (?:a )?(?:bad |big |long )?seizure|(?:not|isn't|won't) com(?:ing|e) (?:around|to)|(?:took|gave|given|injected|had) (?:\w+ ){0,4}?(?:twice|double|too much|too many|two doses|both doses)(?: \w+){0,3} (?:insulin|dose|doses|pills|meds|morphine|medication|oxy\w*|warfarin)|bleeding (?:heavily|a lot|badly|and|won't|profusely|from (?:his|her) head)|won't stop bleeding|overdosed|(?:took|swallowed|ate|drank) (?:too many|the (?:whole|entire)|a (?:whole|entire|full)|all|half) (?:\w+ )*(?:pills|"
            r"meds|bottle)|swallowed (?:\w+ ){0,2}(?:bleach|battery|batteries|poison|pills)|hit (?:his|her) head|coughing up blood|vomiting blood|(?:lips?|tongue|face|throat|neck)(?:'s| is| are| feels?| looks?)? (?:\w+ )?(?:swelling|swollen|tight(?:ening)?|closing|puff(?:y|ing))|(?:swelling|swollen) (?:of the |up in the )?(?:lips|tongue|throat)|no pulse|"
            r"blood sugar is (?:[0-4]\d|[5-9]\d\d)\b|no respira|no despierta|dolor de pecho|dolor en el pecho|convulsion\w*|se esta ahogando|se desmayo)\b",
        ),
        (
            ABUSE,
            rf"\b(?:(?:aide|nurse|caregiver|staff|brother|sister|son|husband|wife|dad|stepdad|boyfriend|facility|cousin|they|he|she|someone|uncle|aunt|neighbor|worker|cna)(?: \w+){{0,3}}? (?:is |are |was |keeps |has been "
            rf"|been |'s )?(?:hit(?:s|ting)?|slap(?:s|ped|ping)?|beat(?:s|ing)?|abus(?:es|ed|ing)|neglect(?:s|ed|ing)|starv(?:es|ing|ed)|punch(?:es|ed|ing)?|kick(?:s|ed|ing)?(?! (?:\w+ ){{1,3}}?(?:out|off)\b)|tie[sd]|strap(?:s|ped)|chain(?:s|ed)|restrain(?:s|ed)|"
            rf"yank(?:s|ed|ing)?|molest\w*|sexually \w+|lock(?:s|ed|ing) (?:him|her|them|my {KIN}) (?:in|up))(?= (?:him|her|them|my (?:\w+ )?{KIN}|mom|dad|grandma|grandpa))|bruises? (?:on|all over|"
            r"around|shaped)|bed ?sores? (?:\w+ ){0,6}(?:nobody|no one|ignored|worse|down to)|left (?:him|her|them|my \w+|mom|dad) (?:alone )?(?:in (?:his|her|their) own|without (?:food|water)|lying in|sitting in)|"
            r"(?:being|getting) (?:abused|neglected|hit|beaten|starved)|elder abuse|le (?:pega|golpea|maltrata))\b",
        ),
        (
            EXPLOIT,
            rf"\b(?:(?:stole|steal(?:s|ing)?|taking|took|drain(?:s|ed|ing)|empt(?:y|ied|ying)|spend(?:s|ing)|withdr\w+|moved|skimming|us(?:es|ed|ing)|transferred|cash(?:es|ed|ing)|maxed out|charg(?:es|ed|ing)|forg(?:es|ed|ing))[^.!?\n]{{0,30}} (?:from )?(?:(?:mom|dad|mum|grandma|"
            rf"grandpa|nana)'s|my {KIN}'s|his|her|their) (?:\w+ )?(?:money|savings|account|checks?|checkbook|social security|pension|debit card|credit cards?|jewelry|pills|retirement|bank\w*)|"
            rf"(?:stole|steals|stealing) from (?:him|her|them|mom|mum|dad|grandma|grandpa|nana|my {KIN})|"
            r"(?:made|got|had|forced|tricked|pressured|talked|convinced|get(?:s|ting)?) (?:him|her|them|mom|mum|dad|grandma|grandpa|grandmother|grandfather|nana|my \w+) (?:(?:in)?to )?(?:sign(?:ing)?|chang(?:e|ing)|send(?:ing)?|wir(?:e|ing)|giv(?:e|ing)|add(?:ing)?)[^.!?\n]{0,40}(?:deed|"
            r"will|house|money|poa|power of attorney|gift cards?|thousand|account|name)|scamm?\w*|romance scam|gift cards? for|(?:sent|sending|wired) (?:\w+ ){0,3}(?:\$?[\d,]+k?|thousands|money) to (?:a "
            r"|some |this )?(?:man|guy|woman|stranger|someone|online))\b",
        ),
        (
            AGGRESSION,
            rf"\b(?:(?:he|she|they|my (?:\w+ )?{KIN}|mom|dad|mum|husband|wife)(?:'s| is| has| keeps| just| will| also| started| gets| got| even| actually)*(?: \w+){{0,3}}? (?:hit(?:s|ting)?|punch(?:es|ed|ing)?|"
            r"slapp?(?:s|ed|ing)?|kick(?:s|ed|ing)?|bit(?:es|ing)?|chok(?:es|ed|ing)|shov(?:es|ed|ing)|push(?:es|ed|ing)|grabb?(?:s|ed|ing)?|swung|swing(?:s|ing)|attack(?:s|ed|ing)|strangl\w+|"
            r"threw|throws|throwing|came at|lunged|threaten(?:s|ed|ing)|hurt(?:s|ing)?|scratch(?:es|ed|ing)?|stab(?:s|bed|bing)|cut|burn(?:s|ed)|spit|spat|pinch(?:es|ed)|head ?butt\w*|elbow(?:s|ed)|claw(?:s|ed)|tackl(?:es|ed)|whack(?:s|ed)|slam(?:s|med)|pulled a (?:knife|gun)|beat(?:s|ing)?)(?: (?:at|something|a \w+|things|his|her|to (?:kill|hurt|hit)|"
            r"on|toward|a knife|the \w+))* (?:me|at me|my (?:arm|face|wrist|hair|throat|neck|hand))\b|(?:afraid|scared) of (?:him|her|my (?:husband|wife|dad|mom|son|father|mother|brother))\b(?! (?:dying|"
            r"falling|getting|going|being|leaving|losing))|me (?:pega|golpea|golpeo|pego|amenaza))",
        ),
        (
            MEANS,
            r"\b(?:how (?:many|much) (?:\w+ ){0,4}?(?:would|does|will|do|could) (?:it take|(?:\w+ )?(?:kill|be (?:fatal|lethal|enough)))|how (?:long|many|much)[^.!?\n]{0,40} (?:to die|until (?:i|you|someone|a person) dies?|to (?:kill (?:my|your|some|a )|overdose|bleed out|stop (?:my|your) heart))|(?:lethal|fatal|deadly) (?:dose|amount|height|combination)|painless(?:ly)? "
            r"(?:way|to|die)|(?:way|ways|method) to (?:die|end (?:it|my life)|kill myself)|how high (?:\w+ ){0,5}(?:fall|jump|bridge)|enough to (?:kill|not wake|die)|cuantas pastillas)\b",
        ),
    )
)  # fmt: skip
_ALL_SIGNS = sum(sign.ways for _, sign in _SIGNS)
_RETREAT = Cued(
    r"\b(?:i'm (?:fine|ok|okay|good|alright|better)(?: now| really)?|im (?:fine|ok|okay|good|better)|forget (?:it|i said|what i said|about it)|never ?mind|nvm|(?:just|only) (?:tired|kidding|joking|venting|being "
    r"dramatic|exhausted|saying)|didn't mean (?:it|that|anything)|don'?t worry(?: about (?:it|me|what i said))?|didn'?t mean it|ignore (?:me|that|what i said)|it's nothing|it was nothing|i was (?:just )?(?:joking|kidding|tired|venting|being)|not going to do anything|"
    r"relax|chill|drop it|let's (?:move on|talk about something)|i'll be (?:fine|ok|okay)|estoy bien|olvidalo|no es nada|no te preocupes)\b",
)


def danger_kinds(text: Reply, danger: Danger | None) -> frozenset[str]:
    """Return the kinds of danger in a text that a reply must answer."""
    possible = possible_ways(text) & _ALL_SIGNS if text.folded else 0
    signs = _SIGNS if possible else ()
    kinds = {
        kind
        for kind, sign in signs
        if possible & sign.ways and _speaks_of(kind, sign.pattern, text)
    }
    if danger is not None:
        kind = _OF_DANGER.get(danger.kind)
        # Who is hit themselves needs their own safety first, not an office for the protection of others.
        if kind is not None and not (kind == ABUSE and AGGRESSION in kinds):
            kinds.add(kind)
    return frozenset(kinds)


def retreats(text: Reply) -> re.Match[str] | None:
    """Return where a person takes back what they said."""
    return _RETREAT.search(text)


def _speaks_of(kind: str, sign: re.Pattern[str], text: Reply) -> bool:
    other = _ELSEWHERE if kind in (SELF, PASSIVE) else _OTHERWISE
    for match in sign.finditer(text.folded):
        begin, _ = text.bounds(match.start())
        if re.search(_NOT, text.folded[begin : match.start()]):
            continue
        if kind == SELF and _LOSS.search(text.folded, begin, match.start()):
            continue
        if kind == EXPLOIT and _IMAGINED.search(text.folded, begin, match.start()):
            continue
        if not other.match(text.folded, match.end()):
            return True
    return False
