"""What a reviewer may do in a conversation: end it, answer in person, mind the outgoing texts."""

from dataclasses import dataclass
from datetime import datetime

from contracts import conversation as c
from domain import segments
from domain.conversation.ending import wanted
from domain.conversation.outbox import Outgoing
from domain.conversation.state import Conversation, OpenTurn
from domain.policy import Policy

# Twilio takes no longer body (its error 21617).
LONGEST_TEXT = 1_600
_AGAIN, _LONGEST_ID = ".again", 80

Facts = tuple[c.ConversationFact, ...]


class ReviewRefused(Exception):
    """That cannot be done now; `str()` is a sentence without anybody's words."""


@dataclass(frozen=True, slots=True)
class Write:
    """The command: what a reviewer wants to say in person."""

    sms_id: str
    text: str
    by: str
    at: datetime


def take_over(state: Conversation, by: str, at: datetime) -> Facts:
    """
    Return that a reviewer answers in person now; another may take over from them.

    Raises `ReviewRefused` for a conversation that is over.
    """
    _refuse_ended(state)
    return () if state.taken_by == by else (c.ConversationTakenOver(by=by, at=at),)


def hand_back(state: Conversation, by: str, at: datetime) -> Facts:
    """Return that the agent answers again, first the texts that nobody has answered yet."""
    if state.taken_by is None:
        return ()
    back = c.ConversationHandedBack(by=by, at=at)
    turn = state.open_turn
    return (back,) if turn is None else (back, _admitted_again(turn, at))


def _admitted_again(turn: OpenTurn, at: datetime) -> c.TurnAdmitted:
    return c.TurnAdmitted(
        turn_id=turn.turn_id,
        trigger=turn.trigger,
        covers_from=turn.covers_from,
        covers_through=turn.covers_through,
        due_at=at,
        labels=turn.labels,
        brief=turn.brief,
    )


def write(state: Conversation, command: Write, policy: Policy) -> Facts:
    """
    Return a text in a reviewer's own words; it answers what was open.

    It leaves by the same rules as any other reply.  Raises `ReviewRefused` unless they took over.
    """
    _refuse_ended(state)
    if command.sms_id in state.outbox.texts:
        return ()
    if state.taken_by is None:
        raise ReviewRefused("Take the conversation over first; the agent is answering.")
    if state.taken_by != command.by:
        raise ReviewRefused("Somebody else has taken this conversation over.")
    turn = state.open_turn
    asked = _request(state, command, policy)
    if turn is None:
        return (asked,)
    return (c.TurnSuperseded(turn_id=turn.turn_id, reason="reviewer"), asked)


def _request(state: Conversation, command: Write, policy: Policy) -> c.SmsRequested:
    text = segments.normalise(command.text.strip())
    if not text:
        raise ReviewRefused("An empty text is not sent.")
    if len(text) > LONGEST_TEXT:
        raise ReviewRefused(f"A text has up to {LONGEST_TEXT} characters.")
    size = segments.count(text)
    return c.SmsRequested(
        sms_id=command.sms_id,
        turn_id=None,
        kind="reply",
        priority="high",
        text=text,
        encoding=size.encoding,
        segments=size.segments,
        estimated_microdollars=size.segments * policy.price_microdollars,
        at=command.at,
        answers_at=state.last_heard_at,
        expires_at=command.at + policy.reply_expires,
        by=command.by,
    )


def end(state: Conversation, at: datetime) -> Facts:
    """
    Return the end by a reviewer, or that it is wanted where an answer is under way.

    Who took over ends at once: no other answer is to come.
    """
    turn = state.open_turn
    if turn is None or state.taken_by is None or state.answers:
        return wanted(state, "operator", at)
    closed = c.TurnSuperseded(turn_id=turn.turn_id, reason="reviewer")
    over = c.ConversationEnded(person_id=state.person_id, reason="operator", at=at)
    return (closed, over)


def withdraw(state: Conversation, sms_id: str) -> Facts:
    """
    Return that a text will never leave.

    Raises `ReviewRefused` for one that the carrier may have already.
    """
    text = _text(state, sms_id)
    if text.status == "withheld":
        return ()
    if text.status not in ("requested", "deferred"):
        raise ReviewRefused("It is too late: the carrier has this text, or may have it.")
    return (c.SmsWithheld(sms_id=sms_id, reason="withdrawn"),)


def retry(state: Conversation, sms_id: str, by: str, at: datetime, policy: Policy) -> Facts:
    """
    Return that a waiting text is looked at now, or that one that failed is sent again as another.

    Asked for twice it is still sent again once: the other text's id follows from its own.
    Consent, quiet hours and limits are asked anew.  Raises `ReviewRefused` for a text that was
    sent or taken back, and for one of which nobody knows whether the carrier has it.
    """
    text = _text(state, sms_id)
    if text.status in ("requested", "deferred"):
        return (c.SmsReleased(sms_id=sms_id, priority=text.priority, why="operator"),)
    if text.status != "failed":
        raise ReviewRefused(_NOT_AGAIN.get(text.status, "This text has left already."))
    again_id = f"{sms_id}{_AGAIN}"
    if again_id in state.outbox.texts:
        return ()
    if len(again_id) > _LONGEST_ID:
        raise ReviewRefused("This text has failed too often.")
    return (_again(text, again_id, by, at, policy),)


_NOT_AGAIN = {
    "unknown": "Nobody knows yet whether the carrier has this text; it is being looked for.",
    "attempted": "This text is being sent right now.",
    "withheld": "This text was taken back, or may not be sent.",
}


def _again(text: Outgoing, again_id: str, by: str, at: datetime, policy: Policy) -> c.SmsRequested:
    size = segments.count(text.text)
    return c.SmsRequested(
        sms_id=again_id,
        turn_id=text.turn_id,
        kind=text.kind,
        priority=text.priority,
        text=text.text,
        encoding=size.encoding,
        segments=size.segments,
        estimated_microdollars=size.segments * policy.price_microdollars,
        at=at,
        answers_at=text.answers_at,
        expires_at=None if text.expires_at is None else at + policy.reply_expires,
        by=by,
    )


def _text(state: Conversation, sms_id: str) -> Outgoing:
    text = state.outbox.texts.get(sms_id)
    if text is None:
        raise ReviewRefused("There is no such text.")
    return text


def _refuse_ended(state: Conversation) -> None:
    if state.status != "active":
        raise ReviewRefused("This conversation is over.")
