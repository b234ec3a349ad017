"""`parley classify`: what the gates and the classifier make of texts, without the world."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from deploy.lines import answer_lines
from deploy.parts import part
from deploy.showing import Json

NAME = "classify"


class Said(BaseModel):
    """An earlier text of the exchange."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    speaker: Literal["person", "agent"]
    text: str


class Question(BaseModel):
    """One text to classify; `context` is what was said before, oldest first."""

    model_config = ConfigDict(frozen=True)

    id: str | int
    text: str
    context: tuple[dict[Literal["from", "text"], str], ...] = ()
    country: str | None = None


def command(*, json: Json = False) -> None:
    """Classify texts: JSON lines on stdin, one answer a line on stdout."""
    del json
    classified = part("domain.turn.classifying", "classified")
    answer_lines(Question, classified)
