"""Signs of a farewell that mean little alone; two different ones together are a crisis."""

import re

SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("farewell", r"\b(?:goodbye|good bye|farewell|adios|so long everyone)\b(?! (?:party|to|for now|lunch|card))"),
        ("left_to_others", r"\btell (?:my|the|them|everyone|mom|dad)(?: [\w']+){0,3} (?:i )?(?:love|loved|sorry)\w*\b|\b(?:take care of|look after|watch over) (?:my|the) (?:kids|children|babies|boys|girls|family|son|daughter|dog)\b|\bcuiden a\b"),
        ("thanks", r"\bthank(?:s| you) for everything\b|\bforgive me\b|\b(?:sorry|apologize) (?:for everything|to everyone)\b|\bgracias por todo\b|\bperdon(?:enme|ame)\b"),
        ("gone", r"\b(?:i won't|i will not|won't|i'm not going to|not going to) (?:be|text|bother|see|hear)(?:ing)?(?: [\w']+){0,3} (?:here|around|tomorrow|again|anymore|problem|burden)\b|\bi'll be gone\b(?! (?:until|till|for|from|at|on|all|most|this|next|between|to))|\bwhen i'm gone\b(?! (?:on|at|for|to|next|this|from))|\bso i can go\b"),
        ("given_away", r"\b(?:gave|giving|given) away (?:all )?my (?:things|stuff|belongings|jewelry|clothes|dog|cat|books)\b|\b(?:wrote|written|writing|left) (?:[\w']+ )?(?:letters?|notes?) (?:to|for) (?:the|my|each|everyone)(?: [\w']+)? ?(?:kids|children|family|son|daughter|husband|wife|them|mom|sister|boys|girls)?\b(?! (?:insurance|doctor|teacher|school|landlord|judge))"),
        ("means", r"\b(?:have|got|holding|lined up|saved(?: up)?|saving(?: up)?|counted(?: out)?|hid|bought|found|hoarding) (?:[\w']+ ){0,4}(?:enough pills|bottle of pills|pills (?:here|with me|in my hand|lined)|gun|pistol|rope|noose|razor)\b|\beverything i need (?:to|is)\b|\b(?:pills|gun|rope|knife|bottle) (?:is |are )?(?:right )?(?:here|next to me|beside me|in my (?:hand|lap))\b"),
        ("ending", r"\b(?:tonight|today|hoy|esta noche) (?:it|this|everything|all of it)(?:'s| is| will be)? (?:ends?|over|done)\b|\bend(?:ing)? (?:it|this|everything)\b|\bdo(?:ing)? it tonight\b|\b(?:it|this) will (?:all )?be over (?:soon|tonight)\b|\bcan't stop me\b|\bno turning back\b"),
        ("peace", r"\b(?:i'm|i am|finally) (?:finally )?(?:at peace|calm|ready) (?:now|with (?:it|leaving|going)|finally)\b|\bmade my peace\b"),
        ("despair", r"\bcan't (?:take|do|go on|keep|bear|live|stand)(?: [\w']+){0,3} (?:anymore|like this|on|it)\b|\bno (?:puedo|aguanto) mas\b|\bya no (?:puedo|aguanto)\b|\bwant it (?:all )?(?:to be )?over\b|\b(?:i'm|am|just) a burden\b|\bhopeless\b|\bi give up\b"),
    )
)  # fmt: skip
