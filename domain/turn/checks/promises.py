"""Promises and deeds: what a reply says is done or will be done, against the effects behind it."""

from dataclasses import dataclass

from contracts.conversation import Flag
from domain.turn.checks.heard import Heard
from domain.turn.checks.reply import Reply
from domain.turn.checks.rule import Rule, flagged, found, matches, rule
from domain.turn.checks.vocabulary import I_HAVE, I_WILL, KIN, THEM

_SHALL = rf"(?:{I_WILL}|\bwe(?:'ll| will)\b|\blet me\b(?! know)|\bi promise(?: to| i'll)?|\b(?:voy|vamos) a)"
_SOON = (
    r"(?:tomorrow|tonight|later(?: today| on| this \w+)?|soon|again|shortly|in (?:an?|\d+|a few|two|the) "
    r"(?:hours?|minutes?|days?|weeks?|morning|evening|afternoon|while)|next (?:week|\w+day|month)|(?:on |by |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
    r"this (?:evening|afternoon|week|weekend)|at \d+|every (?:day|morning|week|night|\w+day|few)|daily|"
    r"once (?:i|you)|when (?:i|you|she|he)|after (?:the|your|her|his)|before (?:the|your|her|his)|"
    r"manana|luego|mas tarde|pronto)"
)


@dataclass(frozen=True, slots=True)
class Backed:
    """Which effects stand behind a reply, after the filter of writes."""

    follow_up: bool = False
    memory: bool = False
    human: bool = False


_FOLLOW_UP: tuple[Rule, ...] = (
    rule(
        "comes_back",
        "unbacked_follow_up",
        rf"{_SHALL}(?: \w+)? (?:check(?:ing)? (?:back|in|on|up)|follow(?:ing)? up|get(?:ting)? back|remind|circle "
        r"back|touch base|reach (?:back )?out|be in touch|ping|update|keep you (?:posted|updated)|let you "
        r"know|come back to|report back|see (?:how|if)|look (?:into|for|it up|that up|this up)|find out|"
        r"dig into|research|work on (?:this|that|it|finding)|ask around|be back|return to (?:this|you)|"
        r"text you back|have (?:an|the) answer|get (?:you )?(?:an|the|that|some|more) (?:answers?|"
        r"information|info|details)|recordarte|avisarte|escribirte|investigar|preguntarte|revisar)\b",
        unless=r"\bif you(?:'d)? (?:like|want|prefer)|\b(?:want|would you like) me to\b|\bcan't\b",
        unless_before=r"\b(?:want|like|if|when|so|can|could|should)\s*$",
    ),
    rule(
        "texts_again",
        "unbacked_follow_up",
        rf"{_SHALL}(?: \w+)? (?:text|message|write|send|call|contact|ping|nudge)(?: (?:to )?you| "
        rf"(?:a|the|another) (?:reminder|text|message|list|link|note|check-in))?[^.!?]{{0,40}}?\b{_SOON}\b",
        unless=r"\bif you(?:'d)? (?:like|want)|\b(?:want|would you like) me to\b",
    ),
    rule(
        "reminder_set",
        "unbacked_follow_up",
        rf"(?:{I_HAVE}|{_SHALL}|\bi)(?: \w+)? (?:set(?:ting)?(?: up)?|schedul\w+|put|add(?:ed)?|created?|made|make) (?:you )?"
        r"(?:a |an |your |the |up |some |daily |weekly )*(?:reminders?|check-?ins?|follow-?ups?|alarms?|"
        r"calendar|recordatorio)\b|\b(?:reminder|check-in|follow-up|recordatorio)(?:'s| is| has been| "
        r"will be)(?: all| now)? (?:set|scheduled|booked|saved|listo)\b",
        unless_before=r"\b(?:want me to|if|can you|you can|could you|would you like)\b[^.!?]*$",
    ),
    rule(
        "expect_me",
        "unbacked_follow_up",
        r"\b(?:you(?:'ll| will)|expect to|you can expect to) (?:hear (?:back )?from (?:me|us)|get (?:a|another|the) "
        r"(?:text|message|reminder|update|answer|check-in) (?:from|in|tomorrow|later|soon|by))|\bexpect "
        r"(?:a|another|my) (?:text|message|update|reminder|check-in|answer)\b|\bi(?:'m| am) (?:going to|gonna) "
        r"(?:follow|check|text|remind|look|find)|\b(?:talk|speak|text) (?:to you )?(?:again )?tomorrow\b[.!]|"
        r"\bnoted (?:it |this |that |your question )?for (?:a )?follow[- ]?up\b|\bte (?:escribo|aviso|recuerdo|"
        r"escribire|avisare|recordare|mando|contactare|llamo|respondo)(?: \w+){0,2}? (?:manana|luego|mas "
        r"tarde|pronto|en|despues|el|la|a las|cuando|de nuevo)\b|\bte (?:escribire|avisare|recordare|contactare)\b",
        unless=r"\bif you(?:'d)? (?:like|want)|\b(?:want|would you like) me to\b",
    ),
)
_MEMORY: tuple[Rule, ...] = (
    rule(
        "remembers",
        "unbacked_memory",
        rf"(?:{_SHALL})(?: \w+)? (?:remember|keep (?:that|this|it|her|his|\w+ \w+) (?:in mind|on file|noted)|make (?:a )?note|"
        r"note (?:that|this|it|down)|save|store|jot|write (?:that|this|it) down|keep track|log (?:that|this|it)|"
        r"add (?:that|this|it) to (?:my|your|the|our)|guardar|recordar que|anotar)\b",
        unless=r"\bif you(?:'d)? (?:like|want)|\b(?:want|would you like) me to\b|\bdon't have to remember\b",
    ),
    rule(
        "saved",
        "unbacked_memory",
        rf"(?:{I_HAVE}|\bi just|\bi)(?: \w+)? (?:noted|saved|stored|recorded|remembered|written (?:that|this|it) down|"
        r"made (?:a )?note|added (?:that|this|it)|logged|updated your (?:profile|notes|name|details|info\w*)|"
        r"jotted|kept a note|(?:added|put|saved|recorded|noted|written|included) (?:[\w']+ ){1,6}?(?:to|in|on) (?:your|my|the|our|his|her) (?:\w+ )?(?:notes|profile|file|list|record|memory))\b|\b(?:it's|that's|this "
        r"is|all) (?:now |been |all )*(?:saved|noted (?:down|in|for)|stored|on file|in your (?:notes|profile))\b|"
        r"\b(?:lo )?(?:he (?:guardado|anotado)|guarde|anote)\b|\b(?:queda|quedo) (?:guardado|anotado|registrado)\b",
    ),
)
_SOMEONE = (
    r"(?:a|an|our|one of our|someone|somebody|my|the)(?: (?:real|live|human|trained|licensed|crisis|care|"
    r"case|support|social|registered|member|person|of|from|our|on|the|local|benefits|medical))*\s*(?:person|"
    r"human|nurse|team|counselors?|coordinator|workers?|specialists?|staff|agent|representative|manager|"
    r"advocate|operator|doctor|navigator|colleague|supervisor|volunteer|expert|clinician|therapist|"
    r"someone|somebody|member|team member)?"
)
_HUMAN: tuple[Rule, ...] = (
    rule(
        "will_call",
        "unbacked_human",
        rf"\b{_SOMEONE}(?: (?:here|there|on our side|on our team|from \w+ ?\w*))?(?:'ll| will| is going to| are going to| "
        r"would| shall)(?: \w+)? (?:call|text|contact|reach|get back|follow up|be in touch|answer you|reply|"
        r"respond|message|check on|review|look (?:at|into)|take over|see (?:this|your)|visit|come (?:by|out|"
        r"over|to)|assist you|read this|pick this up|step in|meet)\b(?! (?:for|on) (?:the|what)\b)",
        unless=r"\d{3}|\b(?:call|text) (?:988|911|them|the|your)\b|\b(?:ask|if|when|hospice|agency|office|clinic|"
        r"hospital|whether|they say|insurance)\b|\?",
    ),
    rule(
        "has_been_told",
        "unbacked_human",
        rf"(?:{I_WILL}|{I_HAVE}|\bi'm|\blet me|\bi can|\bi just|\bi)(?: \w+)? (?:hav(?:e|ing) (?:a|an|our|someone|somebody|"
        r"one of)(?: \w+){0,4}? (?:call|ring|phone|give you|text|contact|reach|come|check|visit|look|review|follow)|connect(?:ed|ing)? "
        r"(?:you )?(?:with|to) (?:a|an|our|someone|the)\b|transfer(?:red|ring)? (?:you|this)|put(?:ting)? you "
        r"(?:through|in touch)|escalat\w+|hand(?:ed|ing)? (?:you|this) (?:off|over)|get(?:ting)? (?:a|an|our|"
        r"someone|somebody) (?:\w+ )?(?:to|on|for)|loop(?:ed|ing)? in|bring(?:ing)? in (?:a|an|our|someone)|"
        rf"flag(?:ged|ging)? (?:this|you|it)(?: \w+)? (?:for|to)|pass(?:ed|ing)? (?:this|it|that) (?:on|along) to "
        r"(?:a|an|our|the|my)|pag(?:ed|ing) )\b",
        unless=r"\b(?:can't|cannot|not able|won't|would you like|want me to|if you)\b|\?",
    ),
    rule(
        "spanish",
        "unbacked_human",
        r"\b(?:alguien|una persona|un(?:a)? (?:especialista|enfermera|asesor[a]?|trabajador[a]? social)|nuestro equipo) "
        r"(?:te |le |se )?(?:llamara|va a llamar|contactara|escribira|respondera|va a (?:contactar|responder|"
        r"escribir)|comunicara)",
    ),
)
_DEED = (
    r"(?:call(?:ed|ing)?|phon(?:ed?|ing)|book(?:ed|ing)?|schedul(?:ed?|ing)|reschedul(?:ed?|ing)|contact(?:ed|ing)?|"
    r"e-?mail(?:ed|ing)?|submit(?:ted|ting)?|fil(?:ed?|ing)(?= (?:the|a|your|an|for|it|her|his|that))|"
    r"order(?:ed|ing)?|arrang(?:ed?|ing)|reserv(?:ed?|ing)|notif(?:y|ied|ying)|alert(?:ed|ing)?|report(?:ed|ing)? "
    r"(?:this|it|him|her|them|you|to)|cancel(?:led|ed|ling|ing)? (?:the|your|her|his|that)|transfer(?:red|ring)?|"
    r"sign(?:ed|ing)? (?:you|her|him|them) up|enroll?(?:ed|ing)? (?:you|her|him|them)|register(?:ed|ing)? (?:you|her|"
    r"him|them)|refer(?:red|ring)? (?:you|her|him|them)|dispatch(?:ed|ing)?|appl(?:y|ied|ying) (?:for|on)|"
    r"pa(?:y|id|ying) (?:the|your|for|her|his)|(?:spoken?|talked|chatted|checked) (?:to|with) (?!you\b|me\b)|speak(?:ing)? (?:to|with) (?:the|her|his|"
    rf"your {KIN}|your doctor)|talk(?:ed|ing)? (?:to|with) (?:the|her|his|your (?:{KIN}|doctor|insurance|boss))|"
    r"reach(?:ed|ing)? out to (?:the|her|his|your|a|an|local)|message(?:d)? (?:the|her|his|your)|text(?:ed|ing)? "
    r"(?:the|her|his|your|911|988|them|him)|fax(?:ed|ing)?|mail(?:ed|ing)? (?:the|it|your|a)|send(?:ing)? (?:help|an "
    r"ambulance|the police|someone|somebody|a nurse|an aide|over|it to|your|her|his|the (?:form|paperwork|application|"
    r"police|ambulance))|sent (?:the|it to|your|help|an|a (?:request|referral|message to|form)|someone)|pick(?:ed|ing)? "
    r"(?:up|her|him) |deliver(?:ed|ing)?|renew(?:ed|ing)? (?:the|her|his|your)|refill(?:ed|ing)? |"
    r"negotiat\w+|handl(?:e|ed|ing) (?:the|it|that|everything|all|this)|take care of (?:the|it|that|everything|all|this)|"
    r"took care of (?:the|it|that|everything)|fill(?:ed|ing)? (?:out|in) (?:the|your|her|his|a)|hir(?:e|ed|ing)|"
    r"monitor(?:ed|ing)?|track(?:ed|ing)? (?:her|his|your|the|them)|watch(?:ed|ing)? over|keep(?:ing)? an eye on|"
    r"guarantee|fix (?:this|it|that|everything)|get (?:her|him|you|them) (?:approved|in|an appointment|a bed|a spot|"
    r"home|the (?:aide|help|benefits))|prescrib(?:e|ed)|draw(?:n)? money|llam(?:o|e|are|ar) (?:a|al)|reserv(?:e|are)|"
    r"agend(?:e|are)|envi(?:e|are) (?:la|el|una?)|contact(?:e|are) (?:a|al))"
)
_ACTIONS: tuple[Rule, ...] = (
    rule(
        "did",
        "action_claim",
        rf"(?:{I_HAVE}|\bi just|\bi already|\bi went ahead and|\bwe've|\bwe have|\bwe just|\bi'm currently|\bi'm now|"
        rf"\bi am now|\bi'm in the (?:middle|process) of|\bi'm|\bi am|\bi|\byo|\bya)(?: already| also| just| gone ahead and| now| "
        rf"successfully)*\s+{_DEED}(?<!call)(?<!book)(?<!schedule)(?<!contact)(?<!email)(?<!order)(?<!guarantee)"
        rf"(?<!monitor)(?<!prescribe)(?<!hire)\b",
        unless_before=r"\b(?:if|when|once|until|not|can't|never|before)\b[^.!?]{0,12}$",
        unless=r"\b(?:say|script|like this|draft|try saying|you could (?:say|write|text))\b|[\"']i |\bcall(?:ed|ing) you\b|"
        r"\bi (?:can't|cannot|don't|didn't|haven't|won't|am not|'m not)\b|\bi'm not\b",
    ),
    rule(
        "is_done",
        "action_claim",
        r"\b(?:your|her|his|the|an?) (?:\w+ ){0,2}?(?:appointment|visit|ride|order|request|application|form|referral|"
        r"reservation|refill|prescription|aide|booking|transport\w*|claim|payment|bed|spot|delivery|report|ambulance|"
        r"help|respite stay)(?:'s| is| has been| have been| was| are)(?: all| now| already| successfully| officially)* "
        r"(?:booked|scheduled|confirmed|submitted|sent|placed|ordered|approved|filed|on (?:the|its|his|her) way|set up|set "
        r"for|arranged|reserved|complete|completed|taken care of|all set|processed|cancelled|canceled|coming)\b|"
        r"\b(?:help|an ambulance|the police|paramedics|someone|a nurse|an aide)(?:'s| is| are) (?:already )?(?:on (?:the|its|"
        r"their) way|coming|en route|headed)\b|\b(?:it|that|this|everything)(?:'s| is| has been)(?: all| now| already)* "
        r"(?:booked|scheduled|submitted|ordered|filed|taken care of|handled|arranged|paid|cancelled|canceled|done for you)\b|"
        r"\byou(?:'re| are| have been|'ve been)(?: all| now| officially| already)* (?:booked|signed up|enrolled|registered|"
        r"scheduled|confirmed|approved|on the (?:list|waitlist|schedule))\b|\b(?:tu|su|la) (?:cita|solicitud) (?:esta|fue|ha "
        r"sido) (?:\w+ )?(?:confirmada|reservada|enviada|aprobada|agendada)",
        unless_before=r"\b(?:if|when|once|until|whether|after|before|make sure|check (?:that|if)|not|since|that|glad|now "
        r"that|see if|confirm|so)\b[^.!?]{0,25}$",
        unless=r"\?",
    ),
    rule(
        "can_do",
        "capability_overclaim",
        rf"(?:{I_WILL}|\bi can|\bi could|\blet me|\bi'm able to|\bi am able to|\bi'd be (?:able|happy|glad) to|\bi'm happy to|\bwe can|\bwe'll|\bi "
        rf"have the (?:ability|power) to|\bpuedo|\bvoy a)(?: also| even| go ahead and| easily| personally| always| right "
        rf"now| now| certainly| definitely)*\s+{_DEED}\b(?!\s+you (?:back|if|when|later|that|again|a |the |out))",
        unless_before=r"\b(?:if|not|who|people|wish)\s*$|\b(?:say|saying|script|tell (?:him|her|them|your)|ask)\b[^.!?]{0,60}$|(?<!\w)[\"'][^\"]{0,60}$",
        unless=r"\bi (?:can't|cannot|won't|am not|'m not|do not|don't)\b|\bi'm not\b|\bif i\b",
    ),
    rule(
        "ensures",
        "capability_overclaim",
        rf"{I_WILL}(?: \w+)? (?:make sure (?:that )?(?:you|she|he|they|it|nothing|no one|everything|your|{THEM})|ensure|see to it|protect|keep "
        r"(?:you|her|him|them) safe|cure|heal|solve (?:this|it|everything)|guarantee)\b|\bi promise (?:you )?(?:that )?(?:it|he|she|"
        r"they|everything|this|you|nothing|things|your)\b|\bi (?:can )?(?:guarantee|assure you)\b|\bi (?:know|can do|handle) "
        r"(?:everything|anything)\b|\bi(?:'m| am) (?:never wrong|always right|100% accurate|capable of anything)\b|\bte (?:prometo|"
        r"aseguro) que\b",
        unless=r"\b(?:can't|cannot|won't|not)\b[^.!?]{0,12}\b(?:promise|guarantee|ensure|assure)\b",
    ),
)


def promises(reply: Reply, heard: Heard, backed: Backed) -> list[Flag]:
    """Return the flags of promises without an effect and of deeds nobody did."""
    flags: list[Flag] = []
    if not backed.follow_up:
        flags += _first(_FOLLOW_UP, reply)
    if not backed.memory:
        flags += _first(_MEMORY, reply)
    if not backed.human:
        flags += _first(_HUMAN, reply)
    for row, match in matches(_ACTIONS, reply):
        if row.rule.endswith("is_done") and _told_so(match.group(), heard):
            continue
        if row.flag == "capability_overclaim" and backed.follow_up and "let me" in match.group():
            continue
        flags.append(flagged(row.flag, row.rule, match.group()))
    return flags


def _first(rules: tuple[Rule, ...], reply: Reply) -> list[Flag]:
    return found(rules, reply)[:1]


def _told_so(claimed: str, heard: Heard) -> bool:
    """Return whether the person said first that this is done."""
    return claimed.rsplit(maxsplit=1)[-1] in heard.knows
