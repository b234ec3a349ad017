"""What a gate sees, and what it rules."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from contracts.base import Contract
from contracts.conversation import SafetyNote
from contracts.sms import OptOutType
from contracts.texts import EndReason, Priority, SmsKind
from domain.conversation.state import Conversation
from domain.person.state import Person
from domain.policy import Policy
from domain.turn.reading import Reading


@dataclass(frozen=True, slots=True)
class Situation:
    """
    One text of a person, with all that a gate may know.

    `keyword` is the whole message normalised (`domain.turn.keywords.keyword`), `opt_out_rules`
    the rules by which its free wording takes consent back, `opt_out_type` what the carrier made
    of it, `links_to` the user whose one-time code the text is.  `received_at` is the person's
    order, `at` the time of the decision.  `person` and `conversation` are as before this text.
    """

    sid: str
    text: str
    keyword: str
    received_at: datetime
    at: datetime
    reading: Reading
    person: Person
    conversation: Conversation
    policy: Policy
    media: int = 0
    opt_out_type: OptOutType | None = None
    opt_out_rules: tuple[str, ...] = ()
    strangers_answered: int = 0
    links_to: str | None = None
    answerable: bool = True


@dataclass(frozen=True, slots=True)
class Ruling:
    """
    A gate's answer: no model is asked.

    `reply` None is silence.  `person` are facts for the person's own stream, saved together with
    the answer.  `closes_turn`: texts still waiting for the model are answered by this, too.
    `strangers`: the answer counts against the day's cap for strangers; `uses_code`: the text was
    a one-time code, and is used up.
    """

    gate: str
    reply: str | None
    kind: SmsKind = "notice"
    priority: Priority = "high"
    closes_turn: bool = False
    person: tuple[Contract, ...] = ()
    safety: SafetyNote | None = None
    ends: EndReason | None = None
    strangers: bool = False
    uses_code: bool = False


Gate = Callable[[Situation], Ruling | None]
