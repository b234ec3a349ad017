"""
What a segment costs, by country and direction, until the carrier says what it charged.

US and CA: 0.0083 dollars a segment both ways (Twilio's list price of July 2026, as quoted by
budgetforge.dev); carriers' fees come on top and are in the carrier's own price later.  PR: its
reseller's list of 2026.  What is not listed is taken for dear, so that a cap holds before the
first bill; the setting PRICES names an operator's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Price:
    """Micro-dollars a segment."""

    outbound: int
    inbound: int


# Where the setting PRICE_MICRODOLLARS is the price.
HOME = frozenset({"US", "CA"})
LISTED: Mapping[str, Price] = MappingProxyType({"PR": Price(42_000, 8_300)})
# Two thirds of the countries on Twilio's list of May 2023 are below; nobody loses by reserving
# more than is charged: the rest is settled when the price is known.
ABROAD = Price(100_000, 10_000)
NO_PRICES: Mapping[str, Price] = MappingProxyType({})


def price_of(country: str | None, home: int, own: Mapping[str, Price] = NO_PRICES) -> Price:
    """Return the price of a segment to or from a country (ISO 3166 alpha-2; None: not known)."""
    known = own.get(country or "") or LISTED.get(country or "")
    if known is None and country in HOME:
        return Price(home, home)
    return known or ABROAD
