"""What a sender may spend at the moment, as far as it knows without asking."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Held:
    """A lot in the sender's hands, and what of it nobody has drawn yet."""

    lot_id: str
    left: int
    urgent: bool


@dataclass(frozen=True, slots=True)
class Funds:
    """
    The account that money is spent on, and the lots held of it.

    `refused` says that there was no room when it was asked for just now.
    """

    account: str
    lots: Sequence[Held] = ()
    refused: bool = False

    def lot_for(self, microdollars: int, *, urgent: bool) -> str | None:
        """
        Return the lot that pays for a text.

        Ordinary texts never draw on urgent lots; urgent ones do so only if no other pays.
        """
        fitting = [lot for lot in self.lots if lot.left >= microdollars]
        ordinary = next((lot.lot_id for lot in fitting if not lot.urgent), None)
        if ordinary is not None or not urgent:
            return ordinary
        return fitting[0].lot_id if fitting else None


NO_FUNDS = Funds("")
