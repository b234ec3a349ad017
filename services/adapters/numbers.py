"""Numbering plans: whether an address is a telephone number, and where it belongs."""

from functools import lru_cache

import phonenumbers
from phonenumbers import timezone as zones_of

from services.runtime.ports import Place

_UNKNOWN = "Etc/Unknown"


class NumberingPlans:
    """What Google's libphonenumber knows; implements the port `Numbers`."""

    def place(self, address: str) -> Place | None:
        """
        Return where an E.164 number belongs; None for what is no telephone number.

        Possible is enough: the fictitious numbers that people try Parley with are not assigned.
        """
        return _place(address)

    def typed(self, text: str, country: str | None) -> Place | None:
        """Return where a number belongs that somebody typed; None if it cannot be one."""
        number = e164(text, country)
        return None if number is None else _place(number)


def e164(text: str, country: str | None = None) -> str | None:
    """Return what somebody typed as an E.164 number, or None where it cannot be one."""
    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not _is_possible(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=10_000)
def _place(address: str) -> Place | None:
    if not address.startswith("+"):
        return None
    try:
        parsed = phonenumbers.parse(address)
    except phonenumbers.NumberParseException:
        return None
    if not _is_possible(parsed):
        return None
    zones = tuple(zone for zone in zones_of.time_zones_for_number(parsed) if zone != _UNKNOWN)
    return Place(address, phonenumbers.region_code_for_number(parsed) or _country(parsed), zones)


def _is_possible(parsed: phonenumbers.PhoneNumber) -> bool:
    """Say whether a number is long enough to be called from elsewhere, too."""
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    return bool(reason == phonenumbers.ValidationResult.IS_POSSIBLE)


def _country(parsed: phonenumbers.PhoneNumber) -> str | None:
    """Return the main country of a calling code, where the number itself tells no more."""
    found = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    return None if found in ("ZZ", "001") else found
