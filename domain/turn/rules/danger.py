"""
Danger in a text: each rule is an id, the class and kind of danger, its tier, and a pattern.

Patterns read a text as `domain.turn.words.collapsed` leaves it: lower case, no accents, one space
between words, apostrophes kept.  They are made of a few word classes, so that a new wording is a
new combination and not a new sentence.  `unless` names what makes the same words innocent.
"""

import re
from dataclasses import dataclass

from domain.turn.reading import DangerKind, SafetyClass, Tier

VERSION = "danger-2"

# Who: the one cared for and other near people; the person's own self.
KIN = (
    r"(?:my |our |the )?(?:mom|mum|mama|mother|mil|dad|papa|father|husband|hubby|wife|spouse|"
    r"partner|son|daughter|kid|child|baby|brother|sister|grandma|grandmother|grandpa|grandfather|"
    r"nana|aunt|uncle|niece|nephew|cousin|friend|roommate|boyfriend|girlfriend|neighbor)"
)
HIM = rf"(?:her|him|them|{KIN})"
HE = rf"(?:he|she|they|{KIN})"
SELF = r"(?:myself|my ?self|mysel|meself)"
# How one comes to it: wanting, planning, being about to.
WILL = (
    r"(?:wan(?:t|na)|want(?:ed)?|wanting|need|needing|going|gonna|gunna|bout|about|plan|plans|"
    r"planning|ready|decided|deciding|tempted|thinking of|thinking about|think about|thought of|"
    r"thought about|thoughts of|urge|urges|trying|tried|try|might|could|will|i'll|ill|"
    r"considering|keep thinking|close|feel like|feeling like)"
)
TO = r"(?: (?:to|of|about|just|really|honestly|actually|so|badly|i|i'm|im))*"
_ING_KILL = r"(?:kill|killing|end|ending|off|offing|hang|hanging|shoot|shooting|drown|drowning|unalive|unaliving|suffocate|suffocating)"
HARM = (
    r"(?:kill(?:ing)?|hurt(?:ing)?|hit(?:ting)?|slap(?:ping)?|smother(?:ing)?|strangl(?:e|ing)|"
    r"chok(?:e|ing)|poison(?:ing)?|shov(?:e|ing)|push(?:ing)?|shak(?:e|ing)|stab(?:bing)?|"
    r"shoot(?:ing)?|suffocat(?:e|ing)|drown(?:ing)?|punch(?:ing)?|beat(?:ing)?)"
)
PILLS = r"(?:pills?|meds?|medications?|medicine|tablets|tylenol|ambien|morphine|oxy\w*|insulin|xanax|sleeping pills)"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to look for; `unless` is looked for in the whole text."""

    rule: str
    safety: SafetyClass
    kind: DangerKind
    tier: Tier
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None


def _rule(
    rule: str, safety: SafetyClass, kind: DangerKind, pattern: str, unless: str = ""
) -> Rule:
    tiers: dict[SafetyClass, Tier] = {
        "crisis": "critical", "passive_death": "high", "burnout_escape": "medium",
        "isolation": "medium",
    }  # fmt: skip
    innocent = re.compile(unless) if unless else None
    return Rule(rule, safety, kind, tiers[safety], re.compile(pattern), innocent)


_PAST_HURT = r"\byears? ago\b|\bused to (?:hit|beat|hurt)\b|\bwhen i was (?:a kid|little|young)\b"
_JOKE = r"\b(?:lol|lmao|haha\w*|jk|just kidding|jaja\w*)\b"

RULES: tuple[Rule, ...] = (
    # Oneself: the act
    _rule("self.act", "crisis", "self", rf"\b{_ING_KILL} {SELF}\b|\bkms\b|\bkys\b|\btake my own life\b|\b(?:end|ending|finish|take|taking) my (?:own )?life\b|\bend(?:ing)? it all\b|\b(?:gonna|going to|want to|ready to|plan(?:ning)? to|'ll|time to|might(?: just)?|could(?: just)?) end (?:it|things)(?: tonight| now| today| all| for good| soon|$)"),
    _rule("self.word", "crisis", "self", r"\bsuicid\w*\b", r"\bsuicide (?:squad|prevention|awareness|hotline|doors?|watch)\b|\b(?:not|isn't|wasn't|never|no) (?:[\w']+ )?suicid\w*\b|\b(?:his|her|their|brother's|father's|husband's|friend's) suicide\b|\b(?:died|lost|passed) (?:[\w']+ ){0,4}suicide\b"),
    _rule("self.die", "crisis", "self", rf"\bi(?:'m|'d| am|m|d)?(?: [\w']+){{0,3}}? (?:{WILL}){TO} die\b(?! (?:laughing|of|for|down|out|peacefully|at home))", r"\b(?:she|he|they|mom|dad|mother|father|grandma|grandpa) (?:[\w']+ ){0,2}wants? to die\b"),
    _rule("self.plan", "crisis", "self", r"\bi(?:'ve| have|'m| am)?(?: [\w']+){0,3} (?:a|my|the) (?:plan|rope|noose|gun|razor|note|letters?|goodbye)(?: [\w']+){0,4} (?:end|die|ready|written|tonight|myself|do it|goodbye|loaded)\b|\b(?:can't|cant|don't want to|won't) (?:keep|go on) living\b.*\bplan\b|\b(?:wrote|written|writing|leaving) (?:[\w']+ ){0,3}(?:goodbye|suicide) (?:notes?|letters?)\b|\bbought (?:a|the) gun\b.*\bnote\b|\b(?:have|got) the (?:rope|pills|gun|blade|razor)\b"),
    _rule("self.tonight", "crisis", "self", r"\bend(?:ing)? (?:it|everything|things|all of it)(?: all)? (?:tonight|now|today|soon|for good|once and for all)\b|\b(?:everything|it) ends (?:tonight|today)\b|\b(?:nobody|no one|they|you)(?: will|'ll)? (?:find|found) (?:me|my body) (?:until|in|tomorrow|dead|too late)\b|\b(?:over|end|done)\b.*\b(?:have|got|holding) (?:the |some |enough |my |these |his |her )?(?:pills|gun|rope|knife|blade)\b"),
    _rule("self.weapon", "crisis", "self", r"\b(?:knife|gun|blade|razor|scissors|belt|rope|cord)(?: [\w']+){0,3} (?:to|against|at|on|in|around) my (?:wrists?|head|throat|mouth|neck|chest|hands?|arms?|temple)\b|\b(?:put|putting|point\w*|hold\w*) (?:a|the) gun (?:to|in) my\b"),
    _rule("self.jump", "crisis", "self", r"\b(?:jump|jumping|throw myself|drive|driving|step|stepping|walk|walking|run|crash)(?: [\w']+){0,3} (?:off|into|in front of|from)(?: [\w']+){0,2} (?:bridge|roof|building|balcony|cliff|train|traffic|truck|tree|wall|river|overpass|bus|median)\b"),
    _rule("self.harm", "crisis", "self", rf"\b(?:hurt|hurting|harm|harming|cut|cutting|starv\w+|punish\w*) {SELF}\b|\bself ?harm\w*\b|\bslit(?:ting)? my (?:wrists?|throat)\b|\b(?:been|started|start|keep|am|i'm|im) cutting(?: again| myself|$)|\bcut my (?:arms?|wrists?|legs?)\b", r"\bcut myself (?:shaving|cooking|on (?:a|the))\b|\bhurt myself (?:lifting|moving|helping|falling)\b"),
    _rule("self.pills", "crisis", "self", rf"\b(?:i|i'm|im|i'll|ill|me)\b(?: [\w']+){{0,6}} overdos\w+\b|\b(?:gonna|going to|want to|wanna|about to|could|might) od\b|\btook (?:[2-9]\d|1\d\d|twenty|thirty|forty|fifty|sixty|a bunch of|a ton of|so many)(?: [\w']+){{0,2}} (?:{PILLS})\b|\b(?:tak(?:e|ing)|took|swallow\w*|down(?:ing)?|eat(?:ing)?) (?:all|every|the (?:whole|entire)|a (?:whole )?(?:bottle|handful)|whole|too many)(?: [\w']+){{0,4}} ?(?:{PILLS}|bottle|of them)\b", r"\btook (?:all )?(?:her|his|their|my) (?:[\w']+ )?(?:meds|medication|medicine|pills)(?: [\w']+)? (?:this morning|like|on time|today|as|with|so|already|at)\b|\b(?:forget|forgot|remind|remember|make sure|should|does|did|how|when|supposed|get (?:her|him) to)\b.*\btak(?:e|es|ing) (?:all|every)\b|\b(?:picture|photo|list) of\b|\bpharmacy\b|\bto the (?:doctor|doctor's|appointment|er)\b|\bdoctor said\b"),
    _rule("self.goodbye", "crisis", "self", r"\b(?:this is|my) (?:goodbye|last (?:text|message|night|day))\b|\bgoodbye (?:forever|for good|everyone|world)\b|\b(?:won't|wont|not going to|not gonna) be (?:here|around|alive) (?:tomorrow|anymore|any more|much longer|next week|for long)\b|\btake care of (?:[\w']+ ){1,3}when i'm (?:gone|dead)\b"),
    _rule("self.means", "crisis", "means", r"\bhow (?:many|much)(?: [\w']+){0,5} (?:to die|to kill|would kill|will kill|is lethal|is fatal|to overdose|to not wake up|to never wake up|to end it)\b|\bwhat (?:dose|amount)(?: [\w']+){0,5} (?:kill|lethal|fatal|die)\w*\b|\b(?:lethal|fatal|deadly) (?:dose|amount)\b|\b(?:painless|easiest|quickest|best|least painful) way to (?:die|go|end it)\b|\bcan (?:i|you|someone|somebody|a person) (?:die|overdose|od) (?:from|by|if|on|with|mixing|taking)\b|\bhow high (?:[\w']+ ){0,5}(?:fall|jump|die)\b"),
    _rule("self.es", "crisis", "self", r"\b(?:quiero|voy a|pienso|pensando|pense|ganas de|intente|planeo|deseo)(?: [\w']+){0,2} (?:matarme|suicidarme|morir(?:me)?|quitarme la vida|acabar con (?:mi vida|todo)|hacerme dano|cortarme|ahorcarme)\b|\bme (?:voy a|quiero|quisiera) (?:matar|morir|suicidar)\b|\b(?:matarme|suicidarme|quitarme la vida|morirme)\b", r"\bmorirme de (?:risa|hambre|frio|calor|verguenza)\b|\bno (?:quiero|voy a) (?:matarme|morir\w*|suicidarme)\b"),
    # Others
    _rule("other.harm", "crisis", "other_harm", rf"\bi(?:'m|'ll|'d| am|m|ll)?(?: [\w']+){{0,3}}? (?:{WILL}|afraid|scared|almost|nearly|came close)(?: (?:to|of|i|i'll|i'd|i will|i might|i'm going to|ill|that|just|actually))* {HARM}(?:ed)? {HIM}\b|\bi (?:almost|nearly|just)(?: [\w']+){{0,2}} (?:hit|slapped|smothered|choked|pushed|shoved|shook|hurt|strangled|killed) {HIM}\b|\bpillow over (?:her|his|their) face\b|\b(?:quiero|voy a) (?:matarl[oa]|pegarle|ahogarl[oa])\b", rf"{_JOKE}|\bkill(?:ing)? (?:him|her|them) with kindness\b|\bhug\b"),
    _rule("third.suicidal", "crisis", "third_party", rf"\b{HE}(?:'s| is| has|'ll)?(?: [\w']+){{0,5}}? (?:kill (?:himself|herself|themsel\w+)|suicidal|end (?:his|her|their) (?:own )?life|hurt (?:himself|herself|themsel\w+)|took (?:a|the) (?:whole|entire|full) bottle|overdosed|(?:hang|shoot|drown|cut|harm|stab|poison) (?:himself|herself|themsel\w+))\b|\b{HE}(?:'s| is| has)?(?: [\w']+){{0,3}} (?:a |the )?gun(?: [\w']+){{0,6}} (?:end it|use it|himself|herself|kill)\b|\b(?:my )?(?:son|daughter|husband|wife|brother|sister|friend|nephew|niece|partner|boyfriend|girlfriend|kid)(?: [\w']+){{0,3}} wants? to die\b|\b(?:se quiere|quiere) (?:matar|suicidar)(?:se)?\b", r"\byears? ago\b|\blast year\b|\b(?:not|isn't|wasn't) suicidal\b|\bhurt (?:himself|herself|themsel\w+) (?:on|falling|in|by|if|when|trying|getting|with the)\b|\b(?:afraid|scared|worried|so) (?:that )?(?:she|he|they)(?:'ll| will| might| could| doesn't)? hurt\b"),
    _rule("abuse.hit", "crisis", "abuse", rf"\b(?:{HE}|the (?:aide|nurse|caregiver|staff|worker)|(?:an?|her|his|our) (?:aide|nurse|caregiver|worker)|somebody|someone)(?: [\w']+){{0,5}}? (?:hits|hit|hitting|beats|beat|beating|slaps|slapped|slapping|chokes|choked|choking|punches|punched|kicks|kicked|shoves|shoved|burned|threatens to kill|threatened to kill|pulled a (?:knife|gun) on|molest\w+|rapes?d?) (?:on )?(?:me|us|our|her|him|them|{KIN})(?! (?:head|hand|arm|knee|leg|hip|foot|toe|elbow|back|face|chin|shoulder|up|hard))\b|\ble (?:pega|golpea|maltrata)\b|\bme (?:pega|golpea|amenaza)\b|\belder abuse\b|\b(?:being|getting|is) (?:abused|beaten|neglected|starved)\b", _PAST_HURT),
    _rule("abuse.money", "crisis", "exploitation", rf"\b(?:{HE}|the (?:aide|nurse|caregiver)|somebody|someone|a scammer)(?:'s| is| has| are)?(?: [\w']+){{0,3}} (?:steal(?:s|ing)?|stole|stolen|drain(?:s|ed|ing)?|emptied|emptying|taking|took|scamm\w+)(?: [\w']+){{0,4}} (?:money|savings|account|checks?|checkbook|pension|social security|house|jewelry|credit card)\b"),
    _rule("medical.breath", "crisis", "medical", r"\b(?:is not|isn't|isnt|not|stopped|stop|barely|hardly) breath(?:e|ing)\b|\b(?:can't|cant|cannot) breathe\b|\bgasping\b|\bturn(?:ing|ed) blue\b|\blips are blue\b|\bno pulse\b|\bno respira\b|\bse (?:esta )?ahogando\b", r"\b(?:can't|cant|cannot) breathe (?:well|good|through|in this|with|very)\b|\b(?:i|we) (?:finally )?can(?:'t|t)? breathe\b|\bbreathe (?:well|easier)\b|\bat night\b"),
    _rule("medical.now", "crisis", "medical", r"\b(?:unconscious|unresponsive|passed out|won't wake(?: up)?|wont wake(?: up)?|can't wake (?:her|him|them)|having a (?:stroke|seizure|heart attack)|collapsed|(?:isn't|isnt|not|won't|wont) (?:waking|wake|responding)(?: up)?|chest (?:pains?|hurts|tightness|pressure)|bleeding (?:badly|a lot|heavily|won't stop|everywhere|from (?:her|his|the) (?:head|mouth|ears?))|bleeding\b.*\ba lot|coughing up blood|vomiting blood|swallowed (?:bleach|poison|batteries|a battery)|esta inconsciente|dolor de pecho|dolor en el pecho|convulsion\w*)\b|\bface (?:is |looks )?droop\w*\b|\bslurr(?:ing|ed) (?:[\w']+ ){0,2}(?:words|speech)\b|\b(?:is|she's|he's|started|mom's|dad's) choking\b(?! (?:up|on (?:words|tears)))", r"\b(?:last (?:year|month|week)|years? ago|in the past|history of|recovered|when should|what if|signs of|what are|how (?:do|can|would) (?:i|you|we) (?:know|tell)|collapsed (?:on the (?:couch|bed)|into bed))\b"),
    # A wish to be dead
    _rule("passive.wish", "passive_death", "passive", r"\b(?:wish|wished|hope|hoping|pray|praying|want|wouldn't mind|would not mind|wouldnt mind|okay with|ready for)(?: (?:i|that|if|it|god|to|just|could|would|was|were|am|wasn't|weren't|didn't|don't|dont|do|not|never|only|sometimes|had|have|be|all|was just))* (?:dead|gone forever|never born|never been born|not (?:be )?here|not exist|stop existing|not wake up|never wake up|don't wake up|dont wake up|didn't wake up|not waking up|disappear forever|wasn't here|not be alive|take me|over for me)\b|\bwish i (?:was|were|wasn't|weren't) (?:dead|here anymore|alive|around anymore|born)\b|\bsleep and (?:never|not) wake\b|\bgod (?:would|will|could|to|please)(?: just)? take me\b|\bgod (?:just )?(?:takes?|took) me\b|\b(?:just )?disappear and (?:not|never)\b|\bi(?:'d|'m)?(?: [\w']+){0,8}? (?:didn't|didnt|never|not|don't|dont)(?: (?:ever|even|just|want|wanna|to|have))* (?:wake|woke|waking) up\b(?! (?:early|at|before|until|for|on time|to|and go|every|in time|so))"),
    _rule("passive.not_live", "passive_death", "passive", r"\b(?:don't|dont|do not|didn't|no longer|not sure i|never)(?: (?:really|even|just|want|wanna|to|have|care|wanted|be))* (?:live|be alive|exist|be living|wake up|keep living|go on living|stay alive|be here)(?: (?:anymore|any more|any longer|again|in the morning|tomorrow|like this|$)|$)", r"\b(?:she|he|they|mom|dad) (?:doesn't|don't|dont) want\b|\blive (?:here|there|with|in|near|alone)\b|\bbe here (?:when|for|until)\b"),
    _rule("passive.better", "passive_death", "passive", r"\b(?:better|easier|happier)(?: off)? (?:without me|dead|if i (?:was|were|wasn't|weren't|am|died|disappeared)(?: [\w']+)?(?: gone| dead| here| around)?)\b|\b(?:rather|sooner) (?:be dead|die)\b|\bworth more dead\b|\blife insurance (?:[\w']+ ){0,6}(?:than i|more than|than me|help them more)\b|\b(?:nobody|no one) would (?:notice|care|miss me)(?: [\w']+)? if i (?:died|disappeared|was gone|were gone|was dead)\b|\b(?:what's|whats|what is|no|see no|not see a) (?:the )?(?:point|reason|use) (?:in|of|to) (?:living|live|going on|go on|being alive|even living|life|waking up)\b|\b(?:tired|sick) of (?:living|being alive|life|existing)\b|\bnothing (?:left )?to live for\b"),
    _rule("passive.es", "passive_death", "passive", r"\b(?:ojala|quisiera|quiero|prefiero|preferiria|mejor)(?: [\w']+){0,2} (?:no (?:despertar\w*|existir|estar)|estar muert[oa]|desaparecer|dormir y no despertar)\b|\bno quiero (?:seguir )?(?:viv\w+|existir|despertar)\b|\bestarian mejor sin mi\b|\bmejor muert[oa]\b|\bcansad[oa] de vivir\b|\bpara que vivir\b"),
    # Leaving now, or unable to keep them safe
    _rule("escape.leave", "burnout_escape", "escape", rf"\bi(?:'m|'ll|'d| am|m)?(?: [\w']+){{0,4}}? (?:walk(?:ing)? out|leav(?:e|ing)|driv(?:e|ing) (?:away|off)|run(?:ning)? away|tak(?:e|ing) off|disappear(?:ing)?|go(?:ing)?)(?: {HIM})?(?: [\w']+){{0,5}}? (?:(?:and )?(?:not|never|not gonna|not going to|don't|dont)(?: [\w']+)? (?:com(?:e|ing) back|look(?:ing)? back|return(?:ing)?)|for good|forever)\b|\b(?:leaving|abandon\w*|dump\w*) {HIM} (?:[\w']+ )?(?:here |there )?(?:and (?:driving|walking|running|just going)|alone tonight|at the (?:er|hospital) and)\b|\bkeep (?:on )?driving and (?:never|not)\b|\bme voy a ir y no (?:volver|regreso)\w*\b"),
    _rule("escape.unsafe", "burnout_escape", "unsafe_now", rf"\b(?:can't|cant|cannot|can not|unable to) keep {HIM} safe\b|\bfell asleep\b.*\b(?:stove|oven|wander\w*|got out|door was open|could have died|could've died|burn\w*)\b|\b(?:not safe|isn't safe|unsafe) (?:with me|alone with me|for (?:her|him|them) with me)\b|\bi (?:locked|left) {HIM} (?:in|alone)(?: [\w']+){{0,4}} (?:and left|because i)\b"),
    # Nobody at all
    _rule("isolation.nobody", "isolation", "alone", r"\bi(?:'ve)?(?: (?:literally|really|honestly|truly|just|basically))? (?:have|got|ve got|don't have|dont have|have got)(?: (?:absolutely|literally|just|really))* (?:no ?one|nobody|not one person|not a single (?:person|friend)|anyone|anybody|any friends)(?: (?:left|at all|anymore|to (?:talk|turn|call|help|lean)(?: [\w']+)?|in (?:my|the) (?:life|world)|who (?:cares|helps)|else))?$|\bi(?:'ve)? (?:have|got|don't have|dont have)(?: (?:absolutely|literally|just|really))* (?:no ?one|nobody|anyone|anybody) (?:left|at all|to (?:talk to|turn to|call)|in (?:my|the) (?:life|world)|who cares)\b|\bthere(?:'s| is) (?:literally |absolutely )?(?:no ?one|nobody) (?:i can|to|left|for me)(?: (?:call|talk to|turn to|ask|text|lean on))?\b|\b(?:haven't|havent|have not) (?:talked|spoken|seen)(?: to)? (?:anyone|anybody|another (?:adult|human|person|soul)|a (?:single )?(?:soul|person|human))(?: [\w']+){0,2} in (?:days|weeks|months|a week|a month|so long|forever)\b|\b(?:completely|totally|utterly|all) alone in (?:this|the world|everything)\b|\bno tengo a nadie\b|\bestoy (?:completamente )?sol[oa] en (?:esto|el mundo)\b", r"\b(?:to|who can) (?:watch|sit|drive|cover|help (?:with|me (?:with|move)))\b"),
)  # fmt: skip

DENIED = re.compile(
    r"\b(?:not|never|don't|dont|wouldn't|wouldnt|won't|wont|no|isn't|isnt|didn't|ain't)"
    r"(?: (?:want|wanting|going|gonna|trying|planning|thinking|ever|actually|really|saying|to|about|"
    r"of|i'm|im|i|that|would|will|do|mean|meaning|like))* ?$"
)
IDIOM = re.compile(
    r"\b(?:dying|die|died) (?:laughing|of (?:laughter|embarrassment|boredom|thirst)|to (?:know|see|"
    r"meet|try)|for (?:my|this|that))\b|\bkill(?:ing|s)? (?:me|it|time|two birds)\b"
    r"|\bkill for (?:a|some|one)\b|\bto die for\b|\bover my dead body\b|\bkilled it\b"
)
