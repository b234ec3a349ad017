"""The settings that decisions depend on, handed to them like time and ids."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Literal

from domain.spending.prices import NO_PRICES, Price, price_of

OptOutOwner = Literal["provider", "service"]
Strangers = Literal["signup", "identify", "silent"]
End = Literal["words", "thanks", "judgement"]
"""What may end a conversation beside silence: closing words, soft words, the model's judgement."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """
    The local hours in which the agent may begin: outside them it waits.

    The default is the strictest of the United States' telephone solicitation laws taken
    together: 9 to 20 on weekdays and Saturdays, 12 to 20 on Sundays (Texas SB 140, the Florida
    and Oklahoma acts, 47 CFR 64.1200(c)(1)).
    """

    opens: time = time(9)
    closes: time = time(20)
    sunday_opens: time = time(12)
    sunday_closes: time = time(20)


@dataclass(frozen=True, slots=True)
class Policy:
    """
    What an operator decided; every length in seconds unless its name says otherwise.

    `price_microdollars` is that of a segment at home, `prices` those of countries by ISO code;
    `budget_microdollars` is the cap of a month.  `ends` are the ways in which a conversation ends
    before silence ends it.
    """

    opt_out_owner: OptOutOwner = "provider"
    strangers: Strangers = "signup"
    signup_url: str = ""
    support: str = ""
    coalesce_s: float = 4.0
    coalesce_most_s: float = 15.0
    idle_minutes: float = 30.0
    farewell_minutes: float = 5.0
    ends: frozenset[End] = frozenset({"words", "thanks", "judgement"})
    offer_again: timedelta = timedelta(minutes=10)
    rate_limit_per_hour: int = 60
    escalations_per_person_hour: int = 20
    escalations_per_hour: int = 1_000
    escalations_per_minute: int = 60
    quiet_hours: QuietHours = QuietHours()
    price_microdollars: int = 8300
    prices: Mapping[str, Price] = field(default_factory=lambda: NO_PRICES)
    budget_microdollars: int = 100_000_000
    reconcile_s: float = 120.0
    attempt_deadline_s: float = 15.0
    max_segments: int = 3
    reply_expires: timedelta = timedelta(hours=4)

    def inbound(self, country: str | None) -> int:
        """Return what a segment from a country costs, in micro-dollars."""
        return price_of(country, self.price_microdollars, self.prices).inbound

    def outbound(self, country: str | None, segments: int) -> int:
        """Return what a text of so many segments to a country costs, in micro-dollars."""
        return segments * price_of(country, self.price_microdollars, self.prices).outbound
