"""How far an ended conversation has come on its way to a shift of the global agent."""

from dataclasses import dataclass, replace
from datetime import datetime

from contracts import conversation as c
from contracts.base import Contract


@dataclass(frozen=True, slots=True)
class Handover:
    """
    The package of a conversation, its offers and its acceptance.

    `version` is that of the fact that holds the package (0: not packaged), `shift_id` the shift
    that has it, `contradicted_by` the others that said so, too.
    """

    package_id: str = ""
    version: int = 0
    offers: int = 0
    again_at: datetime | None = None
    shift_id: str = ""
    contradicted_by: tuple[str, ...] = ()

    def after(self, fact: Contract, version: int) -> "Handover":
        """Return the handover after one more fact of its conversation."""
        match fact:
            case c.ConversationPackaged():
                return replace(self, package_id=fact.package.package_id, version=version)
            case c.ConversationOffered():
                return replace(self, offers=fact.times, again_at=fact.again_at)
            case c.ConversationProcessed():
                return replace(self, shift_id=fact.global_shift_id)
            case c.AcceptanceContradicted():
                return replace(self, contradicted_by=(*self.contradicted_by, fact.global_shift_id))
            case _:
                return self
