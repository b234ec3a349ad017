"""
The word classes that the rules of danger are built of: who, what they will, with what, and when.

A new wording is a new combination of these, and not a new sentence.
"""

from domain.turn.rules.sorting import by_letter


def any_of(alternatives: str) -> str:
    """Return a pattern for any of some alternatives."""
    return f"(?:{by_letter(alternatives)})"


def gap(most: int) -> str:
    """Return a pattern for up to so many words of any kind."""
    return rf"(?: [\w']+){{0,{most}}}?"


# Who: the one cared for and other near people; the person's own self; strangers with power.
_KINSHIP = any_of(
    r"mom|mum|mama|momma|mother|mil|dad|papa|pop|father|fil|stepdad|stepmom|husband|hubby|wife|"
    r"spouse|partner|son|daughter|stepson|kid|child|baby|teenager|teen|boy|girl|brother|sister|"
    r"grandma|grandmother|granny|grandpa|grandfather|grandson|granddaughter|nana|aunt|auntie|"
    r"uncle|niece|nephew|cousin|friend|bestie|roommate|boyfriend|girlfriend|neighbor|client|"
    r"patient|ex"
)
KINSHIP = rf"{_KINSHIP}(?: in law)?"
KIN = rf"(?:(?:my|our|the|his|her|this) )?(?:(?:own|little|older|younger|best|step|16 year old) )?{KINSHIP}"
HIM = rf"(?:her|him|them|{KIN})"
HE = rf"(?:he|she|they|{KIN})(?:'s|'ll|'d)?"
HELPER = r"(?:(?:the|an?|her|his|our|my|night|day|home|new|one) )*(?:aides?|nurses?|caregiver|staff|worker|home|facility|attendant|cna|facility staff)"
ANYONE = rf"(?:{HE}|{HELPER}|someone|no one|they)"
SELF = r"(?:myself|my self)"
ME = r"\bi(?:'m|'ve|'ll|'d| am| have| will| would)?"
# How one comes to it: wanting, planning, being about to, seeing it before one's eyes.
WILL = any_of(
    r"want(?:ed|ing)?|need|needing|going|about|plan(?:s|ned|ning)?|ready|decid(?:ed|ing)|"
    r"tempted|thinking|think|thought|thoughts|thots|urges?|urge|try(?:ing)?|tried|might|could|may|"
    r"will|'ll|consider(?:ed|ing)?|close|feel|feeling|imagin(?:e|ing)|pictur(?:e|ing)|fantasi\w+|"
    r"dream(?:ing)?|keep|wish|wishing|gun to|swear|not stop|can't stop|afraid|scared|terrified|"
    r"worried|almost|nearly|wanting|rather|'d"
)
FEAR = any_of(r"afraid|scared|terrified|worried|frightened")
PILLS = any_of(
    r"tramadol|codeine|lithium|melatonin|clonazepam|lorazepam|pills?|meds?|medications?|medicine|tablets?|capsules|tylenol|ambien|morphine|ox(?:y|ys|ies|ycodone)|"
    r"insulin|xanax|ativan|valium|fentanyl(?: patch(?:es)?)?|patches|gabapentin|benadryl|advil|aspirin|norcos?|"
    r"percocets?|vicodin|hydrocodone|trazodone|seroquel|klonopin|warfarin|digoxin|metoprolol|opioids?|painkillers|"
    r"potassium|sleeping pills"
)
ARMS = any_of(
    r"gun|pistol|rifle|shotgun|revolver|knife|knives|blades?|razors?|rope|noose|belt|cord"
)
KILL = any_of(
    r"kill(?:ed|ing)?|end(?:ed|ing)?|off(?:ing)?|hang(?:ing)?|hung|shoot(?:ing)?|shot|drown(?:ing)?|suffocat(?:e|ing)|strangl(?:e|ing)|stab(?:bing)?|poison(?:ing)?|gas(?:sing)?|execut(?:e|ing)"
)
HURT = any_of(
    r"hurt(?:ing)?|harm(?:ed|ing)?|cut(?:ting)?|burn(?:t|ed|ing)?|starv(?:e|ed|ing)|punish(?:ed|ing)?|scratch(?:ed|ing)?|injur(?:e|ed|ing)"
)
HARM = any_of(
    r"kill(?:ing)?|hurt(?:ing)?|hit(?:ting)?|slap(?:ping)?|smack(?:ing)?|smother(?:ing)?|strangl(?:e|ing)|"
    r"chok(?:e|ing)|poison(?:ing)?|shov(?:e|ing)|push(?:ing)?|shak(?:e|ing)|stab(?:bing)?|harm(?:ing)?|"
    r"shoot(?:ing)?|suffocat(?:e|ing)|drown(?:ing)?|punch(?:ing)?|beat(?:ing)?|burn(?:ing)?|kick(?:ing)?|overdos(?:e|ing)"
)
HARMED = any_of(
    r"hit|slapped|smacked|smothered|choked|pushed|shoved|shook|hurt|strangled|punched|kicked|beat|grabbed|threw|yanked|bit|scratched|squeezed|dragged"
)
HURTS = any_of(
    r"hits?|hitting|beats?|beating|slap(?:s|ped|ping)?|chok(?:es|ed|ing)|punch(?:es|ed|ing)?|kick(?:s|ed|ing)?|"
    r"shov(?:es|ed|ing)|burn(?:s|ed)|molest\w*|rap(?:es|ed)|grab(?:s|bed|bing)|push(?:es|ed|ing)|strangl(?:es|ed|ing)|"
    r"attack(?:s|ed|ing)?|shakes|bit(?:es|ing)?|hurts|hurting|assault(?:s|ed|ing)|smack(?:s|ed)|yank(?:s|ed)|tortur\w+|threw|throws"
)
LATE = r"(?:tonight|now|today|soon|right now|this (?:weekend|week|morning|afternoon)|tomorrow|for good|once and for all|forever)"
NO_RETURN = r"(?:not|never|don't|do not|can't|won't|isn't|am not|refuse to|doubt)(?: (?:make myself|ever|want|wanting|to|be|going|sure|i|can|think|i'll|i'm|plan|planning|think))* (?:go|going|come|coming|turn|turning|look|looking|return|returning)(?: (?:back|home|around|there|in there))*"

# What makes the same words innocent: another time, a joke, a question, an accident.
PAST = r"\byears? (?:ago|back)\b|\bused to\b|\bwhen (?:i|we) (?:was|were) (?:a kid|kids|little|young|growing up)\b|\blast year\b|\bback in\b|\bin (?:19|20)\d\d\b|\bdecades? ago\b|\bhace (?:[\w']+ )?anos\b"
JOKE = r"\b(?:lol|lmao|rofl|(?:ha)+h?|jk|just kidding|joking|his joke|her joke|(?:ja)+)\b"
ASKED = r"\b(?:what are the|signs of|symptoms of|how (?:do|can|would|will) (?:i|you|we) (?:know|tell|spot|recogni[sz]e)|when should|history of|article|a class|reading about|learn\w*|in the past|recovered|movie|show|episode|book|novel|song)\b"
ACCIDENT = r"(?: (?:shaving|cooking|chopping|lifting|moving|helping|falling|gardening|carrying|pulling|turning|getting|picking|trying|while|when|on (?:a|the|my)|at (?:work|the gym)|with the (?:pan|oven|stove|iron by)|by accident|accidentally|doing))"
