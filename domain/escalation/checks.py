"""What an escalation must be to be taken in: one small question each, asked in order."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.agent import EscalationWanted
from contracts.escalation import RefusalReason
from contracts.labels import Labels
from contracts.texts import Priority
from domain import segments
from domain.conversation.state import Conversation
from domain.escalation.answer import spelled
from domain.escalation.wording import worded
from domain.person.state import Person
from domain.policy import Policy
from domain.turn.checks.form import hidden
from domain.turn.checks.heard import Heard
from domain.turn.checks.reply import Reply
from domain.turn.checks.reserved import reserved
from domain.turn.disclosure import disclosed
from domain.turn.keywords import HELP_WORDS, SHARE_WORDS, START_WORDS, free_opt_out, is_stop

_LONGEST_OPTION = 40
# Of all that may be let in, the last part is for what is urgent: one in so many.
_FOR_URGENT = 4
_HOUR = timedelta(hours=1)
_FURTHEST = timedelta(days=366)
_NOTHING = Reply("")
_NOBODY = Heard(_NOTHING, _NOTHING, _NOTHING, Labels())


@dataclass(frozen=True, slots=True)
class Admitted:
    """How many requests were let in so far, for all people: within the hour and the minute."""

    hour: int = 0
    minute: int = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """
    A request with its circumstances.

    `person` is whom it is for, one never met where nobody is known; `admitted` how many requests
    of all people were let in within this hour and this minute.
    """

    wanted: EscalationWanted
    person: Person
    admitted: Admitted
    at: datetime
    policy: Policy


Check = Callable[[Asked], RefusalReason | None]


def refusal(asked: Asked) -> RefusalReason | None:
    """Return why a request is not taken in; None if it is."""
    return next((reason for check in CHECKS if (reason := check(asked)) is not None), None)


def recipient(asked: Asked) -> RefusalReason | None:
    """Refuse what is for nobody, or for two."""
    to = asked.wanted.to
    return "bad_recipient" if (to.user_id is None) == (to.phone is None) else None


def empty(asked: Asked) -> RefusalReason | None:
    """Refuse a text without a word."""
    return None if segments.normalise(asked.wanted.text).strip() else "empty"


def readable(asked: Asked) -> RefusalReason | None:
    """Refuse a text with characters that hide or turn others."""
    return "bad_text" if hidden(asked.wanted.text) else None


def options(asked: Asked) -> RefusalReason | None:
    """Refuse answers that are no answers: empty, alike, long, or words that carriers obey."""
    given = asked.wanted.reply_options or ()
    if not given:
        return None
    keys = [spelled(option) for option in given]
    obeyed = any(_obeyed(option) for option in given)
    alike = len(set(keys)) < len(keys)
    wrong = any(not key or len(key) > _LONGEST_OPTION for key in keys)
    unasked = not asked.wanted.expects_reply
    return "bad_reply_options" if obeyed or alike or wrong or unasked else None


def length(asked: Asked) -> RefusalReason | None:
    """Refuse what does not fit into the segments of one text, the disclosure included."""
    text = disclosed(worded(asked.wanted), Conversation(), asked.at)
    size = segments.count(segments.normalise(text)).segments
    return "too_long" if size > asked.policy.max_segments else None


def reserved_word(asked: Asked) -> RefusalReason | None:
    """Refuse a text that invites a word as its answer that would unsubscribe the person."""
    return "reserved_word" if reserved(Reply(worded(asked.wanted)), _NOBODY) else None


def times(asked: Asked) -> RefusalReason | None:
    """Refuse what is over already, would be before it may begin, or is years away."""
    begins, ends = asked.wanted.not_before, asked.wanted.expires_at
    if any(one is not None and one > asked.at + _FURTHEST for one in (begins, ends)):
        return "bad_time"
    if ends is None:
        return None
    if ends <= asked.at:
        return "already_expired"
    return "bad_time" if begins is not None and begins >= ends else None


def known(asked: Asked) -> RefusalReason | None:
    """Refuse what is for somebody who is not known, or not any more."""
    person = asked.person
    return "unknown_user" if person.generation == 0 or person.erased else None


def consent(asked: Asked) -> RefusalReason | None:
    """Refuse what is for somebody who did not agree, or not any more."""
    if asked.person.consent == "revoked":
        return "revoked"
    return None if asked.person.consent == "granted" else "consent_missing"


def rate(asked: Asked) -> RefusalReason | None:
    """Refuse what is one too many: for this person within an hour, or for all, as of a runaway."""
    lately = sum(at > asked.at - _HOUR for at in asked.person.escalated)
    priority, policy = asked.wanted.priority, asked.policy
    most = _most(policy.escalations_per_person_hour, priority)
    many = lately >= most or crowded(asked.admitted, priority, policy)
    return "rate_limited" if many else None


def crowded(admitted: Admitted, priority: Priority, policy: Policy) -> bool:
    """Return whether so many were let in that one more is not, whoever it is for."""
    hour = _most(policy.escalations_per_hour, priority)
    minute = _most(policy.escalations_per_minute, priority)
    return admitted.hour >= hour or admitted.minute >= minute


CHECKS: tuple[Check, ...] = (
    recipient,
    empty,
    readable,
    options,
    length,
    reserved_word,
    times,
    known,
    consent,
    rate,
)


def _most(limit: int, priority: Priority) -> int:
    """Return how many are let in: what is not urgent leaves the last part to what is."""
    return limit if priority == "urgent" else limit - limit // _FOR_URGENT


def _obeyed(option: str) -> bool:
    word = spelled(option)
    words = HELP_WORDS | SHARE_WORDS | START_WORDS
    return is_stop(option) or bool(free_opt_out(option)) or word in words
