"""What a text is about, how heavy it is and how soon it matters: the first topic found counts."""

import re

from contracts.labels import Domain
from domain.turn.rules.sorting import by_letter

VERSION = "topics-1"


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{by_letter(pattern)})\b")


TOPICS: tuple[tuple[Domain, re.Pattern[str]], ...] = (
    ("medication", _words(r"meds?|medication\w*|pills?|dose|doses|dosage|prescri\w+|insulin|refill|medicina\w*|pastillas?")),
    ("benefits", _words(r"benefits?|medicaid|medicare|ssi|ssdi|food stamps|snap|va benefits|insurance|afford|pay for|paid caregiver|(?:get|getting|be|being) paid (?:to|for)|ayuda economica")),
    ("legal_planning", _words(r"power of attorney|poa|will and testament|guardian\w*|lawyer|legal|advance directive|living will|abogad[oa]")),
    ("grief_end_of_life", _words(r"hospice|passed away|funeral|died|dying|grie\w+|end of life|palliative|murio|fallecio")),
    ("respite", _words(r"respite|a break|time off|day care|day program|descanso|someone to (?:watch|sit with)")),
    ("care_logistics", _words(r"appointments?|rides?|transport\w*|meals?|groceries|schedule|wheelchair|bath\w*|shower|home aide|aide|cita")),
    ("family_conflict", _words(r"brothers?|sisters?|siblings?|fight\w*|argu\w+|won't help|hermano|hermana")),
    ("symptom_question", _words(r"fever|pain|rash|cough\w*|confus\w+|fell|falls?|dizzy|swollen|infection|uti|symptoms?|dolor|fiebre")),
    ("isolation_support", _words(r"lonely|alone|no friends|isolated|sol[oa]")),
    ("emotional_support", _words(r"exhaust\w*|tired|overwhelm\w*|cry\w*|guilt\w*|stress\w*|scared|sad|angry|burn\w* out|cansad[oa]|agotad[oa]")),
    ("account_or_identity", _words(r"my number|my account|my name|are you (?:a )?(?:real|human|bot|person|robot)|eres (?:un|una)? ?(?:robot|persona)")),
)  # fmt: skip

DISTRESS = _words(
    r"can't do this|cant do this|so done|can't cope|cant cope|breaking down|falling apart|hopeless|"
    r"panic\w*|no puedo mas|can't take|cant take|need a break|give up|drowning"
)
NOW = _words(r"right now|emergency|asap|immediately|ahora mismo|urgente")
TODAY = _words(r"today|tonight|this (?:morning|afternoon|evening)|hoy|esta noche")
SOON = _words(r"tomorrow|this week|soon|in a few days|manana|esta semana")
