"""
Getting to know each other: seven questions, one at a time, and what counts as their answer.

A question is asked at most twice, may be skipped, and is asked only of who agreed by text; whom
an operator added was introduced elsewhere.  GSM 03.38 characters only, as all fixed words.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts import person as p
from contracts.memory_keys import KEYS
from contracts.person import ProfileQuestion
from domain.person.memory_values import normalised
from domain.person.state import Person
from domain.turn.words import collapsed

ASKED_AT_MOST = 2
# Later than that a single word is a word, and not an answer to what was asked the day before.
OPEN_FOR = timedelta(hours=24)
_SHORT = 6


@dataclass(frozen=True, slots=True)
class Question:
    """
    One question: its words, the keys any of which answers it, and what reads a plain answer.

    `free` questions are answered in a person's own words, which the model answers in turn.
    """

    question: ProfileQuestion
    words: str
    spanish: str
    keys: tuple[str, ...]
    read: Callable[[str], str | None]
    free: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a text answers: the key and value to remember, or None where it was skipped."""

    question: Question
    key: str | None = None
    value: str | None = None


_SKIPS = frozenset(
    {
        "skip", "skip it", "skip this", "pass", "next", "no thanks", "no thank you", "rather not",
        "i'd rather not", "i'd rather not say", "prefer not", "prefer not to say",
        "i prefer not to say", "not now", "later", "maybe later", "n a", "none of your business",
        "don't want to say", "i don't want to say", "no", "nope", "omitir", "saltar", "paso",
        "no gracias", "ahora no", "prefiero no decir",
    }
)  # fmt: skip
_NAME = re.compile(
    r"^(?:(?:hi|hello|hey|hola)[,.! ]+)?(?:(?:i'm|i am|im|it's|its|my name is|my name's|name is|"
    r"call me|you can call me|this is|just|soy|me llamo|mi nombre es)\s+)?"
    r"(?P<name>[^\W\d_][^\W\d_'-]{0,29}(?: [^\W\d_][^\W\d_'-]{0,29})?)[.!]*$",
    re.IGNORECASE,
)
_NO_NAMES_TEXT = (
    "yes no ok okay yeah yep sure hi hello hey hola thanks thank you please help stop start "
    "mom mum mother dad father husband wife what why who when where how nothing nobody tired "
    "exhausted sad fine good bad great alone lost scared angry stressed overwhelmed busy here "
    "there later maybe gracias si bien mal cansada cansado and the a my i me not so very too "
    "need want can do is am just really idk dunno lol hmm well"
)
_NO_NAMES = frozenset(_NO_NAMES_TEXT.split())
_KIN = re.compile(
    r"\b(?:mom|mum|mother|mama|dad|father|papa|husband|wife|spouse|partner|son|daughter|child|kid|"
    r"sister|brother|aunt|uncle|friend|neighbou?r|niece|nephew|cousin|boyfriend|girlfriend|"
    r"(?:grand|step)?(?:mother|father|ma|pa|mom|dad|son|daughter|parents?)|parents|"
    r"(?:mother|father|sister|brother|son|daughter) in law|"
    r"madre|padre|esposo|esposa|marido|hijo|hija|abuelo|abuela|hermano|hermana|tio|tia)\b"
)
_CODE = re.compile(
    r"^(?:(?:my|the|it's|its|zip|code|post|postal|postcode|is|in|mi|codigo)\s+)*"
    r"(?P<code>\d{5}(?:[ -]\d{4})?|[a-z]\d[a-z] ?\d[a-z]\d|"
    r"[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}|\d{4})$"
)
_ZONES: Mapping[str, str] = {
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "mountain": "America/Denver",
    "pacific": "America/Los_Angeles",
    "alaska": "America/Anchorage",
    "hawaii": "Pacific/Honolulu",
}
_ZONE = re.compile(rf"^(?:(?:i'm|in|on|it's|is)\s+)*(?P<zone>{'|'.join(_ZONES)})(?: time)?$")
_OFTEN = re.compile(
    r"^(?:(?:yes|sure|ok|please|maybe|si)\s+)*(?:(?:once|one|every|each|a|per|cada)\s+)*"
    r"(?P<often>day|daily|week|weekly|month|monthly|dia|semana|mes|yes|sure|ok|okay|please|si|"
    r"never|no|not|nope|nunca)(?:\s+(?:please|is fine|is ok|works|por favor))*$"
)
_HOW_OFTEN: Mapping[str, str] = {
    **dict.fromkeys(("day", "daily", "dia"), "daily"),
    **dict.fromkeys(("month", "monthly", "mes"), "monthly"),
    **dict.fromkeys(("never", "no", "not", "nope", "nunca"), "never"),
}
_SPANISH = re.compile(
    r"\b(?:hola|gracias|necesito|estoy|quiero|por favor|tengo|cuido|soy|me llamo|mi (?:mama|papa|"
    r"madre|padre|espos[oa]|hij[oa]|abuel[oa]))\b"
)


def _name(text: str) -> str | None:
    found = _NAME.match(" ".join(text.split()))
    if found is None:
        return None
    name = found["name"]
    if any(word in _NO_NAMES for word in collapsed(name).split()):
        return None
    return normalised(KEYS["profile:first_name"], name)


def _recipient(text: str) -> str | None:
    words = collapsed(text)
    if len(words.split()) > _SHORT or _KIN.search(words) is None:
        return None
    return " ".join(text.split()).strip(" .!,")


def _place(text: str) -> str | None:
    found = _CODE.match(collapsed(text))
    return normalised(KEYS["profile:zip_code"], found["code"]) if found is not None else None


def _zone(text: str) -> str | None:
    found = _ZONE.match(collapsed(text))
    return _ZONES[found["zone"]] if found is not None else None


def _often(text: str) -> str | None:
    found = _OFTEN.match(collapsed(text))
    return _HOW_OFTEN.get(found["often"], "weekly") if found is not None else None


def _told(text: str) -> str | None:
    words = " ".join(text.split())
    return words[:120] if len(words.split()) >= 3 else None


QUESTIONS: Sequence[Question] = (
    Question(
        "name",
        "What should I call you?",
        "Como te llamas?",
        ("profile:first_name", "profile:preferred_name"),
        _name,
    ),
    Question(
        "recipient",
        "Who do you care for?",
        "A quien cuidas?",
        ("care:recipient",),
        _recipient,
    ),
    Question(
        "situation",
        "In a sentence or two: how do things look at home right now?",
        "En una o dos frases: como estan las cosas en casa?",
        ("care:situation",),
        _told,
        free=True,
    ),
    Question(
        "weighs",
        "Which part of it weighs on you most?",
        "Que es lo que mas te pesa?",
        ("care:stressors",),
        _told,
        free=True,
    ),
    Question(
        "place",
        "What's your ZIP or postal code, so that I name places near you?",
        "Cual es tu codigo postal, para nombrar lugares cercanos?",
        ("profile:zip_code", "profile:city", "profile:state"),
        _place,
    ),
    Question(
        "timezone",
        "Which time zone are you in: eastern, central, mountain or pacific?",
        "En que zona horaria estas: eastern, central, mountain o pacific?",
        (),
        _zone,
    ),
    Question(
        "check_in",
        "May I check in with you by text: daily, weekly or never?",
        "Puedo preguntarte como estas: cada dia, cada semana o nunca?",
        ("profile:check_in",),
        _often,
    ),
)
_BY_NAME: Mapping[str, Question] = {each.question: each for each in QUESTIONS}
SKIPPABLE = " You can say skip."
SKIPPABLE_SPANISH = " Puedes decir saltar."


def getting_to_know(person: Person) -> bool:
    """Return whether questions may be asked at all: of who agreed, and is not in danger."""
    return (
        person.loop_stage == "profile"
        and person.consent == "granted"
        and person.phase not in ("crisis", "paused")
    )


def next_question(person: Person) -> Question | None:
    """Return what to ask next: neither what is known, nor what was skipped or asked twice."""
    return next((each for each in QUESTIONS if not _over(person, each)), None)


def _over(person: Person, question: Question) -> bool:
    asked = sum(each == question.question for each in person.profile_asked)
    return (
        question.question in person.profile_settled
        or asked >= ASKED_AT_MOST
        or any(key in person.memory for key in question.keys)
        or (question.question == "name" and person.display_name is not None)
        or (question.question == "timezone" and _zone_known(person))
    )


def _zone_known(person: Person) -> bool:
    """One zone is known; and the four that are asked for are zones of the United States."""
    return person.timezone is not None or len(person.zones) <= 1 or person.country != "US"


def asked(question: Question, at: datetime) -> p.ProfileAsked:
    """Return that a question is asked."""
    return p.ProfileAsked(question=question.question, at=at)


def moved_on(person: Person) -> tuple[p.LoopStageAdvanced | p.PhaseChanged, ...]:
    """Return that the two know each other, once nothing is left to ask."""
    if person.loop_stage != "profile" or next_question(person) is not None:
        return ()
    phase = (p.PhaseChanged(phase="active"),) if person.phase == "onboarding" else ()
    return (p.LoopStageAdvanced(loop_stage="active"), *phase)


def answer(person: Person, text: str, at: datetime) -> Answer | None:
    """
    Return what a text answers of the question that is open; None for every other text.

    What asks something itself is no answer: the question waits.
    """
    if person.asking is None or not getting_to_know(person) or "?" in text:
        return None
    if person.asked_profile_at is None or at > person.asked_profile_at + OPEN_FOR:
        return None
    question = _BY_NAME[person.asking]
    # "No" to being checked in on is an answer; to every other question it skips.
    value = question.read(text)
    if collapsed(text) in _SKIPS and (question.question != "check_in" or value is None):
        return Answer(question)
    if value is None:
        return None
    return Answer(question, question.keys[0] if question.keys else None, value)


def speaks_spanish(person: Person, text: str) -> bool:
    """Return whether to ask in Spanish: they said so, or write so."""
    language = person.memory.get("profile:language")
    return language == "es" if language else _SPANISH.search(collapsed(text)) is not None


def worded(person: Person, question: Question, *, spanish: bool) -> str:
    """Return a question in words; the first one says that it may be skipped."""
    first = not person.profile_asked
    if spanish:
        return question.spanish + (SKIPPABLE_SPANISH if first else "")
    return question.words + (SKIPPABLE if first else "")
