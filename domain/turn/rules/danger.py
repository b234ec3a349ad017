"""
Danger in a text: each rule is an id, the class and kind of danger, its tier, and a pattern.

Patterns read a text as `domain.turn.rules.spelling` leaves it: lower case, no accents, plain
spelling, one space between words, apostrophes kept.  They are made of a few word classes, so
that a new wording is a new combination and not a new sentence.  `also` must be found as well and `hint` first;
`unless` names what makes the same words innocent; what is denied is taken back where the denial
stands before the group `act`.
"""

import re
from dataclasses import dataclass
from importlib.resources import files

from domain.turn.reading import DangerKind, SafetyClass, Tier

VERSION = "danger-5"


def _gap(most: int) -> str:
    return rf"(?: [\w']+){{0,{most}}}?"


# Who: the one cared for and other near people; the person's own self; strangers with power.
_KIN = (
    r"(?:mom|mum|mama|momma|mother|mil|dad|papa|pop|father|fil|stepdad|stepmom|husband|hubby|wife|"
    r"spouse|partner|son|daughter|stepson|kid|child|baby|teenager|teen|boy|girl|brother|sister|"
    r"grandma|grandmother|granny|grandpa|grandfather|grandson|granddaughter|nana|aunt|auntie|"
    r"uncle|niece|nephew|cousin|friend|bestie|roommate|boyfriend|girlfriend|neighbor|client|"
    r"patient|ex)(?: in law)?"
)
KIN = rf"(?:(?:my|our|the|his|her|this) )?(?:(?:own|little|older|younger|best|step|16 year old) )?{_KIN}"
HIM = rf"(?:her|him|them|{KIN})"
HE = rf"(?:he|she|they|{KIN})(?:'s|'ll|'d)?"
HELPER = r"(?:(?:the|an?|her|his|our|my|night|day|home|new|one) )*(?:aides?|nurses?|caregiver|staff|worker|home|facility|attendant|cna|facility staff)"
ANYONE = rf"(?:{HE}|{HELPER}|someone|no one|they)"
SELF = r"(?:myself|my self)"
ME = r"\bi(?:'m|'ve|'ll|'d| am| have| will| would)?"
# How one comes to it: wanting, planning, being about to, seeing it before one's eyes.
WILL = (
    r"(?:want(?:ed|ing)?|need|needing|going|about|plan(?:s|ned|ning)?|ready|decid(?:ed|ing)|"
    r"tempted|thinking|think|thought|thoughts|thots|urges?|urge|try(?:ing)?|tried|might|could|may|"
    r"will|'ll|consider(?:ed|ing)?|close|feel|feeling|imagin(?:e|ing)|pictur(?:e|ing)|fantasi\w+|"
    r"dream(?:ing)?|keep|wish|wishing|gun to|swear|not stop|can't stop|afraid|scared|terrified|"
    r"worried|almost|nearly|wanting|rather|'d)"
)
FEAR = r"(?:afraid|scared|terrified|worried|frightened)"
PILLS = (
    r"(?:tramadol|codeine|lithium|melatonin|clonazepam|lorazepam|pills?|meds?|medications?|medicine|tablets?|capsules|tylenol|ambien|morphine|ox(?:y|ys|ies|ycodone)|"
    r"insulin|xanax|ativan|valium|fentanyl(?: patch(?:es)?)?|patches|gabapentin|benadryl|advil|aspirin|norcos?|"
    r"percocets?|vicodin|hydrocodone|trazodone|seroquel|klonopin|warfarin|digoxin|metoprolol|opioids?|painkillers|"
    r"potassium|sleeping pills)"
)
ARMS = r"(?:gun|pistol|rifle|shotgun|revolver|knife|knives|blades?|razors?|rope|noose|belt|cord)"
_KILL = r"(?:kill(?:ed|ing)?|end(?:ed|ing)?|off(?:ing)?|hang(?:ing)?|hung|shoot(?:ing)?|shot|drown(?:ing)?|suffocat(?:e|ing)|strangl(?:e|ing)|stab(?:bing)?|poison(?:ing)?|gas(?:sing)?|execut(?:e|ing))"
_HURT = r"(?:hurt(?:ing)?|harm(?:ed|ing)?|cut(?:ting)?|burn(?:t|ed|ing)?|starv(?:e|ed|ing)|punish(?:ed|ing)?|scratch(?:ed|ing)?|injur(?:e|ed|ing))"
HARM = (
    r"(?:kill(?:ing)?|hurt(?:ing)?|hit(?:ting)?|slap(?:ping)?|smack(?:ing)?|smother(?:ing)?|strangl(?:e|ing)|"
    r"chok(?:e|ing)|poison(?:ing)?|shov(?:e|ing)|push(?:ing)?|shak(?:e|ing)|stab(?:bing)?|harm(?:ing)?|"
    r"shoot(?:ing)?|suffocat(?:e|ing)|drown(?:ing)?|punch(?:ing)?|beat(?:ing)?|burn(?:ing)?|kick(?:ing)?|overdos(?:e|ing))"
)
HARMED = r"(?:hit|slapped|smacked|smothered|choked|pushed|shoved|shook|hurt|strangled|punched|kicked|beat|grabbed|threw|yanked|bit|scratched|squeezed|dragged)"
HURTS = (
    r"(?:hits?|hitting|beats?|beating|slap(?:s|ped|ping)?|chok(?:es|ed|ing)|punch(?:es|ed|ing)?|kick(?:s|ed|ing)?|"
    r"shov(?:es|ed|ing)|burn(?:s|ed)|molest\w*|rap(?:es|ed)|grab(?:s|bed|bing)|push(?:es|ed|ing)|strangl(?:es|ed|ing)|"
    r"attack(?:s|ed|ing)?|shakes|bit(?:es|ing)?|hurts|hurting|assault(?:s|ed|ing)|smack(?:s|ed)|yank(?:s|ed)|tortur\w+|threw|throws)"
)
LATE = r"(?:tonight|now|today|soon|right now|this (?:weekend|week|morning|afternoon)|tomorrow|for good|once and for all|forever)"
NO_RETURN = r"(?:not|never|don't|do not|can't|won't|isn't|am not|refuse to|doubt)(?: (?:make myself|ever|want|wanting|to|be|going|sure|i|can|think|i'll|i'm|plan|planning|think))* (?:go|going|come|coming|turn|turning|look|looking|return|returning)(?: (?:back|home|around|there|in there))*"


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


def _rule(
    rule: str,
    safety: SafetyClass,
    kind: DangerKind,
    *patterns: str,
    unless: str = "",
    also: str = "",
) -> Rule:
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


_PAST = r"\byears? (?:ago|back)\b|\bused to\b|\bwhen (?:i|we) (?:was|were) (?:a kid|kids|little|young|growing up)\b|\blast year\b|\bback in\b|\bin (?:19|20)\d\d\b|\bdecades? ago\b|\bhace (?:[\w']+ )?anos\b"
_JOKE = r"\b(?:lol|lmao|rofl|(?:ha)+h?|jk|just kidding|joking|his joke|her joke|(?:ja)+)\b"
_ASKED = r"\b(?:what are the|signs of|symptoms of|how (?:do|can|would|will) (?:i|you|we) (?:know|tell|spot|recogni[sz]e)|when should|history of|article|a class|reading about|learn\w*|in the past|recovered|movie|show|episode|book|novel|song)\b"
_ACCIDENT = r"(?: (?:shaving|cooking|chopping|lifting|moving|helping|falling|gardening|carrying|pulling|turning|getting|picking|trying|while|when|on (?:a|the|my)|at (?:work|the gym)|with the (?:pan|oven|stove|iron by)|by accident|accidentally|doing))"

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

RULES: tuple[Rule, ...] = (
    # Oneself
    _rule(
        "self.act", "crisis", "self",
        rf"\b(?P<act>{_KILL} {SELF})\b",
        r"\bkys\b|\b(?:end(?:ing)?|finish(?:ing)?|tak(?:e|ing)) my (?:own )?life\b|\bend(?:ing)? it all\b",
        rf"\b(?:us(?:e|ing)|turn(?:ing)?|try(?:ing)?|point\w*){_gap(3)} on myself\b",
        rf"{ME}{_gap(5)} (?:going to|want to|ready to|plan(?:ning)? (?:to|on)|time to|might(?: just)?|could(?: just)?|will|decided to|'ll) end (?:it|things)(?: all)?(?: {LATE}|$)",
        unless=r"\b(?:could|want to|going to|'ll) kill myself (?:for (?:\w+ing|not)|laughing)\b|\bshot? (?:myself|ourselves) in the foot\b",
    ),
    _rule(
        "self.plain", "crisis", "self",
        r"^(?:[\w']+ ){0,12}?(?:i'm|i am|i)(?: (?:really|just|so|honestly|actually|still))*(?: (?:going to|want to|will|need to|plan to|planning to|have decided to|decided to|about to|ready to))+ (?P<act>(?:kill myself|end my (?:own )?life|take my (?:own )?life|hang myself|shoot myself|commit suicide|die)\b(?! (?:laughing|of|for|down|out|peacefully|at|before|young|with|when|if|in|my|happy|one|someday)))",
        r"\b(?:me voy a (?:matar|suicidar|quitar la vida|colgar|ahorcar)|(?:quiero|voy a) (?:matarme|suicidarme|quitarme la vida|morirme ya|acabar con mi vida))\b",
        unless=r"\bmy (?:mom|dad|husband|wife|son|daughter|sister|brother|friend)\b.* (?:said|says|texted|tells)\b|\bno me voy a\b|\bno quiero (?:matarme|suicidarme)\b",
    ),
    _rule(
        "self.word", "crisis", "self", r"\b(?P<act>suicid(?:e|al)\w*)\b",
        unless=rf"\bsuicide (?:squad|prevention|awareness|hotline|doors?|watch|bereave\w*|loss|survivors?|note in the)\b|\b(?:his|her|their|'s) suicide\b|\b(?:died|lost|passed|die) (?:[\w']+ ){{0,6}}suicide\b|\b(?:in|on) (?:the|a) (?:show|movie|book|episode|news|song)\b|{_PAST}",
    ),
    _rule(
        "self.die", "crisis", "self",
        rf"{ME}{_gap(4)} (?:{WILL})(?: (?:to|of|about|just|really|honestly|actually|so|badly|like|i|i'm|i could))* (?P<act>(?:die|dying|be dead))\b(?! (?:laughing|of|for|down|out|peacefully|at home|before|young|with|when|if|in|alone|without|my hair|and (?:leave|leaving)))",
        r"^(?:just |really |so )*want to die\b(?! (?:laughing|of|at))",
        unless=rf"\b(?:{HE}) (?:[\w']+ ){{0,2}}(?:want(?:s|ed)?|going|about|is|was|'s|asked|could|might|will|would|almost) (?:to |going to |if )?(?:die|dying|be dead)\b|\bdon't want to die\b|\b(?:{FEAR}|fear) (?:of|to|about|that) (?:[\w']+ ){{0,3}}(?:die|dying)\b|\b(?:would|'d) die for\b|\b(?:almost|nearly|thought i (?:would|was going to|'d)|about) (?:to )?die\w*\b|\bhow (?:[\w']+ )?would die\b",
    ),
    _rule(
        "self.fall", "crisis", "self",
        rf"\b(?:jump(?:ing)?|throw(?:ing)? (?:myself|me)|fling(?:ing)? myself|hurl\w* myself|leap(?:ing)?)(?: right| myself)? (?:off|from|in front of|out of|onto){_gap(3)} (?:bridge|roof|building|balcony|cliff|train|traffic|truck|wall|river|overpass|bus|ledge|window|tracks|deck|parking garage)\b",
        rf"{ME}{_gap(6)} (?:{WILL}){_gap(4)} (?:driv(?:e|ing)|steer(?:ing)?|swerv(?:e|ing)|crash(?:ing)?|run(?:ning)?|walk(?:ing)?|step(?:ping)?|plow\w*|veer\w*|roll\w*|lie|lying|lay){_gap(3)} (?:into|off|in front of|in|onto|on){_gap(3)} (?:bridge|cliff|train|traffic|truck|semi|tree|pole|wall|guardrail|river|lake|ocean|overpass|bus|median|tracks|embankment|concrete)\b",
        r"^(?:[\w']+ ){0,2}(?:thought|thinking) about (?:driving|steering|swerving|crashing|walking|running|stepping) (?:[\w']+ ){0,3}(?:into|off|in front of) (?:[\w']+ ){0,2}(?:bridge|cliff|train|traffic|truck|tree|pole|wall|guardrail|river|lake|overpass|bus|median)\b",
        rf"\b(?:standing|sitting|parked|i'm|up){_gap(2)} (?:on|at|by) the (?:edge|ledge|bridge|overpass|roof|tracks|railing|top of the [\w']+)(?=.*\b(?:looking down|right now|edge|over|jump|ready|thinking|goodbye)\b)",
        rf"{ME}{_gap(5)} (?:{WILL})(?: (?:to|of|about|like))* (?P<act>jump(?:ing)?)(?: tonight| right now| now)?$",
        r"\bgarage\b(?=.*\b(?:car|engine|motor|exhaust) (?:is |still )?(?:running|on)\b)|\b(?:car|engine) running\b(?=.*\bgarage\b.*\b(?:door|closed|shut|sealed)\b)|\b(?:breathing|breathe|inhal\w+) (?:in )?(?:the )?(?:exhaust|fumes)\b",
        unless=r"\bjump\w* (?:for joy|in (?:the|with)|out of (?:bed|my skin|the (?:bushes|shadows)))\b|\b(?:ran|run|running|stuck) (?:in|into) (?:[\w']+ )?traffic\b(?=.*\blate\b)",
    ),
    _rule(
        "self.weapon", "crisis", "self",
        rf"\b{ARMS}{_gap(3)} (?:to|against|at|on|in|around|near) my (?:wrists?|head|throat|mouth|neck|chest|hands?|arms?|temple|lap|own)\b",
        r"\b(?:put|putting|point\w*|hold\w*) (?:a|the|his|my) gun (?:to|in) my\b|\b(?:loaded|loading) (?:the|my|his|a) (?:gun|pistol|revolver|rifle)\b",
        rf"\b{ARMS}\b(?=.*\b(?:about|thinking of|use (?:it|one)|using (?:it|one)|cut|on) (?:my wrists?|myself)\b)",
        r"\bslit(?:ting)? my (?:wrists?|throat|own)\b|\b(?:rope|noose|belt) (?:is |all )?(?:tied|ready|hung|hanging|up)\b",
        r"\b(?:have|got|bought|found) (?:a|the|his|my|dad's) (?:rope|noose|gun|pistol|razor|blade)\b(?=.*\b(?:end|over|done|die|note|plan|ready|goodbye|tonight|gone)\b)",
    ),
    _rule(
        "self.harm", "crisis", "self",
        rf"\b(?P<act>{_HURT} {SELF})\b(?!{_ACCIDENT})",
        r"\bself ?harm\w*\b|\b(?:started|been|keep|am|i'm) cutting(?: again| myself| my (?:arms?|legs?|thighs?|wrists?)|$)",
        rf"\b(?:cut(?:ting)?|burn(?:ed|ing)?|carv\w+) (?:up )?my (?:own )?(?:arms?|wrists?|legs?|thighs?|skin|stomach)\b(?!{_ACCIDENT})",
        unless=r"\bby accident\b|\baccidentally\b|\b(?:not|never|no|don't worry) (?:[\w']+ ){0,4}(?:hurt|harm)(?:ing)? myself\b",
    ),
    _rule(
        "self.pills", "crisis", "self",
        rf"{ME}{_gap(6)} (?P<act>(?:overdos\w+|od|oding|od'ing))\b|^(?P<act2>(?:overdosing|oding|od'ing))\b|\b(?:going to|want to|about to|could|might) (?:od|overdose)\b",
        rf"{ME}{_gap(3)} (?:took|taken|take|taking|swallow(?:ed|ing)?|down(?:ed|ing)?|ate|eat|eating|pop(?:ped|ping)?)(?: way)? (?:[2-9]\d|1\d\d|twenty|thirty|forty|fifty|sixty|a (?:whole )?(?:bunch|ton|lot|handful|bottle|fistful)|so many|too (?:many|much)|all|every|the (?:whole|entire|rest)|whole|enough|everything in){_gap(4)} (?:{PILLS}|bottle|of them|cabinet)\b",
        rf"^(?:[\w']+ ){{0,3}}(?:took|swallowed|taking|swallowing|downing|downed) (?:way )?(?:a (?:whole )?(?:bunch|handful|bottle|lot)|all|the (?:whole|entire)|too (?:many|much)|[2-9]\d){_gap(4)} (?:{PILLS}|bottle)\b",
        rf"\btook{_gap(4)} {PILLS} on purpose\b|\btook the {PILLS}\b(?=.*\b(?:it's done|over now|goodbye|no going back|too late)\b)",
        rf"\b(?:sav(?:ed|ing)|hoard\w*|stash\w*|collect\w*|stockpil\w*|keeping|hid(?:ing)?){_gap(3)} (?:{PILLS}){_gap(3)} (?:for (?:myself|me|when|the day)|so i can|in case i|until i have enough)\b|\b{PILLS}\b(?=.*\b(?:lined (?:them )?up|poured (?:them )?out) (?:on|in front|here)\b)",
        rf"\bstop(?:ping)? (?:taking )?my (?:own )?(?:{PILLS}|dialysis|treatments?|oxygen)(?=.*\b(?:let (?:it|nature|go|myself)|die|be over|end)\b)",
        rf"\b(?:have|got|holding|with){_gap(5)} {PILLS}\b(?=.*\b(?:want it (?:to be )?over|not coming back from|end (?:it|this)|wouldn't wake|never wake|enough to)\b)|\b(?:over|end it|done with (?:life|everything|it all))\b.*\b(?:have|got|holding) (?:the |some |enough |my |these |his |her |her |all (?:her|his|my) )?{PILLS}\b",
        unless=r"\btook (?:all )?(?:[\w']+ ){0,3}(?:this morning|like|on time|as (?:told|prescribed|directed)|with (?:food|breakfast|dinner|applesauce)|so (?:well|good)|already at)\b|\b(?:forget|forgot|remind|remember|make sure|should|does|did|when|supposed|get (?:her|him) to)\b.*\btak(?:e|es|ing) (?:all|every)\b|\b(?:picture|photo|list) of\b|\bpharmacy\b|\bto the (?:doctor|doctor's|appointment|er)\b|\bdoctor (?:said|says)\b|\bdisposal\b|\bod of\b|\boverdose of (?:sugar|cute|love|fun)\b",
    ),
    _rule(
        "self.means", "crisis", "means",
        rf"\b(?:how (?:many|much|long|high|fast)|what|which|(?:would|will)(?=.*\b(?:\d+|{PILLS})\b)|does|is|are|can|could){_gap(12)} (?:to (?:die|kill|overdose|od|bleed out|not wake up|never wake up|end it|end me|finish me|kill me|do the job)|kill (?:me|you|someone|a person|myself|an adult)|finish me|shut down my (?:liver|kidneys|organs|heart)|stop (?:my|a|your|someone's) heart|bleed out)\b",
        rf"\b(?:{PILLS}|dose|mg|milligrams|amount|carbon monoxide|bleach|antifreeze)\b.*\b(?:lethal|fatal|deadly|kill (?:me|you|someone|a person|him|her))\b|\b(?:lethal|fatal|deadly) (?:dose|amount|combination|mix)\b",
        r"\b(?:painless|easiest|quickest|fastest|best|easy|quick|peaceful|least painful|surest|gentlest) (?:way|method|pill|means)s?(?: [\w']+){0,2} (?:die|go|end (?:it|my)|kill|do it|suicide)\b|\bways to (?:die|kill|end (?:it|my))\b|\bhow to (?:die|tie a noose|overdose|hang|kill myself|end my)\b",
        r"\b(?:painless|hurt|quick|peaceful)\b.*\b(?:carbon monoxide|hanging|drowning|helium|exit bag|bleeding out|to go with)\b",
        r"\b(?:can|could|will|would) (?:i|you|someone|a person|people) (?:die|overdose|od) (?:from|by|if|on|with|mixing|taking)\b",
        rf"\b(?:what (?:happens|would happen) if) i (?:take|took|swallow\w*|mix\w*) (?:all|the whole|[2-9]\d|too many|a (?:whole )?bottle){_gap(4)} (?:{PILLS}|bottle|them)\b|\bhow high{_gap(6)} (?:fall|jump|die|survive)\b",
        unless=r"\bkill (?:me|you) (?:to|if you|that)\b|\b(?:all|we are|we're|is|she|he|they|mom|dad) (?:all )?going to die\b|\bdie (?:from|of) (?:grief|a broken heart|boredom|stress|embarrassment)\b|\b(?:germs|mold|bacteria|weeds|ants|the virus|lice|bed bugs)\b",
    ),
    _rule(
        "self.goodbye", "crisis", "self",
        r"\b(?:this is|my) (?:goodbye|last (?:(?:text|message)(?! (?:tonight|today|for (?:now|today|tonight)|before bed))|night alive|day (?:alive|on earth)|goodbye))\b|\bgoodbye (?:forever|for good|everyone|world|cruel)\b",
        r"\bby the time (?:you|u|anyone|they|someone) (?:read|reads|get|gets|see|sees|find|finds) (?:this|me)\b|\bwhen (?:you|they) find (?:me|my body)\b|\b(?:no one|they|you)(?: will|'ll)? (?:find|found) (?:me|my body) (?:until|in|tomorrow|dead|too late)\b",
        r"\bi (?:won't|will not|'m not going to|don't plan (?:to|on)|don't intend (?:to|on)|don't expect to) be(?:ing)? (?:alive|(?:here|around)(?: (?:tomorrow|anymore|much longer|next week|for long|by (?:then|friday|morning)|friday|monday|in the morning|to see))+)\b(?! (?:because|since|so can))",
        r"\b(?:won't|not going to|not gonna|no longer) be (?:a (?:problem|burden|bother)|in (?:the|anyone's|your|their) way)\b|\b(?:wrote|written|writing|leaving|left) (?:[\w']+ ){0,4}(?:goodbye|suicide|final|last) (?:notes?|letters?)\b",
        r"\btake care of (?:[\w']+ ){1,3}(?:when|after) i'm (?:gone|dead)\b(?! (?:on|at|for|next|to|this))|\b(?:everything|it|this all|it all) ends (?:tonight|today)\b(?! [\w'])|\b(?:tonight|today) (?:i'm|i am|i will|i'll) (?:end(?:ing)?|finish(?:ing)?) (?:everything|it|it all)\b|\bend(?:ing)? (?:it|everything|all of it)(?: all)? (?:tonight|now|today|for good|once and for all)\b",
        r"\b(?:no one|you|they|everyone)(?: will|'ll| won't)? (?:ever )?(?:have to|need to|be|rid)(?: [\w']+){0,3} (?:me|with me) (?:after|anymore|any longer|tomorrow)\b(?=.*\b(?:tonight|tomorrow|soon|anymore|today)\b)|\bmade (?:all )?(?:the )?arrangements\b.*\bso i can (?:go|leave this)\b",
        unless=r"\b(?:job|shift|work|class|lease|contract|subscription)\b",
    ),
    _rule(
        "self.plan", "crisis", "self",
        r"\b(?:can't|don't want to|won't|done) (?:keep |go on )?living\b.*\bplan\b|\bi(?:'ve| have|'ve got| got|'m)? (?:have |got |making )?(?:a|my|the) plan (?:to (?:die|end|do it|kill)|for (?:how|ending|tonight to end))",
        r"\bno one can stop me\b|\b(?:bought|got) (?:a|the) gun\b.*\bnote\b|\b(?:i've|i have|i) (?:got |have )?everything i need to (?:end|do it|die|go)\b|\balready know how\b.*\b(?:do it|tonight|end)\b|\b(?:do it|end it) tonight\b.*\b(?:know how|no one|plan|pills|decided|ready)\b",
        r"\b(?:tried to|attempt(?:ed)? to) (?:end it|die|end my life)\b|\bmy (?:suicide )?attempt\b.*\b(?:last night|yesterday|today)\b",
        r"\b(?:can't|don't think i can|don't trust myself to|can't stop myself from|barely) (?:[\w']+ ){0,4}(?:stay(?:ing)? (?:alive|safe tonight)|keep(?:ing)? myself (?:safe|alive)|survive (?:the|this) night)\b|\bnot safe with myself\b|\bdon't trust myself (?:tonight|alone|right now|with (?:the|these|his|her|my) (?:pills|gun|knives|knife))\b",
        unless=_PAST,
    ),
    # Others in one's hands
    _rule(
        "other.harm", "crisis", "other_harm",
        rf"{ME}{_gap(3)} (?:{WILL})(?: (?:to|of|about|i|i'm|i'll|i'd|i will|i might|i could|i'm going to|that|just|actually|so|bad|like|really|seriously|on|going|hard))* (?P<act>{HARM} {HIM})\b(?! (?:at (?:cards|chess|checkers|rummy|scrabble|uno)|up|a (?:text|call)|to (?:eat|walk|the|try|do|exercise|go)|in (?:the|her|his) (?:wheelchair|chair|stroller)|around|feelings|with (?:kindness|love|kisses)|hand|back if))",
        rf"\bi(?:'ve| have)?(?: (?:just|almost|nearly|finally|actually|really|did|kinda|snapped and|lost it and|got so mad i|then))* (?P<act3>{HARMED} (?:the )?{HIM})\b(?! (?:up|awake|in (?:the|her|his) (?:wheelchair|chair|stroller|walker)|(?:around|outside|out|over|through|along|away|to (?:the|eat|walk|try|do|go|get|see)|a)|feelings|before|with a|hand|(?:wheel)?chair|walker|arm (?:before|so|to)|at |back |some |from falling|just in time))",
        r"\b(?:pillow|hands?|blanket) (?:over|around|on|to) (?:her|his|their|mom's|dad's|the baby's) (?:face|neck|throat|mouth)\b",
        rf"\b(?:putting|put|slip(?:ping)?|give|giving|crush\w*){_gap(4)} (?:food|drink|coffee|feeding tube|iv|applesauce|too much|extra (?:insulin|morphine|pills)){_gap(6)} (?:doesn't|won't|never|don't) wake\b|\b(?:so|and) (?:she|he) (?:just )?(?:doesn't|won't|never) wakes? up again\b",
        rf"\bi threw (?:[\w']+ ){{1,3}}at {HIM}\b|\bone more (?:[\w']+ ){{1,4}}(?:and|&) i(?:'ll| will|'m going to|'m) {HARM} {HIM}\b|\bend both (?:of us|our lives)\b|\btake (?:her|him|them|mom|dad) with me\b|\bend (?:it )?for (?:both of us|her too|him too)\b|\bput (?:her|him) out of (?:her|his) misery\b",
        unless=rf"{_JOKE}|\bhug\b|\bin (?:chess|cards|checkers|scrabble)\b|\b(?:won't|would never|wouldn't|could never|don't want to|not) hurt (?:her|him|them|a fly)\b(?! but)|{_PAST}|\b(?:hurt|hit) (?:her|his|their) (?:head|feelings|back|knee|arm|hip|leg|foot)\b|\bi (?:[\w']+ )?(?:hurt|push(?:ed)?) (?:her|him) (?:when|while|trying|lifting|to)\b",
    ),
    _rule(
        "third.suicidal", "crisis", "third_party",
        rf"\b{HE}(?: [\w']+){{0,9}}? (?:(?:kill|killing|hang|shoot|shooting|drown|hurt|hurting|harm|harming|cut|cuts|cutting|stab|poison|starve|burn|burning) (?:himself|herself|themsel\w+)|suicidal|end(?:ing)? (?:his|her|their) (?:own )?life|take (?:his|her|their) own life|suicide)\b",
        rf"\b(?:my )?{_KIN}(?: [\w']+){{0,5}}? (?:took|swallowed|overdosed|downed)(?: [\w']+)?(?: (?:a|the|all|whole|bunch|bottle|handful|entire|full|of|too many|her|his))+ ?(?:{PILLS}|bottle)\b(?=.*\b(?:answer|on purpose|wake|goodbye|sleepy|passed out|help|now|whole|entire|full|bunch|handful|bottle)\b)",
        rf"\b(?:he|she|they)(?: just)? (?:took|swallowed|overdosed on|downed)(?: (?:a|the|all|whole|bunch|bottle|handful|entire|full|of|too many|her|his))+ ?(?:{PILLS}|bottle)\b(?=.*\b(?:on purpose|whole bottle|passed out|won't|entire|full|bunch|handful|bottle of)\b)",
        rf"\b{HE}(?: [\w']+){{0,6}} (?:gun|razor|knife|noose|rope|pills)\b(?=.*\b(?:end (?:it|things)|use it|burden|it's over|says? (?:it's |he's |she's )?(?:over|done|goodbye)|goodbye|kill|die)\b)",
        r"\b(?:son|daughter|husband|wife|brother|sister|friend|nephew|niece|partner|boyfriend|girlfriend|kid|teenager|teen|grandson|granddaughter|roommate|cousin|ex)(?: [\w']+){0,7}? (?:wants? to die|wished? (?:he|she) (?:was|were) dead|better off dead|rather be dead|doesn't want to (?:live|be alive|be here anymore))\b|\b(?:texted|sent|left|wrote)(?: me| us)? (?:a |her |his )?(?:goodbye|suicide note)\b",
        r"\b(?:holding|has|put|got|with) (?:a|the|his|her) (?:gun|knife|razor|blade) (?:to|at|against) (?:his|her|their) (?:own )?(?:head|throat|wrists?|mouth|chest|neck)\b|\bhelp (?:him|her|them) (?:die|end (?:his|her|their|it)|kill)\b|\b(?:daughter|son|teen\w*|kid|she|he|wife|husband|sister|brother|girl|boy|friend|niece|nephew)(?: has| is|'s)?(?: been)? cut(?:s|ting)? (?:all )?(?:(?:over|up and down|on) )?(?:his|her|their) (?:own )?(?:arms?|wrists?|legs?|thighs?)\b|\b(?:overdosed|is overdosing|od'd|oded)\b",
        unless=rf"{_PAST}|\b(?:not|isn't|wasn't|never) suicidal\b|\b(?:hurt|cut|burn|burned|cuts|hurting) (?:himself|herself|themsel\w+) (?:an?|some|off|on|falling|in|by|if|when|trying|getting|with|shaving|while|again if)\b|\b(?:{FEAR}|so|keep|lock\w*|rail|in case|prevent|before) (?:that )?(?:she|he|they|it)?(?:'ll| will| might| could| doesn't| don't)?(?: going to)? hurts? (?:himself|herself)\b|\b(?:lost|died|killed (?:himself|herself))\b|\bsuicide (?:squad|prevention|awareness|hotline|watch|loss)\b|\b(?:song|movie|show|book)\b|{_JOKE}|\bwants? to die (?:at home|in (?:his|her)|peacefully|with|naturally)\b",
    ),
    # Done to somebody
    _rule(
        "abuse.plain", "crisis", "abuse",
        rf"\b(?:{HE}|{HELPER}) (?:just |keeps |always )?(?:hit|hits|hitting|slapped|slaps|punched|punches|choked|chokes|kicked|kicks|strangled) (?:me|us|my {_KIN})\b(?! (?:up|with (?:a|the) (?:question|bill)|hard that|like a))",
        unless=_PAST,
    ),
    _rule(
        "abuse.hit", "crisis", "abuse",
        rf"\b(?:{ANYONE})(?: [\w']+){{0,5}}? (?:{HURTS}) (?:on )?(?:me|us|our [\w']+|her|him|them|{KIN})\b(?! (?:head|heads|hand|hands|arm|arms|knee|leg|hip|foot|feet|toe|elbow|back|face|chin|shoulder|up|hard|button|call|funny|lips|a (?:text|call|party)|at (?:cards|chess|checkers|rummy|scrabble|uno)|home run|to (?:the|walk|eat|do|try)|in (?:the|her|his) (?:wheelchair|chair)|around|outside|out|feelings|when i least|with (?:love|kisses|questions)|own|teeth|tongue|lip|nails|jacket|coat|purse|sleeve|walker|cane|keys|shoes))",
        rf"\b(?:{ANYONE})(?: [\w']+){{0,4}}? (?:leaves?|left|gave|has|have|with){_gap(3)} (?:bruises|black eye|welts|burns|marks) (?:on (?:my|our|his|her|me|him)|shaped|from (?:her|his|the) (?:aide|nurse|son|daughter|husband))\b|\b(?:finger|handprint|hand) (?:shaped )?(?:bruises|marks)\b|\bgave me a black eye\b",
        rf"\b(?:they|{HELPER}|{KIN})(?: [\w']+){{0,2}}? (?:tie|ties|tied|restrain\w*|strap\w*|lock(?:s|ed)?|chain\w*) (?:up )?{HIM} (?:up )?(?:to|in|down)(?: (?:the|a|his|her))? ?(?:bed|chair|room|closet|basement|wheelchair|for|all)\b|\btouch(?:es|ed|ing){_gap(4)} (?:privates?|private parts|breasts|inappropriately|sexually|down there|between)\b|\bsexual(?:ly)? (?:abus\w+|assault\w*)\b",
        r"\b(?:no one|they|staff|hasn't|haven't|nobody)(?: [\w']+){0,3} (?:fed|feed|changed|bathed|cleaned|turned|washed|given) (?:him|her|them|mom|dad|my [\w']+|any (?:food|water))(?: [\w']+){0,3} (?:in|for|since) (?:[\w']+ )?(?:days|yesterday|a week|weeks|monday)\b|\bin (?:his|her|their) own (?:mess|filth|urine|waste|feces|poop|pee|shit|stool)\b|\bleav\w* (?:him|her|them|mom|dad|grandma|grandpa|my [\w']+) in (?:wet|dirty|soiled|filthy) (?:diapers?|sheets|clothes|bed\w*)\b|\b(?:lets?|letting|leav\w+) (?:him|her|mom|dad|grandma|grandpa) (?:starve|go hungry|without (?:food|water))\b",
        r"\b(?:being|getting|is|was) (?:physically |sexually |emotionally )?(?:abused|beaten|neglected|starved|molested)\b|\belder abuse (?:is|going|happening|at my)\b",
        unless=rf"{_PAST}|{_ASKED}|\bmy ex was\b|\b(?:dog|cat|ball|game|golf|snooze|button|jackpot|wall|traffic)\b|\b(?:like|feels like|hit me|hits me) (?:a|that|how|all at once|like|when i|hard)\b|{_JOKE}|\b(?:beats?|hits?) me (?:why|how|what)\b",
    ),
    _rule(
        "abuse.threat", "crisis", "aggression",
        rf"\b(?:{HE}|husband with dementia|someone)(?: [\w']+){{0,5}}? (?:(?:came|comes|coming|lunged|lunges|charged|swung|swings|swinging|went) at (?:me|us)|threaten(?:s|ed|ing)(?: [\w']+){{0,2}} (?:kill|hurt|stab|shoot|burn|beat|me|us|hit)|pull(?:s|ed) (?:a |the )?(?:knife|gun) on|point\w* (?:a |the |his )?(?:gun|knife)(?: [\w']+)? at (?:me|us)|chas(?:ed|ing|es) (?:me|us) with|thr(?:ows|ew|owing) (?:[\w']+ ){{1,3}}at (?:me|us)|tr(?:ied|ies|ying) to (?:choke|strangle|stab|hit|kill|hurt|push) (?:me|us))\b",
        r"\bafraid (?:of|for my life|to be (?:in|alone with)) (?:my husband|him when he drinks|around him)\b|\b(?:i'm|i am) (?:hiding|locked) in (?:the|my) (?:bathroom|closet|room|bedroom|car)\b(?=.*\b(?:he|she|they|him|her)\b)",
        unless=rf"{_PAST}|{_JOKE}|\bthrew (?:a )?(?:party|kiss\w*|ball|pillow)\b",
    ),
    _rule(
        "abuse.money", "crisis", "exploitation",
        rf"\b(?:{HE}|{HELPER}|someone|a scammer|a man|they)(?: [\w']+){{0,5}}? (?:steal(?:s|ing)?|stole|stolen|drain(?:s|ed|ing)?|empt(?:ied|ying)|cleaned out|scamm\w+|conn(?:ed|ing)|forg(?:ed|ing)|swindl\w+|pocket(?:ed|ing|s)|cash(?:ed|ing|es)){_gap(6)} (?:money|savings|accounts?|checks?|checkbook|pension|social security|house|jewelry|cards?|cash|dollars|retirement|signature|name|benefits|ring|rings|inheritance)\b",
        rf"\b(?:{HE}|{HELPER}|someone)(?: [\w']+){{0,4}}? (?:tak(?:e|es|ing)|took|us(?:es|ing|ed)|spend(?:s|ing)?|spent|keeps|keeping){_gap(3)} (?:(?:{_KIN}'?s|her|his|grandma's|grandpas?|moms|dads|grandmas) (?:money|savings|(?:bank )?account|checkbook|pension|social security(?: checks?| money)?|ssi|va check|jewelry|rings?|cash|valuables|(?:debit|credit|bank|ebt) cards?|atm card|checks?))\b",
        r"\b(?:got|made|forc\w+|trick\w*|pressur\w*|convinc\w*|talk\w*) (?:her|him|them|mom|dad|grandma|grandpa|my [\w']+)(?: in| into)? (?:to )?(?:sign(?:ing)?|chang(?:e|ing)|giv(?:e|ing)|transfer\w*|wir(?:e|ing)|send(?:ing)?|buy(?:ing)?)(?: [\w']+){0,6} (?:house|deed|will|power of attorney|poa|money|car|account|gift cards?|savings|thousands?|dollars|\d{3,})\b",
        r"\bgift cards?\b(?=.*\b(?:man|guy|caller|irs|microsoft|phone|online|\d{3,})\b)|\b(?:man|guy|caller|someone|person|woman|lady) (?:[\w']+ ){0,4}(?:gift cards?|wire (?:him|her)|wired)\b|\bscamm(?:ed|ing|er|ers)\b|\b(?:sent|sending|wired|wiring|giving|gave)(?: [\w']+){0,3} (?:money|\d{3,}|thousands)(?: [\w']+){0,5} (?:online|met|internet|never met|on the phone|facebook|boyfriend|girlfriend)\b",
        unless=rf"{_PAST}|{_ASKED}|\b(?:to pay|for (?:groceries|rent|gas|her|his|mom|dad)|like i asked|with (?:her|his|my) (?:ok|permission)|to the (?:office|bank|store|pharmacy)|deposit\w*|scam (?:call|text|alert)s?|avoid|protect|medicaid|spend ?down|wedding|keeps? (?:the )?receipts)\b|{_JOKE}",
    ),
    # The body, now
    _rule(
        "medical.breath", "crisis", "medical",
        r"\b(?:not|isn't|stopped|barely|hardly) breath(?:e|ing)\b|\b(?:can't|can not|can hardly|can barely|struggl\w+ to|fighting to|having trouble|trouble|hard time|difficulty) (?:catch (?:his|her|my|their) breath|breath(?:e|ing))\b|\bbreathing (?:is |sounds |has gotten |real |so |really |very )*(?:weird|funny|shallow|strange|wrong|fast|rattl\w+|labored|off|hard)\b|\bgasping\b",
        r"\b(?:turn(?:ing|ed)|going|goes|went|looks?|lips (?:are|look|went)|skin is|face is|fingers are) (?:all |so |kind of )?(?:blue|purple|gray|grey)\b(?! (?:today|lately|in (?:winter|the cold)))|\bno pulse\b|\bchok(?:ing|ed) (?:on (?:his|her|their|a|the|some|food|dinner|lunch|meat)|and|right now|now)\b|\b(?:is|she's|he's|mom's|dad's|'s) choking\b(?! (?:up|on (?:words|tears)))|\b(?:throat is closing|throat closing|tongue is swell\w+|face is swell\w+|anaphyla\w+)\b",
        unless=rf"\bbreathe (?:well|good|through|in this|with|very|easier|again|a (?:bit|little))\b|\b(?:i|we) (?:finally |just )?can(?:'t)? breathe\b(?! (?:and|right|call|help))|\bat night\b|\bapnea\b|\b(?:but|and) (?:was|is|he's|she's) (?:fine|ok)\b|{_PAST}|\bmachine\b|\bcpap\b|\bhospice (?:said|nurse|says)\b|\b(?:sky|paint|hair|eyes|dress|room|beard) \b|\bcan (?:[\w']+ )?(?:i|we) (?:even )?breathe\b|{_ASKED}|\bsometimes stops\b|{_JOKE}",
    ),
    _rule(
        "medical.wake", "crisis", "medical",
        rf"\b(?:can't|can not|unable to|couldn't|trying to) (?:get (?:{HIM} to )?)?(?:wake|rouse|arouse)(?: {HIM})?(?: up)?\b|\b(?:can't get|couldn't get) {HIM} (?:to )?(?:wake|respond|awake|come to)\w*\b|\b(?:won't|will not|isn't|not|doesn't|is not|wouldn't) (?:wak(?:e|ing)(?: up)?|respond\w*|moving|come to|coming to|react\w*|open (?:his|her) eyes)\b(?!(?: up)? (?:to (?:therapy|treatment|texts?|emails?|calls?|the)|at night|early|in time|until|before|for (?:breakfast|lunch|dinner|school|work|anything but)|as (?:much|well)|around|out|in with|back|much|well|very))",
        r"\b(?:unconscious|unresponsive|unresponsiv|non responsive|passed out|passing out|blacked out|collapsed|fainted|went limp|is limp|gone limp|having a (?:stroke|seizure|heart attack|convulsion)|having (?:a )?(?:seizures?|convulsions?)|convulsing|seizure (?:right now|now|that won't stop|for))\b",
        unless=rf"{_PAST}|{_ASKED}|\b(?:last (?:month|week)|collapsed (?:on the (?:couch|bed)|into)|what if|what do i do if|in case|passed out (?:early|on the couch|snoring|asleep|at \d|flyers|cookies|candy|by 8)|wedding)\b|\bi (?:can't|couldn't|didn't|don't|never|won't|wouldn't|not)(?: [\w']+){{0,3}} (?:wake|woke|waking)\b(?! (?:{HIM}))|\brespond(?:ing)? to (?:questions|texts?|emails?|letters?|calls?)\b|\bnot (?:moving (?:in|to|her|him|out))\b|\b(?:insurance|doctor|office|agency|brother|sister|siblings?|lawyer|they|company|landlord)(?: [\w']+){{0,2}} (?:won't|isn't|not|doesn't) respond\w*\b|{_JOKE}|\bi (?:hope|pray|wish)\b|\bhospice\b|\bwak(?:e|ing)(?: up)? (?:tomorrow|anymore|in the morning|up from this)\b(?=.*\bi\b)",
    ),
    _rule(
        "medical.heart", "crisis", "medical",
        r"\bchest (?:pains?|hurts|hurting|tightness|pressure|is (?:tight|hurting|heavy|killing|crushing|burning)|feels (?:tight|heavy))\b|\b(?:pain|pressure|tightness|squeezing)(?: [\w']+){0,2} chest\b|\b(?:grabb|clutch|hold)(?:ing|ed) (?:his|her|my) chest\b",
        r"\b(?:face|mouth|smile|eye|side of (?:his|her) face)(?: [\w']+){0,5}? (?:droop\w*|sagging|hanging|crooked)\b|\bdroop\w*(?: [\w']+){0,3} (?:face|side|mouth)\b|\bslurr(?:ing|ed) (?:[\w']+ ){0,3}(?:words|speech)\b|\b(?:words|speech) (?:is |are |all |sounds? )*(?:slurred|garbled|slurring|jumbled)\b|\b(?:speech|words|talking) (?:[\w']+ ){0,2}(?:no|any) sense\b(?=.*\b(?:suddenly|all of a sudden|droop\w*|now|side|numb)\b)|\b(?:can't|cannot) (?:move|feel|lift|raise) (?:his|her|my|their) (?:left|right|one|whole) ?(?:arm|leg|side)?\b|\bone side (?:of [\w']+ [\w']+ )?(?:is |went |has gone |just went )?(?:numb|weak|limp|paralyzed)\b",
        r"\b(?:blood) (?:is |was |just )?(?:pouring|everywhere|gushing|all over|spurting|squirting|won't stop)\b|\bbleed\w*(?: [\w']+){0,6}? (?:a lot|bad|badly|heavily|won't stop|doesn't stop|not stopping|everywhere|out|really bad|like crazy|from (?:(?:his|her|the) )?(?:head|mouth|ears?|eyes))\b|\b(?:can't|won't|cannot) stop (?:the )?bleeding\b|\bbleeding (?:won't|isn't|will not|doesn't) stop\w*\b|\b(?:cough\w*|vomit\w*|throw\w* up|puk\w*|spitting) (?:up )?(?:a lot of )?blood\b|\bblood(?: [\w']+)? (?:in|when) (?:she|he) (?:vomit|throws up)\w*\b",
        r"\b(?:drank|drunk|drink(?:ing)?|swallow(?:ed|ing)|ate|eaten|ingested)(?: [\w']+){0,6}? (?:bleach|batter(?:y|ies)|antifreeze|clean(?:er|ing) (?:fluid|stuff|product|solution|supplies)|cleaner|detergent|tide pods?|pods|poison|chemicals?|pesticide|mouthwash bottle|lighter fluid|windex|hand sanitizer|nail polish remover|rat poison|drain)\b",
        r"\btook (?:[2-9]|1\d|ten|twelve|too many) (?:[\w']+ ){0,4}(?:pills|tablets)\b(?=.*\b(?:by mistake|drowsy|sleepy|passing|confused|won't)\b)|\b(?:blood )?(?:sugar|glucose)(?: [\w']+){0,3} (?:[1-4]\d|[5-9]\d\d)(?! (?:years?|mg|minutes|days))\b|\b(?:double|triple|twice|too much|extra|wrong) (?:[\w']+ ){0,4}(?:insulin|morphine|dose)\b(?=.*\b(?:shak\w+|pass\w*|sweat\w*|wake|sleepy|breath\w*|limp|confused|out of it)\b)",
        r"\b(?:fell|fall|hit (?:his|her) head|down the stairs)\b(?=.*\b(?:bleeding (?:a lot|bad\w*|heavily|everywhere)|isn't moving|not moving|can't move|won't (?:move|get up)|vomit\w*|throwing up|bone (?:is )?sticking|can't feel)\b)|\bheart (?:has )?stopped\b|\b(?:is|are) on fire\b|\bheat ?stroke\b|\bi think (?:she|he|mom|dad|my [\w']+)(?:'s| is)? (?:dead|having a (?:stroke|heart attack))\b",
        unless=rf"{_PAST}|{_ASKED}|\b(?:last (?:month|week)|what if|in case|gums|heartburn|chest (?:freezer|x ?ray)|went away|cleared|false alarm)\b|\bsmile (?:is|was) crooked since\b|{_JOKE}",
    ),
    # A wish to be dead
    _rule(
        "passive.wish", "passive_death", "passive",
        r"\b(?:wish(?:ed|ing)?|hope|hoping|pray(?:ing)?|want|wouldn't (?:mind|care|be so bad)|would not mind|okay with|fine (?:if|with)|ready for|glad if|like it if|love to|beg(?:ging)?|ask(?:ing)?|prefer)(?: (?:i|i'd|i'll|i'm|that|if|it|god|the lord|jesus|to|just|could|would|will|was|were|am|weren't|don't|do|only|sometimes|had|have|be|all|every|night|fall|go|went|asleep|sleep|and|then|me|ever|simply|please))* (?:dead|gone forever|never (?:been )?born|not (?:be )?(?:here|alive)|not exist\w*|stop existing|cease to exist|(?:not|never|didn't|don't|wasn't|won't) (?:just |ever )?(?:wake|woke|waking)(?: up)?|disappear forever|wasn't (?:here|alive|born)|weren't (?:here|alive|born)|take me|takes me|over for me|gives? out|vanish|not wake)\b(?!(?: up)? (?:tired|early|late|at|until|before|set|out|to|up (?:tired|early|late|at|sore|sick|with)|my|with (?:him|her|them)|shopping|home from|somewhere|there|on|for|up on|seriously))",
        r"\bwish (?:a|the|some|that|it (?:was|were|had been) me|that (?:a|it was me))(?: [\w']+){0,4}? (?:hit me|take me|run me over|instead|got me|(?:had )?kill(?:ed)? me|who died|dying|dead|that died)\b|\bwish i (?:was|were|wasn't|weren't) (?:dead|here anymore|alive|around anymore|born|never born)\b|\b(?:wish|hope) i'd? (?:had )?(?:die|died|never been born|never been|never existed|get (?:cancer|hit|covid and)|have a heart attack|get sick and die|drop dead|stop breathing)\b|\bhope (?:my heart|(?:this|it|the) (?:[\w']+ )?kills? me)\b|\bwish i (?:could|would) (?:just )?(?:die|not exist|cease|disappear (?:forever|and (?:not|never))|stop (?:existing|breathing|being))\b",
        r"\bsleep and (?:just )?(?:never|not) wake\b|\b(?:god|the lord|jesus) (?:would|will|could|to|please|just|can)*(?: just| already| finally)? ?(?:take|takes|took|call|calls|bring) me\b(?: home)?(?! (?:out|to|through|there))|\bready (?:to (?:go|leave this)|for (?:god|the lord|jesus|it)) (?:home|world|earth|to (?:take|call|be over))\b|\bready (?:for|to meet) (?:god|the lord|jesus)\b",
        r"\bi(?:'d|'m| would)?(?: [\w']+){0,8}? (?:didn't|never|not|don't)(?: (?:ever|even|just|want|to|have|having))* (?:wake|woke|waking) up\b(?! (?:early|at|before|until|for|on time|to|and go|every|in time|so|in the (?:middle|night)|all|late|tired|sore|sick))",
        r"\b(?:wouldn't|would not|don't|didn't) (?:even |really )?(?:care|mind|be sad|bother me)(?: [\w']+){0,2} if (?:i|a|the|some|my|something|it)(?: [\w']+){0,5} (?:die|died|dead|hit me|killed me|stopped|ended|happened to me|wake up|took me|crash\w*|got me|kills me|run over|gone)\b|\b(?:if|when) (?:i|a (?:truck|bus|car)) (?:just |suddenly )?(?:died|dropped dead|hit me)(?: [\w']+){0,6} (?:relief|fine|okay|ok|better|mad|peace|happy|problem|solved|cared?)\b",
        r"\benvy(?:ing)? (?:the dead|dead people|(?:my |her |him )?(?:[\w']+ ){0,4}(?:gets? to (?:die|go)|dying|(?:is|being) dead))\b|\bjealous (?:of|that) (?:[\w']+ ){0,5}(?:died|dead|dying|gets? to (?:die|go))\b|\b(?:death|dying|being dead) (?:sounds|seems|looks|feels|would be|is) (?:so |like |kind of |really |pretty )*(?:peaceful|good|nice|easier|better|a relief|relief|restful|rest|comfort\w*|like rest)\b|\b(?:it|this) should (?:be|have been) me (?:dying|who died|instead|in that)\b|\bwhen (?:she|he|mom|dad|my [\w']+) (?:goes|dies|passes|is gone) i(?:'m| want| wanna|'ll| will| am| plan)?(?: (?:to|want|going|am|'m))* (?:go|going|die|follow|too|with (?:her|him))\b|\bgo with (?:her|him) when (?:she|he)\b",
    ),
    _rule(
        "passive.not_live", "passive_death", "passive",
        r"\b(?:i|i'd|i'm|just|really|ya)(?: (?:just|really|honestly|also|even|so|sometimes))* (?:don't|do not|didn't|no longer|not sure i|never|can't|not|want to not|want to no longer|done|tired of)(?: (?:really|even|just|want|to|have|care|wanting|wanted|be|know if i|see why i))* (?:live|be alive|exist|existing|be living|wake up|keep living|go on living|living|stay alive|be here|be around|be on this earth|be in this world|alive)(?: (?:anymore|any more|any longer|at all|again|in the morning|tomorrow|like this|period|without (?:her|him|mom|dad|my [\w']+)|right now|like|$))*(?:$|(?<=anymore)|(?<=longer)|(?<=morning)|(?<=tomorrow)|(?<=like this)|(?<=at all)|(?<= alive)|(?<=exist)|(?<=any more))",
        r"\b(?:want|wish|like) to not (?:be (?:here|alive)|exist)\b|\bwant (?:it|everything)(?: all)? to (?:stop|end|be over)\b(?=.*\b(?:alive|living|life hurts|existing|breathing|forever)\b)|\bbeing alive (?:hurts|is (?:too|so|exhausting|painful|pain))\b|\bhate (?:being alive|waking up every|that i (?:woke|wake|keep waking) up)\b|\bwhy (?:am i|do i) (?:even |still )?(?:alive|keep (?:living|waking up)|exist)\b|\bdisappear and (?:not|never) (?:come back|exist|be)\b|\bdisappear(?: [\w']+){0,6} (?:world|existence|earth)\b|\bstop existing\b|\bnot (?:exist|be alive) anymore\b|\b(?:think|thinking|thought|fantasize|dream) (?:a lot )?(?:about|of) (?:not (?:being (?:alive|here)|existing|waking up)|being dead|disappearing forever)\b|\bdon't want to be (?:here|alive) no more\b|\b(?:welcome|crave|long for|look forward to) (?:death|dying)\b",
        unless=r"\b(?:she|he|they|mom|dad|[\w']+'s) (?:doesn't|don't|didn't) want\b|\blive (?:here|there|with|in|near|alone|at|on)\b(?! the edge)|\bbe (?:here|around) (?:when|for|until|at|in|all|so late|on)\b|\b(?:want|to be) alone\b|\bnever want to live in\b|\bcan't live without (?:my (?:phone|coffee|planner|calendar)|coffee)\b",
    ),
    _rule(
        "passive.better", "passive_death", "passive",
        r"\b(?:better|easier|happier|fine|richer|relieved|best)(?: off)?(?: [\w']+)? (?:without me|dead|(?:if|when|once) i(?:'m|'d| was| were| wasn't| weren't| am|) ?(?:just |had )?(?:gone|dead|died|disappeared|vanished|not here|here|around|weren't|wasn't|never (?:been )?born|out of the way|not around))\b|\bwithout me (?:they|everyone|my (?:family|kids))(?:'d| would)? (?:be|do) (?:better|fine|happier)\b",
        r"\b(?:i'd|i would|i) (?:honestly |almost |much )?(?:rather|sooner|prefer to) (?:be dead|die|not (?:be here|exist|be alive))\b|\bworth (?:more|a lot more)(?: [\w']+){0,3} dead\b|\blife insurance (?:[\w']+ ){0,8}(?:than i|more than|than me|help them more|without me|if i (?:died|was gone))\b|\b(?:they|everyone|no one|kids|family) (?:wouldn't|would|won't)(?: [\w']+)? (?:even )?(?:notice|care|miss me|be sad)(?: [\w']+)? if i (?:died|disappeared|was gone|were gone|was dead|vanished|were dead|wasn't here)\b|\bno one would (?:even |really )?miss me\b",
        r"\b(?:what's|what is|no|see no|don't see (?:a|the|any)|isn't (?:a|any)|is there (?:a|any)|not a|there's no|for no|isn't much|lost all) (?:the )?(?:point|reason|use|sense|purpose)(?: (?:in|of|to|for|me|even|anymore|left))* (?:living|live|going on|go on|be (?:here|alive)|being (?:here|alive)|life|waking up|wake up|keep (?:living|going on)|stay(?:ing)? alive|exist(?:ing)?)\b",
        r"\b(?:tired|sick|weary|exhausted|done) (?:of |with |from )?(?:living|being alive|life|existing|this life|my life)\b(?! (?:being|on|with|out|in|at|from|revolving|here|there|paycheck|like a|so far))|\b(?:nothing|no reason|not much|anything) (?:left )?to live for\b|\blife (?:is not|isn't|ain't|not|no longer) worth (?:living|it)\b|\bdon't (?:see|have|picture) (?:a |any )?future\b(?=.*\bme\b)|\b(?:can't|don't) (?:see|imagine) (?:a |any |the )?future (?:with me|where i'm|that has me|for myself)\b|\bnot worth living\b|\b(?:i'm|am) (?:just |only |nothing but |such )?a (?:burden|waste of (?:space|air))\b(?=.*\b(?:better|without|gone|everyone)\b)|\bwouldn't be (?:so|that) bad (?:to|if i) (?:die|died|not wake|be dead|didn't wake)\b|\bif i (?:just |ever )?died (?:tomorrow|tonight|in my sleep|today|right now)\b(?=.*\b(?:relief|fine|ok|okay|better|care|mind)\b)",
        unless=r"\b(?:form|forms|meeting|point of the|class)\b|\brather die than (?:eat|wear|go to (?:that|another)|watch|miss|sing)\b|\bwhat if i die\b|\b(?:she|he|mom|dad|grandma|grandpa)(?: said| says)?(?: [\w']+){0,5} (?:she'd|he'd) rather die\b|\bsick of my life right now lol\b",
    ),
    # Leaving now, or unable to keep them safe
    _rule(
        "escape.leave", "burnout_escape", "escape",
        rf"{ME}(?: [\w']+){{0,6}}? (?:walk(?:ed|ing)? out|leav(?:e|ing)|left|driv(?:e|ing)|drove|run(?:ning)? away|ran|tak(?:e|ing) off|took off|disappear(?:ing)?|go(?:ing)?|gone|get(?:ting)? in the car|got in (?:the|my) car|pack(?:ed|ing)|bail(?:ing)?|drop(?:ping)?|dump(?:ing)?){_gap(12)} (?:{NO_RETURN}|for good\b)",
        rf"\b(?:leav(?:e|ing)|left|abandon\w*|dump\w*|drop(?:ping|ped)?) {HIM}(?: off)? (?:[\w']+ )?(?:here |there )?(?:and (?:driv|walk|runn|leav|just going|going|tak|not|never|disappear)\w*|at the (?:er|hospital|emergency room|fire station)(?: [\w']+)? (?:and|there|because i can't))",
        r"\b(?:keep|kept|just) (?:on )?driving (?:and|until|till|away|till)\b(?=.*\b(?:never|not|gas|don't|far|away from)\b)|\bfend for (?:her|him|them)sel(?:f|ves)\b|\b(?:she|he|they) can (?:figure it out|take care of (?:her|him)self)\b(?=.*\b(?:leav|pack|walk|done|gone)\w*\b)",
        unless=rf"\bfor good (?:behavior|reason|news|weather)\b|\b(?:not|never) coming back (?:to (?:this|that) (?:doctor|clinic|store|restaurant|pharmacy))\b|\b(?:left|leaving) (?:my|the|this|that) (?:job|work|office|company|church)\b|\bdon't come back\b|{_JOKE}|\b(?:aide|nurse|sitter|sub|brother|sister|she|he|they)(?:'s| is)?(?: [\w']+){{0,3}} (?:not|never|isn't) coming back\b|\bworld\b",
    ),
    _rule(
        "escape.unsafe", "burnout_escape", "unsafe_now",
        rf"\b(?:can't|can not|unable to|not able to|don't know how to|no longer) (?:[\w']+ )?keep {HIM} (?:[\w']+ )?safe\b|\b(?:not safe|isn't safe|unsafe) (?:with me|alone with me|around me|for (?:her|him|them) with me|in my care)\b|\b(?:not|isn't) safe (?:here )?(?:and|because) i (?:can't|fell asleep)\b",
        rf"(?:^|\b(?:i|i\'m|so tired|tired|while i|when i)\b{_gap(5)} )(?:fell|fall(?:ing)?|falls|dozed|doze|pass(?:ed)? out|nodded|asleep|slept|sleeping|sleep)\b(?=.*\b(?:stove|oven|burner|kitchen|fire|bath ?tub|tub|bath|wander\w*|got out|gets out|getting out|road|street|highway|front door|door was (?:wide )?open|could(?:'ve| have) died|burn\w*|smoke|drown\w*|knife|driving)\b)(?=.*\b(?:she|he|her|him|mom|dad|they)\b)(?!.*\bmy show\b)",
        rf"\bto+ (?:tired|exhausted|worn out|sleep deprived|drunk|weak) to (?:[\w']+ )?(?:be trusted|keep {HIM}|watch {HIM}|chase {HIM}|lift {HIM}|look after|care for|take care of|be safe|drive {HIM}|give {HIM}|stop {HIM}|notice if)\b",
        rf"\b(?:can't|no longer|can not) (?:watch|handle|control|look after|take care of|care for|stop|supervise) {HIM}\b(?=.*\b(?:got out|gets out|getting out|wander\w*|road|street|fire|stove|knife|knives|hurt|danger\w*|escap\w*|highway)\b)",
        rf"\b{FEAR} (?:of )?what i(?:'ll| will| might|'m going to| could|'d| may) do(?: to {HIM}| if| next| one of these|$)|\bi (?:locked|left) {HIM} (?:in|alone)(?: [\w']+){{0,6}} (?:and left|because i (?:can't|couldn't)|can't go back|not sure|don't want to)\b|\bleft the (?:gas|stove|oven|burner) on (?:twice|again|with (?:her|him)|all night)\b|\bgave (?:[\w']+ ){{0,3}}wrong (?:ones|meds?|pills?|dose|insulin)(?: [\w']+){{0,3}} (?:twice|again|already|because i(?:'m| was) so)\b|\bdon't trust myself (?:with|around|to be alone with) {HIM}\b|\b{FEAR} i(?:'ll| will| might|'m going to) (?:snap|lose it|lose control)(?: and| on| with) (?:{HIM}|hurt|do something)\b",
        unless=rf"{_PAST}|\bneed (?:a|some) (?:lock|alarm)s? for\b|\b(?:can i|is it ok|should i)\b|\bshe slept (?:well|great|fine|through)\b|\b(?:bath|shower) (?:and|then) (?:she|he) (?:slept|fell asleep)\b|\bafter (?:her|his|the) bath\b",
    ),
    # Nobody at all
    _rule(
        "isolation.nobody", "isolation", "alone",
        r"\bi(?:'ve)?(?: (?:literally|really|honestly|truly|just|basically|still))? (?:have|got|don't have|have got|haven't got|know)(?: (?:absolutely|literally|just|really|like))* (?:no one|not one person|not a single (?:person|friend|soul)|a (?:single )?(?:soul|person|friend)|one (?:single )?(?:person|friend)|anyone|any friends|no friends|no family)(?: (?:left|at all|anymore|literally|in (?:my|the|this) (?:life|world)|else|not one|man|at this point))*(?:$| (?:to (?:talk|turn|call|lean|confide|tell|text|reach out|go)|i (?:can|could|trust)|who (?:cares|would|helps|knows)|literally|no one|left|at all|on (?:this )?earth|in the world)\b)",
        r"\bthere(?:'s| is| isn't|'s not)? ?(?:literally |absolutely |really |just )?(?:no one|not (?:a soul|one person|a (?:single )?(?:person|soul))|a soul|one person|anyone)(?: (?:else|left|at all|here|in (?:my|the) (?:life|world)))*(?:$| (?:i can|i could|to (?:call|talk|turn|ask|text|lean)|left|for me|who cares)\b)|\bnot (?:one|a single) (?:person|friend|soul)(?: left)? (?:to|i can|left|cares|who)\b",
        r"\b(?:haven't|have not|hadn't|not)(?: (?:talked|spoken|seen|had|hung|been))(?: [\w']+){0,8}? (?:anyone|adult|human|person|people|soul|conversation|visitors?|visit|friend|friends|face|alone)(?: [\w']+){0,8}? (?:in|for) (?:[\w']+ ){0,3}(?:days|weeks|months|years|week|month|year|long|forever)\b",
        r"\bno one (?:ever |even |has |really |in my life )*(?:calls?|visits?|checks?|checked|cares?|comes|texts|asks|talks|speaks|called|visited|knows i exist|looks)(?: (?:or|and|no one|on|me|about|to|how i'm|if i'm|anymore|see|visits?|calls?|by|in|over|ever|with))*(?: (?:me|anymore|visits?|a year|months|weeks|alive|exist)|$)|\bif i (?:fell|died|got hurt|dropped dead|had a heart attack|disappeared)(?: [\w']+){0,4} no one would (?:even )?(?:know|notice|find|come)\b",
        r"\b(?:completely|totally|utterly|entirely|truly|all|so) alone (?:in|with|on|here with) (?:this|the world|it all|everything|it|(?:her|him) (?:day and night|24 7))\b|\bno (?:family|friends)(?: [\w']+){0,3}? (?:and |or |no |and no )+(?:friends|family)(?: [\w']+){0,2}\b|\b(?:all|every one of) my (?:friends|people|family)(?: [\w']+){0,2} (?:are |is |have )?(?:gone|dead|left|disappeared|vanished|stopped)\b|\bcut off from everyone\b|\b(?:the )?only (?:person|human|voice) i (?:talk to|see|hear|ever see)\b",
        unless=r"\b(?:to|who can|who could|that can) (?:watch|sit|drive|cover|help (?:with|me (?:with|move))|stay|take (?:her|him)|pick|fill|bring)\b|\b(?:pharmacy|office|desk|doctor|county|state|school|hospital|back from|lawyer|phone line|agency|insurance|dr|nurse|plumber|dentist|book club|library|sunday|coming)\b|\bto (?:ask|call) about\b|\bwho (?:uses|speaks|does|takes|knows (?:about|how))\b",
    ),
    # In Spanish
    _rule(
        "self.es", "crisis", "self",
        r"\b(?:quiero|voy a|pienso|pensando|pense|ganas de|intente|trate de|planeo|deseo|decidi|he decidido|quisiera|necesito)(?: [\w']+){0,3}? (?P<act>(?:matarme|suicidarme|morir(?:me)?|quitarme la vida|acabar con (?:mi vida|todo)|hacerme dano|cortarme|ahorcarme|colgarme|tirarme|aventarme|lanzarme|terminar con (?:mi vida|todo)|pegarme un tiro|dispararme|lastimarme))\b",
        r"\bme (?:voy a|quiero|quisiera|pienso) (?P<act2>(?:matar|morir|suicidar|colgar|ahorcar|tirar (?:del?|al?|por)|aventar|lastimar|cortar))\b(?! (?:el|la|las|los))|\b(?P<act3>(?:matarme|suicidarme|quitarme la vida|ahorcarme))\b|\bme (?:corte|queme|estoy cortando|he cortado|lastime) (?:los brazos|las venas|las munecas|las piernas|otra vez|de nuevo|a proposito)\b|\bme (?:tome|trague|voy a tomar|estoy tomando) (?:todas?|un (?:frasco|monton|puno)|todo el|muchas|demasiadas|[2-9]\d)(?: [\w']+){0,3} ?(?:pastillas|frasco|medicinas?|pildoras|medicamentos?)\b",
        r"\b(?:tengo|ya tengo|junte|guarde|guardando)(?: [\w']+){0,3} (?:pastillas|pistola|soga|cuerda|cuchillo|navaja|veneno|frasco)\b(?=.*\b(?:acabar|terminar|morir\w*|fin|todo|matar\w*|listas?|lista|noche)\b)|\b(?:tirarme|aventarme|lanzarme|saltar)(?: [\w']+){0,2} (?:puente|edificio|azotea|tren|balcon|techo|rio)\b",
        r"\b(?:hoy|esta noche|ya|manana)(?: [\w']+){0,2} (?:termino|acabo|se acaba|termina) (?:con )?(?:esto|todo|mi vida)\b|\b(?:adios a todos|esta es mi despedida|mi ultimo mensaje|cuiden a mis hijos|perdonenme)\b|\b(?:pensamientos|ideas) suicidas\b|\bsuicid(?:io|arme)\b|\bcarta de despedida\b",
        unless=rf"\bmorirme? de (?:risa|hambre|frio|calor|verguenza|sueno|cansancio|ganas)\b|\bno (?:me )?(?:quiero|voy a|pienso) (?:a )?(?:me )?(?:matar\w*|morir\w*|suicidar\w*|hacerme dano|lastimar\w*)\b|\b(?:murio|perdi|perdimos)(?: [\w']+)* suicidio\b|{_PAST}",
    ),
    _rule("self.means_es", "crisis", "means", r"\b(?:cuant[ao]s?|que|cual(?:es)?|como)(?: [\w']+){0,6} (?:para (?:morir\w*|matar\w*|no despertar|acabar)|me mata\w*|es letal|es mortal|seria mortal|sin dolor)\b|\b(?:dosis|cantidad) (?:letal|mortal)\b|\bforma (?:mas )?(?:rapida|facil)(?: [\w']+){0,2} (?:morir|matar\w*)\b"),
    _rule("other.harm_es", "crisis", "other_harm", r"\b(?:quiero|voy a|ganas de|miedo de|a punto de|casi|temo|puedo|pensando en|pense en)(?: [\w']+){0,2}? (?:matarl[oa]|pegarle|ahogarl[oa]|golpearl[oa]|hacerle dano|lastimarl[oa]|asfixiarl[oa]|ahorcarl[oa]|envenenarl[oa]|sacudirl[oa]|matar a)\b|\b(?:le pegue|la golpee|lo golpee|le di una cachetada|la empuje|lo empuje|casi l[oa] (?:ahogo|mato)|casi le pego)\b", unless=rf"{_JOKE}|\bno (?:quiero|voy a)\b"),
    _rule("third.es", "crisis", "third_party", r"\b(?:mi|su|el|ella|una?)(?: [\w']+){0,6}? (?:se (?:va a|quiere|quiso|iba a|intento|trato de)|quiere|amenaza con|dice que se va a|habla de)(?: [\w']+)? ?(?:matar(?:se)?|suicidar(?:se)?|quitarse la vida|hacerse dano|ahorcar(?:se)?)\b|\bse (?:corta|esta cortando) (?:los brazos|las munecas|las piernas)\b|\b(?:hij[oa]|herman[oa]|espos[oa]|amig[oa]|sobrin[oa])(?: [\w']+){0,4} (?:quiere morir\w*|no quiere vivir)\b|\bse (?:tomo|trago) (?:un frasco|todas|todo el frasco|un monton|muchas)(?: [\w']+){0,3} ?(?:pastillas|medicinas?|pildoras|frasco)?\b", unless=rf"{_PAST}|\bcomo siempre\b"),
    _rule("abuse.es", "crisis", "abuse", r"\b(?:le|les|me|nos|l[oa]) (?:esta[n]? )?(?:pega[n]?|pegando|pego|golpea[n]?|golpeo|golpeando|maltrata[n]?|maltratando|amenaza|amenazo|amarra[n]?|empujo|patea|cacheteo|ahorco|jalonea|abusa[n]?)\b(?! (?:el sol|la gripe|duro|la cabeza|la rodilla|mucho el))|\b(?:no le dan|sin darle) de comer\b|\btiene moretones\b", unless=rf"{_PAST}|\b(?:la rodilla|la cabeza|el codo|el pie|se golpe\w+|{_JOKE})\b|\bcuando (?:era|eramos) nin\w+\b"),
    _rule("money.es", "crisis", "exploitation", r"\b(?:roba(?:ndo|ron|n)?|robo|quita(?:ndo|ron)|quito|saca(?:ndo|ron)|vaci\w+|estaf\w+|gasta(?:ndo|n)?|usa(?:ndo)?)(?: [\w']+){0,4} (?:dinero|cheques?|ahorros|cuenta|pension|tarjeta|casa|joyas)\b(?=.*\b(?:abuel[oa]|mama|papa|madre|padre|ti[oa]|suegr[oa]|su|le)\b)", unless=r"\b(?:cita|cajero para|pagar|compras|mandado)\b"),
    _rule("medical.es", "crisis", "medical", r"\bno (?:respira|puede respirar|despierta|responde|reacciona|se mueve)\b|\bno (?:\w+ )?(?:lo|la) puedo despertar\b|\bno puedo despertar(?:l[oa]| a)\b|\bse (?:esta )?(?:ahogando|desmayo|desmayando|convulsionando|atraganto|atragantando)\b|\besta (?:inconsciente|morad[oa]|azul|convulsionando)\b|\b(?:dolor|presion) (?:de|en el) pecho\b|\ble duele (?:mucho )?el pecho\b|\bconvulsion(?:es|ando)?\b|\bsangra(?:ndo)?(?: [\w']+){0,2} (?:mucho|de la (?:cabeza|boca)|demasiado|no para)\b|\b(?:tomo|trago|bebio)(?: [\w']+){0,2} (?:cloro|veneno|pila|bateria|detergente)\b|\b(?:cara|boca) (?:caida|chueca|torcida)\b|\b(?:un|le dio un) (?:infarto|derrame)\b", unless=rf"{_PAST}|\bel (?:ano|mes) pasado\b|\bno responde (?:a )?(?:el|los|mis|mi|al)\b|\bno respira bien (?:de|por la) noche\b"),
    _rule("passive.es", "passive_death", "passive", r"\b(?:ojala|quisiera|quiero|prefiero|preferiria|mejor|gustaria|rezo|deseo)(?: [\w']+){0,4}? (?:no (?:volver a )?(?:despertar\w*|existir|estar (?:aqui|viv[oa])|haber nacido|desperta\w+)|estar muert[oa]|desaparecer|dormirme? y (?:ya )?no despertar|me muriera|morirme mientras|me llevara|muert[oa])\b|\bno quiero (?:seguir |estar )?(?:viv\w+|existir|despertar\w*|aqui)\b|\b(?:estarian|estaran|estaria|vivirian) mejor (?:sin mi|si yo no|si me muero|sin mi)\b|\bmejor (?:si yo no (?:estuviera|existiera)|si me muero|muert[oa])\b|\bcansad[oa] de vivir\b|\b(?:ya )?no (?:tengo|me quedan) (?:ya )?ganas de (?:seguir )?vivir\b|\b(?:para que|no (?:le )?(?:veo|encuentro|tiene)(?: [\w']+){0,2} (?:sentido|caso|razon)(?: [\w']+){0,2}) ?(?:a )?(?:sigo |seguir |la |estoy )?(?:viv\w+|vida)\b|\bdios (?:que )?(?:ya )?me (?:lleve|recoja)\b|\b(?:pido|ruego|rezo)(?: [\w']+){0,3} que me lleve\b|\bla vida (?:ya )?no (?:vale|tiene sentido)\b|\bsi me muero (?:nadie|no pasa)\b|\bno (?:vale la pena|quiero) (?:seguir )?vivi\w+\b"),
    _rule("escape.es", "burnout_escape", "escape", r"\b(?:me voy(?: a ir)?|me largo|me fui|sali|agarro mis cosas|l[oae]s? (?:voy a )?dej(?:o|ar|e)(?: sol[oa])?)(?: [\w']+){0,8}? (?:(?:ya )?no (?:vuelvo|regreso|voy a (?:volver|regresar)|pienso (?:volver|regresar)|quiero (?:volver|regresar))|para siempre)\b|\babandonarl[oa]\b|\bdejarl[oa] (?:tirad[oa]|en el hospital (?:e|y))\b"),
    _rule("unsafe.es", "burnout_escape", "unsafe_now", r"\bno puedo (?:mantenerl[oa] segur[oa]|protegerl[oa]|controlarl[oa]|cuidarl[oa])\b(?=.*\b(?:calle|sale|escapa|fuego|estufa|peligro|dormid[oa]|cae|mas|segur[oa])\b)|\bme (?:quede|quedo|dormi)(?: dormid[oa])?\b(?=.*\b(?:estufa|calle|se sale|se salio|fuego|puerta|banera|lumbre)\b)|\bmiedo de lo que (?:le )?(?:pueda|puedo|voy a) hacer\w*\b"),
    _rule("isolation.es", "isolation", "alone", r"\bno tengo (?:a nadie|con quien (?:hablar|contar|platicar|desahogarme)|ni un amigo|amigos ni familia|familia ni amigos|a quien (?:llamar|acudir))\b|\bestoy (?:completamente |totalmente |muy )?sol[oa] (?:en (?:esto|el mundo|la vida)|con todo)\b|\b(?:completamente|totalmente) sol[oa]\b|\bnadie (?:me )?(?:llama|visita|busca|viene|habla)(?: [\w']+){0,3} (?:nadie|nunca|ya|a verme|ni)\b|\b(?:llevo|tengo|hace) (?:[\w']+ )?(?:dias|semanas|meses|anos)(?: que)? (?:sin|no) (?:hablar|hablo|ver|veo)(?: [\w']+){0,2} (?:nadie|otra persona|un adulto)\b", unless=r"\bpara (?:que )?(?:l[oa] )?cui\w+\b|\bel (?:lunes|martes|miercoles|jueves|viernes|sabado|domingo)\b"),
)  # fmt: skip

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

# Signs of a farewell that mean little alone; two different ones together are a crisis.
SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("farewell", r"\b(?:goodbye|good bye|farewell|adios|so long everyone)\b(?! (?:party|to|for now|lunch|card))"),
        ("left_to_others", r"\btell (?:my|the|them|everyone|mom|dad)(?: [\w']+){0,3} (?:i )?(?:love|loved|sorry)\w*\b|\b(?:take care of|look after|watch over) (?:my|the) (?:kids|children|babies|boys|girls|family|son|daughter|dog)\b|\bcuiden a\b"),
        ("thanks", r"\bthank(?:s| you) for everything\b|\bforgive me\b|\b(?:sorry|apologize) (?:for everything|to everyone)\b|\bgracias por todo\b|\bperdon(?:enme|ame)\b"),
        ("gone", r"\b(?:i won't|i will not|won't|i'm not going to|not going to) (?:be|text|bother|see|hear)(?:ing)?(?: [\w']+){0,3} (?:here|around|tomorrow|again|anymore|problem|burden)\b|\bi'll be gone\b(?! (?:until|till|for|from|at|on|all|most|this|next|between|to))|\bwhen i'm gone\b(?! (?:on|at|for|to|next|this|from))|\bso i can go\b"),
        ("given_away", r"\b(?:gave|giving|given) away (?:all )?my (?:things|stuff|belongings|jewelry|clothes|dog|cat|books)\b|\b(?:wrote|written|writing|left) (?:[\w']+ )?(?:letters?|notes?) (?:to|for) (?:the|my|each|everyone)(?: [\w']+)? ?(?:kids|children|family|son|daughter|husband|wife|them|mom|sister|boys|girls)?\b(?! (?:insurance|doctor|teacher|school|landlord|judge))"),
        ("means", r"\b(?:have|got|holding|lined up|saved(?: up)?|saving(?: up)?|counted(?: out)?|hid|bought|found|hoarding) (?:[\w']+ ){0,4}(?:enough pills|bottle of pills|pills (?:here|with me|in my hand|lined)|gun|pistol|rope|noose|razor)\b|\beverything i need (?:to|is)\b|\b(?:pills|gun|rope|knife|bottle) (?:is |are )?(?:right )?(?:here|next to me|beside me|in my (?:hand|lap))\b"),
        ("ending", r"\b(?:tonight|today|hoy|esta noche) (?:it|this|everything|all of it)(?:'s| is| will be)? (?:ends?|over|done)\b|\bend(?:ing)? (?:it|this|everything)\b|\bdo(?:ing)? it tonight\b|\b(?:it|this) will (?:all )?be over (?:soon|tonight)\b|\bcan't stop me\b|\bno turning back\b"),
        ("peace", r"\b(?:i'm|i am|finally) (?:finally )?(?:at peace|calm|ready) (?:now|with (?:it|leaving|going)|finally)\b|\bmade my peace\b"),
        ("despair", r"\bcan't (?:take|do|go on|keep|bear|live|stand)(?: [\w']+){0,3} (?:anymore|like this|on|it)\b|\bno (?:puedo|aguanto) mas\b|\bya no (?:puedo|aguanto)\b|\bwant it (?:all )?(?:to be )?over\b|\b(?:i'm|am|just) a burden\b|\bhopeless\b|\bi give up\b"),
    )
)  # fmt: skip

# What somebody says they do not want or will not do is taken back.
DENIED = re.compile(
    r"\b(?:not|never|don't|wouldn't|won't|no|isn't|didn't|ain't|nor|nunca)"
    r"(?: (?:want|wanting|going|trying|planning|thinking|think|ever|actually|really|saying|to|about|"
    r"of|i'm|i|i'd|i'll|that|would|will|do|mean|meaning|like|gonna|feel|feeling|be|even|have|having|"
    r"any|thoughts|plans|plan|intend|intending|here|suicidal|or|and))* ?$"
)
IDIOM = re.compile(
    r"\b(?:dying|die|died) (?:laughing|of (?:laughter|embarrassment|boredom|thirst|hunger|shame|shock|cute\w*)|"
    r"to (?:know|see|meet|try)|for (?:my|this|that))\b|\bkill(?:ing|s)? (?:it|time|two birds)\b"
    r"|\bkill for (?:a|some|one)\b|\bto die for\b|\bover my dead body\b|\bkilled it\b"
)

# What is told of a film or a lesson, of another time, or taken back: a rule alone is not enough.
FRAME = re.compile(
    # of what somebody read, saw, learnt or says for fun
    r"\b(?:movies?|films?|show|episode|books?|novel|poem|songs?|sing(?:s|ing)?|lyrics|quiz|trivia|"
    r"crossword|puzzle|training|module|study guide|homework|essay|exam|class|course|lecture|script|"
    r"poster|drill|diary|jokes?|joking|theme|podcast|headlines?|articles?|news|documentary|videos?|"
    r"memes?|scene|character|chapter|author|proverb|sermon|radio|soap opera|musical|quotes?|myth|"
    r"signs|symptoms|screening|band|team|game|recital|laundry|printer|phone|gravy|pool|lol|haha\w*|"
    r"ha|to die for|jaja\w*|peliculas?|series?|novelas?|ensayo|charla|curso|taller|hojas?|hojita|"
    r"folleto|cancion|libro|cuento|noticias?|documental|personaje|escena|refran|dicho|frases?|"
    r"voluntari\w+|capacitacion|sintomas|diferencia|impresora|factura|corrector)\b"
    # of another time
    r"|\b(?:years? (?:ago|sober|back|clean|later)|yrs|ago|used to|back when|back then|when i was|"
    r"as a (?:boy|girl|kid|child|teen\w*)|in my (?:teens|twenties|thirties)|in (?:high school|"
    r"college)|last (?:year|spring|summer|fall|winter)|those days|since then|(?:19|20)\d\d|i'm good|"
    r"got clean|got me through|recovered|recovery|survived|rehab|sober|remission|in the past|"
    r"at nineteen|hace (?:\w+ )?(?:anos|meses)|ya lo vio|de joven|cuando (?:era|tenia)|ya paso|"
    r"superad[oa]|recuperad[oa]|en (?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|"
    r"octubre|noviembre|diciembre))\b"
    # taken back
    r"|\b(?:not (?:suicidal|planning|like that|in danger|a danger|once)|no (?:plans?|intention|"
    r"thoughts)|(?:would|could|i'd|he'd|she'd) never|never (?:would|thought|hit|hurt|laid)|don't "
    r"worry|nothing like that|haven't (?:thought|had)|counselor asked|nunca (?:le|lo|la|me|he)|"
    r"nadie me|jamas|en ningun momento|no (?:se|te) preocupe\w*|no (?:estoy|he) (?:pensando|pensado))"
    r"\b"
)

# After a cue: a retreat, which takes nothing back.
RETREAT = re.compile(
    r"\b(?:i'm|i am|im|all|it's|we're|estoy|todo) (?:just |really |honestly |totally |all |doing |muy )?(?:fine|ok|okay|good|alright|bien|better|tired|safe|kidding|joking|venting|dramatic|exaggerat\w+)\b"
    r"|\b(?:forget|ignore|disregard|never ?mind|nvm|nevermind|scratch|olvid\w+)(?: [\w']+){0,3}(?: (?:it|that|this|i said|what i said|me|about it|lo))\b|^(?:never ?mind|nvm|nevermind|olvidalo|forget|ignore)\b"
    r"|\b(?:just|only|was|solo|era) (?:kidding|joking|jk|venting|being dramatic|tired|a joke|joke|broma|bromeando|cansad[oa])\b|^(?:jk|jkjk|lol jk|nvm|kidding|lol|(?:ha)+h?)\b|^(?:sorry|whatever|i'm sorry)$"
    r"|\b(?:didn't|don't|did not|do not|no) (?:really )?(?:mean|meant) (?:it|that|anything|to)\b|\bdidn't mean\b|\bno lo dije en serio\b|\bno (?:es|fue|era) nada\b"
    r"|\b(?:don't|no need to|stop) (?:worry|call|freak|panic|send|te preocupes)(?:ing)?\b|\bno te preocupes\b|\bno (?:big )?(?:deal|worries)\b|\bsorry i said\b|\bshouldn't have said\b|\b(?:leave|drop) it\b|\bi'll (?:text|call) (?:988|them|it)\b|\bi (?:wouldn't|won't|would never|'d never|am not going to|'m not going to) (?:actually |really |ever )?(?:do (?:it|anything)|act on)\b"
)
# After a cue: words that mean little alone and much then.
AMBIGUOUS = re.compile(
    r"\bcan't (?:do|take|stand|bear|go on|keep)\b|\b(?:so|i'm) done\b|\bdoesn't matter\b|\bwhat(?:'s| is) the point\b|\bno point\b|\bgive up\b|\bgiving up\b|\bhopeless\b|\bno (?:puedo|aguanto) mas\b|\bit(?:'s| is| will be|'ll be) (?:over|too late|all over)\b|\bwon't matter\b|\bgoodbye\b|\badios\b|^tonight\b|\b(?:soon|tonight|maybe) (?:it|i)\b|\bi (?:might|will|'ll|could|am going to|'m going to) (?:do it|go|end it)\b|\bno one (?:cares|can help|understands)\b|\bi have (?:a plan|them|it) ?(?:here|now|ready)?$|\b(?:i|i've|i'm|my|these|those)\b(?: [\w']+){0,4} (?:pills|gun|rope|knife|bridge)\b(?! (?:for|to|she|he|mom|dad|every|at))|\bi don't know (?:anymore|if i can)\b|\bnot (?:sure(?: i can.*| i want.*| anymore)?$|safe)\b|\bwant it to (?:stop|end)\b|\bcan't stop thinking\b|\bstill (?:feel|want|think|the same|here)\w*\b|^no$"
)
