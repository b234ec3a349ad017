"""What texts came to by day: the newest day's as it is now, the earlier days' of a minute ago."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime

from projections.charges import Share, newest_day, shares
from projections.queries import Connection

KEPT_S = 60.0
_ACCOUNTS = 100

_Kept = tuple[float, datetime, Sequence[Share]]


class DaySums:
    """
    Adds up an account's texts; what the days before its newest came to is kept for a minute.

    A month may hold a hundred thousand texts, of which only the newest day's still grow; a late
    price of an earlier day is shown within that minute.
    """

    def __init__(
        self, keep_s: float = KEPT_S, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._keep_s = keep_s
        self._monotonic = monotonic
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    async def of(self, connection: Connection, account: str) -> Sequence[Share]:
        """Return an account's spending by day and kind, in order."""
        day = await newest_day(connection, account)
        if day is None:
            return ()
        earlier = await self._before(connection, account, day)
        return [*earlier, *await shares(connection, account, since=day)]

    async def _before(
        self, connection: Connection, account: str, day: datetime
    ) -> Sequence[Share]:
        kept, now = self._kept.get(account), self._monotonic()
        if kept is not None and kept[0] > now and kept[1] == day:
            return kept[2]
        found = await shares(connection, account, before=day)
        self._kept[account] = (now + self._keep_s, day, found)
        self._kept.move_to_end(account)
        if len(self._kept) > _ACCOUNTS:
            self._kept.popitem(last=False)
        return found
