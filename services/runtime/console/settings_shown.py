"""The settings as the console shows them: every name and what was decided, never a secret."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from domain.policy import QuietHours
from domain.spending.prices import Price
from services.runtime.settings import PREFIX, Settings

_ADDRESSES = frozenset({"database_url", "nats_url"})
# What makes one machine's start a trial and no deployment's.
_OF_TRIALS = frozenset(
    {"failpoints", "clock_file", "simulator_port", "simulator_pace", "simulator_delay_ms"}
)
NOT_SET = "not set"


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting; `chosen` says that somebody set it, otherwise it is as it comes."""

    name: str
    value: str
    chosen: bool


def settings_shown(settings: Settings) -> Sequence[Shown]:
    """Return every setting; a secret is `set` or `not set`, an address is without its password."""
    chosen = settings.model_fields_set
    return [
        Shown(PREFIX + name.upper(), _told(name, getattr(settings, name)), name in chosen)
        for name in type(settings).model_fields
        if name not in _OF_TRIALS
    ]


def remarks(settings: Settings) -> Iterator[str]:
    """Yield what is missing, or is as it is on a machine for trials."""
    asked = ("relay", "sender", "policy_gate")
    yield from dict.fromkeys(line for process in asked for line in settings.missing(process))
    if settings.model == "offline":
        yield "No model is asked: the offline model's templates answer."
    elif not settings.model_fallback:
        yield f"{PREFIX}MODEL_FALLBACK is not set: while the model is away, templates answer."
    if settings.twilio_api_url:
        yield "Texts go to a simulator of the carrier: no telephone gets any."
    for name in ("privacy_url", "terms_url"):
        if not getattr(settings, name):
            yield f"The sign-up page links to no such page: {PREFIX}{name.upper()} is not set."
    if not settings.support_contact and settings.simulated:
        yield f"HELP names nobody to turn to: {PREFIX}SUPPORT_CONTACT is not set."


def _told(name: str, value: Any) -> str:
    if isinstance(value, SecretStr):
        return "set"
    if isinstance(value, tuple) and value and isinstance(value[0], SecretStr):
        return f"{len(value)} set"
    if value in (None, "", (), {}, frozenset()):
        return NOT_SET
    if name in _ADDRESSES:
        return _without_password(str(value))
    if isinstance(value, QuietHours):
        hours = f"{value.opens:%H:%M} to {value.closes:%H:%M}"
        return f"{hours}, on Sundays {value.sunday_opens:%H:%M} to {value.sunday_closes:%H:%M}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_of_key(part)}" for key, part in value.items())
    if isinstance(value, tuple | AbstractSet):
        return ", ".join(sorted(map(str, value)))
    return str(value) if isinstance(value, str | int | float | Path) else repr(value)


def _of_key(part: Any) -> str:
    """Return a country's price, or somebody's roles."""
    return f"{part.outbound}/{part.inbound}" if isinstance(part, Price) else " ".join(part)


def _without_password(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
