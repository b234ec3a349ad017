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
    agreed_at: datetime | None = None
    urgent_anytime: bool = False


def register(person: Person, command: Register) -> tuple[Contract, ...]:
    """
    Return the facts that follow; none for what is known already.

    Raises `RegistrationRefused`: a consent needs evidence, and what a person took back by text
    only counts again if they agreed after that, at a time that the evidence names.
    """
    new = person.generation == 0 or person.erased
    facts: list[Contract] = []
    if new:
        facts.append(_registered(person, command))
    facts += _user(person, command, new=new)
    facts += () if new else _profile(person, command)
    facts += _consent(person, command)
    facts += _urgent(person, command)
    return tuple(facts)


def _urgent(person: Person, command: Register) -> list[Contract]:
    """Urgent questions pass the quiet hours of those who agreed to that, with evidence."""
    if not command.urgent_anytime or person.urgent_agreed:
        return []
    if not command.evidence or (person.consent != "granted" and command.consent != "granted"):
        raise RegistrationRefused(
            "Urgent texts at any time need a granted consent and the evidence of who agreed to it."
        )
    return [p.UrgentAgreed(evidence=_evidence(command))]


def _consent(person: Person, command: Register) -> list[Contract]:
    if command.consent == "granted" and person.consent != "granted":
        return _granted(person, command)
    if command.consent == "pending" and person.consent in ("pending", "expired"):
        return _asked(person, command)
    return []


def _asked(person: Person, command: Register) -> list[Contract]:
    """A person who was asked elsewhere may answer YES here; it takes a note of how."""
    if not command.evidence or person.consent_open:
        return []
    return [p.ConsentRequested(evidence=_evidence(command))]


def _user(person: Person, command: Register, *, new: bool) -> list[Contract]:
    """A person who only texted so far becomes known by being somebody's user."""
    known = None if new else person.user_id
    if command.user_id and command.user_id != known:
        return [p.UserLinked(user_id=command.user_id)]
    if not command.user_id and not new and not person.known:
        return [p.UserLinked(user_id=command.person_id)]
    return []


def _profile(person: Person, command: Register) -> list[Contract]:
    """An operator may correct a profile; a table, read again, only fills in what is missing."""
    facts: list[Contract] = []
    if _is_news(person.display_name, command.display_name, command.source):
        facts.append(_changed("preferred_name", command.display_name or "", command))
    if _is_news(person.timezone, command.timezone, command.source):
        facts.append(_changed("timezone", command.timezone or "", command))
    return facts


def _is_news(known: str | None, said: str | None, source: Source) -> bool:
    return bool(said) and said != known and (known is None or source != "csv")


def _changed(
    field: Literal["preferred_name", "timezone"], value: str, command: Register
) -> p.ProfileChanged:
    return p.ProfileChanged(
        field=field,
        value=value,
        zones=(value,) if field == "timezone" else (),
        evidence_sid=command.source,
    )


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
    if command.agreed_at is not None and command.agreed_at > command.at:
        raise RegistrationRefused("The evidence is of a time that has not come yet.")
    if person.consent == "revoked":
        _refuse_older(person, command)
    facts: list[Contract] = [p.ConsentGranted(evidence=_evidence(command))]
    # Whom an operator adds was introduced elsewhere: the questions are for who agreed by text.
    if person.loop_stage == "consent":
        facts.append(p.LoopStageAdvanced(loop_stage="active"))
        if person.phase == "onboarding":
            facts.append(p.PhaseChanged(phase="active"))
    return facts


def _refuse_older(person: Person, command: Register) -> None:
    """A table imported once more must not undo a STOP, so that the time has to be said."""
    if command.agreed_at is None:
        raise RegistrationRefused(
            "This person took their consent back by text. If they agreed again since then,"
            " say when."
        )
    if person.revoked_at is not None and command.agreed_at <= person.revoked_at:
        raise RegistrationRefused(
            "This person took their consent back by text after they had agreed."
        )


def _evidence(command: Register) -> Evidence:
    return Evidence(
        source=command.source, at=command.agreed_at or command.at, words=command.evidence
    )
