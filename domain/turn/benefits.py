"""
Which programmes may fit, and what is not known yet: maybe or unlikely, and never yes.

The programmes are data: a file a country in `domain/turn/programmes/`.  The facts are the
harness's own; what comes out names no value of anybody's.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

# What is asked first: what rules out most, and costs least to tell.
PRIORITY: tuple[str, ...] = (
    "state",
    "care_recipient_age",
    "care_recipient_veteran",
    "caregiver_relationship",
    "household_size",
    "care_recipient_disability",
    "applicant_age",
    "veteran_status",
    "disability",
    "cohabitation",
    "employer_size",
    "employment_hours_yearly",
    "household_income_monthly",
    "household_assets",
)
QUESTIONS: Mapping[str, str] = {
    "state": "which state they live in",
    "care_recipient_age": "how old the one they care for is",
    "care_recipient_veteran": "whether the one they care for served in the military",
    "caregiver_relationship": "how they are related to the one they care for",
    "household_size": "how many live in the household",
    "care_recipient_disability": "whether the one they care for has a disability",
    "applicant_age": "how old they are themselves",
    "veteran_status": "whether they served in the military",
    "disability": "whether they have a disability themselves",
    "cohabitation": "whether they live together",
    "employer_size": "about how many people their employer has",
    "employment_hours_yearly": "about how many hours they worked in the last year",
    "household_income_monthly": "roughly what the household has a month",
    "household_assets": "roughly what the household has saved",
}


class ProgrammesUnreadable(Exception):
    """A file of programmes is not as it must be; `str()` names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must not be otherwise: a number at least so high, or a certain word."""

    fact: str
    at_least: int | None = None
    word: str | None = None

    def excluded_by(self, facts: Mapping[str, str]) -> bool:
        """Return whether what is known speaks against it; what is unknown does not."""
        known = facts.get(self.fact)
        if known is None:
            return False
        if self.at_least is not None:
            return known.isdigit() and int(known) < self.at_least
        return known != self.word


@dataclass(frozen=True, slots=True)
class Programme:
    """One programme: whom to check it with, what decides, and where that is written."""

    programme: str
    name: str
    ask: str
    needs: tuple[str, ...]
    conditions: tuple[Condition, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Screened:
    """What is made of one programme; `missing` names facts, the one to ask first at the front."""

    programme: str
    name: str
    verdict: Literal["maybe", "unlikely"]
    ask: str
    missing: tuple[str, ...] = ()


def screen(country: str | None, facts: Mapping[str, str]) -> tuple[Screened, ...]:
    """Return what is made of the programmes of a country, those that may fit first."""
    found = [_screened(each, facts) for each in programmes().get(country or "", ())]
    return tuple(sorted(found, key=lambda each: (each.verdict != "maybe", len(each.missing))))


def _screened(programme: Programme, facts: Mapping[str, str]) -> Screened:
    excluded = any(each.excluded_by(facts) for each in programme.conditions)
    missing = [need for need in programme.needs if need not in facts]
    return Screened(
        programme=programme.programme,
        name=programme.name,
        verdict="unlikely" if excluded else "maybe",
        ask=programme.ask,
        missing=() if excluded else tuple(sorted(missing, key=PRIORITY.index)),
    )


def next_fact(screened: tuple[Screened, ...]) -> str | None:
    """Return the one fact to ask for: the first of those that any programme still needs."""
    wanted = {fact for each in screened for fact in each.missing}
    return next((fact for fact in PRIORITY if fact in wanted), None)


@lru_cache(maxsize=1)
def programmes() -> Mapping[str, tuple[Programme, ...]]:
    """Return the programmes of every country that a file is there for."""
    folder = files("domain.turn.programmes")
    found = sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=str)
    return dict(read(each.name, each.read_text("utf-8")) for each in found)


def read(name: str, text: str) -> tuple[str, tuple[Programme, ...]]:
    """Return the programmes of a file.  Raises `ProgrammesUnreadable`."""
    try:
        told = tomllib.loads(text)
        return told["country"], tuple(_programme(each) for each in told["programmes"])
    except KeyError as missing:
        raise ProgrammesUnreadable(f"{name}: {missing.args[0]} is missing") from None
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise ProgrammesUnreadable(f"{name}: {error}") from None


def _programme(told: Mapping[str, Any]) -> Programme:
    conditions = tuple(
        Condition(each["fact"], each.get("at_least"), each.get("is")) for each in told["rules"]
    )
    unknown = {*told["needs"], *(each.fact for each in conditions)} - set(PRIORITY)
    if unknown:
        raise ValueError(f"{min(unknown)!r} is no fact that decides")
    if not told["source"].strip():
        raise ValueError("a programme has no source")
    return Programme(
        told["id"], told["name"], told["ask"], tuple(told["needs"]), conditions, told["source"]
    )
