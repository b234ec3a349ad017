"""A text is heard: whom it is from, what it opens, and which gate answers, or the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from contracts import conversation as c
from contracts import person as p
from contracts.base import Contract
from contracts.conversation import SafetyNote
from contracts.escalation import EscalationAnswered
from contracts.identity import (
    conversation_stream,
    follow_up_stream,
    inbound_stream,
    person_stream,
    strangers_stream,
)
from contracts.inbound import InboundClaimed
from contracts.link_code import LinkCodeUsed
from contracts.recorded import Subject
from contracts.sms import InboundSms
from domain.conversation.state import Conversation, OpenTurn
from domain.escalation.answer import answers
from domain.escalation.ruled import Facts, joined, over
from domain.escalation.state import Escalation
from domain.gates import Ruling, Situation, rule
from domain.person.link_code import LinkCode
from domain.person.state import Person
from domain.policy import Policy
from domain.turn.bundle import said
from domain.turn.chief_of_staff import brief
from domain.turn.classifier import classify
from domain.turn.keywords import free_opt_out, keyword
from domain.turn.plain_answers import Plain, plain
from domain.turn.repeating import silenced
from domain.turn.settlement import HOLDING


@dataclass(frozen=True, slots=True)
class Sender:
    """
    Whom a text is from, as far as the number tells.

    `answerable` is False for what is not a telephone number (short codes, names).
    """

    person_id: str
    number: str
    country: str | None = None
    zones: tuple[str, ...] = ()
    answerable: bool = True


@dataclass(frozen=True, slots=True)
class Hear:
    """
    The command: a text, its sender, and the ids that may be needed.

    `budget_spent` says that no ordinary text can leave this month.  `said_since` is what the
    carrier shows was said to the person after this text, where the journal has forgotten that:
    then the text is heard, and not answered again.
    """

    sms: InboundSms
    sender: Sender
    at: datetime
    fresh_conversation_id: str
    fresh_turn_id: str
    unreadable: bool = False
    budget_spent: bool = False
    said_since: tuple[str, ...] = ()


# A text that nobody could read may have been a cry for help: a person looks, and the sender is
# told that it did not get through.
_UNREADABLE = Ruling(
    gate="unreadable",
    reply=HOLDING,
    kind="notice",
    safety=SafetyNote(kind="unreadable", tier="high"),
)


# What the agent needed a person for, it has now: the model is not asked what to say.
_PASSED_ON = Ruling(
    gate="question", reply="Thanks, I've passed that on.", kind="reply", priority="normal"
)
# No answer could leave, so no model is paid for one; asked last, because whatever the text settles
# (a cry for help, an opt-out, an escalation's answer) is heard all the same.
_BUDGET_SPENT = Ruling(gate="limits", reply=None)
# A journal that was restored does not remember the answer; the person has it.
_RESTORED = Ruling(gate="restored", reply=None)
_NO_CODE = LinkCode()
_NOT_ASKED = Escalation()


@dataclass(frozen=True, slots=True)
class Met:
    """What is known about a stranger besides their own past: others' answers, and their code."""

    strangers_answered: int = 0
    code: LinkCode = _NO_CODE
    code_stream: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """The facts that follow, by stream; `subject` is whose key seals them."""

    subject: Subject
    facts: Mapping[str, tuple[Contract, ...]] = field(default_factory=dict)


def hear(
    person: Person,
    conversation: Conversation,
    met: Met,
    command: Hear,
    policy: Policy,
    asked: Escalation = _NOT_ASKED,
) -> Heard:
    """
    Return the facts of one text that nobody has claimed yet.

    `conversation` is the person's current one, or a silent one where none is open; `asked` is
    the escalation whose question waits for their answer.
    """
    sms, sender = command.sms, command.sender
    generation = person.generation + 1 if _begins_generation(person) else person.generation
    subject = Subject(sender.person_id, generation)
    opens = conversation.status != "active"
    conversation_id = command.fresh_conversation_id if opens else person.conversation_id or ""
    if opens:
        conversation = Conversation()
    of_person: list[Contract] = []
    of_conversation: list[Contract] = []
    if generation != person.generation:
        of_person.append(_registered(command, generation))
    if opens:
        of_person.append(p.ConversationOpened(conversation_id=conversation_id))
        of_conversation.append(
            c.ConversationStarted(
                person_id=sender.person_id,
                generation=generation,
                initiated_by="person",
                at=command.at,
            )
        )
    of_conversation.append(
        c.MessageReceived(
            sid=sms.sid,
            text=sms.text,
            received_at=sms.received_at,
            segments=sms.segments,
            media=sms.media,
        )
    )
    now = _situation(person, conversation, met, command, policy)
    ruling = _UNREADABLE if command.unreadable else rule(now)
    answer: Facts = {}
    meant = conversation.taken_by is None and answers(asked, person, sms.text, sms.received_at)
    if ruling is None and meant:
        ruling = _PASSED_ON
        answer = _answer(asked, person, command, conversation_id)
    if ruling is None and command.budget_spent:
        ruling = _BUDGET_SPENT
    own = Plain() if ruling is not None else plain(now, sender.person_id, conversation_id)
    ruling = _unsaid(ruling or own.ruling, command.said_since)
    of_person += own.person
    if ruling is None:
        of_conversation.append(_admitted(now, conversation, command, policy))
    else:
        of_conversation += _answered(now, ruling, conversation, command)
        of_person += ruling.person
    facts: dict[str, tuple[Contract, ...]] = {
        inbound_stream(sms.sid): (
            InboundClaimed(person_id=sender.person_id, conversation_id=conversation_id),
        ),
        person_stream(sender.person_id): tuple(of_person),
        conversation_stream(conversation_id): tuple(of_conversation),
    }
    if own.follow_up is not None:
        facts[follow_up_stream(command.fresh_turn_id)] = (own.follow_up,)
    if ruling is not None and ruling.uses_code and met.code_stream is not None:
        used = LinkCodeUsed(person_id=sender.person_id, at=command.at)
        facts[met.code_stream] = (used,)
    if ruling is not None and ruling.strangers:
        answered = p.StrangerAnswered(person_id=sender.person_id, at=command.at)
        facts[strangers_stream(command.at.date().isoformat())] = (answered,)
    return Heard(subject, joined(facts, answer))


def _unsaid(ruling: Ruling | None, said_since: tuple[str, ...]) -> Ruling | None:
    """Return the ruling without the words that the person was told already."""
    if not said_since:
        return ruling
    if ruling is None:
        return _RESTORED
    silent = silenced(ruling.reply, ruling.kind, said_since)
    return replace(ruling, reply=None) if silent else ruling


def _answer(asked: Escalation, person: Person, command: Hear, conversation_id: str) -> Facts:
    """Return that what the person was asked is answered; it is bound to that alone."""
    sms, question = command.sms, person.question
    assert question is not None
    answered = EscalationAnswered(
        conversation_id=conversation_id,
        text=sms.text,
        message_sid=sms.sid,
        received_at=sms.received_at,
        at=command.at,
    )
    return over(question.escalation_id, asked, person, answered)


def _begins_generation(person: Person) -> bool:
    return person.generation == 0 or person.erased


def _registered(command: Hear, generation: int) -> p.Registered:
    return p.Registered(
        generation=generation,
        number=command.sender.number,
        source="listing" if command.sms.found_by == "listing" else "sms",
        zones=command.sender.zones,
        country=command.sender.country,
    )


def _situation(
    person: Person,
    conversation: Conversation,
    met: Met,
    command: Hear,
    policy: Policy,
) -> Situation:
    sms = command.sms
    earlier = said(conversation.lines)
    # Of somebody whose first text this is, the number alone tells the country: whoever is in
    # danger is given the lines of the place where they are.
    person = replace(person, country=person.country or command.sender.country)
    return Situation(
        sid=sms.sid,
        text=sms.text,
        keyword=keyword(sms.text),
        received_at=sms.received_at,
        at=command.at,
        reading=classify(sms.text, earlier, person.country),
        person=person,
        conversation=conversation,
        policy=policy,
        media=sms.media,
        opt_out_type=sms.opt_out_type,
        opt_out_rules=free_opt_out(sms.text),
        strangers_answered=met.strangers_answered,
        links_to=met.code.links(command.at),
        answerable=command.sender.answerable,
    )


def _admitted(
    now: Situation, conversation: Conversation, command: Hear, policy: Policy
) -> c.TurnAdmitted:
    ordinal = conversation.heard + 1
    turn = conversation.open_turn
    if turn is not None and turn.trigger == "follow_up" and turn.covers_through < turn.covers_from:
        covers_from = ordinal
    else:
        covers_from = ordinal if turn is None else turn.covers_from
    return c.TurnAdmitted(
        turn_id=command.fresh_turn_id if turn is None else turn.turn_id,
        trigger="text" if turn is None else turn.trigger,
        covers_from=covers_from,
        covers_through=ordinal,
        due_at=due_at(turn, command.at, policy),
        labels=now.reading.labels,
        brief=brief(now.reading.labels, now.person, now.reading),
    )


def due_at(turn: OpenTurn | None, at: datetime, policy: Policy) -> datetime:
    """
    Return when a burst is taken as finished: a window after this text, a cap after the first.

    People type in pieces; 4 s after the last and 15 s after the first text keep seven of ten
    bursts to one answer, and an answer costs ten times a model call.
    """
    window = at + timedelta(seconds=policy.coalesce_s)
    if turn is None:
        return window
    cap = turn.first_at + timedelta(seconds=policy.coalesce_most_s)
    return max(at, min(window, cap))


def _answered(
    now: Situation, ruling: Ruling, conversation: Conversation, command: Hear
) -> list[Contract]:
    facts: list[Contract] = []
    turn = conversation.open_turn
    if ruling.closes_turn and turn is not None:
        reason = "opted_out" if ruling.gate == "stop" else "gate"
        facts.append(c.TurnSuperseded(turn_id=turn.turn_id, reason=reason))
    reply = ruling.reply if now.answerable else None
    facts.append(
        c.TurnAnswered(
            turn_id=command.fresh_turn_id,
            gate=ruling.gate,
            reply=reply,
            kind=ruling.kind,
            priority=ruling.priority,
            closes_turn=ruling.closes_turn,
            labels=now.reading.labels,
            safety=ruling.safety,
            ends=ruling.ends,
        )
    )
    return facts
