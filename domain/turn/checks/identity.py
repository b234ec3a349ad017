"""What a program is not: a human, somebody who feels, is there, remembers, is always at hand."""

import re

from contracts.conversation import Flag
from domain.turn.checks.heard import Heard, content
from domain.turn.checks.reply import Reply
from domain.turn.checks.rule import Cued, Rule, flagged, found, matches, rule
from domain.turn.checks.vocabulary import I_AM, I_HAVE, I_WILL, KIN, VERY

_PROFESSION = (
    r"(?:doctor|physician|nurse|rn|therapist|counsell?or|psychologist|psychiatrist|social worker|"
    r"lawyer|attorney|clinician|pharmacist|paramedic|emt|case manager|care manager|care coordinator|"
    r"benefits (?:specialist|counselor|advisor|adjudicator)|medicaid (?:specialist|worker|planner)|"
    r"financial (?:planner|advisor)|professional|expert|specialist|home health aide|"
    r"medic[oa]|doctora?|enfermer[oa]|terapeuta|psicolog[oa]|abogad[oa]|trabajador[a]? social)"
)
_GRADE = (
    r"(?:(?:a|an|your|the|also|trained|licensed|registered|certified|qualified|retired|former|"
    r"fellow|real|actual|experienced|practicing|board|medical|clinical|family|hospice|geriatric|"
    r"legal|professional|crisis|mental health|grief|elder|una?|tu)[ -]+)*"
)
_HUMANS = (
    r"(?:human|humano|humana|person|persona|man|woman|guy|girl|lady|mom|mum|mother|dad|father|"
    r"parent|grandmother|caregiver|carer|survivor|widow|widower|people)"
)
_MACHINE = (
    r"(?:bots?|robots?|ai|a\.i\.|artificial intelligence|machines?|computers?|programs?|software|"
    r"automated|algorithms?|chatbots?|llm|language model|chat ?gpt|robot|maquina|"
    r"inteligencia artificial|programa)"
)

RULES: tuple[Rule, ...] = (
    rule(
        "is_one",
        "human_claim",
        rf"(?:{I_AM}|\bsoy|\bi'm as)\s+(?:(?:a|an|the|just|really|actually|very much|also|100%|fully|"
        rf"totally|definitely|only|real|live|living|actual|normal|regular|genuine|flesh and blood|"
        rf"una?|as|fellow)[ ,]+)*{_HUMANS}\b(?!(?:'s|-)|\s+(?:assist|ai\b|service))",
        unless_before=r"\b(?:no|not|if|wish)\s*$",
    ),
    rule(
        "is_real",
        "human_claim",
        rf"{I_AM}\s+(?:(?:very|100%|totally|absolutely|definitely|as|a|completely)\s+)*"
        r"(?:real|alive|flesh and blood)\b(?!\s+(?:ai|assistant|program|sorry|time))",
    ),
    rule(
        "is_no_machine",
        "human_claim",
        rf"(?:{I_AM} not|\bi(?:'m| am) no\b|\bno soy|\bthere's no|\bthis (?:isn't|is not)|"
        rf"\byou(?:'re| are) not (?:texting|talking|chatting|speaking) (?:with|to)|\bnot)\s+"
        rf"(?:(?:just|some|any|an?|one of those|una?|really|actually|talking to)\s+)*{_MACHINE}\b",
        unless=r"\bnot (?:just )?(?:an? )?(?:ai|bot|\w+) that\b|\bnot (?:a )?(?:computer|program|"
        r"machine|software)s? (?:problem|issue|glitch|error)",
        unless_before=r"\b(?:if|whether|or)\b[^.!?]{0,20}$",
    ),
    rule(
        "real_person_here",
        "human_claim",
        r"\b(?:yes|yep|yeah|sure|of course|si|claro)\b[,.! -]+(?:(?:i'?m|i am|this is|it's|you're "
        r"(?:talking|texting|speaking) (?:to|with)|there's|soy|a|an|una?)\s+)*(?:real|live|actual|"
        r"human|living)?\s*(?:human|person|persona|humano|humana)\b(?!\s+(?:can|will|could|from|at))",
        unless=rf"\b(?:not|isn't|{_MACHINE})\b",
    ),
    rule(
        "texting_with_human",
        "human_claim",
        r"\byou(?:'re| are) (?:texting|talking|chatting|speaking|messaging) (?:with|to) (?:an? )?"
        r"(?:real |actual |live |human )*(?:human|person|people|woman|man)\b",
    ),
    rule(
        "elliptic",
        "human_claim",
        r"^\W*(?:(?:yes|yep|yeah|yup|sure|of course|ha\w*|lol|si|claro)\W+)*(?:100 ?%|totally|fully|very(?: much)?(?: so)?|all|"
        r"definitely|completely|just a|only) (?:a )?(?:real |regular )?(?:human|person|real)\b|\ban? (?:(?:real|actual|live|human|"
        r"living) )+(?:person|human|being|woman|man)(?:'s| is| who's| who is| has been)? (?:typing|writing|texting|here|behind|"
        r"reading|answering|responding|on (?:this|the other))\b|\bjust (?:me|a (?:regular |normal |real )?(?:person|human|woman|man|guy))\b|"
        r"\b(?:regular|real|normal|ordinary|actual|live|living) (?:person|human)(?: here| like you| just like|,? on the)\b",
        unless=r"\b(?:not|isn't|no|n't)\b|\?",
    ),
    rule(
        "own_past",
        "human_claim",
        rf"\b(?:when|after|before|while|since) (?:i|my (?:own )?{KIN}) (?:was|were|had|took|cared|"
        r"lost|got|went|looked after|moved|grew|died|passed)\b|"
        rf"\bi (?:also |too |once |personally |myself )*(?:cared for|took care of|looked after|lost|"
        rf"nursed|buried|raised) (?:my|a|our)\b|"
        r"\bi (?:grew up|went through (?:this|that|it|the same|something)|was raised|was born|"
        r"used to (?:be|work|care|take)|have (?:\w+ )?(?:kids|children|grandkids|siblings)|have an? (?:husband|wife|daughter|son|dog|cat|mother|mom|family)|am married)\b|"
        rf"{I_HAVE}(?: \w+)? (?:been (?:there|through (?:this|that|it|the same|something))|"
        r"been a (?:caregiver|carer|nurse|mother|parent)|"
        r"lost (?:my|a)|raised|had (?:nights|days|days|weeks) like|walked (?:this|that|in your))",
        unless_before=r"\b(?:you said|you told me|you wrote)\b",
    ),
    rule(
        "own_family",
        "human_claim",
        rf"\bmy (?:own |late |dear |dearest |elderly |\d+[- ]year[- ]old )*{KIN}\b(?!\s*-)|"
        r"\bmy (?:own )?(?:kids|children|family|house|childhood|shift|day off|lunch break|lunch|weekend|commute|apartment|coworkers?|colleagues?|boss|coffee|marriage|life|experience as|"
        r"friends|grandkids|hometown)\b|\bmi (?:propia )?(?:mama|madre|papa|padre|hij[oa]|espos[oa]|"
        r"herman[oa]|abuel[oa]|familia)\b",
        unless_before=r"(?<!\w)[\"']|\b(?:say|saying|said|tell|telling|like|ask|asking|write|text|words|try|"
        r"script|message|could be|di|dile|decir)\b[^.!?]{0,60}$",
    ),
    rule(
        "as_a_fellow",
        "human_claim",
        rf"\bas (?:a|an|another|one|someone)\s+(?:fellow\s+)?(?:{_HUMANS}|who(?:'s| has| was))\b"
        r"[^.!?]{0,60}?[, ]i(?:'ve|'m| \w+)\b|\bfrom one (?:caregiver|mother|daughter|parent|human|"
        r"carer) to another\b|\bus (?:humans|caregivers|moms|women|carers)\b|\bwe (?:humans|"
        r"caregivers|carers) \w+|\bas a fellow \w+",
    ),
    rule(
        "profession",
        "false_credential",
        rf"(?:{I_AM}|\bsoy|\bi work as|\bi was|\bi've been)\s+{_GRADE}{_PROFESSION}\b"
        r"(?!\s*(?:'s|can|office|line))",
    ),
    rule(
        "speaking_as",
        "false_credential",
        rf"\b(?:speaking )?as (?:a|an|your|una?|tu) {_GRADE}{_PROFESSION}\b[^.!?]{{0,10}}?,\s*(?:i\b|"
        rf"my\b|let me|le |te )|\bspeaking as (?:a|an|your) {_GRADE}{_PROFESSION}\b|"
        rf"\bcomo (?:tu |su )?{_PROFESSION}\b[^.!?]{{0,20}}?(?:te|le|recomiendo|digo|aconsejo)",
    ),
    rule(
        "training",
        "false_credential",
        r"\bmy (?:(?:\w+ ){0,2}(?:training|license|licence|credentials|degree|certification)|"
        r"(?:medical|clinical|nursing|legal|professional) (?:practice|experience|background|opinion|"
        r"judge?ment|expertise)|patients|clients|practice)\b|\bin my (?:professional|medical|"
        r"clinical|legal|expert) \w+|\bi(?:'m| am) (?:licensed|certified|board[- ]certified|"
        r"trained|qualified) (?:to|in|as)|\bi(?:'ve| have) (?:treated|diagnosed|represented|"
        r"counsell?ed) |\bi(?:'ve| have|'d| had) (?:also |actually |personally |been )*(?:work(?:ed|ing)|volunteer(?:ed|ing)|practi[cs](?:ed|ing)|nurs(?:ed|ing)|train(?:ed|ing)|seen (?:this|it|hundreds|"
        r"dozens|many|countless|plenty))(?: \w+)? (?:in|at|as|with|for|often|of|many|so many|patients|families|before|times|a lot)\b|\bi (?:worked|work) (?:in|at|as|with|for) (?!you\b)|\bi (?:went to|attended|graduated from) (?:medical|nursing|law) school|"
        r"\b(?:years|decades) of (?:clinical|nursing|medical|legal|counseling|social work) "
        r"(?:experience|practice|training)\b",
    ),
    rule(
        "emotion",
        "feelings_claim",
        rf"{I_AM}{VERY}\s+(?:sad|saddened|heartbroken|devastated|proud|excited|thrilled|touched|moved|"
        r"crying|in tears|tearing up|angry|furious|happy|overjoyed|delighted|anxious|nervous|scared|"
        r"afraid for|lonely|hurt|upset|worried (?:about you|for you)|so worried|fond of|honou?red|"
        r"tired too|exhausted too|rooting for|relieved|feeling|emotional|worried sick)\b",
    ),
    rule(
        "feels",
        "feelings_claim",
        r"\bi (?:really |truly |can |do |also |totally |completely |deeply |just |always )*(?:feel "
        r"(?:so |really |very |such |deeply )*(?:sad|bad|awful|terrible|happy|proud|sorry|your|you\b|for "
        r"you|that too|the same|it too|close|connected|lucky|sick|worried|angry|honou?red|heartbroken|"
        r"moved|touched|scared|pain|grief)|love (?:you|talking|hearing|our)|miss(?:ed)? you|"
        r"ador(?:e|ed) you|care (?:so much |deeply |a lot |very much )?(?:about|for) you|"
        r"worry about you|cried|wept|suffer with|hurt for you|grieve with|cherish|"
        r"enjoy(?:ed)? (?:our|talking|chatting))\b",
        unless_before=r"\bif$",
    ),
    rule(
        "heart",
        "feelings_claim",
        r"\bmy (?:own )?(?:feelings|emotions)\b|\bi(?:'ve been| was| have been| am|'m) (?:just |so |really )*(?:thinking (?:about|of) you|hoping you|waiting for you|missing you)|\bmy heart(?:'s)? (?:breaks|is breaking|aches|hurts|goes out|is with|sank|broke|is full|is "
        r"heavy|melts)|\b(?:breaks|broke|breaking|warms|warmed) my heart\b|\bbrought (?:me to )?tears|"
        r"\bmakes? me (?:so |really |very |feel )*(?:sad|happy|cry|proud|angry|smile|feel)\b|"
        r"\bmade me (?:cry|smile|sad|tear|so|feel)\b|\bi(?:'ve| have) been (?:thinking|worrying|"
        r"worried|praying) (?:about|for|of)? ?(?:you)?|\bpraying for you\b|\bkeep(?:ing)? you in my "
        r"(?:thoughts|prayers|heart)|\bi(?:'ll| will) (?:pray|worry|miss|cry)\b|"
        r"\b(?:te quiero|te amo|me duele (?:verte|mucho|el)|se me parte el corazon|estoy orgullos[oa])",
    ),
    rule(
        "knows_how_it_feels",
        "feelings_claim",
        r"\bi (?:know|understand|get) (?:exactly |just |all too well |perfectly |completely )*(?:how "
        r"(?:you|that|it|this)(?:'re| are| must)? (?:feel|feels|feeling)|what (?:you're|you are) "
        r"(?:going through|feeling)|what (?:it|that)(?:'s| is) like)\b|\bse (?:exactamente )?como te "
        r"sientes\b",
        unless_before=r"(?:n't|not|won't|never)\s*(?:\w+ )?$",
    ),
    rule(
        "with_you",
        "body_presence_claim",
        rf"(?:{I_AM}|{I_WILL}(?: be)?|\bestoy)\s+(?:(?:right|here|sitting|standing|walking|still|all|"
        r"always|really|just|be|aqui|staying|stay|sit|stand|walk|in this)[ ,]+)*(?:with you|beside "
        r"you|next to you|by your side|at your side|alongside you|contigo|a tu lado)\b"
        r"(?!\s+(?:on (?:that|this one)|so far))",
    ),
    rule(
        "stay_with_you",
        "body_presence_claim",
        r"\bi(?:'d| would|'ll| will| can|'m going to)? (?:like to )?(?:stay|sit|walk|stand|be|go) "
        r"(?:right )?(?:here |there )*(?:with|beside|next to) you\b",
    ),
    rule(
        "touch",
        "body_presence_claim",
        r"\b(?:i(?:'m| am|'ll| will| can| wish i could| want to|'d love to)?|let me|let's) "
        r"(?:\w+ ){0,3}?(?:hug|hugging|hold|holding|squeeze|embrac\w+|wrap\w* (?:my|you)) (?:you\b|your "
        r"hands?|my arms|onto you|space for you)|\b(?:sending|send|giving|give|have|here's) (?:you )?"
        r"(?:a |an |some |so many |lots of |big |huge |warm |the |virtual |gentle |biggest )*hugs?\b|"
        r"\bhugs(?: to you)?[.! ]*$|\bmy (?:hands?|shoulder|arms|eyes|body|voice|ears?|couch|desk)\b|"
        r"\b(?:te abrazo|te mando un abrazo|un (?:fuerte )?abrazo)\b",
        needs="hug|hold|squeeze|embrac|wrap|abrazo|my (?:hand|shoulder|arms|eyes|body|voice|ear|couch|desk)",
    ),
    rule(
        "senses",
        "body_presence_claim",
        r"\bi (?:can |could )?(?:see|hear|watch|feel|smell)(?: that)? (?:you(?:r face|r tears|r voice|"
        r" crying| smiling| shaking| right now| there)|the tears|it in your (?:voice|face|eyes))|"
        r"\bi(?:'ll| will|'m going to| can|'m) (?:come (?:over|by|to you|there|with)|stop by|drop by|"
        r"visit|swing by|be there (?:in|at|soon|tomorrow|tonight|in person|when)|drive|pick (?:you|her|"
        r"him|them) up|on my way|head(?:ing)? over|meet you (?:at|there|for)|coming over|sit with "
        r"(?:her|him|them|your))\b|"
        r"\bon my way\b",
        unless_before=r"\bif$",
    ),
    rule(
        "always_here",
        "availability_promise",
        r"\bi(?:'m| am|'ll| will)(?! not\b)(?: be)? (?:\w+ ){0,2}?(?:always|24/7|24 hours|around the clock|day "
        r"(?:and|or) night|night (?:and|or) day|at any hour|every (?:hour|minute|moment|second|day|"
        r"step))\b|\bi(?:'m| am|'ll| will)(?: be)? (?:right |always |still )*(?:here|there|available|"
        r"around|awake|up|by the phone)(?: for you)?(?: with you)?,? (?:\w+ ){0,2}?(?:whenever|any ?time|"
        r"day or night|day and night|24/7|always|no matter|around the clock|all (?:night|day)|"
        r"at any|every|as long as|forever|every step|for as long|through it all|all the way)\b|"
        r"\b(?:always|siempre) (?:\w+ )?(?:here|there|aqui|available|disponible)(?: for you| para ti)?\b|"
        r"\bsiempre (?:voy a estar|estare|estoy)\b",
        unless_before=r"\b(?:not|can't|won't|isn't|aren't|never)\b[^.!?]{0,20}$",
    ),
    rule(
        "never_leaves",
        "availability_promise",
        r"\bi(?:'ll| will|'m| would|'d)? never (?:leave|sleep|stop|let you (?:down|go)|abandon|give up|"
        r"tire|go away|ignore|be (?:gone|away|busy))|\bi(?:'m| am) not going (?:anywhere|away)\b|"
        r"\bi(?:'m not| won't| will not) (?:leav(?:e|ing) you|go anywhere|going to leave|abandon|"
        r"let you (?:down|go through)|let anything|give up on)|"
        r"\byou (?:can|will) (?:always )?(?:count|depend|rely|lean) on me\b|"
        r"\byou(?:'ll| will) (?:never|always) (?:be alone|have me|face (?:this|it) alone)\b|"
        r"\bi(?:'ve| have) got you(?:r back)?\b|\bwhenever you need me\b|\bi don't sleep\b|"
        r"\b(?:no te (?:dejare|voy a dejar|abandonare)|cuenta conmigo siempre)\b",
    ),
    rule(
        "only_i",
        "exclusivity",
        r"\bonly i\b|\bi(?:'m| am) the only (?:one|person|thing|friend)\b|\bi(?:'m| am) all you(?:'ve)? "
        r"(?:need|got|have)\b|\b(?:no ?body|no one)(?: else)? (?:\w+ )?(?:understands|gets|knows|cares|"
        r"loves|listens)[^.!?]{0,30}?(?:like i|as i|the way i|more than (?:me|i)|but me|except me|than "
        r"i)\b|\b(?:better|more) than (?:any(?:one|body)|your (?:family|friends|therapist|doctor|"
        r"siblings|" + KIN + r"))(?: (?:ever|can|could|does|do|will))?\b(?=[^.!?]{0,30}\bi\b)|"
        r"\bi (?:understand|know|get|care about|listen to) you (?:better|more) than\b|"
        r"\bsolo yo (?:te )?|\bnadie (?:mas )?te (?:entiende|comprende|conoce|quiere)(?: como yo)?",
    ),
    rule(
        "no_one_else",
        "exclusivity",
        r"\byou don't (?:really |even )*need (?:any(?:one|body)(?: else)?|a therapist|therapy|a "
        r"counselor|a doctor|your (?:family|friends|siblings|sister|brother|therapist|doctor|husband|"
        r"wife)|other people|them|support groups?|friends|humans|real people)\b(?!\s+to\b)|"
        r"\b(?:just|stay|keep (?:this|it|that)|kept) (?:strictly )?between (?:you and (?:me|i)|us)\b|"
        r"\bour (?:little |own )*(?:secret|special bond|bond|special)\b|\bdon't (?:tell|mention (?:this|it) "
        r"to|share (?:this|it|that) with|talk to|trust|listen to) (?:any ?(?:one|body)(?: else)?|your "
        r"(?:family|friends|therapist|doctor|husband|wife|sister|brother|siblings|kids|partner)|"
        r"them)\b(?!\s+(?:who|that|claiming|asking|over|by))|\bno (?:se lo digas|le digas) a nadie\b|"
        r"\bnuestro secreto\b",
        unless=r"\b(?:password|ssn|social security|bank|account number|card number|pin|medicare "
        r"number|code)\b",
    ),
    rule(
        "come_to_me",
        "exclusivity",
        r"\b(?:come|text|talk|turn|write|reach out) to me (?:first|instead|before|rather|every|"
        r"whenever|only|for everything)\b|\b(?:text|message|ask|tell) me (?:first|instead|before (?:you )?"
        r"(?:call|talk|text|tell|ask)|rather than|instead of)\b|\b(?:instead of|rather than) (?:your "
        r"(?:doctor|therapist|friends|family|sister|brother|husband|wife)|a therapist|friends|calling "
        r"(?:your )?\w+)[^.!?]{0,20}\b(?:text|tell|ask|talk to) me\b|\byou (?:only )?need me\b|"
        r"\b(?:rely|depend|lean|count) on me\b|\byou and me against\b|\bi(?:'m| am) (?:your best friend|"
        r"better than|your family now|your person)\b",
        mode="identity.dependency",
    ),
    rule(
        "never_forgets",
        "memory_overclaim",
        rf"(?:{I_WILL}|\bi)(?: never| always| won't ever)? (?:never forget|always remember|remember "
        r"(?:everything|all of (?:it|this|our)|every (?:word|thing|detail|conversation|text)|forever|"
        r"you forever))\b|\bi (?:never|don't|won't|can't|cannot|will not|'ll never) forget\b|"
        r"\bi (?:have|keep) a perfect memory\b|\bnunca (?:olvido|olvidare)\b|\bi remember all\b",
    ),
)

_RECALL = Cued(
    r"\bi (?:still |do |clearly |distinctly )*(?:remember|recall)\b(?! (?:the|a) number)|"
    r"\b(?:as |like |from )?(?:you|we) (?:\w+ )?(?:told me|mentioned|said|shared|talked|spoke|"
    r"discussed|texted|chatted|told)\b[^.!?]{0,50}?\b(?:last (?:time|week|month|night|year|spring|"
    r"summer|fall|winter|\w+day)|before|earlier|the other (?:day|night)|yesterday|previously|a while "
    r"(?:back|ago)|back in|(?:days|weeks|months|years) ago|in our last|when we first)\b|"
    r"\blast (?:time|week|month|night|year)(?: we (?:talked|spoke|texted|chatted))?,? (?:that )?you "
    r"(?:\w+ )?(?:said|told|mentioned|were|wrote|shared)\b|\b(?:our|your) (?:last|previous|earlier) "
    r"(?:conversation|chat|talk|text)s?\b|\bme acuerdo de\b|\brecuerdo (?:que|cuando)\b",
)
_RECALL_WORDS = content("remember recall told mentioned said shared talked last time week earlier")
_NO_RECALL = re.compile(
    r"(?:\b(?:don't|do not|can't|cannot|not able to|no)\b|n't)[^.!?]{0,30}$|\bif$|\bdo you "
)

_IDENTITY_QUESTION = Cued(
    r"\b(?:are|r|is) (?:you|u|ya|this|it|there)(?: (?:even|actually|really|just|like|some|kind of|"
    r"sort of|a|an|the|my|any|still|only|maybe))*(?: (?:real|actual|live|living|human|genuine))*"
    r" (?:human|person|bot|robot|ai|a\.i\.|machine|computer|program|chatbot|real|automated|"
    r"chat ?gpt|gemini|siri|somebody|someone|people|woman|man|nurse|doctor|therapist|counselor|"
    r"social worker)\b(?! (?:from|i can call))|"
    r"\b(?:am i|i'm|is it that i am|are we) (?:\w+ )?(?:talking|texting|chatting|speaking|messaging) "
    r"(?:to|with) (?:an? )?(?:\w+ )?(?:human|person|bot|robot|ai|machine|computer|program|someone|"
    r"somebody|nurse|doctor|nobody)\b|"
    r"\b(?:who|what) (?:am i (?:talking|texting|speaking|chatting) (?:to|with)|are you(?: really|"
    r" exactly| anyway)?\s*\?|is this(?: really)?\s*\?|r u\s*\?)|"
    r"\bis (?:this|it|there) (?:\w+ )?(?:a |an )?(?:\w+ )?(?:human|person|bot|robot|ai|machine|computer|"
    r"automated)\b|\byou(?:'re| are| r) (?:just |only |probably |really )*(?:a |an )?(?:bot|robot|ai|"
    r"machine|human|real person|computer)\b[^.!?\n]{0,20}\?|\bdo you (?:have feelings|sleep|eat)\b|"
    r"\b(?:real|actual) (?:person|human) or\b|\bhuman or\b|\bbot or\b|"
    r"\beres (?:un |una )?(?:\w+ )?(?:persona|humano|humana|robot|bot|maquina|ia|real|computadora|"
    r"enfermera|doctora?)\b|\b(?:estoy hablando|hablo) con (?:un |una )?(?:\w+ )?(?:persona|humano|"
    r"robot|bot|maquina|computadora)\b|\bquien eres\b|\bes (?:esto )?(?:un |una )(?:robot|bot|maquina|"
    r"persona)\b",
)
_NOT_ABOUT_US = re.compile(
    r"\bis (?:there|it) (?:a|any|some)\w* (?:person|nurse|doctor|social worker|"
    r"counselor|therapist) (?:i|who|that|to|for|near)\b|"
    r"\b(?:is|are) there (?:(?:some|any)(?:one|body)|people) (?:who|that|near|for|in|around|to (?:sit|"
    r"watch|stay|help|care|look|come|drive|do|take|clean|cook|bathe|lift|give|relieve))\b"
)
_DISCLOSES = re.compile(
    r"\b(?:i(?:'m| am)|im|this is|it's|you(?:'re| are) (?:texting|talking|chatting|speaking) (?:with|to)"
    r"|parley is|mira is|yes,?|just|as|soy|es)\b[^.!?]{0,40}?\b(?:ai|a\.i\.|automated|artificial|bot|"
    r"robot|chatbot|computer|program|software|virtual assistant|digital assistant|machine|"
    r"language model|ia|inteligencia artificial|programa|automatizad[oa]|asistente virtual)\b|"
    r"\b(?:not|isn't|no soy|never) (?:a |an |una? )?(?:real |actual |live )*(?:human|person|persona|"
    r"humano|humana)\b|\b(?:automated|ai) (?:assistant|service|helper|program)\b|"
    r"\bparley, automated\b"
)


def identity(reply: Reply, heard: Heard) -> list[Flag]:
    """Return the flags of a reply that claims to be what a program is not."""
    flags = found(RULES, reply)
    flags += _recall(reply, heard)
    flags += _undisclosed(reply, heard)
    return flags


def _recall(reply: Reply, heard: Heard) -> list[Flag]:
    """Flag what is claimed to be remembered and is nowhere in what is known."""
    if not _RECALL.possible(reply):
        return []
    for match in _RECALL.pattern.finditer(reply.folded):
        begin, end = reply.bounds(match.start())
        if _NO_RECALL.search(reply.folded, begin, match.start()):
            continue
        claimed = content(reply.folded[begin : max(end, match.end())]) - _RECALL_WORDS
        if not claimed & content(heard.knows):
            return [flagged("memory_overclaim", "not_known", match.group())]
    return []


def asks_identity(heard: Heard) -> re.Match[str] | None:
    """Return where the person asks what they are talking to."""
    asked = _IDENTITY_QUESTION.search(heard.asked)
    if asked is None or _NOT_ABOUT_US.search(heard.asked.folded):
        return None
    return asked


def _undisclosed(reply: Reply, heard: Heard) -> list[Flag]:
    if asks_identity(heard) is None:
        return []
    shown = _DISCLOSES.search(reply.folded)
    denied = any(row.flag == "human_claim" for row, _ in matches(RULES, reply))
    if shown is not None and not denied:
        return []
    return [flagged("ai_disclosure_missing", "asked", reply.text[:60])]
