"""What the offline model makes of a text: patterns for the few things it can answer honestly."""

import re
from dataclasses import dataclass

from domain.turn.closing import is_closing

_I = re.IGNORECASE
_THANKS = re.compile(r"^\W*(?:(?:ok(?:ay)?|many|great|perfect)\W+)?(?:thanks?|thank you|thx|ty|"
                     r"gracias|muchas gracias)\b", _I)  # fmt: skip
_GREETING = re.compile(
    r"^\W*(?:hi+|hello+|hey+|good (?:morning|afternoon|evening)|hola|buen[ao]s?(?: \w+)?)"
    r"(?: there| again| parley)?\W*$",
    _I,
)
_ASSENT = re.compile(
    r"^\W*(?:yes|yeah|yep|yup|ok|okay|sure|fine|si|sí|claro|vale|right|i will|will do)\W*$", _I
)
_REFUSAL = re.compile(r"^\W*(?:no|nope|nah|not really|not now|no thanks|ahora no)\W*$", _I)
_IDENTITY = re.compile(
    r"\bare (?:you|u) (?:a |an )?"
    r"(?:real|human|person|bot|robot|ai|machine|computer|automated|chat ?gpt)\b"
    r"|\b(?:who|what) (?:are|r) (?:you|u)\b|\bwho(?:'?s| is) this\b"
    r"|\b(?:am i|is this) (?:talking|texting|speaking|chatting|an ai\b|automated"
    r"|a (?:real|bot|person|human|robot|machine)\b)"
    r"|\beres (?:un |una )?(?:robot|persona|humano|humana|m[aá]quina|ia)\b|\bqui[eé]n eres\b",
    _I,
)
_SPANISH = re.compile(
    r"[ñ¿¡]|\b(?:hola|gracias|necesito|ayuda|estoy|quiero|por favor|c[oó]mo|tengo|buen[ao]s"
    r"|cuido|qui[eé]n|d[oó]nde|me llamo|adi[oó]s|recu[eé]rdame"
    r"|mi (?:mam[aá]|pap[aá]|madre|padre|espos[oa]|hij[oa]|abuel[oa]))\b",
    _I,
)
_GRAVE_WORDS = (
    r"can'?t (?:cope|do this|take (?:it|this|any))|at my limit|falling apart|no puedo m[aá]s"
)
_GRAVE = re.compile(rf"\b(?:{_GRAVE_WORDS})\b", _I)
_DISTRESS = re.compile(
    rf"\b(?:{_GRAVE_WORDS}|exhaust\w*|(?:so|too|very|really|dead) tired|i'?m tired"
    r"|overwhelm\w*|lonely|cry(?:ing)?|stress\w*|burn(?:ed|t)? ?out|burning out|guilty|scared"
    r"|can'?t sleep|so hard|struggl\w*|worn out|no energy|cansad[ao]|agotad[ao])\b",
    _I,
)
_HURT = re.compile(
    r"\b(?:hit|hits|hitting|punched|punches|kicked|kicks|slapped|slaps|bit|choked|strangled|pushed"
    r"|shoved|threatened|threatens|attacked) me\b|\bme (?:peg[oóa]|golpe[oóa]|amenaza)\b",
    _I,
)
_TOPICS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "respite",
        re.compile(r"\b(?:respite|a break|time off|day care|some rest|sit with (?:her|him|them)|"
                   r"descanso|un respiro)\b", _I),
    ),
    (
        "benefits",
        re.compile(r"\b(?:benefits?|medicaid|medicare|pay for|afford|financial (?:help|aid)|"
                   r"ayuda econ[oó]mica)\b", _I),
    ),
    (
        "transport",
        re.compile(r"\b(?:a ride|rides|transport\w*|drive (?:her|him|them|me)|transporte)\b", _I),
    ),
    ("meals", re.compile(r"\b(?:meals?|food|groceries|comida)\b", _I)),
)  # fmt: skip
_NAME = re.compile(r"\b(?i:my name is|my name's|me llamo)\s+([^\W\d_][^\W\d_'-]{0,29})")
_CALLED = re.compile(r"\b[Cc]all me\s+([A-ZÁÉÍÓÚÑ][^\W\d_'-]{1,29})")
_NO_NAME = frozenset(
    {"not", "no", "on", "in", "the", "a", "an", "at", "back", "when", "if", "later", "tomorrow",
     "today", "tonight", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
     "sunday", "asap", "now", "please"}
)  # fmt: skip
_KIN = (
    r"mom|mum|mother|dad|father|husband|wife|son|daughter|sister|brother|aunt|uncle|grandma"
    r"|grandmother|grandpa|grandfather|partner|mam[aá]|pap[aá]|madre|padre|espos[oa]|hij[oa]"
    r"|abuel[oa]"
)
_CONDITION = re.compile(
    rf"\b(?:my|mi)\s+({_KIN})\s+"
    r"(?:has|has got|was diagnosed with|is living with|lives with|tiene)\s+"
    r"(?:(?:early|late|severe|mild|advanced|vascular|type [12])\s+)?"
    r"(dementia|alzheimer'?s|parkinson'?s|cancer|als|ms|diabetes|copd|heart failure|lupus"
    r"|epilepsy|demencia|c[aá]ncer|parkinson|alzheimer)\b",
    _I,
)
_CARES = re.compile(
    r"\b(?:i(?:'m| am)? (?:take care of|taking care of|care for|caring for|look after"
    rf"|looking after)|cuido (?:a|de))\s+(?:my|mi)\s+({_KIN})\b",
    _I,
)
_ZONE = re.compile(
    r"\bi(?:'m| am) (?:in|on) (eastern|central|mountain|pacific)(?: standard| daylight)? time\b",
    _I,
)
_ZONES = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
}
_REMIND = re.compile(
    r"\b(?:remind me|recu[eé]rdame)\s+(?:(?:in (\d{1,2}) hours?|tomorrow|ma[nñ]ana)\s+)?"
    r"(?:to|about|de|que)?\s*(.{3,80}?)(?:\s+(?:in (\d{1,2}) hours?|tomorrow|ma[nñ]ana))?\W*$",
    _I,
)
_A_DAY_H = 24


@dataclass(frozen=True, slots=True)
class Text:
    """One text to answer, with its id."""

    sid: str
    words: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """A wish to be reminded."""

    purpose: str
    hours: int


def spanish(words: str) -> bool:
    """Return whether somebody writes Spanish, as far as a few words tell."""
    return _SPANISH.search(words) is not None


def closes(words: str) -> bool:
    """Return whether a text ends the conversation, thanks around it or not."""
    return is_closing(words)


def thanks(words: str) -> bool:
    """Return whether a text is a word of thanks and little else."""
    return _THANKS.match(words) is not None and "?" not in words and len(words) < 60


def greets(words: str) -> bool:
    """Return whether a text is only a greeting."""
    return _GREETING.match(words) is not None


def assents(words: str) -> bool:
    """Return whether a text only says yes."""
    return _ASSENT.match(words) is not None


def refuses(words: str) -> bool:
    """Return whether a text only says no."""
    return _REFUSAL.match(words) is not None


def asks_who(words: str) -> bool:
    """Return whether somebody asks whom they are texting."""
    return _IDENTITY.search(words) is not None


def distressed(words: str) -> bool:
    """Return whether somebody says that it is too much."""
    return _DISTRESS.search(words) is not None


def gravely(words: str) -> bool:
    """Return whether somebody says that they are at the end of their strength."""
    return _GRAVE.search(words) is not None


def hurt(words: str) -> bool:
    """Return whether somebody says that another hurt or threatened them."""
    return _HURT.search(words) is not None


def topic(words: str) -> str | None:
    """Return the kind of place that somebody asks for."""
    return next((name for name, pattern in _TOPICS if pattern.search(words)), None)


def name(words: str) -> str | None:
    """Return what somebody says they are called."""
    found = _NAME.search(words) or _CALLED.search(words)
    if found is None or found.group(1).casefold() in _NO_NAME:
        return None
    said = found.group(1)
    return said if said[0].isupper() else said.capitalize()


def condition(words: str) -> tuple[str, str] | None:
    """Return of whom somebody says which condition they have, in their own words."""
    found = _CONDITION.search(words)
    return (found.group(1).lower(), found.group(2)) if found else None


def recipient(words: str) -> str | None:
    """Return whom somebody says they care for."""
    found = _CARES.search(words)
    return found.group(1).lower() if found else None


def zone(words: str) -> tuple[str, str] | None:
    """Return the time zone that somebody names, as they say it and as IANA does."""
    found = _ZONE.search(words)
    if found is None:
        return None
    said = found.group(1).capitalize()
    return said, _ZONES[said.lower()]


def reminder(words: str) -> Reminder | None:
    """Return what somebody wants to be reminded of, and in how many hours."""
    found = _REMIND.search(words)
    if found is None:
        return None
    hours = int(found.group(1) or found.group(3) or _A_DAY_H)
    return Reminder(found.group(2).strip(" .,!?"), min(max(hours, 1), 72))
