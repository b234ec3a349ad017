"""What a reviewer may do about a safety case; repeating it is nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from contracts.person import Phase, PhaseChanged
from contracts.safety import SafetyCaseAcknowledged, SafetyCaseResolved
from domain.conversation.state import Conversation
from domain.person.state import Person
from domain.safety.state import SafetyCase

LONGEST_OUTCOME = 2_000


class CaseRefused(Exception):
    """That cannot be done about the case; `str()` is a sentence without anybody's words."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The facts that close a case, and those of the person it is about."""

    case: tuple[SafetyCaseResolved, ...] = ()
    person: tuple[PhaseChanged, ...] = ()


def acknowledge(case: SafetyCase, by: str, at: datetime) -> tuple[SafetyCaseAcknowledged, ...]:
    """
    Return that a reviewer looks after the case; another one may take it over from them.

    Raises `CaseRefused` for a case that is closed.
    """
    if case.standing == "resolved":
        raise CaseRefused("This case is closed already.")
    if case.acknowledged_by == by:
        return ()
    return (SafetyCaseAcknowledged(by=by, at=at),)


def resolve(
    case: SafetyCase,
    person: Person,
    others: Iterable[SafetyCase],
    talk: Conversation,
    by: str,
    outcome: str,
    at: datetime,
) -> Resolved:
    """
    Return that the case is closed, and that the person's phase leaves crisis if this was why.

    `others` are the person's other cases and `talk` their newest conversation: while a grave case
    waits, or a cry for help is answered and its case about to be opened, crisis goes on.  Of who
    was erased no note is kept.  Raises `CaseRefused` without an outcome, and for a case that was
    closed with another.
    """
    note = " ".join(outcome.split())
    if not note:
        raise CaseRefused("A case is closed with a note of its outcome.")
    if len(note) > LONGEST_OUTCOME:
        raise CaseRefused(f"A note has up to {LONGEST_OUTCOME} characters.")
    if case.standing == "resolved":
        if case.resolved_by == by and case.outcome == note:
            return Resolved()
        raise CaseRefused("This case is closed already.")
    gone = case.person_id is None or person.erased or person.generation == 0
    closed = SafetyCaseResolved(by=by, outcome=None if gone else note, at=at)
    left = person.phase == "crisis" and not _goes_on(others, talk)
    return Resolved((closed,), (PhaseChanged(phase=_after(person)),) if left else ())


def _goes_on(others: Iterable[SafetyCase], talk: Conversation) -> bool:
    about_to = any(answer.fact.safety is not None for answer in talk.answers.values())
    return about_to or any(case.waits and case.grave for case in others)


def _after(person: Person) -> Phase:
    """Return the phase in which somebody is who is in crisis no more."""
    return "onboarding" if person.loop_stage == "consent" else "active"
