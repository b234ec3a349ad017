"""
What a good answer would need and nobody has said yet: needs by topic, and what says each of them.

A need is missing where the topic asks for it and neither the text nor the person's earlier texts
say it; whoever knows the person (the brief) strikes what is remembered.
"""

import re
from collections.abc import Mapping, Sequence

VERSION = "missing-1"

# The most useful first.  In a medical emergency and in grief nothing is asked first.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "safety": ("safety_status", "country"),
    "medical_urgent": (),
    "medication": ("med_and_prescriber", "recipient_relation", "timing"),
    "symptom_question": ("recipient_relation", "timing", "recipient_condition"),
    "benefits": (
        "country",
        "location_zip_state",
        "benefit_fact:care_recipient_age",
        "benefit_fact:insurance",
        "recipient_relation",
    ),
    "legal_planning": (
        "country", "location_zip_state", "recipient_relation", "recipient_condition",
    ),
    "respite": ("country", "location_zip_state", "timing", "what_tried", "recipient_condition"),
    "care_logistics": ("country", "location_zip_state", "timing"),
    "family_conflict": ("desired_help", "what_tried"),
    "emotional_support": ("desired_help",),
    "grief_end_of_life": (),
    "isolation_support": ("what_tried", "country", "location_zip_state"),
    "account_or_identity": (),
    "smalltalk": ("desired_help", "caregiver_name"),
}  # fmt: skip

# How a need is asked for, where it is the one thing asked.
ASKED: Mapping[str, str] = {
    "safety_status": "whether they are safe right now",
    "country": "which country they live in",
    "location_zip_state": "their ZIP or post code, or the state they live in",
    "recipient_relation": "whom they care for",
    "recipient_condition": "what the one they care for lives with",
    "timing": "since when, or by when",
    "what_tried": "what they have tried already",
    "med_and_prescriber": "which medicine it is and who prescribed it",
    "benefit_fact:care_recipient_age": "how old the one they care for is",
    "benefit_fact:insurance": "which insurance the one they care for has",
    "desired_help": "what would help most",
    "caregiver_name": "what to call them",
}

# Which of what is remembered says it already: any of these keys.
REMEMBERED: Mapping[str, tuple[str, ...]] = {
    "location_zip_state": (
        "profile:zip_code", "profile:state", "eligibility:state", "profile:city",
    ),
    "recipient_relation": (
        "care:recipient", "care:relationship", "eligibility:caregiver_relationship",
    ),
    "recipient_condition": ("care:conditions",),
    "what_tried": ("care:what_tried",),
    "benefit_fact:care_recipient_age": (
        "care:recipient_age", "eligibility:care_recipient_age",
    ),
    "benefit_fact:insurance": ("eligibility:insurance",),
    "caregiver_name": ("profile:first_name", "profile:preferred_name"),
}  # fmt: skip

_STATES = (
    "alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|"
    "hawaii|idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|"
    "michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|new (?:hampshire|jersey|"
    "mexico|york)|north (?:carolina|dakota)|ohio|oklahoma|oregon|pennsylvania|rhode island|"
    "south (?:carolina|dakota)|tennessee|texas|utah|vermont|virginia|washington|west virginia|"
    "wisconsin|wyoming|puerto rico|ontario|quebec|british columbia|alberta|manitoba|saskatchewan|"
    "nova scotia|new brunswick|newfoundland|queensland|new south wales|victoria|tasmania"
)


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b")


# What says a need, in a text put in plain words; where there are several, each has to be there.
SAYS: Mapping[str, tuple[re.Pattern[str], ...]] = {
    "safety_status": (
        _words(
            r"(?:i'?m|i am|we'?re|we are|she'?s|he'?s|kids are) (?:not )?(?:safe|in danger|out of "
            r"(?:the|that) house|alone with (?:him|her|it))|(?:he|she) (?:has |'s )?(?:left|gone)|"
            r"estoy (?:a salvo|en peligro)|somebody is with me|not alone"
        ),
    ),
    "country": (
        _words(
            rf"{_STATES}|usa?|united states|america|uk|united kingdom|england|scotland|wales|"
            r"northern ireland|britain|ireland|canada|australia|new zealand|mexico|spain|espana|"
            r"estados unidos|\d{5}"
        ),
    ),
    "location_zip_state": (
        _words(
            rf"{_STATES}|\d{{5}}(?: \d{{4}})?|[a-z]{{1,2}}\d[a-z\d]? ?\d[a-z]{{2}}|"
            r"[a-z]\d[a-z] ?\d[a-z]\d|[a-z]+ county|(?:city|town|village) of [a-z]+|"
            r"(?:live|living|lives|are|am|based|vivo|vivimos) (?:in|near|en) (?!a |an |the |my "
            r"|our |un |una |mi )[a-z]+"
        ),
    ),
    "recipient_relation": (
        _words(
            r"mom|mum|mam|mother|mama|dad|father|papa|husband|wife|spouse|partner|sons?|daughters?|"
            r"child|kids?|sister|brother|aunt|uncle|friend|neighbou?r|niece|nephew|cousin|"
            r"(?:grand|step)(?:mother|father|ma|pa|mom|dad|son|daughter|child|parents?)|parents?|"
            r"fiancee?|boyfriend|girlfriend|nana|madre|padre|espos[oa]|marido|mujer|hij[oa]|"
            r"abuel[oa]|herman[oa]|ti[oa]|suegr[oa]"
        ),
    ),
    "recipient_condition": (
        _words(
            r"dementia|alzheimer'?s?|parkinson'?s?|stroke|cancer|tumou?r|copd|ms|als|"
            r"multiple sclerosis|heart (?:failure|disease|attack)|kidney \w+|dialysis|diabet\w+|"
            r"autis\w+|down'?s syndrome|cerebral palsy|epilep\w+|seizures?|schizophreni\w+|"
            r"bipolar|paraly[sz]ed|quadripleg\w+|parapleg\w+|wheelchair|bedridden|bedbound|blind|deaf|"
            r"broken (?:hip|leg|arm|back)|amputat\w+|disab\w+|brain injury|tbi|arthritis|"
            r"demencia|derrame|parkinson|diabetes|discapaci\w+|insuficiencia \w+"
        ),
    ),
    "timing": (
        _words(
            r"now|today|tonight|tomorrow|yesterday|last (?:night|week|month|year|spring|summer|"
            r"fall|winter)|this (?:morning|afternoon|evening|week|weekend|month)|next (?:week|"
            r"month|year)|weekends?|every (?:night|day|morning|week)|nightly|daily|since|ago|"
            r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:in|for|after) (?:a few|a couple|\d+|"
            r"two|three|four|five|six|seven|ten) (?:minutes?|hours?|days?|weeks?|months?|years?)|"
            r"january|february|march|april|june|july|august|september|october|november|december|"
            r"asap|soon|hoy|ayer|anoche|manana|esta (?:noche|semana)|ahora|desde|hace|"
            r"cada (?:noche|dia)|lunes|martes|miercoles|jueves|viernes|sabado|domingo|"
            r"\d{1,2} ?(?:am|pm)"
        ),
    ),
    "what_tried": (
        _words(
            r"tried|trying|already|called|asked|applied|spoke (?:to|with)|talked (?:to|with)|"
            r"looked (?:into|at|for)|reached out|(?:have|had|use|used) (?:an? )?(?:aide|sitter|"
            r"day program|home health)|wait(?:ing)? ?list|turned (?:us|me) down|denied|"
            r"nobody (?:calls|answers)|nothing (?:works|helps|helped)|"
            r"intent\w+|probe|probamos|llame|llamamos|pedi|ya (?:hable|fui|pregunte)"
        ),
    ),
    "med_and_prescriber": (
        _words(
            r"[a-z]{2,}(?:pril|sartan|olol|statin|dipine|azepam|azolam|idone|apine|oxetine|triptan|"
            r"parin|floxacin|cillin|mycin|tidine|prazole|gliptin|gliflozin|glutide|pezil)|"
            r"metformin|insulin|warfarin|eliquis|xarelto|aspirin|ibuprofen|tylenol|acetaminophen|"
            r"paracetamol|morphine|oxycodone|hydrocodone|fentanyl|tramadol|gabapentin|lasix|"
            r"furosemide|prednisone|levothyroxine|sertraline|zoloft|citalopram|escitalopram|"
            r"lexapro|trazodone|ativan|xanax|seroquel|haldol|namenda|memantine|aricept|lithium|"
            r"keppra|sinemet|levodopa|digoxin|amiodarone|melatonin|benadryl|ozempic"
        ),
        _words(
            r"doctors?|dr|physician|gp|pharmac\w+|nurse|clinic|hospital|neurologist|cardiologist|"
            r"psychiatrist|oncologist|geriatrician|pediatrician|hospice|er|doctora?|medic[oa]|"
            r"farmac\w+|enfermer[oa]"
        ),
    ),
    "benefit_fact:care_recipient_age": (
        _words(
            r"\d{1,3} ?(?:yo|yrs? old|years? old|year old|y o)|(?:is|turn(?:s|ed|ing)|aged?|"
            r"s?he'?s) \d{2,3}|in (?:her|his|their) (?:early |mid |late )?(?:fifties|sixties|"
            r"seventies|eighties|nineties|\d0s)|tiene \d{1,3} anos|de \d{1,3} anos"
        ),
    ),
    "benefit_fact:insurance": (
        _words(
            r"medicaid|medicare|medi cal|tricare|champva|va (?:health|benefits|insurance)|"
            r"uninsured|(?:no|without) insurance|aetna|cigna|humana|kaiser|anthem|blue cross|"
            r"united ?health\w*|private insurance|nhs|employer'?s? (?:plan|insurance)|aca plan|"
            r"marketplace plan|sin seguro|seguro (?:medico|social|popular)|imss"
        ),
    ),
    "desired_help": (
        _words(
            r"how (?:do|can|could|should|would|to|am|long|much|many|often)|what (?:do|can|should|"
            r"would|is|are|if|about|to|helps?)|where|who can|when (?:do|can|should|will)|why|"
            r"which|can (?:you|i|we|someone|somebody|anyone)|could (?:you|i|we)|should (?:i|we)|"
            r"is there|are there|do you|does (?:it|he|she|medic\w+)|any (?:advice|ideas?|tips?|"
            r"suggestions?)|i (?:need|want|would like|wish)|i'?d like|looking for|help (?:me|us|"
            r"with)|tell me|just (?:need|want)|need (?:to|someone|somebody|help|a)|venting|vent|"
            r"necesito|quiero|quisiera|busco|como (?:puedo|hago|se)|donde|que (?:hago|puedo|debo)|"
            r"puede(?:s|n)?|hay (?:algo|alguna|alguien|ayuda)|ayud\w+"
        ),
    ),
    "caregiver_name": (
        _words(
            r"(?:my name'?s?(?: is)?|i'?m called|call me|this is|me llamo|mi nombre es|soy) [a-z]+"
        ),
    ),
}
# Of somebody who has written for hours, the last texts tell what this one is about.
TEXTS_READ = 6


def missing(
    domain: str, words: str, earlier: Sequence[str] = (), country: str | None = None
) -> tuple[str, ...]:
    """
    Return what is missing for a good answer about a topic, the most useful first.

    `words` is the text and `earlier` the person's texts before it, oldest first, all collapsed;
    `country` is the one that the number tells, if it tells any.
    """
    said = " . ".join((*earlier, words))
    return tuple(
        need
        for need in NEEDS[domain]
        if not (need == "country" and country) and not _is_said(need, said)
    )


def still(needs: Sequence[str], memory: Mapping[str, str], country: str | None) -> tuple[str, ...]:
    """Return which of some needs neither a person's memory nor their country answers."""
    return tuple(
        need
        for need in needs
        if not (need == "country" and country)
        and not any(key in memory for key in REMEMBERED.get(need, ()))
    )


def rule_of(need: str) -> str:
    """Return the id of the rule by which a need is missing."""
    return f"missing.{need}"


def _is_said(need: str, words: str) -> bool:
    return all(pattern.search(words) for pattern in SAYS[need])
