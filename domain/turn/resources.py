"""
Places to turn to, and how care is organised there, by country: the only contacts that may be sent.

They are data: a file a country in `domain/turn/places/`, each entry with where it is from, and
`checked`, the day on which others were found to publish the same contact under that name.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from contracts.labels import Domain
from domain.turn.context import Resource

VERSION = "resources-2"


class PlacesUnreadable(Exception):
    """A file of places is not as it must be; `str()` names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a country: for a crisis by voice and by text, emergencies, protection."""

    crisis: str
    emergency: str
    protection: str


@dataclass(frozen=True, slots=True)
class Guidance:
    """One thing about how care is organised in a country, for some topics, with its source."""

    domains: frozenset[str]
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class Country:
    """All that is known of one country."""

    lines: Lines
    places: tuple[Resource, ...]
    guidance: tuple[Guidance, ...]


UNKNOWN = Lines(
    "find a line near you at findahelpline.com", "your local emergency number", "the police"
)
# Which places a topic of the classifier is about; the others follow behind them.
TOPICS: Mapping[str, tuple[str, ...]] = {
    "safety": ("crisis", "violence"),
    "medical_urgent": ("poison",),
    "medication": ("poison", "medicare"),
    "symptom_question": ("poison", "dementia"),
    "benefits": ("benefits", "medicare", "veterans"),
    "legal_planning": ("legal",),
    "respite": ("respite",),
    "care_logistics": ("transport", "meals", "respite"),
    "family_conflict": ("violence", "mental_health"),
    "emotional_support": ("mental_health", "respite"),
    "isolation_support": ("mental_health",),
}
_GUIDED_AT_MOST = 2


def countries() -> Mapping[str, Country]:
    """Return every country that a file is there for, by its ISO 3166 code."""
    return _COUNTRIES


def read(name: str, text: str) -> tuple[str, Country]:
    """Return the country of a file.  Raises `PlacesUnreadable`."""
    try:
        told = tomllib.loads(text)
        return told["country"], Country(
            lines=_lines(told["lines"]),
            places=tuple(_place(each) for each in told.get("places", ())),
            guidance=tuple(_guidance(each) for each in told.get("guidance", ())),
        )
    except KeyError as missing:
        raise PlacesUnreadable(f"{name}: {missing.args[0]} is missing") from None
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise PlacesUnreadable(f"{name}: {error}") from None


def _lines(told: Mapping[str, Any]) -> Lines:
    _sourced(told)
    return Lines(told["crisis"], told["emergency"], told["protection"])


def _place(told: Mapping[str, Any]) -> Resource:
    _sourced(told)
    return Resource(told["topic"], told["name"], told["contact"])


def _guidance(told: Mapping[str, Any]) -> Guidance:
    return Guidance(frozenset(told["domains"]), told["says"], _sourced(told))


def _sourced(told: Mapping[str, Any]) -> str:
    source: str = told["source"]
    if not source.strip():
        raise ValueError("an entry has no source")
    if "checked" in told:
        date.fromisoformat(told["checked"])
    return source


def _load() -> Mapping[str, Country]:
    folder = files("domain.turn.places")
    found = sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=str)
    return MappingProxyType(dict(read(each.name, each.read_text("utf-8")) for each in found))


_COUNTRIES = _load()
LINES: Mapping[str, Lines] = MappingProxyType(
    {code: country.lines for code, country in _COUNTRIES.items()}
)


def lines_of(country: str | None) -> Lines:
    """Return a country's lines; for an unknown one never another country's numbers."""
    return LINES.get(country or "", UNKNOWN)


@lru_cache(maxsize=256)
def resources_for(country: str | None, domain: str) -> tuple[Resource, ...]:
    """Return what may be given to a person of a country, what a topic is about first."""
    known = _COUNTRIES.get(country or "")
    if known is None:
        return ()
    first = TOPICS.get(domain, ())
    return tuple(sorted(known.places, key=lambda place: place.topic not in first))


def guidance_for(country: str | None, domain: Domain) -> tuple[str, ...]:
    """Return how care is organised in a country, as far as a topic is about it."""
    known = _COUNTRIES.get(country or "")
    said = () if known is None else known.guidance
    return tuple(each.says for each in said if domain in each.domains)[:_GUIDED_AT_MOST]
