"""JSON lines in, JSON lines out: one answer for each question, as soon as it is read."""

import sys
from collections.abc import Callable, Mapping
from typing import TextIO, TypeVar

import typer
from pydantic import BaseModel, ValidationError

from deploy.failure import GOOD, USAGE
from deploy.showing import show_json

M = TypeVar("M", bound=BaseModel)


def answer_lines(
    kind: type[M], answer: Callable[[M], Mapping[str, object]], source: TextIO | None = None
) -> None:
    """
    Answer every line of `source`, by default stdin; blank lines are skipped.

    A line that is no question is answered with `error`, and the command ends with exit code 2.
    """
    code = GOOD
    for number, line in enumerate(source or sys.stdin, 1):
        if not line.strip():
            continue
        try:
            question = kind.model_validate_json(line)
        except ValidationError as error:
            code = USAGE
            show_json({"line": number, "error": _why(error)})
        else:
            show_json(answer(question))
    raise typer.Exit(code)


def _why(error: ValidationError) -> str:
    """Return what is wrong, without the text that it is wrong with."""
    return "; ".join(
        f"{'.'.join(map(str, one['loc'])) or 'line'}: {one['msg']}"
        for one in error.errors(include_url=False, include_input=False, include_context=False)
    )
