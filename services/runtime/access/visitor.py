"""Who asks: a name, what they may, and how they were known."""

from dataclasses import dataclass, field
from typing import Literal

from domain.access import Right

How = Literal["session", "key", "proxy"]


@dataclass(frozen=True, slots=True)
class Visitor:
    """
    Somebody who is known here.

    `holder` names the session or key, to which what was revealed is bound.  `token` is what the
    forms of the session carry, None where there is no session.
    """

    name: str
    rights: frozenset[Right]
    how: How
    holder: str
    token: str | None = field(default=None, repr=False)

    def may(self, right: Right | str) -> bool:
        """Return whether they may see or do something."""
        return right in self.rights
