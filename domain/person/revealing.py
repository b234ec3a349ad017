"""A person's words are shown to somebody only after it was written down who wanted it, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.person import PersonalTextRevealed
from domain.person.state import Person

_LONGEST = 500


class RevealRefused(Exception):
    """The words cannot be shown; `str()` is a sentence."""


@dataclass(frozen=True, slots=True)
class Reveal:
    """The command: show a person's words to `by`, of one conversation or all of them."""

    by: str
    why: str
    at: datetime
    conversation_id: str | None = None


def reveal(state: Person, command: Reveal) -> Sequence[PersonalTextRevealed]:
    """
    Return the fact that must stand before anything is shown.

    Each time anew: a second look is a second look.  Raises `RevealRefused` without a reason, and
    where nothing is left to show.
    """
    why = command.why.strip()
    if not why or len(why) > _LONGEST or not why.isprintable():
        raise RevealRefused(f"Say why, in one line of up to {_LONGEST} characters.")
    if not state.generation or state.erased:
        raise RevealRefused("Nothing is kept of this person that could be shown.")
    return (
        PersonalTextRevealed(
            by=command.by, why=why, at=command.at, conversation_id=command.conversation_id
        ),
    )
