"""What is done to somebody: blows, threats, neglect, money taken."""

from domain.turn.rules.rule import Rule, ruled
from domain.turn.rules.vocabulary import (
    ANYONE,
    ASKED,
    HE,
    HELPER,
    HIM,
    HURTS,
    JOKE,
    KIN,
    KINSHIP,
    PAST,
    gap,
)

RULES: tuple[Rule, ...] = (
    ruled(
        "abuse.plain", "crisis", "abuse",
        rf"\b(?:{HE}|{HELPER}) (?:just |keeps |always )?(?:hit|hits|hitting|slapped|slaps|punched|punches|choked|chokes|kicked|kicks|strangled) (?:me|us|my {KINSHIP})\b(?! (?:up|with (?:a|the) (?:question|bill)|hard that|like a))",
        unless=PAST,
    ),
    ruled(
        "abuse.hit", "crisis", "abuse",
        rf"\b(?:{ANYONE})(?: [\w']+){{0,5}}? (?:{HURTS}) (?:on )?(?:me|us|our [\w']+|her|him|them|{KIN})\b(?! (?:head|heads|hand|hands|arm|arms|knee|leg|hip|foot|feet|toe|elbow|back|face|chin|shoulder|up|hard|button|call|funny|lips|a (?:text|call|party)|at (?:cards|chess|checkers|rummy|scrabble|uno)|home run|to (?:the|walk|eat|do|try)|in (?:the|her|his) (?:wheelchair|chair)|around|outside|out|feelings|when i least|with (?:love|kisses|questions)|own|teeth|tongue|lip|nails|jacket|coat|purse|sleeve|walker|cane|keys|shoes))",
        rf"\b(?:{ANYONE})(?: [\w']+){{0,4}}? (?:leaves?|left|gave|has|have|with){gap(3)} (?:bruises|black eye|welts|burns|marks) (?:on (?:my|our|his|her|me|him)|shaped|from (?:her|his|the) (?:aide|nurse|son|daughter|husband))\b|\b(?:finger|handprint|hand) (?:shaped )?(?:bruises|marks)\b|\bgave me a black eye\b",
        rf"\b(?:they|{HELPER}|{KIN})(?: [\w']+){{0,2}}? (?:tie|ties|tied|restrain\w*|strap\w*|lock(?:s|ed)?|chain\w*) (?:up )?{HIM} (?:up )?(?:to|in|down)(?: (?:the|a|his|her))? ?(?:bed|chair|room|closet|basement|wheelchair|for|all)\b|\btouch(?:es|ed|ing){gap(4)} (?:privates?|private parts|breasts|inappropriately|sexually|down there|between)\b|\bsexual(?:ly)? (?:abus\w+|assault\w*)\b",
        r"\b(?:no one|they|staff|hasn't|haven't|nobody)(?: [\w']+){0,3} (?:fed|feed|changed|bathed|cleaned|turned|washed|given) (?:him|her|them|mom|dad|my [\w']+|any (?:food|water))(?: [\w']+){0,3} (?:in|for|since) (?:[\w']+ )?(?:days|yesterday|a week|weeks|monday)\b|\bin (?:his|her|their) own (?:mess|filth|urine|waste|feces|poop|pee|shit|stool)\b|\bleav\w* (?:him|her|them|mom|dad|grandma|grandpa|my [\w']+) in (?:wet|dirty|soiled|filthy) (?:diapers?|sheets|clothes|bed\w*)\b|\b(?:lets?|letting|leav\w+) (?:him|her|mom|dad|grandma|grandpa) (?:starve|go hungry|without (?:food|water))\b",
        r"\b(?:being|getting|is|was) (?:physically |sexually |emotionally )?(?:abused|beaten|neglected|starved|molested)\b|\belder abuse (?:is|going|happening|at my)\b",
        unless=rf"{PAST}|{ASKED}|\bmy ex was\b|\b(?:dog|cat|ball|game|golf|snooze|button|jackpot|wall|traffic)\b|\b(?:like|feels like|hit me|hits me) (?:a|that|how|all at once|like|when i|hard)\b|{JOKE}|\b(?:beats?|hits?) me (?:why|how|what)\b",
    ),
    ruled(
        "abuse.threat", "crisis", "aggression",
        rf"\b(?:{HE}|husband with dementia|someone)(?: [\w']+){{0,5}}? (?:(?:came|comes|coming|lunged|lunges|charged|swung|swings|swinging|went) at (?:me|us)|threaten(?:s|ed|ing)(?: [\w']+){{0,2}} (?:kill|hurt|stab|shoot|burn|beat|me|us|hit)|pull(?:s|ed) (?:a |the )?(?:knife|gun) on|point\w* (?:a |the |his )?(?:gun|knife)(?: [\w']+)? at (?:me|us)|chas(?:ed|ing|es) (?:me|us) with|thr(?:ows|ew|owing) (?:[\w']+ ){{1,3}}at (?:me|us)|tr(?:ied|ies|ying) to (?:choke|strangle|stab|hit|kill|hurt|push) (?:me|us))\b",
        r"\bafraid (?:of|for my life|to be (?:in|alone with)) (?:my husband|him when he drinks|around him)\b|\b(?:i'm|i am) (?:hiding|locked) in (?:the|my) (?:bathroom|closet|room|bedroom|car)\b(?=.*\b(?:he|she|they|him|her)\b)",
        unless=rf"{PAST}|{JOKE}|\bthrew (?:a )?(?:party|kiss\w*|ball|pillow)\b",
    ),
    ruled(
        "abuse.money", "crisis", "exploitation",
        rf"\b(?:{HE}|{HELPER}|someone|a scammer|a man|they)(?: [\w']+){{0,5}}? (?:steal(?:s|ing)?|stole|stolen|drain(?:s|ed|ing)?|empt(?:ied|ying)|cleaned out|scamm\w+|conn(?:ed|ing)|forg(?:ed|ing)|swindl\w+|pocket(?:ed|ing|s)|cash(?:ed|ing|es)){gap(6)} (?:money|savings|accounts?|checks?|checkbook|pension|social security|house|jewelry|cards?|cash|dollars|retirement|signature|name|benefits|ring|rings|inheritance)\b",
        rf"\b(?:{HE}|{HELPER}|someone)(?: [\w']+){{0,4}}? (?:tak(?:e|es|ing)|took|us(?:es|ing|ed)|spend(?:s|ing)?|spent|keeps|keeping){gap(3)} (?:(?:{KINSHIP}'?s|her|his|grandma's|grandpas?|moms|dads|grandmas) (?:money|savings|(?:bank )?account|checkbook|pension|social security(?: checks?| money)?|ssi|va check|jewelry|rings?|cash|valuables|(?:debit|credit|bank|ebt) cards?|atm card|checks?))\b",
        r"\b(?:got|made|forc\w+|trick\w*|pressur\w*|convinc\w*|talk\w*) (?:her|him|them|mom|dad|grandma|grandpa|my [\w']+)(?: in| into)? (?:to )?(?:sign(?:ing)?|chang(?:e|ing)|giv(?:e|ing)|transfer\w*|wir(?:e|ing)|send(?:ing)?|buy(?:ing)?)(?: [\w']+){0,6} (?:house|deed|will|power of attorney|poa|money|car|account|gift cards?|savings|thousands?|dollars|\d{3,})\b",
        r"\bgift cards?\b(?=.*\b(?:man|guy|caller|irs|microsoft|phone|online|\d{3,})\b)|\b(?:man|guy|caller|someone|person|woman|lady) (?:[\w']+ ){0,4}(?:gift cards?|wire (?:him|her)|wired)\b|\bscamm(?:ed|ing|er|ers)\b|\b(?:sent|sending|wired|wiring|giving|gave)(?: [\w']+){0,3} (?:money|\d{3,}|thousands)(?: [\w']+){0,5} (?:online|met|internet|never met|on the phone|facebook|boyfriend|girlfriend)\b",
        unless=rf"{PAST}|{ASKED}|\b(?:to pay|for (?:groceries|rent|gas|her|his|mom|dad)|like i asked|with (?:her|his|my) (?:ok|permission)|to the (?:office|bank|store|pharmacy)|deposit\w*|scam (?:call|text|alert)s?|avoid|protect|medicaid|spend ?down|wedding|keeps? (?:the )?receipts)\b|{JOKE}",
    ),
)  # fmt: skip
