"""An ended conversation is packaged once, offered until it is accepted, and accepted once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts import conversation as c
from contracts.base import Contract
from contracts.recorded import Subject
from contracts.shift import ShiftAccepted
from domain.conversation.state import Conversation
from domain.person.state import Person
from domain.policy import Policy
from domain.shift.package import Pack, built, is_gone

# The carrier names a text when it takes it.  So long a package waits for the last ones, so that
# it can name them too; a text that takes longer goes without.
_SETTLES = timedelta(seconds=10)
_LOOK_S = 0.5
# Whoever contradicts more often says nothing new.
_CONTRADICTIONS_KEPT = 20


class AcceptanceRefused(Exception):
    """An acceptance is of nothing that was offered; `str()` says why, in nobody's words."""


@dataclass(frozen=True, slots=True)
class Packed:
    """The facts that package a conversation, and whose key seals them (None: nothing personal)."""

    facts: tuple[Contract, ...] = ()
    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What is to be published: the fact that holds the package, the id of the offer, its time."""

    version: int
    message_id: str


def to_wait(state: Conversation, now: datetime) -> float:
    """Return for how many seconds a package should wait for texts on their way."""
    if state.ended_at is None or state.handover.version or now >= state.ended_at + _SETTLES:
        return 0.0
    under_way = any(
        text.status in ("requested", "attempted") for text in state.outbox.texts.values()
    )
    return _LOOK_S if under_way else 0.0


def packed(
    state: Conversation,
    facts: Sequence[Contract],
    person: Person,
    command: Pack,
    policy: Policy,
) -> Packed:
    """Return the package of an ended conversation as facts; nothing if there is one already."""
    if state.status != "ended" or state.handover.version:
        return Packed()
    package = built(state, facts, person, command, policy)
    held = c.ConversationPackaged(package=package, at=command.at)
    if is_gone(state, person) or package.summary is None:
        return Packed((held,))
    summarised = c.ConversationSummarised(
        summary=package.summary, intents=package.intents, open_questions=package.open_questions
    )
    return Packed((summarised, held), state.subject)


def offered(
    state: Conversation, at: datetime, policy: Policy
) -> tuple[c.ConversationOffered, ...]:
    """Return that a package is offered, for the first time or because nobody accepted it."""
    handover = state.handover
    early = handover.again_at is not None and at < handover.again_at
    if state.status != "ended" or not handover.version or early:
        return ()
    again = c.ConversationOffered(
        package_id=handover.package_id,
        times=handover.offers + 1,
        at=at,
        again_at=at + policy.offer_again,
    )
    return (again,)


def on_offer(state: Conversation) -> Offer | None:
    """
    Return what the bus is to hold of a package that waits.

    The id is the newest offer's: published twice, it is a duplicate and nothing.
    """
    handover = state.handover
    if state.status != "ended" or not handover.offers:
        return None
    return Offer(handover.version, f"shift:{handover.package_id}:{handover.offers}")


def accepted(
    state: Conversation, command: ShiftAccepted, at: datetime
) -> tuple[c.ConversationProcessed | c.AcceptanceContradicted, ...]:
    """
    Return what an acceptance changes; the first shift to accept has the conversation.

    It may come late, after many offers, and twice: then it is nothing.  Another shift that says
    the same is written down, for a person to see.  Raises `AcceptanceRefused`.
    """
    handover = state.handover
    if state.status == "silent":
        raise AcceptanceRefused("the conversation is unknown")
    if command.package_id != handover.package_id:
        raise AcceptanceRefused("the conversation was not packaged under that id")
    told = {
        "global_shift_id": command.global_shift_id,
        "package_id": command.package_id,
        "accepted_at": command.accepted_at,
        "at": at,
    }
    if state.status == "ended":
        return (c.ConversationProcessed.model_validate(told),)
    known = (handover.shift_id, *handover.contradicted_by)
    if command.global_shift_id in known or len(known) > _CONTRADICTIONS_KEPT:
        return ()
    return (c.AcceptanceContradicted.model_validate(told),)
