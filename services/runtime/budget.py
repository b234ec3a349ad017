"""Whether any ordinary text can still leave this month, looked up now and then."""

from datetime import datetime, timedelta

from contracts.identity import spending_account, spending_stream
from domain.spending import spending
from domain.spending.decisions import closed_to_ordinary, month_of
from services.runtime.allotment import our_key
from services.runtime.outside import Outside

# What is spent is told every few seconds: no need to look more often.
_LOOK_EVERY = timedelta(seconds=5)


class Budget:
    """The month's budget as whoever hears texts asks for it."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._key = our_key(outside.settings)
        self._spent = False
        self._looked_at: datetime | None = None

    async def spent(self) -> bool:
        """Return whether no ordinary text can leave; a few seconds old at most."""
        now = self._outside.clock.now()
        if self._looked_at is None or not timedelta() <= now - self._looked_at < _LOOK_EVERY:
            self._looked_at = now
            account = spending_account(self._key, month_of(now))
            month = await self._outside.journal.read(spending, spending_stream(account))
            policy = self._outside.policy
            self._spent = closed_to_ordinary(
                month.state, policy.budget_microdollars, policy.price_microdollars
            )
        return self._spent
