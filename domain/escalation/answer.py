"""Whether a person's ordinary text is the answer to what they were asked."""

from datetime import datetime

from domain.escalation.state import Escalation
from domain.person.state import Person
from domain.turn.keywords import keyword


def answers(asked: Escalation, person: Person, text: str, received_at: datetime) -> bool:
    """
    Return whether a text answers the question that is pending.

    Only a text that came after the question had left and before its end, however late it is heard,
    and that no gate has taken, may be one; where answers are given to choose from, only one of
    those.  In a crisis none is.
    """
    question = person.question
    if question is None or not question.expects_reply or question.asked_at is None or asked.over:
        return False
    # "No" after "Are you safe this minute?" is no answer to anything else.
    if person.phase == "crisis":
        return False
    if asked.expires_at is not None and received_at >= asked.expires_at:
        return False
    # A text found in the carrier's list is dated to the second.
    if received_at < question.asked_at.replace(microsecond=0) or not text.strip():
        return False
    return not asked.reply_options or spelled(text) in map(spelled, asked.reply_options)


def spelled(text: str) -> str:
    """Return a short answer as it is compared: without case, punctuation and courtesy."""
    return keyword(text)
