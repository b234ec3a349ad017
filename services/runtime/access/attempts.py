"""How often somebody may try to come in."""

from collections import OrderedDict
from datetime import datetime, timedelta

MOST = 10
WITHIN = timedelta(minutes=15)
# Addresses that are remembered: the oldest are forgotten before memory is.
_REMEMBERED = 10_000


class Attempts:
    """
    The failed attempts of each address, in this process.

    Ten in a quarter of an hour, then the address waits.  Whoever has many addresses still meets
    256 random bits; the limit keeps the database's time and makes the trying visible.
    """

    def __init__(self) -> None:
        self._failed: OrderedDict[str, list[datetime]] = OrderedDict()

    def wait_s(self, address: str, now: datetime) -> int:
        """Return for how many seconds an address has to wait; 0 if it may try."""
        recent = self._recent(address, now)
        if len(recent) < MOST:
            return 0
        return max(1, int((recent[-MOST] + WITHIN - now).total_seconds()) + 1)

    def failed(self, address: str, now: datetime) -> None:
        """Remember that an address tried in vain."""
        self._failed[address] = [*self._recent(address, now), now][-MOST:]
        self._failed.move_to_end(address)
        while len(self._failed) > _REMEMBERED:
            self._failed.popitem(last=False)

    def _recent(self, address: str, now: datetime) -> list[datetime]:
        return [at for at in self._failed.get(address, ()) if at > now - WITHIN]
