"""When a turn has room for a question of getting to know each other, and how it is added."""

from contracts.labels import Domain, Labels
from domain import segments
from domain.person import profile
from domain.person.state import Person

# Where somebody needs to be heard, or to know something soon, a question of ours would be rude.
_ROOM: frozenset[Domain] = frozenset(
    {"smalltalk", "benefits", "legal_planning", "respite", "care_logistics", "account_or_identity"}
)
LEFT_OUT = "End without a question: the harness adds one itself."


def room_for(person: Person, labels: Labels) -> profile.Question | None:
    """Return the question that a calm turn about everyday things may end with."""
    calm = labels.domain in _ROOM and labels.risk == "low" and labels.urgency != "now"
    if not calm or not profile.getting_to_know(person):
        return None
    return profile.next_question(person)


def with_question(
    text: str, question: profile.Question, person: Person, said: str, most_segments: int
) -> str | None:
    """
    Return a reply with the question behind it, or None where it has no room for one.

    A reply that asks something itself has none: one question a text.
    """
    if "?" in text:
        return None
    spanish = profile.speaks_spanish(person, said)
    asked = f"{text} {profile.worded(person, question, spanish=spanish)}"
    fits = segments.count(segments.normalise(asked)).segments <= most_segments
    return asked if fits else None
