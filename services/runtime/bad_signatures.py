"""Who knocks too often with a wrong signature: counted by address, in bounded memory."""

from collections import OrderedDict
from dataclasses import dataclass

MOST = 20
WINDOW_S = 60.0
ADDRESSES = 10_000


@dataclass(slots=True)
class _Knocks:
    since: float
    count: int = 0
    shut_until: float = 0.0


class BadSignatures:
    """
    Twenty a minute from one address, then a minute of nothing but 429.

    Only those with a bad signature are counted and only they are answered so: the carrier comes
    from changing addresses, perhaps through the same proxy, and must always get through.
    """

    def __init__(self) -> None:
        self._knocks: OrderedDict[str, _Knocks] = OrderedDict()

    def too_many(self, address: str, now: float) -> bool:
        """Count one more at the monotonic time `now`; return whether it is one too many."""
        knocks = self._knocks.pop(address, None)
        if knocks is None or (now >= knocks.since + WINDOW_S and now >= knocks.shut_until):
            knocks = _Knocks(now)
        self._knocks[address] = knocks
        if len(self._knocks) > ADDRESSES:
            self._knocks.popitem(last=False)
        if now < knocks.shut_until:
            return True
        knocks.count += 1
        if knocks.count <= MOST:
            return False
        knocks.shut_until = now + WINDOW_S
        return True

    def __len__(self) -> int:
        """Return how many addresses are remembered."""
        return len(self._knocks)
