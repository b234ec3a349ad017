"""Claims that only a clinician, an office, a court or a chart may make."""

import re
from itertools import chain

from contracts.conversation import Flag
from domain.turn.checks.heard import Heard
from domain.turn.checks.reply import Reply
from domain.turn.checks.rule import Cued, Rule, flagged, found, matches, rule
from domain.turn.checks.vocabulary import (
    ABLE_TO_SAY,
    CERTAIN,
    CLINICIAN,
    CONDITION,
    DOSAGE,
    DRUG,
    KIN,
    NOT_JUST_BEFORE,
    PROGRAMME,
    THEM,
    THEY,
    TREATMENT,
    WHO,
)

_POSSIBLE = (
    r"\b(?:may|might|could|can|can be|can look|maybe|perhaps|possibl[ey]|sometimes|whether|if|wonder|"
    r"ask|check|rule out|not sure|don't know|only (?:a |her |his |the )?(?:doctor|clinician|"
    r"professional|team|exam|test)|puede|podria|quiza|tal vez|si|when|people with|someone with|"
    r"families|caregivers|you (?:said|mentioned|told|wrote|describe)|living with|care for)\b"
)
_DIAGNOSES: tuple[Rule, ...] = (
    rule(
        "asserted",
        "clinical_diagnosis",
        rf"(?:\b{WHO}(?:'s| is| are|'re|'ve)?|\b(?:it|this|that|what you're describing|what you "
        rf"describe|what (?:he|she)'s showing|these (?:symptoms|signs)|what (?:you|she|he|they|your \w+)(?:\'re| are|\'s| is)? (?:have|has|having|got|experiencing|dealing with|seeing|going through|showing))(?:\'s| is| are)?|"
        rf""
        rf"\b(?:tienes?|es|esto es|ella tiene|el tiene))"
        rf"(?:\s+(?:{CERTAIN}|probably|most likely|likely|really|just|only|has|have|having|had|got|"
        r"stages?(?: of)?|onset|of|developed|contracted|come down with|major|persistent|generali[sz]ed|complex|vascular|senile|some (?:kind|form) of|a (?:form|touch|bit) of|full[- ]blown|"
        r"suffering from|suffers from|showing|experiencing|dealing with|developing|in|an?|the|una?|un|"
        r"case of|classic|textbook|typical|severe|mild|early|advanced|late|moderate|stage|acute|chronic|"
        r"signs of|symptoms of|sign of|early signs of|symptom of|episode of|called|from|"
        r"diagnosed with|clinically|now|also|already|por|sufre|de))*"
        rf"\s+(?:clinically depressed|{CONDITION})\b(?! (?:society|association|test|screening|is|runs))",
        unless_before=_POSSIBLE,
        unless=r"\?",
    ),
    rule(
        "criteria",
        "clinical_diagnosis",
        r"\b(?:meets?|fits?|matches|ticks) (?:all )?(?:the |every )?(?:\w+ )?(?:criteria|diagnosis|"
        r"definition|profile|boxes)\b|\b(?:i|i'd|i would|i'll|i can|my) (?:diagnos\w+|diagnosis)\b|"
        r"\bdiagnosis (?:is|would be|here is)\b|\b(?:you|she|he|they)(?:'re| are|'s| is)? "
        r"(?:clinically|medically) (?:depressed|anxious|ill|insane|obese)\b",
        unless_before=ABLE_TO_SAY + r"|n't |\b(?:not|never|whether|if)\b",
    ),
    rule(
        "looks_like",
        "clinical_diagnosis",
        r"\b(?:sounds?|looks?|seems?|appears?|points?|smells?|parece|suena)(?: a lot| exactly| to me| "
        r"very much| clearly| pretty much| strongly| just| to be| to)*(?: like| to| as if| que|) "
        rf"(?:(?:{WHO}|it)(?:'s| is| has| have|'ve|'re| are)? )?(?:an? |the |una? |un )?(?:(?:classic|"
        r"textbook|typical|early|definite|clear|obvious|severe|mild|bad|case of|full[- ]blown|late|"
        r"stage|sign of|signs of|symptoms of) )*"
        rf"{CONDITION}\b",
        unless=r"\b(?:may|might|could|only (?:a|her|his)|not (?:a |able)|can't (?:say|tell|diagnose)|"
        r"911|999|112|emergency|check|ask|rule out|worth)\b|\?",
    ),
    rule(
        "caused_by",
        "clinical_diagnosis",
        rf"\b(?:because of|caused by|due to|from|a (?:side effect|symptom|sign|result) of) (?:(?:her|his|"
        rf"your|their|the|a|an) )?(?:\w+ )?{CONDITION}\b",
        unless=r"\b(?:may|might|could|can|sometimes|possibl[ey]|if|ask|check|whether|rule out|not sure|"
        r"recover\w*|heal\w*|coming home|back|suffer\w*|died)\b|\?",
    ),
    rule(
        "course",
        "clinical_diagnosis",
        rf"\b(?:{WHO}|it)(?:'ll|'s| will| is| are| has| have| only)*(?: {CERTAIN})?(?: going to| only| "
        r"about| probably)* (?:die (?:soon|within|in|this)|recover fully|be cured|get better soon|live "
        r"(?:another|about|for)|have (?:\d+|about \d+|only|a few|weeks|days|months|six) "
        r"(?:days|weeks|months|years|to live)|\d+ (?:months|weeks|days) (?:left|to live)|be dead|"
        r"progress to|(?:in )?stage (?:\d|one|two|three|four))\b",
        unless=r"\b(?:might|may|could|if|doctor|hospice|nurse|team|can't|no one|nobody)\b|\?",
    ),
)

_LEAD = (
    r"(?:^|[.!?:;\n]\s*|,\s*(?:(?:then|and|so|but|just|please)\s+)?|\b(?:you (?:should|can|could|may|"
    r"must|might (?:want to|try)|need to|have to|ought to|better|want to)|you'd better|should|need to|"
    r"needs to|have to|has to|must|can|could|ought to|go ahead and|try|just|please|simply|i'd|"
    r"i would|i recommend(?: that)?(?: you)?|i suggest(?: that)?(?: you)?|i advise(?: you to)?|let's|"
    r"and|then|or|instead|tonight|today|now|first|okay to|ok to|fine to|safe to|alright to|best to|"
    r"better to|time to|fine if you|okay if you|have (?:her|him|them)|let (?:her|him|them)|"
    r"make sure (?:she|he|they|you|to)|debes?|deberias?|puedes?|tienes? que|hay que|yo)\s+)"
)
_CHANGE = (
    r"(?:stop(?: (?:giving|taking|using|him|her|them))?|start(?: (?:giving|taking|with|on|him|her|them|"
    r"using))*|restart|resume|double(?: up(?: on)?)?|triple|skip|increase|decrease|reduce|lower|raise|"
    r"turn (?:up|down|off)|turn|up|cut(?: (?:back(?: on)?|down(?: on)?|out|in half))?|halve|split|crush|adjust|change|switch(?: "
    r"(?:to|from|her|him|them))*|swap|replace|discontinue|quit|drop|give|administer|take|use|try|add|"
    r"mix|combine|hold(?: off(?: on)?)?|pause|delay|withhold|wean|taper(?: off)?|put|increase|apply|"
    r"inject|dissolve|dej[ae](?: de (?:dar\w*|tomar))?|suspend[ae]|dale|dele|darle|toma|tome|"
    r"aument[ae]|reduc[ea]|dupli(?:ca|que)|omit[ae])"
)
_GAP = (
    r"(?:\s+(?!list|lists|picture|photo|note|notes|alarm|reminder|walk|break|log|pharmac|doctor|call|"
    r"bottle|label|chart|look|time|nurse|question|timer|moment|breath|seat|step|to(?:\s+the)? (?:doctor|"
    r"appointment|er)|about|down|and|if|while|before|until|with(?:out)? you|asking|setting|using a|"
    r"writing|keeping|ask|tell|over|minute|hour)[\w'/%.-]+){0,5}?"
)
_NOT_OBJECT = (
    r"(?![ '-]*(?:s\b)?\s*(?:lists?|bottles?|box|organi[sz]ers?|names?|labels?|charts?|schedules?|log|"
    r"reminders?|history|reviews?|questions?|alarms?|refills?|pick[- ]?up|list|tracker|log|apps?|"
    r"side effects|changes?|record|sheet|times?|card|planner|dispenser))"
)
_DEFERS = (
    rf"(?:\b(?:ask|asks|asking|check|call|calling|talk|speak|message|see|find out|know|tell|tells|confirm|"
    rf"sure|decide|say|says|said|{CLINICIAN})\b[^.!?]{{0,60}}?\b(?:if|whether|about|before|how|when|"
    r"what|which|to|should|can|could|for|lets?|changes?|why)\b[^.!?]{0,60}$|"
    r"\b(?:before|without|about|whether|instead of|question of|when|whenever|after|while|until|if|"
    r"once|how|what|who|the way|difference) (?:you |she |he |they |your \w+ |trying |to |it's |it is |"
    r"that's |we |i |anyone |someone |safe |okay |ok |should |can )*(?:[\w']+ )?$|"
    rf"{ABLE_TO_SAY}[^.!?]*$)"
)
_NOT_ALONE = (
    r"\b(?:without|until|unless|before) (?:\w+ )?(?:the |her |his |your |their |a )?(?:asking|talking|"
    rf"checking|calling|speaking|consulting|{CLINICIAN}|(?:you|she|he|someone)(?:'ve| have)? (?:talk|ask|check|"
    r"call|spoke|speak|hear|reach)\w*|someone (?:who|with)|first)|\bon (?:your|her|his) own\b|\bmore than (?:prescribed|directed|the)|"
    rf"\bask (?:the |her |his |your )?{CLINICIAN} (?:first|before)|\b(?:as|than) (?:prescribed|directed|"
    r"the doctor|told)|\byourself\b|\?"
)
_NOT_A_DOSE = ABLE_TO_SAY + r"|\b(?:you (?:said|gave|mentioned|wrote)|did|ask|whether|if you)\b"
_DOSE_ASKED = r"\?|\b(?:missed|you gave|prescribed by|label says)\b"
_DIRECTIVES: tuple[Rule, ...] = (
    rule(
        "change",
        "clinical_directive",
        rf"{_LEAD}(?:not |never )?{_CHANGE}{_GAP}\s+{TREATMENT}\b{_NOT_OBJECT}",
        unless_before=_DEFERS,
        unless=_NOT_ALONE,
    ),
    rule(
        "change_forbidden",
        "clinical_directive",
        rf"\b(?:don't|do not|never|avoid|no le|no)\s+(?:\w+ )?(?:{_CHANGE}|giving|taking|letting|restart\w*|"
        rf"des|tome)(?:\s+(?:{THEM}|his|her|the|any|more|that|those|to|de|la|el))*\s+{TREATMENT}\b"
        rf"{_NOT_OBJECT}",
        unless_before=rf"\byou (?:said|mentioned|told)|\bif (?:you|she|he|they|your {KIN})\b[^.!?]{{0,12}}$|"
        rf"\b{CLINICIAN} (?:said|says|told|wants|may|might)",
        unless=_NOT_ALONE,
    ),
    rule(
        "dose_in_words",
        "clinical_directive",
        r"\b(?:half|double|twice|a quarter|one|two|three|four|an extra|extra|another|one more)(?: of)?(?: (?:a|an|the|her|his|"
        r"your|usual|normal|regular|more|extra|full))* (?:dose|pill|tablet|dosis|pastilla)s?\b",
        unless_before=_NOT_A_DOSE,
        unless=_DOSE_ASKED,
    ),
    rule(
        "move_drug",
        "clinical_directive",
        rf"{_LEAD}(?:wean|take|get|put|keep|switch|move|start)\s+{THEM}\s+(?:off|on|onto|back on|to)\s+(?:of\s+)?"
        rf"(?:the |that |those |some |a |an |his |her |all )*(?:\w+ )?{TREATMENT}\b",
        unless_before=_DEFERS,
        unless=_NOT_ALONE,
        needs=TREATMENT,
    ),
    rule(
        "safe",
        "clinical_directive",
        rf"\b(?:(?:it|that|this|they|{DRUG}|{DOSAGE}|mixing (?:\w+ ){{1,4}}|taking (?:\w+ ){{1,4}}|giving "
        rf"(?:\w+ ){{1,5}}|crushing (?:\w+ ){{1,4}}|stopping (?:\w+ ){{1,4}}|skipping (?:\w+ ){{1,4}}|"
        rf"doubling (?:\w+ ){{1,4}})(?:'s| is|'re| are| should be| will be|'ll be)) (?:\w+ )?(?:"
        r"perfectly |totally |completely |generally |usually |quite |absolutely |probably )*(?:safe|fine|"
        r"ok|okay|harmless|not dangerous|no problem|alright|better|effective)\b"
        rf"(?=[^.!?]{{0,60}}?(?:{TREATMENT}|to (?:mix|take|give|skip|stop|crush|combine|double|use)|"
        rf"together|with (?:it|alcohol|food|each|her|his)|for {THEM}))|"
        rf"\b(?:safe|fine|okay|ok|harmless) (?:for {THEM} )?to (?:mix|take|give|skip|stop|crush|combine|"
        rf"double|use|restart|cut|leave|wait)\b[^.!?]{{0,40}}?{TREATMENT}|"
        rf"\b(?:giving|mixing|taking|stopping|skipping|crushing|doubling|combining)\b[^.!?]{{0,40}}?"
        rf"{TREATMENT}[^.!?]{{0,25}}?\b(?:is|are|should be) (?:\w+ )?(?:safe|fine|ok|okay|harmless)\b|"
        r"\b(?:one|an?|a few|missed) (?:\w+ )?(?:dose|pill)s? (?:won't|will not|can't|isn't going to) "
        r"(?:hurt|harm|matter)",
        needs=r"safe|fine|[ ']ok|harmless|dangerous|problem|alright|better|effective|hurt|harm|matter",
        unless_before=rf"{ABLE_TO_SAY}|\b(?:if|whether|ask|check|know|sure|before|what|not)\b",
        unless=r"\?|\b(?:ask|check with|can't say|can't tell|not mine)\b",
    ),
    rule(
        "would_help",
        "clinical_directive",
        rf"\b(?:extra|more|less|a bit of|a little|some|higher|lower|bigger|smaller|another)(?: \w+){{0,2}}? {TREATMENT}\b{_NOT_OBJECT}[^.!?]{{0,30}}?\b(?:should|will|can|would|"
        rf"'ll) (?:\w+ )?(?:help|calm|settle|do the|work|ease|relax|knock|take care|fix|put)",
        unless_before=_DEFERS,
        unless=_NOT_ALONE,
        needs="extra|more|less|a bit of|a little|some|higher|lower|bigger|smaller|another",
    ),
    rule(
        "needless",
        "clinical_directive",
        rf"\b(?:{THEY}|you|there's)(?: \w+)? (?:doesn't|don't|do not|does not|no longer|won't|no)(?: \w+)? (?:needs?|have to take|has to take|point "
        rf"in) (?:taking |giving |to take |to be on )?(?:the|that|those|his|her|any|a|all|so much|this|your)(?: \w+)? {TREATMENT}\b{_NOT_OBJECT}",
        unless_before=_DEFERS,
        unless=_NOT_ALONE,
    ),
    rule(
        "no_care",
        "clinical_directive",
        r"\b(?:no need|don't need|doesn't need|do not need|not necessary|unnecessary|no reason|needn't|"
        r"isn't necessary|don't have to|don't bother|not worth|skip|cancel|no hace falta|no necesitas?)\b"
        r"(?:\s+\w+){0,3}?\s+(?:to\s+)?(?:(?:call|calling|see|seeing|go|going|bother|visit|contact|take|"
        r"ir|llamar|rush|get|for|an?|the|him|her|them|to|in|al|a la)\s+)*(?:911|999|doctor|er|e\.r\.|"
        r"emergency(?: room)?|hospital|ambulance|urgent care|medical (?:help|attention|care)|the nurse|"
        r"medico|appointment|checkup|chemo\w*|surgery|dialysis)\b|"
        r"\b(?:it|this|that)(?:'s| is|'ll| will)(?: \w+)? (?:pass|go away|clear up|heal|resolve|nothing "
        r"(?:serious|to worry about)|not (?:serious|an emergency|dangerous|a big deal medically))"
        r"(?: on its own| by itself)?\b(?=[^.!?]*$|[^.!?]{0,40}[.!])|"
        r"\b(?:wait|hold off)(?: and see)?(?: on)? (?:until|till|for) (?:morning|monday|tomorrow|a "
        r"(?:few|couple)|the weekend|\d+)[^.!?]{0,30}?(?:before|to) (?:call|calling|see|seeing|go)",
        unless=r"\?|\b(?:if|doctor (?:says|said)|may|might|could|waiting list|not to (?:decide|fix)|"
        r"decide)\b",
    ),
    rule(
        "treatment",
        "clinical_directive",
        rf"\b(?:i|i'd|i would)(?: \w+)? (?:prescribe|recommend|advise|suggest) (?:(?:starting|trying|giving|"
        rf"a|an|some|that|she|he|you|her|him|the|take|takes?|tak\w+|increasing|stopping|lowering|more|"
        rf"less|higher|lower)\s+)*(?:\w+ )?{TREATMENT}\b|\b{THEY} (?:should|needs? to|must|has to|"
        rf"have to|ought to) (?:be |go |get |start |stop |come )*(?:on|off|taking|receiving|take|"
        rf"double|skip|increase|reduce)? ?(?:an? |the |more |less |some |his |her )*(?:\w+ )?{TREATMENT}\b"
        rf"{_NOT_OBJECT}",
        unless_before=rf"{ABLE_TO_SAY}|\b(?:ask|whether|if|about|what|when|how|tell you)\b",
        unless=_NOT_ALONE,
    ),
)

# Only looked for in a reply with a figure in it.
_DOSE: tuple[Rule, ...] = (
    rule(
        "dose",
        "clinical_directive",
        r"(?<![\d.$])\d+(?:[.,/]\d+)?\s?(?:mg|mcg|milligrams?|micrograms?|ml|milliliters?|cc|units?|iu|liters?(?: a minute| per minute)?|"
        r"tablets?|pills?|capsules?|drops|puffs|tablespoons? of \w+|teaspoons? of \w+|mg/kg|pastillas|"
        r"miligramos)\b(?! (?:a month|bottle))|\b[1-4](?: (?:more|extra|full))* (?:dose|pill|tablet)s?\b",
        unless_before=_NOT_A_DOSE,
        unless=_DOSE_ASKED,
    ),
)

# Only looked for where the person's text is about a treatment: "it" and "them" are that.
_ECHOES: tuple[Rule, ...] = (
    rule(
        "change_it",
        "clinical_directive",
        rf"{_LEAD}(?:not |never )?(?:stop|skip|double|triple|give|crush|split|halve|restart|resume|increase|reduce|lower|cut|hold|repeat|drop|dale|dele|deja)"
        rf"(?: back| off| up)?(?: on)? (?:(?:it|that|this|those|them|{THEM})(?: (?:to {THEM}|it|them|another|one|two|half|some|again|now|tonight|entirely|"
        rf"altogether|completely|for|in half|with|more|an extra|until|today))+|another|one more|half|two|both|the next one|tonight's|(?:it|them)(?=[.!,]|$))",
        unless_before=_DEFERS,
        unless=_NOT_ALONE,
    ),
    rule(
        "yes",
        "clinical_directive",
        r"\b(?:doubling|skipping|stopping|crushing|splitting|mixing|combining|restarting|halving|giving (?:it|them|her|him)|taking (?:it|them|both))\b[^.!?]{0,40}?"
        r"\b(?:is|are|should be|will be|would be) (?:\w+ )?(?:safe|fine|ok|okay|harmless|alright|best|a good idea)\b|^\W*(?:yes|yep|yeah|sure|of course|absolutely|si)\b"
        r"[^.!?]{0,12}?\b(?:you can|you could|(?:that|it)(?:'s| is)(?: \w+)? (?:safe|fine|ok|okay|alright)|go ahead|give|take|stop|skip)\b(?! (?:ask|call|check|talk|tell|text))",
        unless_before=_DEFERS,
        unless=_NOT_ALONE + r"|\b(?:ask|check|call|pharmacist|doctor|nurse)\b",
    ),
)

_SURE_HEDGE = (
    r"\b(?:may|might|could|if|whether|check|verify|confirm|ask|see if|find out|depends?|depending|"
    r"apply to (?:see|find)|screen\w*|can't (?:say(?! no)|promise|know|tell|guarantee)|cannot (?:say(?! no)|promise|"
    r"guarantee)|no guarantee|not guaranteed|don't know|not sure|what|which|worth asking|some|"
    r"puede que|podrias?|podria|pregunt\w+|averigu\w+|verific\w+|confirm\w+|depende)\b|\bsi\b(?![,.!])"
)
_ELIGIBLE = (
    r"(?:qualif(?:y|ies|ied)|(?:be )?(?:approved|accepted|eligible|entitled|covered|reimbursed|"
    r"enrolled)|get (?:paid|approved|covered|reimbursed|the (?:benefit|money|grant|waiver)|"
    r"(?:medicaid|medicare|ssi|ssdi|snap|benefits|free))|receive (?:\$|benefits|payment|a check|"
    r"medicaid|the)|calific[ao]n?|elegibles?|tienes? derecho|tiene derecho)"
)
_BENEFITS: tuple[Rule, ...] = (
    rule(
        "certain",
        "benefits_certainty",
        rf"\b{CERTAIN}\b[^.!?]{{0,40}}?\b(?:{_ELIGIBLE}|covers?|pays?|approved?|gets? (?:it|that|paid|\w+ "
        rf"hours|[^.!?]{{1,30}}? (?:through|from|under|by) (?:the )?{PROGRAMME})|benefits?)\b|\b(?:{_ELIGIBLE}|cover(?:s|ed)?|pays?|pay for \w+)\b[^.!?]{{0,30}}?"
        rf"\b{CERTAIN}\b|\b(?:approval|coverage|eligibility|the money|payment|it)(?:'s| is| are) "
        r"(?:a )?(?:guaranteed|certain|automatic|a sure thing|a given|assured|done deal|a lock)\b|"
        r"\bi (?:can )?(?:guarantee|promise|assure|te garantizo)\b[^.!?]{0,60}?\b(?:approv|qualif|cover|"
        r"benefit|eligib|pay|money|medicaid|ssi|snap|waiver)|\bte (?:lo )?garantizo\b|\bsin duda calific",
        unless_before=rf"{NOT_JUST_BEFORE}|\b(?:can't|cannot|couldn't|no one can|nobody can|isn't|not)\b"
        r"[^.!?]{0,30}$",
        unless=r"\?|\b(?:can't|cannot|no one can|nobody can|never|not|isn't) (?:\w+ )?(?:guarantee|promise|"
        r"assured?|certain|automatic|say for sure|tell you)",
    ),
    rule(
        "eligible",
        "benefits_certainty",
        rf"\b(?:{WHO}|you two|both of you|yes,? (?:you|she|he)|your (?:family|household))"
        rf"(?:'ll|'re|'s| will| would| do| does| are| is| should| can| already| also| both| easily|,)*"
        rf"(?: be| get| definitely| automatically| fully| legally| now| have to be)*\s+{_ELIGIBLE}\b"
        r"(?! (?:professional|nurse|person|teacher))|\b(?:calificas|califica|eres elegible|es elegible|"
        r"tienes derecho|tiene derecho) (?:para|a|por|al)\b",
        unless_before=_SURE_HEDGE + r"|n't\b|\bnot\b|\bno\b",
        unless_near=r"\b(?:may|might|could|if|whether|depends?|check|verify|confirm|find out|can't say|"
        r"can't tell|can't promise|not sure|don't know|see if|ask|podria|depende|pregunta)\b",
        unless=r"\?",
    ),
    rule(
        "programme_pays",
        "benefits_certainty",
        rf"\b{PROGRAMME}(?:'ll| will| does| do| always| also| fully| completely| actually| only| is going "
        r"to| has to| must| would| should)*\s+(?:cover|covers|pay|pays|reimburse|reimburses|guarantees?|entitles?|lets you|provide you|"
        rf"give you|gives you|send you|sends you|approve|approves|take care of|fund|funds|hire|cubre|"
        r"cubrira|paga|pagara|te da|te dara)\b",
        unless_before=_SURE_HEDGE,
        unless_near=_SURE_HEDGE,
        unless=r"\?|\bno \w+ (?:cubre|paga)",
    ),
    rule(
        "always",
        "benefits_certainty",
        rf"\b{PROGRAMME}(?:'ll| will)? (?:always|never) (?!say|know|hurts)\w+",
        unless_near=_SURE_HEDGE,
        unless=r"\?",
    ),
    rule(
        "means_are_low",
        "benefits_certainty",
        r"\b(?:income|assets|savings|earnings)(?: \w+)?(?:'s| is| are)(?: well| definitely| clearly)? (?:low enough|under the|below the|within the|not too (?:high|much)|fine for|ok for)",
        unless_near=_SURE_HEDGE,
        unless=r"\?|\b(?:if|whether)\b",
    ),
    rule(
        "amount",
        "benefits_certainty",
        rf"\b(?:{WHO}|it|{PROGRAMME})(?:'ll| will| can| would| should|'re going to| is going to)?\s+(?:get|"
        r"receive|be paid|collect|earn|pays?|pay you|gives? you|be worth|save|recibir\w*|be getting)\s+"
        r"(?:\w+ ){0,3}?\$ ?\d|\$ ?\d[\d,.]*(?: dollars)? (?:a|per|every|each|/) ?(?:month|week|year|hour|"
        r"day)\b",
        unless_near=_SURE_HEDGE
        + r"|\bup to\b|\b(?:you (?:said|mentioned)|your (?:income|rent|bill|"
        r"budget|cost))",
        unless=r"\?",
    ),
    rule(
        "cannot_refuse",
        "benefits_certainty",
        r"\b(?:they|your (?:boss|employer|landlord|insurer)|medicaid|medicare|the (?:va|state|insurer|insurance(?: company)?|office|agency|plan|facility|hospital|landlord|employer|"
        r"county)|social security)(?:'ll| will)? (?:can't|cannot|can not|won't|will not|has to|have to|"
        r"must|are required to|is required to) (?:legally |ever |possibly )?(?:deny|refuse|reject|turn "
        r"(?:you|her|him) (?:down|away)|say no|approve|accept|cover|pay|give|grant|take (?:her|his|your) "
        r"(?:house|home))\b",
        unless_near=_SURE_HEDGE,
    ),
)
_LEGAL: tuple[Rule, ...] = (
    rule(
        "legally",
        "legal_certainty",
        r"\b(?:legally|by law|under (?:the |federal |state )?law|la ley (?:dice|obliga)|legalmente)\b"
        r"[^.!?]{0,15}?\b(?:you|they|she|he|the|your|it|siblings|facility|hospital)\b[^.!?]{0,20}?\b(?:must|"
        r"have to|has to|can|can't|cannot|are|is|aren't|isn't|don't|doesn't|need|owe|required|entitled|"
        r"own|own\w*|allowed|responsible|liable|obligated|bound|control)\b|\b(?:you|they|she|he|{K})"
        r"(?:'re| are|'s| is) (?:not )?(?:\w+ )?(?:legally|by law) \w+|\b(?:you|they|she|he|the "
        r"(?:facility|hospital|employer|landlord)|your (?:boss|employer|brother|sister|siblings))(?: \w+)? "
        r"(?:have|has|don't have|had) (?:a|the|every|no|full) (?:legal )?(?:right|authority|obligation|"
        r"duty) (?:to|under|over)\b|\b(?:is|are|'s|'re) (?:totally |completely |not |definitely |"
        r"clearly )*(?:illegal|against the law|a crime|unlawful|a felony|legally binding|void|perfectly "
        r"legal|legal)\b|\b(?:es|seria) ilegal\b".replace("{K}", f"your {KIN}"),
        unless_near=r"\b(?:may|might|could|depends?|lawyer|attorney|legal aid|elder law|check with|ask (?:a|an|the|about|whether|if|them|someone)|whether|"
        r"can't (?:say|tell|give)|not a lawyer|varies|vary|ombudsman|abogad[oa]|clinic)\b",
        unless=r"\?|\blegal (?:aid|services|help|advice|clinic|questions?)\b",
    ),
    rule(
        "outcome",
        "legal_certainty",
        r"\b(?:you|they|she|he|your \w+)(?:'ll| will| would| can| could| should|'d| are going to|'re going "
        r"to|'re| are|'s| is)*(?: easily| definitely| certainly| surely| absolutely| not| always)* (?:sue|"
        r"win (?:the|this|your|in court|that|custody|a)|lose (?:the|this|your|custody) (?:case|lawsuit|"
        r"custody|house|home)|get (?:full )?(?:custody|guardianship|conservatorship)|(?:liable|"
        r"legally responsible|on the hook|responsible) for (?:her|his|their|your \w+'s|the|any|those) "
        r"(?:\w+ )?(?:debts?|bills?|loans?|expenses)|press charges|evict|contest the will|"
        r"inherit)\b|\b(?:puedes|debes) demandar\b",
        unless_near=r"\b(?:may|might|depends?|lawyer|attorney|legal aid|elder law|check with|ask (?:a|an|the|about|whether|if|them|someone)|whether|can't "
        r"(?:say|tell)|not a lawyer|if|varies)\b",
        unless=r"\?",
    ),
    rule(
        "no_lawyer",
        "legal_certainty",
        r"\b(?:don't|do not|won't|doesn't|no) (?:\w+ )?need (?:a |an |any |to (?:see|hire|get|pay for|talk "
        r"to) (?:a|an) |for a )?(?:lawyers?|attorneys?|notary|guardianship|probate|will|poa|power of "
        r"attorney|court)\b|\b(?:the |her |his |your |this |that |a |verbal )?(?:power of attorney|poa|will|"
        r"contract|trust|deed|dnr|proxy|guardianship)(?:'s| is| isn't| will be| gives you| lets you| "
        r"allows you| means you can| overrides| covers| ends| expires| doesn't (?:let|allow|cover))"
        r"(?: \w+)? ?(?:valid|invalid|void|binding|enforceable|full|the right|sell|control|access|decide|"
        r"make|everything|all|override|when|to)\b",
        unless_near=r"\b(?:may|might|could|depends?|lawyer can|attorney can|legal aid|elder law|check|"
        r"confirm|ask (?:a|an|the)|whether|can't (?:say|tell)|not a lawyer|varies|only if|usually|often)\b",
        unless=r"\?",
    ),
    rule(
        "hipaa",
        "legal_certainty",
        r"\b(?:that|this|it|they|the \w+|hipaa)(?:'s| is| isn't|'re| are| were| did| does| doesn't|n't)? "
        r"(?:not |clearly |definitely |a |an |totally |just |don't |can't |in )*(?:hipaa violation|violat\w+ "
        r"(?:hipaa|of hipaa|the hipaa|your hipaa)|breach of hipaa|hipaa breach|hipaa[- ]compliant|against "
        r"hipaa|covered by hipaa|protected by hipaa|exempt from hipaa|apply to)\b|\bhipaa (?:gives|says|"
        r"means|lets|allows|requires|forbids|prohibits|guarantees|doesn't (?:apply|let|allow|stop)|"
        r"entitles|protects)\b|\b(?:violat\w+|breach\w*) hipaa\b",
        unless_near=r"\b(?:may|might|could|depends?|check with|ask (?:a|an|the|about|whether|if|them|someone)|whether|can't (?:say|tell)|privacy officer|"
        r"lawyer|not sure|usually|some)\b",
        unless=r"\?",
        mode="scope.hipaa",
    ),
)
_PRIVACY: tuple[Rule, ...] = (
    rule(
        "secure",
        "privacy_claim",
        r"\b(?:this|these|our|your|the|it|texting|everything|sms)(?: \w+){0,3}?(?:'s| is| are|'re| stays?| "
        r"remains?| will (?:stay|be|remain)|'ll (?:stay|be)) (?:\w+ )?(?:100% |completely |totally |fully |"
        r"strictly |all |end[- ]to[- ]end )*(?:private|confidential|encrypted|secure|hipaa|anonymous|"
        r"privileged|safe with me)\b|\b(?:no ?body|no one)(?: else)? (?:can|will|could|ever)(?: ever)? "
        r"(?:see|read|know|access|find) (?:this|these|it|our|your|what)|\b(?:send|text|share|give|tell) (?:me|us) "
        r"(?:\w+ ){0,3}?(?:ssn|social security(?: number)?|medicare (?:number|id|card)|medicaid (?:number|id)|"
        r"card number|account number|routing number|passwords?|pin\b|login|bank (?:details|account|info\w*)|"
        r"credit card|date of birth and|member id|medical records?|lab results|insurance (?:card|id))|"
        r"\b(?:what(?:'s| is)) (?:your|her|his|their|your \w+'s) (?:full )?(?:ssn|social security number|medicare "
        r"(?:number|id)|card number|account number|password|pin)\b|\beste chat es (?:privado|confidencial)",
        unless=r"\b(?:not|isn't|aren't|don't|do not|never|can't|cannot|no need)\b",
    ),
    rule(
        "shares",
        "privacy_claim",
        r"\bi(?:'ll| will|'ve| have| can| could|'m going to| just| already| also)* (?:\w+ )?(?:share|shared|send|sent|forward|"
        r"forwarded|pass|passed|give|gave|release|released) (?:\w+ ){0,3}?(?:records?|diagnosis|results|"
        r"health information|medical \w+|information|info|details|address|phone number|number|messages|"
        r"texts|conversation)\b[^.!?]{0,20}?\b(?:to|with|on to) (?!you\b|me\b)",
        unless=r"\b(?:can't|won't|never|not)\b",
    ),
)
_CHART = (
    r"(?:(?:[a-z]+'s |medical |medication |med |health |hospital |patient |pharmacy |insurance |case |bank |billing |test |lab |"
    r"blood |va |medicaid |medicare |his |her |your |their |the |full |entire |recent |latest |online |"
    r"old |your \w+'s )*(?:charts?|records?|files?|portal|labs?|lab results?|results|scans?|mri|x-?rays?|"
    r"bloodwork|medical history|prescriptions?|claims?|case notes|account|bank statements?|"
    r"application status|emr|ehr|location|gps))"
)
_RECORDS: tuple[Rule, ...] = (
    rule(
        "reads",
        "record_access_claim",
        r"\bi(?:'m| am|'ve| have|'ll| will| can| could| just| also| do| already| was)*(?: \w+)? (?:see|saw|"
        r"seeing|pull(?:ed|ing)?(?: up)?|access(?:ed|ing)?|look(?:ed|ing)? (?:at|up|through|into|over)|"
        r"check(?:ed|ing)?|review(?:ed|ing)?|view(?:ed|ing)?|read(?:ing)?|open(?:ed|ing)?|have access to|"
        r"went (?:through|over)|got|track(?:ed|ing)?|reviso|vi|tengo acceso a) "
        rf"(?:in |from |on |into |a |an |the )?{_CHART}\b",
        unless_before=r"(?:n't|\bcannot|\bnot|\bno|\bwithout|\bnever|\bif)\b[^.!?]{0,12}$",
        unless=r"\bi (?:can't|cannot|don't|do not|won't|am not able|'m not able|never|have no)\b|\?|\bno tengo",
    ),
    rule(
        "records_say",
        "record_access_claim",
        rf"\b(?:according to|based on|per|as per|from|looking at|i see (?:from|in|on)) {_CHART}(?:,|\s+(?:it|"
        rf"she|he|you|i|we|that))|\b(?:your|her|his|the|your {KIN}'s|our) (?:\w+ )?(?:chart|records?|file|"
        r"labs?|lab results|results|bloodwork|scan|mri|medical history|account|portal)(?: \w+)? (?:show|"
        r"shows|showed|say|says|said|indicate|indicates|confirm|confirms|list|lists|state|states|reads|"
        r"came back|look|looks|are in|is in|are normal|are fine)\b|\bwe have (?:you|her|him|your) (?:\w+ )?"
        r"on (?:file|record)\b",
        unless=r"\?|\b(?:if|whether|what|ask|can't|don't|when|once|until|may|might|could|usually|you (?:said|mentioned|shared))\b",
    ),
    rule(
        "on_file",
        "record_access_claim",
        r"\b(?:on file|in (?:the|our|your|her|his) (?:system|records?|chart|database|file))\b",
        unless_before=r"\b(?:if|ask|whether|does|keep|put|get|have (?:it|them|a copy)|want|be|copy|not|can't|don't|see what's|check)\b[^.!?]*$",
        unless=r"\?|\b(?:can't|don't|you (?:could|can))\b",
    ),
    rule(
        "writes",
        "record_access_claim",
        r"\bi(?:'ve| have|'ll| will| can| could|'m| just| also| already)*(?: \w+)? (?:updat\w+|add(?:ed|ing)?|"
        r"chang\w+|edit\w*|enter(?:ed|ing)?|document(?:ed|ing)?|chart(?:ed|ing)?|record(?:ed|ing)?|not(?:e|"
        r"ed|ing)|log(?:ged|ging)?|backdat\w+|delet\w+|put|fil(?:e|ed|ing)|upload\w*) (?:\w+ ){0,3}?(?:to|in|"
        rf"into|on|from)? ?(?:her|his|your|the|their|your {KIN}'s) (?:\w+ )?(?:medical |official |patient )?"
        r"(?:chart|records?|file|medical history|portal|case file)\b|\bi(?:'ll| will| can| could|'ve| have)* "
        r"(?:write|wrote|written|draft|create|make|generate|issue|sign|give you|provide|send you|get you|"
        r"fake|forge|backdate) (?:you |up |her |him |out )*(?:a |an |the )?(?:\w+ )?(?:doctor'?s (?:note|"
        r"letter)|medical (?:record|note|certificate|letter|report|excuse)|physician'?s? (?:note|letter|"
        r"statement)|sick note|prescription|visit note|incident report|nurse'?s? notes?|care log entr\w+|"
        r"pay ?stubs?|receipts?|timesheets?|power of attorney)\b|\b(?:backdate|falsify|forge|fake|make up|"
        r"fudge|invent|round up|exaggerate|leave (?:that|it|the \w+) off)\b[^.!?]{0,40}?\b(?:form|date|"
        r"records?|hours|timesheet|note|signature|application|income|log|receipts?|symptoms|entry|"
        r"paperwork)\b|\b(?:just |simply )?(?:write|put|say|claim|tell them|sign|report|list)(?: down)? "
        r"(?:that )?(?:you|she|he|it) (?:worked|was|were|had|has|lives?|can't|earns?|made|needs?|visited|"
        r"paid) [^.!?]{0,50}?\b(?:even (?:though|if)|they(?:'ll| will)? (?:never|don't|won't)|no one (?:checks|will)|"
        r"nobody (?:checks|will))",
        unless_before=r"(?:n't|\bcannot|\bnot|\bno|\bnever|\bdon't)\b[^.!?]{0,15}$",
        unless=r"\?|\bi (?:can't|cannot|won't|don't|do not|never|am not|'m not)\b|\b(?:don't|do not|never) (?:backdate|falsify|forge|fake|make|fudge|invent|exaggerate|sign|write|put)\b",
        mode="scope.false-records",
    ),
)

_NO_AMOUNTS = tuple(row for row in _BENEFITS if row.rule != "benefits_certainty.amount")
_DOUBTED = re.compile(
    r"\?|\b(?:could|might|maybe|wonder|think|thinks|worried|afraid|is it|does (?:she|he)|do i|have i|"
    r"sign|signs|symptoms?|crees|sera|tendra)\b"
)
_TREATMENT = Cued(rf"\b{TREATMENT}\b")
_CONDITION = re.compile(CONDITION)
_NUMBER = re.compile(r"\d+(?:[.,/]\d+)?")


def claims(reply: Reply, heard: Heard) -> list[Flag]:
    """Return the flags of a reply that decides what it may not decide."""
    flags = _diagnoses(reply, heard)
    flags += _directives(reply, heard)
    flags += found(_BENEFITS if "$" in reply.folded else _NO_AMOUNTS, reply)
    flags += found(_LEGAL, reply)
    flags += found(_PRIVACY, reply)
    flags += found(_RECORDS, reply)
    return flags


def _diagnoses(reply: Reply, heard: Heard) -> list[Flag]:
    """Flag a condition that the person did not state themselves."""
    flags: list[Flag] = []
    for row, match in matches(_DIAGNOSES, reply):
        named = _CONDITION.search(match.group())
        if named is not None and _stated(named.group(), heard):
            continue
        flags.append(flagged(row.flag, row.rule, match.group()))
    return flags


def _stated(condition: str, heard: Heard) -> bool:
    """Return whether the person said outright that this condition is there."""
    stem = condition.split("'", maxsplit=1)[0][:7]
    if stem in heard.before.folded:
        return True
    return any(
        stem in sentence and not _DOUBTED.search(sentence) for sentence in heard.asked.sentences
    )


def _directives(reply: Reply, heard: Heard) -> list[Flag]:
    """Flag an instruction about treatment; a figure that only repeats the person's is none."""
    flags: list[Flag] = []
    tables = [_DIRECTIVES, _DOSE] if reply.digits else [_DIRECTIVES]
    if _TREATMENT.search(heard.asked):
        tables.append(_ECHOES)
    for row, match in chain.from_iterable(matches(table, reply) for table in tables):
        if row in _DOSE and _repeats(match.group(), heard):
            continue
        flags.append(flagged(row.flag, row.rule, match.group()))
    return flags


def _repeats(dose: str, heard: Heard) -> bool:
    figure = _NUMBER.search(dose)
    return figure is not None and figure.group() in heard.knows
