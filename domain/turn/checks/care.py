"""How a reply meets a carer: tone, posture, and what it asks them to do to the one cared for."""

import re

from contracts.conversation import Flag
from domain.turn.checks.heard import Heard, content
from domain.turn.checks.reply import Reply
from domain.turn.checks.rule import Cued, Rule, flagged, matches, rule
from domain.turn.checks.vocabulary import KIN, THEM, THEY

_NOT = r"(?:n't|\bnot|\bnever|\bno|\bwithout|\brather than|\binstead of|\bno need to|\bavoid)\b[^.!?]{0,30}$"
_FEELS = r"\b(?:feel|feels|felt|seem|seems|sound|sounds|like|as if|thinking|believe|wonder|when (?:people|they|others|she|he) (?:say|says|tell))\b[^.!?]{0,30}$"

_RULES: tuple[Rule, ...] = (
    rule(
        "insult",
        "hostile_tone",
        r"\b(?:stop (?:complaining|whining|being (?:so |such )?(?:\w+ )?(?:dramatic|selfish|lazy|difficult|negative|silly|ridiculous|a baby)|crying|feeling sorry|making excuses|wasting)|shut up|get (?:over it|a grip|over yourself)|suck it "
        r"up|man up|grow up|toughen up|deal with it|quit (?:whining|complaining)|you(?:'re| are) (?:so |being |just |really |too |a |an |such a )*(?:stupid|pathetic|selfish|lazy|dumb|an idiot|idiot|ridiculous|weak|hopeless|useless|worthless|"
        r"ungrateful|dramatic|crazy|a burden|burden|bad (?:daughter|son|wife|husband|caregiver|mother|person)|terrible (?:daughter|son|wife|husband|caregiver|person)|failing|a failure|failure|overreacting|too sensitive)|that(?:'s| is) (?:\w+ )?(?:stupid|dumb|pathetic|your own "
        r"fault|your fault|your problem|ridiculous|not my problem|careless|irresponsible|sloppy|foolish|unacceptable|inexcusable|shameful|lazy)|you (?:brought|did) this (?:on|to) yourself|what(?:'s| is) wrong with you|nobody (?:cares|likes)|i don't care|it(?:'s| is) (?:all )?your (?:own )?fault|you should(?: have|'ve) (?:known|thought|"
        r"planned|done|been|listened|called|seen)|your own doing|you should know better|(?:i'm|i am) (?:disappointed|ashamed) (?:in|of) you|callate|no seas (?:dramatica|egoista|exagerada)|deja de (?:quejarte|llorar)|es tu culpa)\b",
        unless_before=_NOT
        + "|"
        + _FEELS
        + r"|\b(?:make|makes|mean|means) you\b[^.!?]{0,10}$|\bdoesn't[^.!?]{0,30}$",
        unless=r"\?|\b(?:not your fault|isn't your fault|aren't|not a bad|not selfish)\b",
    ),
    rule(
        "dismisses",
        "minimizing",
        r"\b(?:calm down|(?:just|try to) relax|just breathe|(?:it )?could(?: always)? be (?:so much |much |a lot |way )?worse|at least (?:she|he|you|they|it|your|there|he's|she's|you're|you've)|everything happens for a reason|(?:look|focus) on the (?:bright|positive|good)|bright "
        r"side|silver lining|don't (?:worry|stress)(?: so much| too much| about (?:it|that|them))?|(?:it|that|this)(?:'s| is)(?: really)? (?:not|n't) (?:really )?(?:that|so|such a) (?:bad|hard|big(?: of)? a deal|serious|big)|no big deal|not a big deal|(?:everyone|everybody|we all|all caregivers|all families|"
        r"every caregiver|plenty of people|lots of people|most people|other people|others|so many people|many people) (?:\w+ )?(?:goes? through|feels?|gets?|have it worse|has it worse|deals? with|struggles?|do this|manage|cope|handle|experience)|(?:it|that|this)(?:'s| is)(?: just| all)? (?:part of (?:it|life|the job|"
        r"aging|being|caregiving|getting)|what (?:families|daughters|wives|sons|caregivers) do)|comes with the territory|this too shall pass|(?:it|this|that)(?:'ll| will) (?:all )?(?:pass|blow over|work out|be over|get better|be fine)|you(?:'ll| will) (?:be (?:fine|okay|ok)|get (?:through|used)|survive|manage|feel "
        r"better (?:soon|after|in the|tomorrow))|cheer up|(?:stay|think|be) positive|(?:be|stay) grateful|count your blessings|(?:just|only) a (?:phase|bad day|rough patch)|you(?:'re| are) (?:just|only) (?:tired|stressed|overthinking|having)|i'm sure (?:it|she|he|they|things|you)|time heals|she's in a better place|he's "
        r"in a better place|(?:lucky|blessed) to (?:have|still)|calmate|tranquilizate|no es para tanto|podria ser peor|al menos|ya pasara|todo pasa por algo|no te preocupes tanto)\b",
        unless_before=_NOT + "|" + _FEELS,
        unless=r"\?|\bat least (?:for|one|\d|once|two)\b",
    ),
    rule(
        "opener",
        "clinical_opener",
        r"^\W*(?:thank you for (?:sharing|reaching out|your|opening|trusting|being)|i (?:understand|hear|acknowledge|recognize|appreciate)(?: that)? (?:you(?:'re| are)? (?:\w+ )?(?:experienc|feel|express|struggl|going|shar|report|concern)|your (?:concern|frustration|feelings|situation|message))|it sounds like you(?:'re| are) (?:\w+ "
        r")?(?:experiencing|expressing|reporting|exhibiting|presenting|struggling with)|what i(?:'m| am) hearing|i'm hearing (?:that|a lot|you)|(?:it|that|this)(?:'s| is) (?:completely |totally |perfectly |very |quite |entirely )?(?:normal|valid|understandable|common|natural) (?:to|for|that)|your feelings are|i want to (?:validate|"
        r"acknowledge|affirm)|(?:caregiver|caregiving) (?:burnout|stress|can be|is (?:\w+ )?(?:hard|difficult|challenging|demanding))|as a caregiver,|based on what you(?:'ve| have)|i'm sorry (?:to hear )?(?:that )?you(?:'re| are) (?:experiencing|feeling)|how does that make you feel|let's unpack|gracias por compartir)\b",
    ),
    rule(
        "platitude",
        "generic_warmth",
        r"\b(?:take care of (?:yourself|you first)|self[- ]care|empty cup|pour from|oxygen mask|many (?:caregivers|people|others) (?:feel|struggle|experience|go|face|find)|one (?:day|step) at a time|(?:be|go) (?:kind|gentle|easy) (?:to|with|on) yourself|you(?:'ve| have) got this|hang in there|(?:stay|keep) strong|this journey|your journey|"
        r"caregiving journey|you(?:'re| are) (?:doing )?(?:a |an |such a )?(?:great|amazing|wonderful|incredible|fantastic)(?: job)?|sending (?:you )?(?:love|strength|positive|good|warm|healing|light)|practice gratitude|make time for yourself|don't forget to (?:rest|eat|breathe)|deep breaths?|cuidate|no puedes servir de una copa vacia|animo)\b",
    ),
    rule(
        "hero",
        "hero_framing",
        r"\b(?:you(?:'re| are)|what a|such) (?:truly |really |such |so |absolutely |an? |my |a real |a true |her |his |their |the )*(?:hero(?:ine)?|angel|saint|superhero|super ?(?:woman|man|mom)|warrior|rock|inspiration|inspiring|blessing|gift|treasure|gem|incredible (?:person|daughter|son|wife|husband|caregiver)|amazing (?:person|daughter|son|wife|husband|"
        r"caregiver|woman|man)|special (?:person|kind)|so (?:strong|brave|resilient)|strong(?:er)?(?: than)?|brave|resilient|unstoppable|selfless)\b|\bi don't know how you do it\b|\b(?:god|he) (?:only )?gives? (?:us|you|special)|\bspecial place in heaven\b|\b(?:not all|unsung) heroes\b|\beres (?:un[a]? )?(?:heroina|heroe|angel|santa?|guerrera|"
        r"tan fuerte)\b",
        unless_before=_NOT
        + r"|\bdon't have to (?:be )?$|\b(?:told|tells?|call|calls|say|says) (?:you )?(?:that )?$",
    ),
    rule(
        "sacrifice",
        "self_sacrifice_affirmed",
        rf"\b(?:put(?:ting)? (?:{THEM}|others|your family|(?:his|her|their) needs|(?:his|her|their|your {KIN}'s) \w+) (?:first|before (?:your(?:self|s| own)?|you)|ahead of|above)|your (?:own )?(?:needs|sleep|health|life|job|feelings|plans|dreams|marriage|career|wants|rest)(?: \w+)? (?:can wait|come(?:s)? (?:second|later|last|after)|don't matter|"
        rf"(?:isn't|aren't|is not|are not) (?:as )?(?:important|a priority))|{THEY} (?:needs? you|comes? first|deserves? (?:everything|it all))(?: more than| above| no matter)?\b(?=[^.!?]*\b(?:first|more than|everything|no matter|keep|right now)\b)|sacrific(?:e|es|ing) (?:everything|yourself|your|is|shows|for|you)|so selfless|selfless(?:ness)?|giv(?:e|ing) up "
        r"(?:your|everything)[^.!?]{0,30}?(?:beautiful|love|admirable|noble|worth|right|best|amazing|good)|(?:keep|just keep) (?:pushing|going|giving) (?:no matter|through|until|for (?:him|her|them))|(?:that's|it's|this is) what (?:good|loving|real|family|daughters|wives|sons|love)|true love means|love means (?:giving|sacrific|putting)|your reward|(?:she|he) would do the same|"
        r"it's your (?:duty|job|responsibility|role)|es tu (?:deber|obligacion)|primero (?:ella|el|tu mama))\b",
        unless_before=_NOT
        + "|"
        + _FEELS
        + r"|\b(?:don't have to|shouldn't have to|cost of|tired of|hard to|always)\b[^.!?]{0,20}$",
        unless=r"\?",
    ),
    rule(
        "others",
        "othering",
        r"\b(?:people like you|your (?:kind|people|type)\b|those (?:people|types|patients)|these (?:people|patients|old people)|you people|caregivers like you|someone like you|someone in your (?:situation|position|condition)|the elderly|old people|in your culture|your culture|people from your|for someone your age|at your age|women like you|for a (?:man|woman|"
        r"mother|daughter|single),|(?:dementia|alzheimer'?s|stroke|cancer) (?:patients|sufferers|victims)|suffers from|gente como tu|personas como tu)\b",
        unless_before=_NOT,
    ),
    rule(
        "institution",
        "institution_voice",
        r"\b(?:our (?:policy|policies|records|system|office|facility|agency|organization|department|guidelines|procedure)|(?:as )?per (?:policy|protocol|procedure)|please be advised|your (?:request|inquiry|case|concern|feedback|message|ticket|query) (?:has been|is|will be|was) \w+|for your convenience|any inconvenience|do not hesitate|don't hesitate|valued "
        r"(?:customer|client|member)|(?:the )?(?:doctors?|hospital|facility|insurer|insurance(?: company)?|agency|staff|nurses|social worker|case manager|nursing home|administrators?|va|professionals|experts)(?: \w+)? (?:knows? best|(?:is|are) (?:just |only |simply |probably )?(?:doing (?:their|its|the) (?:job|best)|following|right|trying|busy|understaffed|the "
        r"experts?)|(?:has|have) (?:their|its|good) reasons|wouldn't (?:do|say|discharge)|must have (?:had|a))|(?:you (?:should|need to|have to|must)|just|it's best to) (?:trust|listen to|follow|comply with|cooperate with|respect|defer to|accept) (?:the |her |his |your |their )?(?:doctors?|hospital|facility|staff|nurses|insurer|insurance|agency|process|system|"
        r"decision|rules|policy|team|experts?|professionals)|follow (?:the )?(?:proper |official |standard )?(?:procedure|protocol|channels)|it is (?:recommended|advised|suggested) that)\b",
        unless_before=_NOT + r"|\b(?:feel|feels|even (?:if|when)|frustrating)\b[^.!?]{0,25}$",
        unless=r"\?",
    ),
    rule(
        "guilt",
        "guilt_loop",
        rf"\b(?:(?:you should|you ought to|you must|shouldn't you|don't you) feel (?:guilty|ashamed|bad|selfish|awful)|(?:think|imagine) (?:of|about|how|what) (?:how )?(?:{THEY}|much {THEY}|everything {THEY}) (?:would|did|must|will|has|have|sacrific\w*|feels?|gave|raised|'d|is going|do)|how (?:would|do you think) {THEY}(?:'d| would)? feel|after (?:all|everything) "
        rf"(?:that )?{THEY}(?:'s| has| have|'ve| did)? (?:done|did|sacrificed|given|gave)|{THEY}(?:'d| would| will|'ll) be (?:so )?(?:disappointed|hurt|heartbroken|devastated|ashamed|crushed|lost without)|you(?:'ll| will) (?:regret|never forgive yourself|feel guilty|miss (?:this|her|him) when)|{THEY} (?:raised|fed|changed|took care of|wiped|carried) you|"
        rf"(?:she|he) never (?:complained|gave up|abandoned)|you only (?:get|have) one (?:mother|father|mom|dad)|(?:ella|el) (?:te crio|hizo todo por ti)|te vas a arrepentir)\b",
        unless_before=_NOT + "|" + _FEELS,
    ),
    rule(
        "reorients",
        "dementia_reorientation",
        rf"\b(?:remind|correct|tell|convince|explain to|keep (?:telling|reminding|correcting)|show|insist to|make {THEM} (?:understand|see|accept|remember)|argue with|quiz|test|orient|reorient) ?(?:{THEM})?(?: \w+){{0,2}}? (?:that )?(?:(?:{THEY}|(?:his|her|their) (?:\w+ )?\w+|it|this|that|the \w+|you|there|what)(?:'s| is| are|'re| has| have| was)?(?: already| really| not| no longer| long| been)* "
        rf"(?:dead|died|passed(?: away)?|gone|wrong|not real|confused|mistaken|imagining|false|\d{{4}}|retired|sold|dementia|alzheimer'?s|actually|the (?:truth|facts|real|correct|year|date)|her daughter|his daughter|her son|reality|home already|isn't)|(?:the|her|his) (?:truth|facts|correct (?:date|year|answer)|reality|real (?:date|year))|(?:back )?to reality)\b|"
        rf"\b(?:correct|quiz|test) {THEM} (?:every time|when(?:ever)?|each time|firmly|on|until|about)\b",
        unless_before=_NOT + r"|\b(?:instead|tempting|hurts? to|try not to)\b[^.!?]{0,20}$",
        unless=r"\?|\b(?:doctor|nurse|pharmacist)\b|n't\b[^.!?]{0,20}\b(?:correct|remind|argue)",
    ),
    rule(
        "force_food",
        "forced_nutrition",
        rf"\b(?:(?:force|forcing|make|making) {THEM} (?:to )?(?:eat|drink|swallow|finish|open)|force[- ]?feed\w*|pry(?:ing)? (?:\w+ ){{1,3}}open|spoon (?:it|food|some|them) in\b|(?:hold|pinch|plug|holding|pinching) (?:his|her|their) (?:nose|mouth|jaw|head|chin)|(?:push|shove|shovel|spoon|squirt|put)(?:ing)? (?:\w+ ){{0,4}}?(?:in(?:to)?|between) (?:his|her|their) (?:mouth|lips|teeth)|(?:don't|do not|never) let {THEM} (?:leave|get up|up|stop|go|refuse)"
        rf"[^.!?]{{0,30}}?(?:eat|eats|finish|finishes|food|plate|drinks)|(?:insist|demand) (?:that )?(?:{THEY}|on)[^.!?]{{0,20}}?(?:eat|eats|finish|drink|finishing|eating)|{THEY} (?:must|has to|have to|needs to) (?:eat|finish|drink) (?:everything|it all|all|every|something|no matter|three|even)|(?:withhold|take away|no) (?:dessert|tv|visits?|treats)[^.!?]{{0,30}}?(?:eat|eats|finish)|"
        rf"oblig\w+ a comer|hazl[aoe] comer)\b",
        unless_before=_NOT,
        unless=r"\?|\b(?:can't|cannot|don't|never)\b[^.!?]{0,15}\bforc",
    ),
    rule(
        "on_purpose",
        "willful_misattribution",
        rf"\b{THEY}(?:'s|'re| is| are| was| were| may be| might be)? (?:\w+ )?(?:(?:clearly|just|only|probably|obviously|simply|really|definitely|likely) )*(?:doing (?:it|this|that|these things) (?:on purpose|deliberately|to (?:get|spite|annoy|hurt|upset|punish|manipulate|test))|(?:manipulating|manipulative|spiteful|being (?:difficult|stubborn|lazy|spiteful|mean|childish|dramatic|selfish|manipulative|a "
        rf"brat|impossible)|faking|pretending|acting (?:out|up|like (?:this|that) (?:to|for|on))|testing you|playing (?:you|games|dumb|helpless|it up)|trying to (?:upset|get|annoy|control|punish|manipulate|provoke|hurt|make you|push|guilt)|choosing to|looking for attention|attention[- ]seeking|seeking attention|lying|lazy|stubborn|knows? (?:exactly|full well|perfectly|better|what)|"
        rf"(?:wants?|wanting) attention|just wants? (?:attention|to)|could (?:stop|help it|remember|control)|refus(?:es|ing) (?:on purpose|to try)))\b|\b(?:lo hace a proposito|esta manipulando|se hace (?:la|el) (?:enferm|tont))",
        unless_before=_NOT + "|" + _FEELS,
        unless=r"\?|\b(?:isn't|is not|aren't|not doing|n't mean|feel like|feels like|disease|illness|dementia (?:is|can|makes))\b",
    ),
    rule(
        "feeds_habit",
        "enabling_sud",
        rf"\b(?:give|giving|let|letting|buy|buying|get|getting|bring|pour|pouring|hand|offer|sneak|allow) (?:{THEM}|yourself) (?:[\w']+ ){{0,7}}?(?:drinks?|beers?|wine|vodka|whiske?y|liquor|alcohol|bottle|booze|cigarettes?|vape|"
        rf"weed|oxy\w*|opioids?|heroin|meth|coke|cocaine|nightcap|percocets?|norcos?|high)\b|\b(?:one|a|a little|just one|a few|another) (?:\w+ )?(?:drinks?|beers?|glass(?: of wine)?|nightcap|hit|cigarette)s? (?:won't|will not|can't|isn't going to|never|to (?:relax|sleep|calm|unwind|take the edge)|(?:can|will|might|may|should) (?:help|calm|relax|take the edge))|\b(?:cover|lie) (?:up )?for (?:him|her|them)\b"
        rf"(?=[^.!?]*\b(?:work|boss|drink|drunk|use|using|family|police)\b)|\bcall in sick for {THEM}\b|\bpay (?:off )?(?:his|her) (?:dealer|bar tab)",
        unless_before=_NOT,
        unless=r"\?|\b(?:water|juice|ginger|ensure|boost|smoothie|tea|soft drinks?)\b",
    ),
)
_DISTRESS = Cued(
    r"\b(?:i'm|im|i am|i feel|i've been|feeling|i just|i can't|i cant|i hate|i cried|i'm so|me siento|estoy)\b[^.!?\n]{0,40}\b(?:exhausted|tired|overwhelmed|drowning|alone|lonely|crying|cried|scared|afraid|angry|resent\w*|guilty|guilt|numb|sad|broken|burned out|burnt out|"
    r"falling apart|losing it|at my (?:limit|breaking|wits)|breaking|done|stuck|trapped|invisible|hopeless|heartbroken|stressed|worn out|empty|failing|a mess|sleep|slept|snap|snapped|hate|grieving|miss|anxious|worried sick|agotad[oa]|cansad[oa]|sol[oa]|triste|desesperad[oa])\b",
)
_ACKNOWLEDGES = re.compile(
    r"\b(?:sounds?|that's|that is|it's|hard|heavy|a lot|rough|tough|exhaust\w*|tired|makes sense|no wonder|of course|sorry|hear|ouch|oof|brutal|awful|unfair|painful|hurts|carry\w*|alone|weigh\w*|understandable|long|enough|anyone would|you've|you're|you were|lamento|dificil|"
    r"duro|pesado|siento)\b"
)
_ADVICE = re.compile(
    r"^\W*(?:(?:ok|okay|well|hi|hey|so|first|sure)[,.!]?\s+)?(?:you (?:should|need to|could|can|must|have to|ought)|try|make sure|consider|have you (?:tried|considered|thought)|take|call|contact|start|set|get|ask|join|look into|i (?:recommend|suggest|would suggest|'d suggest)|it's important|"
    r"it is important|one (?:option|idea|thing)|here (?:are|is)|remember to|don't forget|talk to|schedule|deberias|intenta|prueba)\b"
)
_DIMINISHES = Cued(
    r"\b(?:i(?:'m| am)(?: just| only| such| so| really| too| being| being so)? (?:a |an )?(?:bad|terrible|horrible|awful|selfish|useless|worthless|weak|failure|failing|burden|nobody|lazy|not (?:good )?enough|stupid|monster|the worst)|i (?:don't|dont) matter|my (?:needs|feelings|life|problems) (?:don't|doesn't|aren't|isn't)|i shouldn't (?:complain|feel|be|need)|i have no right|it's "
    r"selfish|who am i to|i (?:don't|dont) deserve|doesn't matter (?:what|how) i|it's not about me|i'm (?:not )?important|soy (?:una mala|un mal|egoista))\b",
)
_AFFIRMS = re.compile(
    r"^\W*(?:yes|yeah|true|right|exactly|agreed|correct|fair|indeed|you(?:'re| are) right|that's (?:true|right|fair)|i agree|well,? yes|si|claro|tienes razon)\b(?![^.!?]{0,30}(?:not|n't|but|human|hard))|\b(?:she|he|they|your \w+) (?:does )?comes? first\b|\byou (?:shouldn't complain|should be (?:stronger|better|grateful|doing more)|could (?:try|do) "
    r"(?:harder|more|better)|need to (?:try|do) (?:harder|more|better))\b"
)
_SECOND_PERSON = re.compile(
    rf"\b(?:you(?:'re|'ve|'d|'ll)?|yours|yourself|your (?!(?:\w+ )?{KIN}\b)|u|tu|te|ti)\b"
)
_THIRD_PERSON = re.compile(
    rf"\b(?:he|she|they|him|her|his|them|their|el|ella|your (?:\w+ )?{KIN})\b"
)
_STEP_OR_FACT = re.compile(
    r"\?|\d|\b(?:call|ask|try|text|write|can|could|may|might|start|check|apply|covers?|means|look|tell|step|option|contact|agency|office|line|"
    r"first|need|don't know|can't|not able|llama|pregunta|puedes)\b"
)
_PRACTICAL = frozenset(
    {"benefits", "legal_planning", "respite", "care_logistics", "medication", "symptom_question"}
)


def care(reply: Reply, heard: Heard) -> list[Flag]:
    """Return the flags of tone and posture."""
    flags = _said(reply, heard)
    flags += _posture(reply, heard)
    flags += _general(reply, heard, flags)
    return flags


_WITH_DEMENTIA = re.compile(
    r"dementia|alzheimer|lewy|memory|confus|forget|thinks (?:she|he|it|i|that|her|his)|keeps asking|asks (?:for|where|when)|wants to go home|demencia|olvid"
)


def _said(reply: Reply, heard: Heard) -> list[Flag]:
    flags: list[Flag] = []
    for row, match in matches(_RULES, reply):
        if row.flag == "dementia_reorientation" and not _WITH_DEMENTIA.search(
            heard.knows + reply.folded
        ):
            continue
        flags.append(flagged(row.flag, row.rule, match.group()))
    return flags


def _posture(reply: Reply, heard: Heard) -> list[Flag]:
    """Flag a reply to a carer's own distress that passes the carer by."""
    flags: list[Flag] = []
    first = reply.sentences[0] if reply.sentences else ""
    distressed = _DISTRESS.search(heard.asked)
    if _DIMINISHES.search(heard.asked) and (affirmed := _AFFIRMS.search(reply.folded)):
        flags.append(flagged("self_diminishment_accepted", "affirmed", affirmed.group()))
    if distressed is None:
        return flags
    if not _SECOND_PERSON.search(reply.folded) and _THIRD_PERSON.search(reply.folded):
        flags.append(flagged("recipient_first", "no_you", first))
    if not heard.kinds and _ADVICE.match(first) and not _ACKNOWLEDGES.search(first):
        flags.append(flagged("advice_first", "first_sentence", first))
    return flags


def _general(reply: Reply, heard: Heard, said: list[Flag]) -> list[Flag]:
    """Flag a reply that would fit any text, or leaves a practical question without any answer."""
    if not heard.asked.folded:
        return []
    flags: list[Flag] = []
    generic = any(
        flag.flag in ("generic_warmth", "clinical_opener", "hero_framing") for flag in said
    )
    if generic and not content(reply.folded) & content(heard.knows):
        flags.append(flagged("low_specificity", "nothing_shared", reply.text[:60]))
    practical = heard.labels.domain in _PRACTICAL and "?" in heard.asked.folded
    if practical and not _STEP_OR_FACT.search(reply.folded):
        flags.append(flagged("validation_only", "no_answer", reply.text[:60]))
    return flags
