"""Somebody who is in their hands, or whom they fear for: harm to another, another's suicide."""

from domain.turn.rules.rule import Rule, ruled
from domain.turn.rules.vocabulary import (
    FEAR,
    HARM,
    HARMED,
    HE,
    HIM,
    JOKE,
    KINSHIP,
    ME,
    PAST,
    PILLS,
    WILL,
    gap,
)

RULES: tuple[Rule, ...] = (
    ruled(
        "other.harm", "crisis", "other_harm",
        rf"{ME}{gap(3)} (?:{WILL})(?: (?:to|of|about|i|i'm|i'll|i'd|i will|i might|i could|i'm going to|that|just|actually|so|bad|like|really|seriously|on|going|hard))* (?P<act>{HARM} {HIM})\b(?! (?:at (?:cards|chess|checkers|rummy|scrabble|uno)|up|a (?:text|call)|to (?:eat|walk|the|try|do|exercise|go)|in (?:the|her|his) (?:wheelchair|chair|stroller)|around|feelings|with (?:kindness|love|kisses)|hand|back if))",
        rf"\bi(?:'ve| have)?(?: (?:just|almost|nearly|finally|actually|really|did|kinda|snapped and|lost it and|got so mad i|then))* (?P<act3>{HARMED} (?:the )?{HIM})\b(?! (?:up|awake|in (?:the|her|his) (?:wheelchair|chair|stroller|walker)|(?:around|outside|out|over|through|along|away|to (?:the|eat|walk|try|do|go|get|see)|a)|feelings|before|with a|hand|(?:wheel)?chair|walker|arm (?:before|so|to)|at |back |some |from falling|just in time))",
        r"\b(?:pillow|hands?|blanket) (?:over|around|on|to) (?:her|his|their|mom's|dad's|the baby's) (?:face|neck|throat|mouth)\b",
        rf"\b(?:putting|put|slip(?:ping)?|give|giving|crush\w*){gap(4)} (?:food|drink|coffee|feeding tube|iv|applesauce|too much|extra (?:insulin|morphine|pills)){gap(6)} (?:doesn't|won't|never|don't) wake\b|\b(?:so|and) (?:she|he) (?:just )?(?:doesn't|won't|never) wakes? up again\b",
        rf"\bi threw (?:[\w']+ ){{1,3}}at {HIM}\b|\bone more (?:[\w']+ ){{1,4}}(?:and|&) i(?:'ll| will|'m going to|'m) {HARM} {HIM}\b|\bend both (?:of us|our lives)\b|\btake (?:her|him|them|mom|dad) with me\b|\bend (?:it )?for (?:both of us|her too|him too)\b|\bput (?:her|him) out of (?:her|his) misery\b",
        unless=rf"{JOKE}|\bhug\b|\bin (?:chess|cards|checkers|scrabble)\b|\b(?:won't|would never|wouldn't|could never|don't want to|not) hurt (?:her|him|them|a fly)\b(?! but)|{PAST}|\b(?:hurt|hit) (?:her|his|their) (?:head|feelings|back|knee|arm|hip|leg|foot)\b|\bi (?:[\w']+ )?(?:hurt|push(?:ed)?) (?:her|him) (?:when|while|trying|lifting|to)\b",
    ),
    ruled(
        "third.suicidal", "crisis", "third_party",
        rf"\b{HE}(?: [\w']+){{0,9}}? (?:(?:kill|killing|hang|shoot|shooting|drown|hurt|hurting|harm|harming|cut|cuts|cutting|stab|poison|starve|burn|burning) (?:himself|herself|themsel\w+)|suicidal|end(?:ing)? (?:his|her|their) (?:own )?life|take (?:his|her|their) own life|suicide)\b",
        rf"\b(?:my )?{KINSHIP}(?: [\w']+){{0,5}}? (?:took|swallowed|overdosed|downed)(?: [\w']+)?(?: (?:a|the|all|whole|bunch|bottle|handful|entire|full|of|too many|her|his))+ ?(?:{PILLS}|bottle)\b(?=.*\b(?:answer|on purpose|wake|goodbye|sleepy|passed out|help|now|whole|entire|full|bunch|handful|bottle)\b)",
        rf"\b(?:he|she|they)(?: just)? (?:took|swallowed|overdosed on|downed)(?: (?:a|the|all|whole|bunch|bottle|handful|entire|full|of|too many|her|his))+ ?(?:{PILLS}|bottle)\b(?=.*\b(?:on purpose|whole bottle|passed out|won't|entire|full|bunch|handful|bottle of)\b)",
        rf"\b{HE}(?: [\w']+){{0,6}} (?:gun|razor|knife|noose|rope|pills)\b(?=.*\b(?:end (?:it|things)|use it|burden|it's over|says? (?:it's |he's |she's )?(?:over|done|goodbye)|goodbye|kill|die)\b)",
        r"\b(?:son|daughter|husband|wife|brother|sister|friend|nephew|niece|partner|boyfriend|girlfriend|kid|teenager|teen|grandson|granddaughter|roommate|cousin|ex)(?: [\w']+){0,7}? (?:wants? to die|wished? (?:he|she) (?:was|were) dead|better off dead|rather be dead|doesn't want to (?:live|be alive|be here anymore))\b|\b(?:texted|sent|left|wrote)(?: me| us)? (?:a |her |his )?(?:goodbye|suicide note)\b",
        r"\b(?:holding|has|put|got|with) (?:a|the|his|her) (?:gun|knife|razor|blade) (?:to|at|against) (?:his|her|their) (?:own )?(?:head|throat|wrists?|mouth|chest|neck)\b|\bhelp (?:him|her|them) (?:die|end (?:his|her|their|it)|kill)\b|\b(?:daughter|son|teen\w*|kid|she|he|wife|husband|sister|brother|girl|boy|friend|niece|nephew)(?: has| is|'s)?(?: been)? cut(?:s|ting)? (?:all )?(?:(?:over|up and down|on) )?(?:his|her|their) (?:own )?(?:arms?|wrists?|legs?|thighs?)\b|\b(?:overdosed|is overdosing|od'd|oded)\b",
        unless=rf"{PAST}|\b(?:not|isn't|wasn't|never) suicidal\b|\b(?:hurt|cut|burn|burned|cuts|hurting) (?:himself|herself|themsel\w+) (?:an?|some|off|on|falling|in|by|if|when|trying|getting|with|shaving|while|again if)\b|\b(?:{FEAR}|so|keep|lock\w*|rail|in case|prevent|before) (?:that )?(?:she|he|they|it)?(?:'ll| will| might| could| doesn't| don't)?(?: going to)? hurts? (?:himself|herself)\b|\b(?:lost|died|killed (?:himself|herself))\b|\bsuicide (?:squad|prevention|awareness|hotline|watch|loss)\b|\b(?:song|movie|show|book)\b|{JOKE}|\bwants? to die (?:at home|in (?:his|her)|peacefully|with|naturally)\b",
    ),
)  # fmt: skip
