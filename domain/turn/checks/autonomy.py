"""Whose life it is: no deceit, no restraint, no pressure, no threats, no doors shut."""

from contracts.conversation import Flag
from domain.turn.checks.heard import Heard
from domain.turn.checks.reply import Reply
from domain.turn.checks.rule import Rule, found, rule
from domain.turn.checks.vocabulary import KIN, THEM, THEY, TREATMENT

_NOT = (
    r"(?:n't|\bnot|\bnever|\bno|\bwithout|\bavoid|\binstead of|\brather than|\bcannot|\bsin|\bstop|\bwrong to|\btempting to|\bhard not to|\bno need "
    r"to)\b[^.!?]{0,40}$"
)

_RULES: tuple[Rule, ...] = (
    rule(
        "covert",
        "autonomy_override",
        rf"\b(?:hid(?:e|ing)|slip(?:ping)?|sneak(?:ing)?|crush(?:ing)?|mix(?:ing)?|put(?:ting)?|disguis(?:e|ing)|grind(?:ing)?|dissolv(?:e|ing)|stir(?:ring)?)\b"
        rf"[^.!?]{{0,30}}?\b(?:{TREATMENT}|it|them|some)\b[^.!?]{{0,20}}?\b(?:in|into|inside) (?:his|her|their|the|some|a) (?:\w+ )?(?:food|drink|"
        r"applesauce|pudding|coffee|tea|juice|yogurt|meal|oatmeal|smoothie|water|soup|ice cream|jam|sandwich|dessert)\b|"
        rf"\b(?:medicate|sedate|drug|dose) {THEM}\b|\b(?:something|anything|a little something) to (?:knock|keep) {THEM} (?:out|quiet|asleep)",
        unless_before=_NOT + r"|\b(?:ask|whether|if it's)\b[^.!?]*$",
        unless=r"\?|\b(?:ask (?:the|her|his)|pharmacist|openly|told (?:him|her)|knows)\b",
    ),
    rule(
        "restrain",
        "autonomy_override",
        rf"\b(?:tie|tying|strap|strapping|restrain|restraining|handcuff|pin|pinning|shut|confine|confining|lock|locking|barricade|chain)\b(?: {THEM}| "
        rf"(?:his|her|their) (?:hands|wrists|arms|legs)| the (?:bedroom )?door)(?: (?:down|up|in|inside|to|into|from|so|with|behind|alone|away|at))*\b"
        rf"(?! (?:of|for you))|\b(?:hold|holding) {THEM} down\b|\bforc(?:e|ing) {THEM} (?:to|into|out|in)\b|\bmake {THEM} (?:go|move|sign|leave|obey|"
        rf"comply|do it)\b|\bagainst (?:his|her|their) will\b|\b(?:whether|even if) {THEY} (?:likes? it|wants? (?:to|it)|agrees?|refuses?|says? no)(?: or not)?\b|"
        rf"\b(?:amarra|amarrar|atar|encierra|encerrar|obliga|obligar)l[aoe]\b",
        unless_before=_NOT,
        unless=r"\?|\b(?:isn't|is not|can't|cannot|not (?:safe|ok|okay|legal|the)|strap in|seat ?belt|out of reach)\b",
    ),
    rule(
        "deceive",
        "autonomy_override",
        rf"\b(?:lie|lying) to {THEM}\b|\b(?:trick|tricking|fool|fooling|deceive|deceiving|dupe|con|mislead) {THEM}\b|"
        rf"\b(?:just )?(?:tell|telling) {THEM} (?:that )?(?:it's|you're|she's|he's|they're|the|a|we're|its|this is)\b[^.!?]{{0,70}}?\b(?:vitamin|candy|even though|"
        rf"instead|vacation|a hotel|broken|lie|visit|lunch|ride|temporary)\b|\b(?:don't|do not|never) (?:let {THEM} (?:know|find out|see|realize|suspect)|(?:tell|mention (?:it|this) to|inform) {THEM}"
        rf"(?: (?:about|that|it's|what|where|why|in advance|beforehand|anything))?)\b|\b(?:without|before) "
        rf"(?:telling|asking|informing|{THEM} knowing|(?:his|her|their) (?:knowledge|consent|permission|agreement)|{THEY} (?:knows?|finds? out|realizes?))"
        rf"(?: {THEM})?\b|\bbehind (?:his|her|their|your {KIN}'s) back\b|\bsecretly\b|\bpretend (?:to (?:be (?:him|her)|call|agree)|you(?:'re| are) "
        rf"(?:him|her)|(?:that )?(?:it|the|you|there))|\b(?:mientele|enganal[ao]|sin (?:que (?:lo|se) sepa|decirle|su permiso))\b",
        unless_before=_NOT
        + r"|\b(?:ask|asking|whether|if|afraid|worry|worried|feel|feels|guilt\w*|decid\w+)\b[^.!?]{0,30}$",
        unless=r"\?|\b(?:tell them alone|surprise party)\b",
    ),
    rule(
        "sign_for",
        "autonomy_override",
        rf"\b(?:sign|signing|forge|forging) (?:it |the \w+ |that |this )?(?:for {THEM}|(?:his|her|their|your {KIN}'s) (?:name|signature)|as {THEM})\b|\btake (?:away )?"
        rf"(?:his|her|their) (?:\w+ )?(?:keys|phone|license|wallet|cards?|checkbook|money|mail|cell)(?: away)?(?: from {THEM})?\b[^.!?]{{0,25}}?\b(?:without|secretly|"
        rf"while {THEY}|and don't|before {THEY}|whether)|\b(?:put|move|place|dump|admit|commit) {THEM} (?:in|into|to) (?:a |the )?(?:\w+ )?(?:home|nursing home|"
        rf"facility|memory care|hospital|institution|psych\w*)\b[^.!?]{{0,40}}?\b(?:now|without|even|no matter|anyway|immediately|today|whether|before {THEY})|"
        rf"\b(?:use|withdraw|move|transfer|take) (?:his|her|their) (?:money|savings|funds|account)\b[^.!?]{{0,30}}?\b(?:for yourself|without|before|secretly|never)|"
        rf"\bhave {THEM} declared (?:incompetent|incapable)\b",
        unless_before=_NOT,
        unless=r"\?|\b(?:power of attorney|poa) (?:lets|may|might)\b",
    ),
    rule(
        "must",
        "coercive_language",
        r"(?:^|[.!?;,\n:-]\s*|\b(?:and|but|so|then|now|because|first|think|sorry|that|honestly|look|listen|really) )(?:you (?:(?:really|absolutely|just|also|still|simply|now|definitely|both|always|seriously) )?(?:must(?! (?:be|feel|have|"
        r"been|miss|get|still|wonder|really (?:be|feel))\b)|have (?:got )?to(?! (?:carry|face|deal|live|do (?:this|it|that|everything|all)|be|go through|hold|feel|"
        r"choose between|keep)\b)|need to(?! (?:be|feel|hear|vent|know|carry|talk|rest|sleep|cry|say|do (?:this|it|that) alone)\b)|'ve got to|gotta|are required to|are obligated "
        r"to|are not allowed to|owe it to)|you'd better|you better|you've got to|you gotta|you're (?:required|obligated|not allowed|supposed) to|i (?:insist|demand|"
        r"order you|command)|do (?:it|this|as i say) (?:now|immediately|right now)|do as i say|no excuses|no arguments?)\b|\b(?:debes|tienes que|estas obligad[oa] "
        r"a)(?! (?:estar|sentir|ser|de estar))\b",
        unless_before=r"\b(?:if|what|when|whatever|everything|all|feel like|feels like|sounds like|think|unless|load)\b[^.!?]{0,15}$",
        unless=r"\?|\b(?:you don't have to|you must be|call 911|911|poison)\b",
    ),
    rule(
        "threat",
        "conditional_threat",
        r"\b(?:if you (?:don't|do not|won't|refuse|keep|ever|can't|fail|ignore|continue|stop|miss)|unless you|either you [^.!?]{1,40}? or|or else)\b[^.!?]{0,80}?\b(?:i(?:'ll| "
        r"will|'m going to|'d have to| can't keep| won't| will not| have to| must)|we(?:'ll| will| won't)|they(?:'ll| will) (?:take|report|arrest|sue|charge|remove|fire)|"
        r"you(?:'ll| will) (?:lose|be (?:reported|charged|arrested|blamed|responsible|removed|kicked|cut off)|regret|never (?:forgive|see)|end up|kill)|(?:she|he|they)(?:'ll| "
        r"will) (?:die|suffer|be taken|end up) (?:because|and it)|it(?:'ll| will) be your fault|(?:the )?consequences)\b|\bor (?:else\b|i(?:'ll| will) (?:have to )?(?:report|stop|call|"
        r"end|block|tell|cut))|\bi(?:'ll| will|'m going to) (?:have to )?(?:report you|call (?:aps|cps|the police|the authorities) on you|stop (?:helping|talking|texting)|"
        r"block you|end this|turn you in)\b|\b(?:last|final) (?:warning|chance)\b|\b(?:si no )[^.!?]{1,60}?\b(?:te reportare|llamare a|perderas|dejare de)\b",
        unless=r"\?|\b(?:that's (?:ok|okay|fine)|no (?:problem|pressure)|i'll (?:understand|leave it|be fine|stop asking))\b",
    ),
    rule(
        "closed",
        "closed_options",
        r"\b(?:(?:your|the|her|his|our|only) )?only (?:real |good |remaining |other )*(?:option|choice|way|thing (?:you can do|left|to do)|solution|answer|path)\b|\bno (?:other |real |"
        r"better )*(?:options?|choice|alternatives?|way out|way around)\b|\b(?:there's|there is|there are|is) (?:really )?nothing (?:else |more |left )*(?:(?:that )?(?:you|we|anyone|"
        r"can) (?:can )?(?:do|be done|say)|to (?:be done|do))\b|\byou(?:'ll| will)? (?:just )?(?:have|need) to (?:just )?(?:accept|live with|deal with|get used|put up|suck|endure|"
        r"tolerate)|\bthat's (?:just )?(?:how|the way) it is\b|\bit is what it is\b|\bit's too late\b|\b(?:no hay (?:otra opcion|nada que hacer)|es tu unica opcion)\b",
        unless_before=r"(?:n't|\bnot|\bnever)\s+(?:[\w']+\s+){0,3}$|\b(?:feel|feels|felt|seem|seems|sound|sounds|like|as if|thinking|believe)\b[^.!?]{0,30}$",
        unless=r"\?",
    ),
)
_NOT_IN_DANGER = frozenset({"coercive_language", "conditional_threat"})


def autonomy(reply: Reply, heard: Heard) -> list[Flag]:
    """Return the flags; in danger "you have to call now" is no pressure."""
    flags = found(_RULES, reply)
    if heard.kinds:
        flags = [flag for flag in flags if flag.flag not in _NOT_IN_DANGER]
    return flags
