"""A person is erased: what of their unfinished business is settled with it, and what is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contracts import conversation as c
from contracts import person as p
from contracts.base import Contract
from contracts.evidence import Evidence, Source
from contracts.identity import conversation_stream, person_stream
from domain.conversation.ending import ended
from domain.conversation.state import Conversation
from domain.person.state import Person
from domain.turn.classifier import classify
from domain.turn.keywords import free_opt_out, is_stop


@dataclass(frozen=True, slots=True)
class Erase:
    """
    The command: forget a person.

    `revoked_at` is a revocation that is known from elsewhere (a ledger, when a backup has
    forgotten it): it is written down first, because it must survive.  `by` is who wants it, where
    somebody is known by a name.
    """

    person_id: str
    at: datetime
    revoked_at: datetime | None = None
    revoked_by: Source = "listing"
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Belongings:
    """The streams that speak of a person, by kind of id, and the users they were."""

    conversations: tuple[str, ...] = ()
    escalations: frozenset[str] = field(default_factory=frozenset[str])
    users: frozenset[str] = field(default_factory=frozenset[str])


def belongings(facts: Sequence[Contract]) -> Belongings:
    """Return what belongs to a person, of every generation, by the facts of their stream."""
    talks: dict[str, None] = {}
    escalations: set[str] = set()
    users: set[str] = set()
    for fact in facts:
        match fact:
            case p.ConversationOpened():
                talks[fact.conversation_id] = None
            case p.QuestionWaiting() | p.QuestionPending() | p.QuestionSettled():
                escalations.add(fact.escalation_id)
            case p.UserLinked():
                users.add(fact.user_id)
            case _:
                pass
    return Belongings(tuple(talks), frozenset(escalations), frozenset(users))


def erase(
    person: Person, talks: Mapping[str, Conversation], command: Erase
) -> Mapping[str, tuple[Contract, ...]]:
    """
    Return the facts of an erasure, by stream; none of whom nothing is known, or no more.

    `talks` are the person's conversations by id.  Open turns and uncommitted answers are
    superseded, texts that have not left never will, an active conversation ends.  None of the
    facts holds a personal word, so that they can be stored though the keys go in the same save.
    """
    if person.generation == 0 or person.erased:
        return {}
    facts: dict[str, tuple[Contract, ...]] = {}
    of_person: list[Contract] = [*_revocation(person, command)]
    for conversation_id, talk in talks.items():
        settled = _settled(talk, command.at)
        if settled:
            facts[conversation_stream(conversation_id)] = settled
        if any(isinstance(fact, c.ConversationEnded) for fact in settled):
            of_person.append(
                p.ConversationClosed(conversation_id=conversation_id, reason="erased")
            )
    of_person.append(p.Erased(person_id=command.person_id, at=command.at, by=command.by))
    return {**facts, person_stream(command.person_id): tuple(of_person)}


def _revocation(person: Person, command: Erase) -> tuple[p.ConsentRevoked, ...]:
    known = person.revoked_at
    if command.revoked_at is None or (known is not None and known >= command.revoked_at):
        return ()
    since = person.granted_at
    if person.consent == "granted" and since is not None and since > command.revoked_at:
        return ()
    evidence = Evidence(source=command.revoked_by, at=command.revoked_at)
    return (p.ConsentRevoked(evidence=evidence),)


def _settled(talk: Conversation, at: datetime) -> tuple[Contract, ...]:
    """
    Return what settles a conversation whose person is gone.

    A text that the carrier was asked to send already is nobody's business any more either: there
    is no number left to look it up by.
    """
    facts: list[Contract] = []
    if talk.open_turn is not None:
        facts.append(c.TurnSuperseded(turn_id=talk.open_turn.turn_id, reason="erased"))
    facts += [c.TurnSuperseded(turn_id=turn_id, reason="erased") for turn_id in talk.answers]
    facts += [
        c.SmsWithheld(sms_id=text.sms_id, reason="erased")
        for text in talk.outbox.texts.values()
        if not text.settled
    ]
    return (*facts, *ended(talk, "erased", at))


def must_be_heard(text: str, received_at: datetime, erased_at: datetime) -> bool:
    """
    Return whether a text that waits unheard is kept although its sender is erased.

    What came after the erasure begins anew.  What came before goes with the person, save an
    opt-out or a cry for help: those are heard, whoever asked to be forgotten a moment later.
    """
    if received_at > erased_at:
        return True
    if is_stop(text) or free_opt_out(text):
        return True
    return classify(text).danger is not None
