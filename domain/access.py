"""Who may see and do what at the console: every right and every role, in one table."""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Right(StrEnum):
    """
    One thing that somebody may see or do; an access key is given rights or roles by these names.

    `words:read` shows what people said without further ado, `words:reveal` lets somebody ask for
    it with a reason, which is recorded.  Everything else never shows a word or a whole number.
    """

    CONVERSATIONS_READ = "conversations:read"
    PEOPLE_READ = "people:read"
    SAFETY_READ = "safety:read"
    OPERATIONS_READ = "operations:read"
    SPENDING_READ = "spending:read"
    WORDS_READ = "words:read"
    WORDS_REVEAL = "words:reveal"
    SAFETY_ACT = "safety:act"
    CONVERSATIONS_ANSWER = "conversations:answer"
    CONVERSATIONS_END = "conversations:end"
    OUTBOX_ACT = "outbox:act"
    LETTERS_ACT = "letters:act"
    PEOPLE_REGISTER = "people:register"
    PEOPLE_ERASE = "people:erase"


class Role(StrEnum):
    """Who somebody is here; one may be several."""

    OPERATOR = "operator"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    DEVELOPER = "developer"


ROLES: Mapping[Role, frozenset[Right]] = {
    # Keeps it running and says who may be texted; reads a person's words only with a reason.
    Role.OPERATOR: frozenset(
        {
            Right.CONVERSATIONS_READ, Right.PEOPLE_READ, Right.SAFETY_READ,
            Right.OPERATIONS_READ, Right.SPENDING_READ, Right.WORDS_REVEAL,
            Right.CONVERSATIONS_END, Right.OUTBOX_ACT, Right.LETTERS_ACT,
            Right.PEOPLE_REGISTER, Right.PEOPLE_ERASE,
        }
    ),
    # Looks after people in danger and answers in person: cannot without reading.
    Role.REVIEWER: frozenset(
        {
            Right.CONVERSATIONS_READ, Right.PEOPLE_READ, Right.SAFETY_READ, Right.WORDS_READ,
            Right.WORDS_REVEAL, Right.SAFETY_ACT, Right.CONVERSATIONS_ANSWER,
            Right.CONVERSATIONS_END,
        }
    ),
    # Sees everything, changes nothing; a word only with a reason.
    Role.AUDITOR: frozenset(
        {
            Right.CONVERSATIONS_READ, Right.PEOPLE_READ, Right.SAFETY_READ,
            Right.OPERATIONS_READ, Right.SPENDING_READ, Right.WORDS_REVEAL,
        }
    ),
    # Finds out why something went as it did; nobody's words, and nobody in particular.
    Role.DEVELOPER: frozenset(
        {Right.CONVERSATIONS_READ, Right.OPERATIONS_READ, Right.SPENDING_READ}
    ),
}  # fmt: skip
EVERYTHING: tuple[str, ...] = tuple(Role)
"""The grants of somebody who is all roles at once."""


def rights_of(grants: Iterable[str]) -> frozenset[Right]:
    """Return the rights behind names of roles and rights; a name that is none grants nothing."""
    rights: set[Right] = set()
    for grant in grants:
        if grant in frozenset(Role):
            rights |= ROLES[Role(grant)]
        elif grant in frozenset(Right):
            rights.add(Right(grant))
    return frozenset(rights)


def is_grant(name: str) -> bool:
    """Return whether a name is that of a role or of a right."""
    return name in frozenset(Role) or name in frozenset(Right)
