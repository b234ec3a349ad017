"""A turn's context as the messages of a model: what was committed, then the texts to answer."""

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    UserContent,
    UserPromptPart,
)

from domain.turn.context import Context, Said
from domain.turn.prompt import framed

NOBODY_TEXTED = "(nobody texted just now)"

_HISTORY_LINES = 40
_HISTORY_LETTERS = 12_000
_PENDING_LETTERS = 8_000


def history_of(context: Context) -> list[ModelMessage]:
    """Return the newest committed lines, oldest first: text only, one message a side."""
    messages: list[ModelMessage] = []
    heard: list[UserContent] = []
    for said in _newest(context.history[-_HISTORY_LINES:], _HISTORY_LETTERS):
        if said.author == "person":
            heard.append(framed(said))
            continue
        if heard:
            messages.append(ModelRequest(parts=[UserPromptPart(heard)]))
            heard = []
        messages.append(ModelResponse(parts=[TextPart(said.text)]))
    if heard:
        messages.append(ModelRequest(parts=[UserPromptPart(heard)]))
    return messages


def prompt_of(context: Context) -> list[str]:
    """Return the texts to answer, each framed as data with its id."""
    newest = _newest(context.pending, _PENDING_LETTERS)
    return [framed(said) for said in newest] or [NOBODY_TEXTED]


def _newest(lines: tuple[Said, ...], letters: int) -> tuple[Said, ...]:
    """Return as many of the last lines as fit, and the last one in any case."""
    first, room = len(lines), letters
    while first > 0 and (room := room - len(lines[first - 1].text)) >= 0:
        first -= 1
    return lines[min(first, max(len(lines) - 1, 0)) :]
