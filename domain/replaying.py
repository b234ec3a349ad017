"""The past is decided again by today's rules, and only what comes out otherwise is told."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from contracts import conversation as c
from contracts import person as p
from contracts.base import Contract
from contracts.identity import (
    CONVERSATION,
    ESCALATION,
    LINK_CODE,
    PERSON,
    STRANGERS,
    conversation_stream,
    escalation_stream,
    id_of,
    kind_of,
    person_stream,
    strangers_stream,
)
from contracts.inbound import InboundClaimed
from contracts.link_code import LinkCodeUsed
from contracts.personal import ERASED
from contracts.recorded import Recorded
from contracts.sms import InboundSms, OptOutType
from domain.conversation import conversation
from domain.conversation.state import Conversation
from domain.escalation import escalation
from domain.escalation.state import Escalation
from domain.person import person
from domain.person.link_code import LinkCode, link_code
from domain.person.state import Person
from domain.policy import Policy
from domain.replacing import replace
from domain.turn.hearing import Hear, Met, Sender, hear
from domain.turn.judging import judged

# What became of a text on its way, and of a conversation after its end, decides nothing of what
# is heard or judged: four facts in ten need not be read.
UNREAD: frozenset[str] = frozenset(
    fact.name
    for fact in (
        c.SmsReleased, c.SmsAttempted, c.SmsSent, c.SmsOutcomeUnknown, c.SmsAbsent,
        c.SmsDuplicateSuspected, c.SmsDelivered, c.SmsFailed, c.SmsDeferred, c.SmsWithheld,
        c.SmsPriced, c.ConversationPackaged, c.ConversationOffered, c.ConversationProcessed,
        c.AcceptanceContradicted, InboundClaimed,
    )
)  # fmt: skip
_KINDS = frozenset({CONVERSATION, PERSON, ESCALATION, LINK_CODE, STRANGERS})

Decision = Mapping[str, Any]
Group = Sequence[Recorded[Contract]]
_STOP, _START, _HELP = "stop", "start", "help"
# What the carrier made of a text is not recorded; where it may have mattered it is tried.
_CARRIERS_WORD: Mapping[str, OptOutType] = {_STOP: "STOP", _START: "START", _HELP: "HELP"}
_NOBODY = "AC" + "0" * 32


@dataclass(frozen=True, slots=True)
class Difference:
    """
    A decision that would come out otherwise today.

    `what` is `gate` (a text was heard) or `verdict` (a draft was judged); `text` is the person's
    text, or the draft; `was` and `now` hold only what differs.
    """

    what: str
    stream: str
    version: int
    at: datetime
    person_id: str
    text: str
    was: Decision
    now: Decision


@dataclass
class Replay:
    """
    Folds the journal, in order, and decides each text and each draft of it again.

    What was erased cannot be decided again, and is counted.  `since` leaves older decisions
    alone; their facts are folded all the same.  `share` (which, of how many) leaves the people of
    other shares alone, so that several can work at once.  Facts that `read` leaves out may be
    left away.

    `through` is the position up to which all is decided.  A replay that begins with one, and with
    the positions that `differed` before it, decides those and what is behind it, and counts on.
    """

    policy: Policy
    since: datetime | None = None
    share: tuple[int, int] = (0, 1)
    texts: int = 0
    drafts: int = 0
    erased: int = 0
    through: int = 0
    differed: set[int] = field(default_factory=set[int])
    _people: dict[str, Person] = field(default_factory=dict[str, Person])
    _talks: dict[str, Conversation] = field(default_factory=dict[str, Conversation])
    _asked: dict[str, Escalation] = field(default_factory=dict[str, Escalation])
    _codes: dict[str, LinkCode] = field(default_factory=dict[str, LinkCode])
    _strangers: dict[str, int] = field(default_factory=dict[str, int])

    def take(self, facts: Iterable[Recorded[Contract]]) -> Iterator[Difference]:
        """Return what differs in the facts that follow; a save must not be torn apart."""
        for _, found in groupby(facts, key=lambda each: (each.cause, each.at)):
            group = tuple(found)
            if self.since is None or group[0].at >= self.since:
                yield from self._compared(group)
            for recorded in group:
                self._fold(recorded)
            self.through = max(self.through, group[-1].position)

    def _compared(self, group: Group) -> Iterator[Difference]:
        for number, recorded in enumerate(group):
            counted = recorded.position <= self.through
            if counted and recorded.position not in self.differed:
                continue
            before = self.texts, self.drafts, self.erased
            found = self._decided(group, number)
            if counted:
                self.texts, self.drafts, self.erased = before
            for difference in found:
                self.differed.add(recorded.position)
                yield difference

    def _decided(self, group: Group, number: int) -> Sequence[Difference]:
        match group[number].fact:
            case c.MessageReceived():
                return tuple(self._heard(group, number))
            case c.DraftApproved() | c.DraftRefused():
                return tuple(self._judged(group[number]))
            case _:
                return ()

    # Texts

    def _heard(self, group: Group, number: int) -> Iterator[Difference]:
        recorded = group[number]
        said, was = recorded.fact, _ruling(each.fact for each in group[number:])
        assert isinstance(said, c.MessageReceived)
        person_id = recorded.subject.person_id if recorded.subject is not None else ""
        if was is None or not self._mine(person_id):
            return
        if said.text == ERASED:
            self.erased += 1
            return
        self.texts += 1
        now: Decision = {}
        for command in self._commands(group, recorded, said, person_id, str(was["gate"])):
            now = self._again(group, recorded, person_id, command) or {}
            if now == was:
                return
        yield _difference("gate", recorded, person_id, said.text, was, now)

    def _commands(
        self,
        group: Group,
        recorded: Recorded[Contract],
        said: c.MessageReceived,
        person_id: str,
        gate: str,
    ) -> Iterator[Hear]:
        """Return what may have been asked then: what was not recorded is tried both ways."""
        made = [each.fact for each in group if isinstance(each.fact, p.Registered)]
        known = self._person(person_id)
        number = made[0].number if made else known.number
        sender = Sender(
            person_id,
            number,
            made[0].country if made else known.country,
            made[0].zones if made else known.zones,
            answerable=number.startswith("+"),
        )
        for opt_out_type in dict.fromkeys((None, _CARRIERS_WORD.get(gate))):
            for budget_spent in dict.fromkeys((False, gate == "limits")):
                sms = InboundSms.model_construct(
                    sid=said.sid, account_sid=_NOBODY, to=number, sender=number,
                    text=said.text, received_at=said.received_at, media=said.media,
                    segments=said.segments, opt_out_type=opt_out_type,
                )  # fmt: skip
                yield Hear(
                    sms=sms,
                    sender=sender,
                    at=recorded.at,
                    fresh_conversation_id=id_of(recorded.stream),
                    fresh_turn_id="0" * 32,
                    unreadable=gate == "unreadable",
                    budget_spent=budget_spent,
                )

    def _again(
        self, group: Group, recorded: Recorded[Contract], person_id: str, command: Hear
    ) -> Decision | None:
        whom = self._person(person_id)
        current = whom.conversation_id
        talk = self._talks.get(conversation_stream(current or ""), conversation.initial)
        asked = escalation.initial
        if whom.question is not None:
            stream = escalation_stream(whom.question.escalation_id)
            asked = self._asked.get(stream, escalation.initial)
        heard = hear(whom, talk, self._met(group, recorded), command, self.policy, asked)
        return _ruling(heard.facts.get(recorded.stream, ()))

    def _met(self, group: Group, recorded: Recorded[Contract]) -> Met:
        day = strangers_stream(recorded.at.date().isoformat())
        used = [each.stream for each in group if isinstance(each.fact, LinkCodeUsed)]
        code = self._codes.get(used[0], link_code.initial) if used else link_code.initial
        return Met(self._strangers.get(day, 0), code, used[0] if used else None)

    # Drafts

    def _judged(self, recorded: Recorded[Contract]) -> Iterator[Difference]:
        was = recorded.fact
        assert isinstance(was, c.DraftApproved | c.DraftRefused)
        talk = self._talks.get(recorded.stream)
        turn = talk.open_turn if talk is not None else None
        draft = turn.draft(was.draft_version) if turn is not None else None
        if talk is None or draft is None:
            return
        if draft.proposal.reply == ERASED:
            self.erased += 1
            return
        self.drafts += 1
        whom = self._person(talk.person_id)
        for now in judged(whom, talk, was.draft_version, self.policy, was.judgement):
            before, after = _verdict(was), _verdict(now)
            if before != after:
                text = draft.proposal.reply
                yield _difference("verdict", recorded, talk.person_id, text, before, after)

    # States

    def _mine(self, person_id: str) -> bool:
        which, of = self.share
        return bool(person_id) and int(person_id[:8], 16) % of == which

    def _person(self, person_id: str) -> Person:
        return self._people.get(person_stream(person_id), person.initial)

    def _fold(self, recorded: Recorded[Contract]) -> None:
        stream, fact = recorded.stream, recorded.fact
        kind = kind_of(stream)
        if kind == CONVERSATION:
            self._fold_talk(recorded)
        elif kind == PERSON:
            if self._mine(id_of(stream)):
                self._people[stream] = person.evolve(
                    self._people.get(stream, person.initial), fact
                )
        elif kind == ESCALATION:
            before = self._asked.get(stream, escalation.initial)
            self._asked[stream] = escalation.evolve(before, fact)
        elif kind == LINK_CODE:
            known = self._codes.get(stream, link_code.initial)
            self._codes[stream] = link_code.evolve(known, fact)
        elif kind == STRANGERS:
            self._strangers[stream] = self._strangers.get(stream, 0) + 1

    def _fold_talk(self, recorded: Recorded[Contract]) -> None:
        stream, fact = recorded.stream, recorded.fact
        if isinstance(fact, c.ConversationEnded):
            # Nothing is heard or judged in it any more.
            self._talks.pop(stream, None)
        elif stream in self._talks or (
            isinstance(fact, c.ConversationStarted) and self._mine(fact.person_id)
        ):
            before = self._talks.get(stream, conversation.initial)
            if before.version != recorded.version - 1:  # what is not read counts all the same
                before = replace(before, version=recorded.version - 1)
            self._talks[stream] = conversation.evolve(before, fact)


def read(stream: str, name: str) -> bool:
    """Return whether a replay needs the facts of this name on this stream."""
    return kind_of(stream) in _KINDS and name not in UNREAD


def _ruling(facts: Iterable[Contract]) -> dict[str, Any] | None:
    """Return what was decided about a text: which gate, saying what, or the model's labels."""
    for fact in facts:
        if isinstance(fact, c.TurnAnswered):
            safety = fact.safety
            return {
                "gate": fact.gate,
                "reply": fact.reply,
                "kind": fact.kind,
                "priority": fact.priority,
                "ends": fact.ends,
                "safety": None if safety is None else f"{safety.kind}/{safety.tier}",
                **_labelled(fact.labels),
            }
        if isinstance(fact, c.TurnAdmitted):
            return {"gate": None, **_labelled(fact.labels)}
    return None


def _labelled(labels: Any) -> dict[str, Any]:
    return {"domain": labels.domain, "risk": labels.risk, "urgency": labels.urgency}


def _verdict(fact: c.DraftApproved | c.DraftRefused) -> dict[str, Any]:
    """Return what was decided about a draft, and by which rules."""
    flags = sorted((flag.flag, flag.rule, flag.act) for flag in fact.flags)
    if isinstance(fact, c.DraftRefused):
        return {"action": fact.action, "flags": flags}
    return {
        "action": "approve",
        "flags": flags,
        "text": fact.text,
        "memory": [write.key for write in fact.memory],
        "profile": [change.field for change in fact.profile],
        "follow_ups": [wish.kind for wish in fact.follow_ups],
        "safety": fact.safety,
        "complete": fact.complete,
    }


def _difference(
    what: str,
    recorded: Recorded[Contract],
    person_id: str,
    text: str,
    was: Decision,
    now: Decision,
) -> Difference:
    names = [name for name in {**was, **now} if was.get(name) != now.get(name)]
    return Difference(
        what,
        recorded.stream,
        recorded.version,
        recorded.at,
        person_id,
        text,
        {name: was.get(name) for name in names},
        {name: now.get(name) for name in names},
    )
