"""A one-time code as its past tells it, and what it looks like when somebody types it."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts.base import Contract
from contracts.link_code import LinkCodeIssued, LinkCodeUsed
from domain.decider import Memory

# No 0, 1, I, L, O: a code is read from a page and typed with a thumb.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 8
VALID_FOR = timedelta(days=7)

_SHAPE = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")


@dataclass(frozen=True, slots=True)
class LinkCode:
    """A code; `user_id` None means that nobody made it."""

    user_id: str | None = None
    expires_at: datetime | None = None
    used: bool = False

    def links(self, at: datetime) -> str | None:
        """Return the user that the code still links to at a time."""
        valid = not self.used and self.expires_at is not None and at < self.expires_at
        return self.user_id if valid else None


def evolve(state: LinkCode, fact: Contract) -> LinkCode:
    """Return the code after one more fact."""
    match fact:
        case LinkCodeIssued():
            return LinkCode(fact.user_id, fact.expires_at)
        case LinkCodeUsed():
            return replace(state, used=True)
        case _:
            return state


link_code = Memory(LinkCode(), evolve)


def typed(text: str) -> str | None:
    """Return the code that a text is, if it is the shape of one."""
    word = re.sub(r"[\s-]", "", text).upper()
    return word if _SHAPE.fullmatch(word) else None
