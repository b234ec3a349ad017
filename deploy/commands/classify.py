"""`parley classify`: what the gates and the classifier make of texts, without the world."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from deploy.lines import answer_lines
from deploy.showing import Json

if TYPE_CHECKING:
    from domain.person.state import Person

NAME = "classify"
# Of nobody in particular the other gates can say nothing: they ask about the person.
_GATES = frozenset(
    {
        "stop", "help", "share", "start", "crisis", "passive_death", "burnout_escape", "isolation",
    }
)  # fmt: skip
_AT = datetime(2026, 1, 1, tzinfo=UTC)


class Line(BaseModel):
    """An earlier text of the exchange."""

    model_config = ConfigDict(frozen=True)

    speaker: Literal["person", "agent"] = Field(alias="from")
    text: str


class Question(BaseModel):
    """One text to classify; `context` is what was said before, oldest first."""

    model_config = ConfigDict(frozen=True)

    id: str | int
    text: str
    context: tuple[Line, ...] = ()
    country: str | None = None


def command(*, json: Json = False) -> None:
    """Classify texts: JSON lines on stdin, one answer a line on stdout."""
    del json
    answer_lines(Question, classified)


def classified(question: Question) -> Mapping[str, object]:
    """Return what the harness makes of one text of somebody who agreed to be texted."""
    from domain.conversation.state import Conversation
    from domain.gates import GATES, Situation
    from domain.policy import Policy
    from domain.turn.chief_of_staff import brief
    from domain.turn.classifier import classify
    from domain.turn.context import Said
    from domain.turn.keywords import START_WORDS, free_opt_out, keyword

    earlier = tuple(Said(line.speaker, line.text) for line in question.context)
    reading = classify(question.text, earlier, question.country)
    word = keyword(question.text)
    person = _person(question.country, "granted")
    situation = Situation(
        sid="",
        text=question.text,
        keyword=word,
        received_at=_AT,
        at=_AT,
        reading=reading,
        # START means something only of somebody who has left.
        person=_person(question.country, "revoked") if word in START_WORDS else person,
        conversation=Conversation(),
        policy=Policy(),
        opt_out_rules=free_opt_out(question.text),
    )
    rulings = (gate(situation) for gate in GATES if gate.__name__.rstrip("_") in _GATES)
    gate = next((found.gate for found in rulings if found), None)
    danger = reading.danger
    rules = (*reading.labels.rules, *(danger.rules if danger else ()), *situation.opt_out_rules)
    return {
        "id": question.id,
        "safety": danger.safety if danger else "none",
        "gate": gate,
        "labels": reading.labels.model_dump(mode="json"),
        "brief": brief(reading.labels, person, reading).model_dump(mode="json"),
        "rules": list(dict.fromkeys(rules)),
    }


@lru_cache
def _person(country: str | None, consent: Literal["granted", "revoked"]) -> "Person":
    from domain.person.state import Person

    return Person(generation=1, known=True, consent=consent, phase="active", country=country)
