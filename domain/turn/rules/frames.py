"""What stands around a danger: told of another time, taken back, quoted; and what follows a cue."""

import re

from domain.turn.rules.sorting import by_letter

# What somebody says they do not want or will not do is taken back.
DENIED = re.compile(
    r"\b(?:not|never|don't|wouldn't|won't|no|isn't|didn't|ain't|nor|nunca)"
    r"(?: (?:want|wanting|going|trying|planning|thinking|think|ever|actually|really|saying|to|about|"
    r"of|i'm|i|i'd|i'll|that|would|will|do|mean|meaning|like|gonna|feel|feeling|be|even|have|having|"
    r"any|thoughts|plans|plan|intend|intending|here|suicidal|or|and))* ?$"
)
IDIOM = re.compile(
    r"\b(?:dying|die|died) (?:laughing|of (?:laughter|embarrassment|boredom|thirst|hunger|shame|shock|cute\w*)|"
    r"to (?:know|see|meet|try)|for (?:my|this|that))\b|\bkill(?:ing|s)? (?:it|time|two birds)\b"
    r"|\bkill for (?:a|some|one)\b|\bto die for\b|\bover my dead body\b|\bkilled it\b"
)

# What is told of a film or a lesson, of another time, or taken back: a rule alone is not enough.
_FRAME = (
    # of what somebody read, saw, learnt or says for fun
    r"movies?|films?|show|episode|books?|novel|poem|songs?|sing(?:s|ing)?|lyrics|quiz|trivia|"
    r"crossword|puzzle|training|module|study guide|homework|essay|exam|class|course|lecture|script|"
    r"poster|drill|diary|jokes?|joking|theme|podcast|headlines?|articles?|news|documentary|videos?|"
    r"memes?|scene|character|chapter|author|proverb|sermon|radio|soap opera|musical|quotes?|myth|"
    r"signs|symptoms|screening|band|team|game|recital|laundry|printer|phone|gravy|pool|lol|haha\w*|"
    r"ha|to die for|jaja\w*|peliculas?|series?|novelas?|ensayo|charla|curso|taller|hojas?|hojita|"
    r"folleto|cancion|libro|cuento|noticias?|documental|personaje|escena|refran|dicho|frases?|"
    r"voluntari\w+|capacitacion|sintomas|diferencia|impresora|factura|corrector"
    # of another time
    r"|years? (?:ago|sober|back|clean|later)|yrs|ago|used to|back when|back then|when i was|"
    r"as a (?:boy|girl|kid|child|teen\w*)|in my (?:teens|twenties|thirties)|in (?:high school|"
    r"college)|last (?:year|spring|summer|fall|winter)|those days|since then|(?:19|20)\d\d|i'm good|"
    r"got clean|got me through|recovered|recovery|survived|rehab|sober|remission|in the past|"
    r"at nineteen|hace (?:\w+ )?(?:anos|meses)|ya lo vio|de joven|cuando (?:era|tenia)|ya paso|"
    r"superad[oa]|recuperad[oa]|en (?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|"
    r"octubre|noviembre|diciembre)"
    # taken back
    r"|not (?:suicidal|planning|like that|in danger|a danger|once)|no (?:plans?|intention|"
    r"thoughts)|(?:would|could|i'd|he'd|she'd) never|never (?:would|thought|hit|hurt|laid)|don't "
    r"worry|nothing like that|haven't (?:thought|had)|counselor asked|nunca (?:le|lo|la|me|he)|"
    r"nadie me|jamas|en ningun momento|no (?:se|te) preocupe\w*|no (?:estoy|he) (?:pensando|pensado)"
)
FRAME = re.compile(rf"\b(?:{by_letter(_FRAME)})\b")

# After a cue: a retreat, which takes nothing back.
RETREAT = re.compile(
    r"\b(?:i'm|i am|im|all|it's|we're|estoy|todo) (?:just |really |honestly |totally |all |doing |muy )?(?:fine|ok|okay|good|alright|bien|better|tired|safe|kidding|joking|venting|dramatic|exaggerat\w+)\b"
    r"|\b(?:forget|ignore|disregard|never ?mind|nvm|nevermind|scratch|olvid\w+)(?: [\w']+){0,3}(?: (?:it|that|this|i said|what i said|me|about it|lo))\b|^(?:never ?mind|nvm|nevermind|olvidalo|forget|ignore)\b"
    r"|\b(?:just|only|was|solo|era) (?:kidding|joking|jk|venting|being dramatic|tired|a joke|joke|broma|bromeando|cansad[oa])\b|^(?:jk|jkjk|lol jk|nvm|kidding|lol|(?:ha)+h?)\b|^(?:sorry|whatever|i'm sorry)$"
    r"|\b(?:didn't|don't|did not|do not|no) (?:really )?(?:mean|meant) (?:it|that|anything|to)\b|\bdidn't mean\b|\bno lo dije en serio\b|\bno (?:es|fue|era) nada\b"
    r"|\b(?:don't|no need to|stop) (?:worry|call|freak|panic|send|te preocupes)(?:ing)?\b|\bno te preocupes\b|\bno (?:big )?(?:deal|worries)\b|\bsorry i said\b|\bshouldn't have said\b|\b(?:leave|drop) it\b|\bi'll (?:text|call) (?:988|them|it)\b|\bi (?:wouldn't|won't|would never|'d never|am not going to|'m not going to) (?:actually |really |ever )?(?:do (?:it|anything)|act on)\b"
)
# After a cue: words that mean little alone and much then.
AMBIGUOUS = re.compile(
    r"\bcan't (?:do|take|stand|bear|go on|keep)\b|\b(?:so|i'm) done\b|\bdoesn't matter\b|\bwhat(?:'s| is) the point\b|\bno point\b|\bgive up\b|\bgiving up\b|\bhopeless\b|\bno (?:puedo|aguanto) mas\b|\bit(?:'s| is| will be|'ll be) (?:over|too late|all over)\b|\bwon't matter\b|\bgoodbye\b|\badios\b|^tonight\b|\b(?:soon|tonight|maybe) (?:it|i)\b|\bi (?:might|will|'ll|could|am going to|'m going to) (?:do it|go|end it)\b|\bno one (?:cares|can help|understands)\b|\bi have (?:a plan|them|it) ?(?:here|now|ready)?$|\b(?:i|i've|i'm|my|these|those)\b(?: [\w']+){0,4} (?:pills|gun|rope|knife|bridge)\b(?! (?:for|to|she|he|mom|dad|every|at))|\bi don't know (?:anymore|if i can)\b|\bnot (?:sure(?: i can.*| i want.*| anymore)?$|safe)\b|\bwant it to (?:stop|end)\b|\bcan't stop thinking\b|\bstill (?:feel|want|think|the same|here)\w*\b|^no$"
)
