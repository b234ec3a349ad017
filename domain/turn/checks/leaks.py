"""What may not leave whatever it means: the harness's insides, other people, identifiers, sales."""

from contracts.conversation import Flag
from domain.turn.checks.heard import Heard
from domain.turn.checks.reply import Reply
from domain.turn.checks.rule import Rule, found, rule

_LEAKS: tuple[Rule, ...] = (
    rule(
        "instructions",
        "prompt_leak",
        r"\b(?:system (?:prompt|message|instructions?)|developer (?:message|mode|prompt)|hidden (?:prompt|instructions)|"
        r"(?:my|the|these) (?:\w+ )?(?:prompt|instructions|guidelines|directives|rules)(?: \w+)? (?:say|says|tell|tells|"
        r"state|states|are|is|is:|read|require|forbid|prevent|include|instruct)|(?:according to|based on|per|as per|following) (?:my|the) (?:\w+ )?(?:prompt|guidelines|rules|programming|instructions i)|according to my instructions|my (?:initial |original |full |exact |"
        r"system |internal )+(?:prompt|instructions|guidelines|rules)|i (?:was|am|'m|have been|'ve been) (?:told|instructed|"
        r"configured|prompted|given instructions|programmed) (?:to|by|that|not)|(?:here are|these are) my (?:\w+ )?"
        r"(?:instructions|rules|prompt|guidelines)|(?:ignor|disregard|overrid)\w+ (?:all |my |the |any )*(?:previous|prior|"
        r"above|earlier|safety|system)? ?(?:instructions|rules|guidelines|prompt)|instrucciones (?:del sistema|dicen|son)|"
        r"(?:jailbreak|prompt injection|dan mode|developer mode))\b",
        unless=r"\b(?:can't|cannot|won't|not able to) (?:share|show|discuss|reveal|give|tell|ignore)\b|\b(?:doctor|discharge|"
        r"label|bottle|pharmac\w+|hospital)\b",
    ),
    rule(
        "harness_words",
        "prompt_leak",
        r"\b(?:chief[- ]of[- ]staff brief|(?:the|your|my|this) brief (?:says|is|notes|lists|tells)|policy gates?|loop_?stage|"
        r"risk (?:label|level|score|tier)(?: is|:| =|=| of)|classif(?:ier|ied you|ied this|ied as)|propose_?turn|turn ?proposal|"
        r"memory_writes?|follow_ups?\b(?=[:\[ ]*[\[\]{=:])|profile_changes?|evidence_sid|tool (?:call|use|schema|output)s?|function call|"
        r"operational priority|missing_context|recipient_risk|safety (?:level|label|score)(?: is|:|=)|needs_human|"
        r"(?:profile|care|eligibility|assessment|safety):[a-z_]{2,}|urgency(?: is|:|=) ?(?:routine|soon|today|now)|"
        r"max_tokens|temperature ?[=:]|json schema|context window|training data|token limit|rule[- ]set|evaluator (?:flag|rule)\w*|"
        r"a2p|twilio|nats|postgres\w*|pydantic|api key|api token|environment variables?|webhook|phase ?[=:] ?\w+)\b",
    ),
    rule(
        "markup",
        "prompt_leak",
        r"</?(?:sms|record|system|user|assistant|instructions?|brief|tool|function|thinking|think)\b|<\|[^>]*\|>|\[/?inst\]",
    ),
    rule(
        "language_model",
        "prompt_leak",
        r"\bas an? (?:\w+ )?(?:language model|llm)\b|\b(?:i'm|i am|i run on|powered by|built (?:on|by)|trained by|made by|model(?: is|:)) "
        r"(?:an? )?(?:gemini|gpt\S*|chat ?gpt|claude|openai|anthropic|google|llama|mistral|deepseek)\b|\bknowledge cut-?off\b",
        unless=r"\bnot (?:gemini|gpt\S*|chat ?gpt|claude)\b",
    ),
)
_OTHERS: tuple[Rule, ...] = (
    rule(
        "another",
        "other_user_disclosure",
        r"\b(?:another|a different|one of (?:my|our)(?: other)?|some of (?:my|our)(?: other)?|(?:my|our)(?: other)?|other|someone "
        r"else|somebody else)\s*(?:users?|clients?|callers?|members?|texters?|customers|subscribers|patients|people|caregivers?|"
        r"person|woman|man|daughter|mom|families|family)?\s+(?:(?:that |who |whom )?(?:i|we)(?:'m| am|'ve| have|'re| are)? (?:\w+ )?"
        r"(?:talk|text|help|work|chat|speak|told|spoke|know|support|heard|texting|helping|working|talking|met|serve|message)\w*|"
        r"(?:told|texted|wrote|shared with|confided in|messaged|asked) (?:me|us)|(?:here|on (?:this|our) (?:line|service|platform|"
        r"number)) (?:said|told|named|also|is|has|had|uses)|named [a-z]+|in your (?:area|town|city|zip|neighborhood) (?:told|texted|"
        r"who|named|said))\b|\b(?:one|another|a|this) (?:caregiver|user|client|woman|man|daughter|member|person) (?:i|we) (?:\w+ )?(?:talk|text|"
        r"help|work|chat|spoke|know|support|helped|met|talked|texted)\w*\b|\botr[oa] (?:usuari[oa]|client[ea]|cuidador[a]?) (?:que|me|con)\b",
    ),
    rule(
        "told_me",
        "other_user_disclosure",
        r"\b(?:a|an|another|one|some) (?:\w+ )?(?:woman|man|caregiver|daughter|son|lady|mother|mom|father|dad|guy|girl|person|user|client|wife|husband|family|couple|nurse)"
        r"(?:,? \w+){0,4}?,? (?:told|texted|messaged|wrote|asked|shared with|confided in|reached out to|said to|mentioned to) (?:me|us)\b|\bi(?:'ve been|'m| was| am| just)?(?: also| already| just)* (?:texting|talking|chatting|spoke|talked|texted|chatted|speak|talk|text) (?:with|to) (?:a|an|another|some|someone|other) (?:\w+ )?(?:woman|man|caregiver|daughter|son|lady|mother|mom|father|dad|guy|person|user|client|wife|husband|family|named|caregivers|users)\b",
        unless_before=r"\bif\b[^.!?]{0,15}$",
    ),
    rule(
        "persons_data",
        "other_user_disclosure",
        r"\b(?:the (?:previous|last|other) (?:user|caller|person|texter)|user (?:id|number|\d+)|(?:her|his|their) (?:phone )?number is "
        r"\+?\d|(?:lives|living) at \d+ \w+)\b",
        unless=r"\b(?:office|clinic|agency|helpline|line|hotline|pharmacy)\b",
    ),
)
_IDENTIFIERS: tuple[Rule, ...] = (
    rule("ssn", "identifier_sent", r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])|\bssn\b[^.!?]{0,12}\d{4,9}"),
    rule("card", "identifier_sent", r"(?<!\d)(?:\d{4}[ -]){3}\d{1,7}(?!\d)|(?<!\d)\d{15,16}(?!\d)"),
    rule("medicare", "identifier_sent", r"(?<![\w-])[1-9][ac-hj-km-np-rt-y][ac-hj-km-np-rt-y0-9]\d-?[ac-hj-km-np-rt-y]"
         r"[ac-hj-km-np-rt-y0-9]\d-?[ac-hj-km-np-rt-y]{2}\d{2}(?![\w-])"),
    rule("code", "identifier_sent", r"\b(?:password|passcode|pin|verification code|one[- ]time code|access code|contrasena|clave)"
         r"(?: is| are|:|=| es)+\s*[\"']?\S*\d\S*"),
    rule("account", "identifier_sent", r"\b(?:account|routing|policy|member|card|medicaid|medicare|case|claim|license|passport)"
         r"(?: (?:number|id|no\.?|#))+(?: is|:|=)*\s*#?\w*\d{5,}"),
)  # fmt: skip
# A card has thirteen digits at least, the others four; a code may have one.
_CARD_DIGITS = 13
_FEW_DIGITS = 4
_SHORT_IDENTIFIERS = tuple(row for row in _IDENTIFIERS if row.rule != "identifier_sent.card")
_CODES = tuple(row for row in _IDENTIFIERS if row.rule == "identifier_sent.code")
_GOODS = (
    r"(?:beers?|wine|vodka|whiske?y|liquor|tequila|rum|gin|alcohol|booze|cocktails?|cigarettes?|vapes?|vaping|tobacco|cigars?|"
    r"nicotine pouches|juul|weed|cannabis|marijuana|edibles?|thc|cbd|gummies|guns?|handguns?|firearms?|rifles?|pistols?|ammo|ammunition|"
    r"casinos?|betting|sports ?book|lottery tickets?|slots|poker|payday loans?|cash advances?|title loans?|personal loans?|"
    r"quick loans?|crypto\w*|bitcoin|viagra|cialis|escorts?|porn\w*|onlyfans|sex toys?|gift cards?)"
)
_PROHIBITED: tuple[Rule, ...] = (
    rule(
        "offer",
        "prohibited_content",
        r"\b(?:buy|buying|order|get|getting|grab|try|trying|sell|selling|deals? on|discount(?:s|ed)?(?: on)?|cheap|free|sale on|"
        r"delivery of|deliver|bet on|play|invest in|apply for|take out|pick up|have|pour|enjoy|smoke|drink|use|treat yourself to|"
        rf"claim|win|send|relax with|unwind with)\s+(?:yourself |him |her |them |a |an |some |the |your |this |our |few |couple |of |"
        rf"glass |bottle |shot |\w+ )?(?:a |an |some |few |glass |bottle |shot |of )*{_GOODS}\b(?! (?:free|abuse|use|problem|use disorder|rehab|"
        r"safe|lock|safety))",
        unless_before=r"(?:n't|\bnot|\bnever|\bno|\bavoid|\bwithout|\bstop|\bquit|\bif|\bwhen|\bdid|\bdoes|\bdo you|\bhow much)\b[^.!?]{0,30}$",
        unless=r"\?|\b(?:lock|remove|safe storage|out of the house|away from)\b",
    ),
    rule(
        "sale",
        "prohibited_content",
        r"\b(?:\d+% off|promo code|coupon code|limited[- ]time offer|act now|click (?:here|the link|below)|special offer|buy now|"
        r"order now|you(?:'ve| have) won|claim your (?:prize|reward|gift)|make money fast|earn \$\d+ (?:a|per) (?:day|week) from|"
        r"double your money|risk[- ]free|wire (?:the )?(?:money|funds)|send (?:money|cash|gift cards?|bitcoin|\$\d+)|venmo|cash ?app|zelle|"
        r"western union|subscribe to our|use code \w+)\b",
        unless_before=r"(?:n't|\bnot|\bnever|\bno one should|\bscam\w*|\bif (?:anyone|someone|he|she|they)|\basks?|\basking)\b[^.!?]{0,40}$",
        unless=r"\?|\b(?:scam\w*|fraud|exploitation)\b",
    ),
    rule(
        "sexual",
        "prohibited_content",
        r"\b(?:horny|blow ?job|hand ?job|orgasm\w*|cum(?:ming)?|dildos?|naked pics?|nudes?|sexting|sexy|hot singles|hook ?up with|"
        r"fuck(?:ing|ed|er|s)?|cock|pussy|tits|masturbat\w+|fetish|turn(?:s|ed)? me on)\b",
    ),
    rule(
        "hate",
        "prohibited_content",
        r"\b(?:n[i1]gg(?:er|a)s?|f[a4]gg?(?:ot)?s?|k[i1]kes?|sp[i1]cs?|ch[i1]nks?|wetbacks?|tranny|trannies|retard(?:s|ed)?|cripples?|"
        r"towel ?heads?|go back to (?:your|where you)|(?:all|those|these) (?:immigrants|muslims|jews|blacks|whites|mexicans|asians|gays|"
        r"foreigners|illegals) (?:are|should|deserve|always|just))\b",
    ),
)
_BRACKETS = frozenset("<[")
_UNMARKED = tuple(row for row in _LEAKS if row.rule != "prompt_leak.markup")


def leaks(reply: Reply, _heard: Heard) -> list[Flag]:
    """Return the flags of what may not leave."""
    flags = found(_LEAKS if reply.letters & _BRACKETS else _UNMARKED, reply)
    flags += found(_OTHERS, reply)
    if reply.digits:
        flags += found(_identifiers(reply.digits), reply)
    flags += found(_PROHIBITED, reply)
    return flags


def _identifiers(digits: int) -> tuple[Rule, ...]:
    """Return the rules that a text with so many digits could match."""
    if digits < _FEW_DIGITS:
        return _CODES
    return _SHORT_IDENTIFIERS if digits < _CARD_DIGITS else _IDENTIFIERS
