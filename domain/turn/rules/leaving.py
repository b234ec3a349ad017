"""Leaving now, or unable to keep them safe."""

from domain.turn.rules.rule import Rule, ruled
from domain.turn.rules.vocabulary import FEAR, HIM, JOKE, ME, NO_RETURN, PAST, gap

RULES: tuple[Rule, ...] = (
    ruled(
        "escape.leave", "burnout_escape", "escape",
        rf"{ME}(?: [\w']+){{0,6}}? (?:walk(?:ed|ing)? out|leav(?:e|ing)|left|driv(?:e|ing)|drove|run(?:ning)? away|ran|tak(?:e|ing) off|took off|disappear(?:ing)?|go(?:ing)?|gone|get(?:ting)? in the car|got in (?:the|my) car|pack(?:ed|ing)|bail(?:ing)?|drop(?:ping)?|dump(?:ing)?){gap(12)} (?:{NO_RETURN}|for good\b)",
        rf"\b(?:leav(?:e|ing)|left|abandon\w*|dump\w*|drop(?:ping|ped)?) {HIM}(?: off)? (?:[\w']+ )?(?:here |there )?(?:and (?:driv|walk|runn|leav|just going|going|tak|not|never|disappear)\w*|at the (?:er|hospital|emergency room|fire station)(?: [\w']+)? (?:and|there|because i can't))",
        r"\b(?:keep|kept|just) (?:on )?driving (?:and|until|till|away|till)\b(?=.*\b(?:never|not|gas|don't|far|away from)\b)|\bfend for (?:her|him|them)sel(?:f|ves)\b|\b(?:she|he|they) can (?:figure it out|take care of (?:her|him)self)\b(?=.*\b(?:leav|pack|walk|done|gone)\w*\b)",
        unless=rf"\bfor good (?:behavior|reason|news|weather)\b|\b(?:not|never) coming back (?:to (?:this|that) (?:doctor|clinic|store|restaurant|pharmacy))\b|\b(?:left|leaving) (?:my|the|this|that) (?:job|work|office|company|church)\b|\bdon't come back\b|{JOKE}|\b(?:aide|nurse|sitter|sub|brother|sister|she|he|they)(?:'s| is)?(?: [\w']+){{0,3}} (?:not|never|isn't) coming back\b|\bworld\b",
    ),
    ruled(
        "escape.unsafe", "burnout_escape", "unsafe_now",
        rf"\b(?:can't|can not|unable to|not able to|don't know how to|no longer) (?:[\w']+ )?keep {HIM} (?:[\w']+ )?safe\b|\b(?:not safe|isn't safe|unsafe) (?:with me|alone with me|around me|for (?:her|him|them) with me|in my care)\b|\b(?:not|isn't) safe (?:here )?(?:and|because) i (?:can't|fell asleep)\b",
        rf"(?:^|\b(?:i|i\'m|so tired|tired|while i|when i)\b{gap(5)} )(?:fell|fall(?:ing)?|falls|dozed|doze|pass(?:ed)? out|nodded|asleep|slept|sleeping|sleep)\b(?=.*\b(?:stove|oven|burner|kitchen|fire|bath ?tub|tub|bath|wander\w*|got out|gets out|getting out|road|street|highway|front door|door was (?:wide )?open|could(?:'ve| have) died|burn\w*|smoke|drown\w*|knife|driving)\b)(?=.*\b(?:she|he|her|him|mom|dad|they)\b)(?!.*\bmy show\b)",
        rf"\bto+ (?:tired|exhausted|worn out|sleep deprived|drunk|weak) to (?:[\w']+ )?(?:be trusted|keep {HIM}|watch {HIM}|chase {HIM}|lift {HIM}|look after|care for|take care of|be safe|drive {HIM}|give {HIM}|stop {HIM}|notice if)\b",
        rf"\b(?:can't|no longer|can not) (?:watch|handle|control|look after|take care of|care for|stop|supervise) {HIM}\b(?=.*\b(?:got out|gets out|getting out|wander\w*|road|street|fire|stove|knife|knives|hurt|danger\w*|escap\w*|highway)\b)",
        rf"\b{FEAR} (?:of )?what i(?:'ll| will| might|'m going to| could|'d| may) do(?: to {HIM}| if| next| one of these|$)|\bi (?:locked|left) {HIM} (?:in|alone)(?: [\w']+){{0,6}} (?:and left|because i (?:can't|couldn't)|can't go back|not sure|don't want to)\b|\bleft the (?:gas|stove|oven|burner) on (?:twice|again|with (?:her|him)|all night)\b|\bgave (?:[\w']+ ){{0,3}}wrong (?:ones|meds?|pills?|dose|insulin)(?: [\w']+){{0,3}} (?:twice|again|already|because i(?:'m| was) so)\b|\bdon't trust myself (?:with|around|to be alone with) {HIM}\b|\b{FEAR} i(?:'ll| will| might|'m going to) (?:snap|lose it|lose control)(?: and| on| with) (?:{HIM}|hurt|do something)\b",
        unless=rf"{PAST}|\bneed (?:a|some) (?:lock|alarm)s? for\b|\b(?:can i|is it ok|should i)\b|\bshe slept (?:well|great|fine|through)\b|\b(?:bath|shower) (?:and|then) (?:she|he) (?:slept|fell asleep)\b|\bafter (?:her|his|the) bath\b",
    ),
)  # fmt: skip
