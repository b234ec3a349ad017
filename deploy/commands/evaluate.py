"""`parley evaluate`: what the evaluator makes of replies, without the world."""

from pydantic import BaseModel, ConfigDict

from deploy.lines import answer_lines
from deploy.showing import Json

NAME = "evaluate"


class Question(BaseModel):
    """One reply to judge, and the text that it answers."""

    model_config = ConfigDict(frozen=True)

    id: str | int
    inbound: str
    reply: str
    phase: str | None = None
    country: str | None = None


def command(*, json: Json = False) -> None:
    """Judge replies: JSON lines on stdin, one verdict a line on stdout."""
    del json
    from domain.turn.evaluate_lines import evaluate_line

    answer_lines(Question, lambda question: evaluate_line(question.model_dump()))
