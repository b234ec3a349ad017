"""How an escalation reads on a phone."""

from collections.abc import Iterable

from contracts.agent import EscalationWanted
from domain import segments
from domain.turn.words import collapsed


def worded(wanted: EscalationWanted) -> str:
    """Return a request's text, with the answers it wants where it does not name them itself."""
    return with_options(wanted.text, wanted.reply_options or ())


def with_options(text: str, options: Iterable[str]) -> str:
    """Return a text that names the answers that are wanted."""
    given = [option.strip() for option in options]
    named = f" {collapsed(text)} "
    words = segments.normalise(text).strip()
    if not given or all(f" {collapsed(option)} " in named for option in given):
        return words
    *others, last = given
    told = f"{', '.join(others)} or {last}" if others else last
    return f"{words}\nAnswer with {told}."


def bundled(texts: Iterable[str]) -> str:
    """Return several texts as one, a line each."""
    return "\n".join(segments.normalise(text).strip() for text in texts)
