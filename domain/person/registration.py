"""A person is added by an operator: what that makes known, and what it must not undo."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts import person as p
from contracts.base import Contract
from contracts.evidence import Evidence, Source
from domain.person.state import Person


class RegistrationRefused(Exception):
    """The person cannot be registered so; `str()` is a sentence without name or number."""


@dataclass(frozen=True, slots=True)
class Register:
    """The command: who somebody is, and what they agreed to."""

    person_id: str
    number: str
    at: datetime
    source: Source = "cli"
    user_id: str | None = None
    display_name: str | None = None
    timezone: str | None = None
    zones: tuple[str, ...] = ()
    country: str | None = None
    consent: Literal["granted", "pending"] | None = None
    evidence: str | None = None


def register(person: Person, command: Register) -> tuple[Contract, ...]:
    """
    Return the facts that follow; none for what is known already.

    Raises `RegistrationRefused`: a consent needs evidence, and nobody but the person takes back
    their own revocation.
    """
    new = person.generation == 0 or person.erased
    facts: list[Contract] = []
    if new:
        facts.append(_registered(person, command))
    facts += _user(person, command, new=new)
    facts += () if new else _profile(person, command)
    if command.consent == "granted" and (new or person.consent != "granted"):
        facts += _granted(person, command)
    return tuple(facts)


def _user(person: Person, command: Register, *, new: bool) -> list[Contract]:
    """A person who only texted so far becomes known by being somebody's user."""
    known = None if new else person.user_id
    if command.user_id and command.user_id != known:
        return [p.UserLinked(user_id=command.user_id)]
    if not command.user_id and not new and not person.known:
        return [p.UserLinked(user_id=command.person_id)]
    return []


def _profile(person: Person, command: Register) -> list[Contract]:
    facts: list[Contract] = []
    if command.display_name and command.display_name != person.display_name:
        facts.append(
            p.ProfileChanged(
                field="preferred_name", value=command.display_name, evidence_sid=command.source
            )
        )
    if command.timezone and command.timezone != person.timezone:
        facts.append(
            p.ProfileChanged(
                field="timezone",
                value=command.timezone,
                zones=(command.timezone,),
                evidence_sid=command.source,
            )
        )
    return facts


def _registered(person: Person, command: Register) -> p.Registered:
    zones = (command.timezone,) if command.timezone else command.zones
    return p.Registered(
        generation=person.generation + 1,
        number=command.number,
        source=command.source,
        display_name=command.display_name,
        timezone=command.timezone,
        zones=zones,
        country=command.country,
    )


def _granted(person: Person, command: Register) -> list[Contract]:
    if not command.evidence:
        raise RegistrationRefused("A granted consent needs its evidence: who agreed, when, how.")
    if person.consent == "revoked":
        raise RegistrationRefused(
            "This person took their consent back by text; only they can give it again."
        )
    evidence = Evidence(source=command.source, at=command.at, words=command.evidence)
    facts: list[Contract] = [p.ConsentGranted(evidence=evidence)]
    if person.loop_stage == "consent":
        facts.append(p.LoopStageAdvanced(loop_stage="profile"))
    return facts
