"""When a conversation ends, and what holds its end back."""

from datetime import datetime, timedelta
from typing import Literal

from contracts import conversation as c
from contracts.texts import EndReason
from domain.conversation.state import Conversation
from domain.person.state import Person

# Consent is gone, or the person is: no answer is owed any more.
AT_ONCE: frozenset[EndReason] = frozenset({"opted_out", "erased"})


def ended(state: Conversation, reason: EndReason, at: datetime) -> tuple[c.ConversationEnded, ...]:
    """Return the end of an active conversation; an open turn holds every end but an opt-out."""
    if state.status != "active":
        return ()
    if state.open_turn is not None and reason not in AT_ONCE:
        return ()
    return (c.ConversationEnded(person_id=state.person_id, reason=reason, at=at),)


def idle(state: Conversation, now: datetime, minutes: float) -> tuple[c.ConversationEnded, ...]:
    """
    Return the end by silence: nobody texted for so long and nothing is on its way.

    While a reviewer has taken over, a day must have passed: they may be finding something out.
    """
    patience = timedelta(minutes=minutes)
    if state.taken_by is not None:
        patience = max(patience, c.TAKEN_OVER_FOR)
    quiet = state.last_at is not None and now >= state.last_at + patience
    return ended(state, "timeout", now) if quiet and not _under_way(state) else ()


def said_farewell(
    state: Conversation, person: Person, now: datetime
) -> tuple[c.ConversationEnded, ...]:
    """
    Return the end after soft words: the quiet minutes that they were given are over.

    Nothing may be open: no text unanswered or on its way, no safety case, and no question of the
    agent that waits for its answer.
    """
    due = state.closes_at is not None and now >= state.closes_at
    if not due or _under_way(state) or watched(state, person) or person.question is not None:
        return ()
    return ended(state, "natural", now)


def wanted(
    state: Conversation, reason: Literal["agent", "operator"], at: datetime
) -> tuple[c.ConversationEnded | c.ConversationEndWanted, ...]:
    """
    Return the end that the agent or an operator asks for.

    While a text waits for its answer it is only written down that the end is wanted: whoever
    commits the answer ends the conversation.  The first to ask is named.
    """
    if state.status != "active":
        return ()
    if state.open_turn is None and not state.answers:
        return ended(state, reason, at)
    if state.end_wanted is not None:
        return ()
    return (c.ConversationEndWanted(reason=reason, at=at),)


def watched(state: Conversation, person: Person) -> bool:
    """
    Return whether somebody is looking after the person, or should be.

    Then neither the model's judgement nor polite words end a conversation: the danger rules read
    its lines, and a goodbye of somebody in danger is the last one to be taken at its word.
    """
    return state.concerned or state.taken_by is not None or person.phase == "crisis"


def _under_way(state: Conversation) -> bool:
    on_its_way = (
        text.status in ("requested", "attempted") for text in state.outbox.texts.values()
    )
    return state.open_turn is not None or bool(state.answers) or any(on_its_way)
