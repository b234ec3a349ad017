"""What a conversation's past means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal

from contracts import conversation as c
from contracts.base import Contract
from contracts.labels import Brief, Labels
from contracts.proposal import TurnProposal
from contracts.recorded import Subject
from contracts.texts import EndReason
from domain.conversation.handover import Handover
from domain.conversation.outbox import Outbox
from domain.replacing import replace

# A context never shows more; a longer history would only make folding quadratic.
LINES_KEPT = 40
# The limit of texts an hour may be higher than the lines kept, and is 3600 at most.
HOUR = timedelta(hours=1)
TIMES_KEPT = 3_600

Status = Literal["silent", "active", "ended", "processed"]


@dataclass(frozen=True, slots=True)
class Line:
    """
    One line of the transcript; `ordinal` counts the person's texts, 0 for the agent's.

    `place` counts all lines of the conversation, from 1.
    """

    author: Literal["person", "agent"]
    text: str
    at: datetime
    ordinal: int = 0
    sid: str | None = None
    ordinary: bool = False
    place: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposal of the model and, once judged, its verdict."""

    version: int
    covers_from: int
    covers_through: int
    proposal: TurnProposal
    usage: c.Usage
    verdict: c.DraftApproved | c.DraftRefused | None = None


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """
    The texts that wait for an answer of the model.

    `trigger_version` is the newest fact that asks the model (an admission, a supersession, a
    refusal to repair): older ones are obsolete.
    """

    turn_id: str
    trigger: Literal["text", "rest", "follow_up"]
    covers_from: int
    covers_through: int
    first_at: datetime
    due_at: datetime
    trigger_version: int
    labels: Labels
    brief: Brief
    drafts: tuple[Draft, ...] = ()
    failure: c.ModelFailed | None = None
    superseded: int = 0
    feedback: tuple[c.Flag, ...] = ()
    usage: tuple[c.Usage, ...] = ()

    def draft(self, version: int) -> Draft | None:
        """Return the draft of a version."""
        return next((draft for draft in self.drafts if draft.version == version), None)

    @property
    def repairs(self) -> int:
        """How many drafts were sent back for repair."""
        return sum(
            isinstance(draft.verdict, c.DraftRefused) and draft.verdict.action == "repair"
            for draft in self.drafts
        )

    @property
    def undecided(self) -> bool:
        """Whether a draft or a failure still waits for a verdict or a commit."""
        return self.failure is not None or any(
            draft.verdict is None
            or isinstance(draft.verdict, c.DraftApproved)
            or draft.verdict.action == "fallback"
            for draft in self.drafts
        )


@dataclass(frozen=True, slots=True)
class Answered:
    """A gate's answer that is not committed yet."""

    ordinal: int
    fact: c.TurnAnswered


@dataclass(frozen=True, slots=True)
class Conversation:
    """
    A conversation as its facts tell it; `version` is the number of facts so far.

    `closes_at`: it may end then, because the person said a polite farewell.  `end_wanted`: the
    agent or an operator asked for the end while a text was unanswered.  `concerned`: a safety case
    was opened in it.  `taken_by`: the reviewer who answers in person now, the model is not asked.
    `check_at` is when the check after a danger is due.  `condensed` is what the lines up to the
    place `condensed_through` came to, of the `spoken` ones so far.
    """

    version: int = 0
    status: Status = "silent"
    person_id: str = ""
    generation: int = 0
    initiated_by: Literal["person", "agent"] = "person"
    ended: EndReason | None = None
    ended_at: datetime | None = None
    heard: int = 0
    last_heard_at: datetime | None = None
    heard_lately: tuple[datetime, ...] = ()
    last_at: datetime | None = None
    lines: tuple[Line, ...] = ()
    open_turn: OpenTurn | None = None
    answers: Mapping[str, Answered] = field(default_factory=lambda: MappingProxyType({}))
    taken_by: str | None = None
    check_at: datetime | None = None
    spoken: int = 0
    condensed: str = ""
    condensed_through: int = 0
    outbox: Outbox = field(default_factory=Outbox)
    closes_at: datetime | None = None
    end_wanted: Literal["agent", "operator"] | None = None
    concerned: bool = False
    handover: Handover = field(default_factory=Handover)

    @property
    def subject(self) -> Subject:
        """The person whose key seals this conversation, in the generation it began with."""
        return Subject(self.person_id, self.generation)

    def pending(self, covers_from: int, covers_through: int) -> tuple[Line, ...]:
        """Return the person's ordinary texts of a span, in the person's order."""
        spoken = (
            line
            for line in self.lines
            if line.ordinary and covers_from <= line.ordinal <= covers_through
        )
        return tuple(sorted(spoken, key=lambda line: line.at))

    def said_before(self, covers_from: int) -> tuple[Line, ...]:
        """Return the lines before a span, ordered by when they were said."""
        before = (
            line
            for line in self.lines
            if line.author == "agent" or line.ordinal < covers_from or not line.ordinary
        )
        return tuple(sorted(before, key=lambda line: line.at))


def evolve(state: Conversation, fact: Contract) -> Conversation:
    """Return the conversation after one more fact."""
    moved = replace(state, version=state.version + 1)
    step = _STEPS.get(type(fact))
    return moved if step is None else step(moved, fact)


def _started(state: Conversation, fact: c.ConversationStarted) -> Conversation:
    return replace(
        state,
        status="active",
        person_id=fact.person_id,
        generation=fact.generation,
        initiated_by=fact.initiated_by,
        last_at=fact.at,
    )


def _received(state: Conversation, fact: c.MessageReceived) -> Conversation:
    ordinal = state.heard + 1
    place = state.spoken + 1
    line = Line("person", fact.text, fact.received_at, ordinal, fact.sid, place=place)
    return replace(
        state,
        heard=ordinal,
        last_heard_at=fact.received_at,
        heard_lately=_lately(state.heard_lately, fact.received_at),
        last_at=_later(state.last_at, fact.received_at),
        lines=(*state.lines, line)[-LINES_KEPT:],
        spoken=state.spoken + 1,
        closes_at=None,
    )


def _admitted(state: Conversation, fact: c.TurnAdmitted) -> Conversation:
    lines = tuple(
        replace(line, ordinary=True)
        if line.author == "person" and line.ordinal == fact.covers_through
        else line
        for line in state.lines
    )
    turn = state.open_turn
    if turn is not None and turn.turn_id == fact.turn_id:
        turn = replace(
            turn,
            covers_from=fact.covers_from,
            covers_through=fact.covers_through,
            due_at=fact.due_at,
            trigger_version=state.version,
            labels=fact.labels,
            brief=fact.brief,
        )
        return replace(state, open_turn=turn, lines=lines)
    opened = OpenTurn(
        turn_id=fact.turn_id,
        trigger=fact.trigger,
        covers_from=fact.covers_from,
        covers_through=fact.covers_through,
        first_at=_time_of(lines, fact.covers_from) or fact.due_at,
        due_at=fact.due_at,
        trigger_version=state.version,
        labels=fact.labels,
        brief=fact.brief,
    )
    return replace(state, open_turn=opened, lines=lines, closes_at=None)


def _answered(state: Conversation, fact: c.TurnAnswered) -> Conversation:
    answers = {**state.answers, fact.turn_id: Answered(state.heard, fact)}
    return replace(
        state,
        answers=MappingProxyType(answers),
        open_turn=None if fact.closes_turn else state.open_turn,
        concerned=state.concerned or fact.safety is not None,
    )


def _drafted(state: Conversation, fact: c.ReplyDrafted) -> Conversation:
    draft = Draft(state.version, fact.covers_from, fact.covers_through, fact.proposal, fact.usage)
    return _in_turn(
        state,
        fact.turn_id,
        lambda turn: replace(turn, drafts=(*turn.drafts, draft), usage=(*turn.usage, fact.usage)),
    )


def _failed(state: Conversation, fact: c.ModelFailed) -> Conversation:
    return _in_turn(
        state,
        fact.turn_id,
        lambda turn: replace(turn, failure=fact, usage=(*turn.usage, fact.usage)),
    )


def _approved(state: Conversation, fact: c.DraftApproved) -> Conversation:
    return _judged(state, fact)


def _refused(state: Conversation, fact: c.DraftRefused) -> Conversation:
    judged = _judged(state, fact)
    if fact.action != "repair":
        return judged
    return _in_turn(
        judged,
        fact.turn_id,
        lambda turn: replace(turn, trigger_version=state.version, feedback=fact.flags),
    )


def _judged(state: Conversation, fact: c.DraftApproved | c.DraftRefused) -> Conversation:
    return _in_turn(
        state,
        fact.turn_id,
        lambda turn: replace(
            turn,
            usage=turn.usage if fact.judgement is None else (*turn.usage, fact.judgement.usage),
            drafts=tuple(
                replace(draft, verdict=fact) if draft.version == fact.draft_version else draft
                for draft in turn.drafts
            ),
        ),
    )


def _superseded(state: Conversation, fact: c.TurnSuperseded) -> Conversation:
    due_at = fact.due_at
    if due_at is None:
        turn = state.open_turn
        closed = turn is not None and turn.turn_id == fact.turn_id
        answers = {key: value for key, value in state.answers.items() if key != fact.turn_id}
        return replace(
            state,
            open_turn=None if closed else turn,
            answers=MappingProxyType(answers),
        )
    return _in_turn(
        state,
        fact.turn_id,
        lambda turn: replace(
            turn,
            drafts=tuple(
                draft for draft in turn.drafts if draft.covers_through >= turn.covers_through
            ),
            failure=None,
            feedback=(),
            due_at=due_at,
            trigger_version=state.version,
            superseded=turn.superseded + 1,
        ),
    )


def _committed(state: Conversation, fact: c.TurnCommitted) -> Conversation:
    answers = {key: value for key, value in state.answers.items() if key != fact.turn_id}
    turn = state.open_turn
    return replace(
        state,
        answers=MappingProxyType(answers),
        open_turn=None if turn is not None and turn.turn_id == fact.turn_id else turn,
        closes_at=fact.closes_at,
        concerned=state.concerned or fact.concerned,
        check_at=fact.check_at or state.check_at,
    )


def _requested(state: Conversation, fact: c.SmsRequested) -> Conversation:
    line = Line("agent", fact.text, fact.at, place=state.spoken + 1)
    return replace(
        state,
        last_at=_later(state.last_at, fact.at),
        lines=(*state.lines, line)[-LINES_KEPT:],
        spoken=state.spoken + 1,
        outbox=state.outbox.requested(fact, state.version),
    )


def _released(state: Conversation, fact: c.SmsReleased) -> Conversation:
    return replace(state, outbox=state.outbox.released(fact, state.version))


def _dispatched(state: Conversation, fact: Contract) -> Conversation:
    return replace(state, outbox=state.outbox.after(fact))


def _taken(state: Conversation, fact: c.ConversationTakenOver) -> Conversation:
    """What the model drafted for texts that a reviewer answers now is not sent any more."""
    turn = state.open_turn
    if turn is not None:
        turn = replace(turn, drafts=(), failure=None, feedback=())
    last_at = _later(state.last_at, fact.at)
    return replace(state, taken_by=fact.by, open_turn=turn, last_at=last_at)


def _handed_back(state: Conversation, fact: c.ConversationHandedBack) -> Conversation:
    return replace(state, taken_by=None, last_at=_later(state.last_at, fact.at))


def _condensed(state: Conversation, fact: c.HistoryCondensed) -> Conversation:
    return replace(state, condensed=fact.text, condensed_through=fact.through)


def _ended(state: Conversation, fact: c.ConversationEnded) -> Conversation:
    return replace(
        state,
        status="ended",
        ended=fact.reason,
        ended_at=fact.at,
        open_turn=None,
        taken_by=None,
    )


def _end_wanted(state: Conversation, fact: c.ConversationEndWanted) -> Conversation:
    return replace(state, end_wanted=state.end_wanted or fact.reason)


def _handed_over(state: Conversation, fact: Contract) -> Conversation:
    return replace(state, handover=state.handover.after(fact, state.version))


def _processed(state: Conversation, fact: c.ConversationProcessed) -> Conversation:
    return replace(_handed_over(state, fact), status="processed")


def _in_turn(
    state: Conversation, turn_id: str, change: Callable[[OpenTurn], OpenTurn]
) -> Conversation:
    turn = state.open_turn
    if turn is None or turn.turn_id != turn_id:
        return state
    return replace(state, open_turn=change(turn))


def _lately(times: tuple[datetime, ...], at: datetime) -> tuple[datetime, ...]:
    newest = max((at, *times))
    return tuple(one for one in (*times, at) if one > newest - HOUR)[-TIMES_KEPT:]


def _later(left: datetime | None, right: datetime) -> datetime:
    return right if left is None or right > left else left


def _time_of(lines: tuple[Line, ...], ordinal: int) -> datetime | None:
    return next((line.at for line in lines if line.ordinal == ordinal), None)


_STEPS: Mapping[type[Contract], Callable[[Conversation, Any], Conversation]] = {
    c.ConversationStarted: _started,
    c.MessageReceived: _received,
    c.TurnAdmitted: _admitted,
    c.TurnAnswered: _answered,
    c.ReplyDrafted: _drafted,
    c.ModelFailed: _failed,
    c.DraftApproved: _approved,
    c.DraftRefused: _refused,
    c.TurnSuperseded: _superseded,
    c.TurnCommitted: _committed,
    c.SmsRequested: _requested,
    c.SmsReleased: _released,
    c.SmsAttempted: _dispatched,
    c.SmsSent: _dispatched,
    c.SmsOutcomeUnknown: _dispatched,
    c.SmsAbsent: _dispatched,
    c.SmsDuplicateSuspected: _dispatched,
    c.SmsDelivered: _dispatched,
    c.SmsFailed: _dispatched,
    c.SmsDeferred: _dispatched,
    c.SmsWithheld: _dispatched,
    c.HistoryCondensed: _condensed,
    c.ConversationEndWanted: _end_wanted,
    c.ConversationTakenOver: _taken,
    c.ConversationHandedBack: _handed_back,
    c.SmsPriced: _dispatched,
    c.ConversationEnded: _ended,
    c.ConversationPackaged: _handed_over,
    c.ConversationOffered: _handed_over,
    c.ConversationProcessed: _processed,
    c.AcceptanceContradicted: _handed_over,
}
