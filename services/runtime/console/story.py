"""One conversation as its facts tell it: what was said, and how each answer came about."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from contracts import conversation as c
from contracts.base import Contract
from contracts.labels import Brief, Labels
from contracts.recorded import Recorded
from projections.delivery import STEPS, status_after


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `status` and `code` are the delivery of ours, `by` the reviewer who wrote it."""

    seq: int
    author: Literal["person", "agent"]
    text: str
    at: datetime
    version: int
    kind: str
    turn_id: str | None = None
    line_id: str = ""
    status: str | None = None
    code: int | None = None
    reason: str | None = None
    segments: int = 1
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Drafted:
    """
    What the model proposed: a reply, and what it wished besides, none of it done by that alone.

    `verdict` is approve, repair or fallback, None while it is not judged; `memory` names what it
    wanted kept, `wishes` what it wanted to happen, as in `check in in 24 h`; `opinion` is what a
    second model said of it, where one was asked.
    """

    version: int
    text: str
    verdict: str | None = None
    memory: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    opinion: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """
    One turn: what the classifier saw, who answered, what the evaluator said, what it took.

    `stage` is open, answered (by a gate, not committed yet), committed or superseded.
    """

    turn_id: str
    version: int
    at: datetime
    stage: Literal["open", "answered", "committed", "superseded"] = "open"
    mode: str | None = None
    gate: str | None = None
    labels: Labels | None = None
    brief: Brief | None = None
    decision: str | None = None
    skills: tuple[str, ...] = ()
    drafts: int = 0
    drafted: tuple[Drafted, ...] = ()
    rule_sets: tuple[str, ...] = ()
    flags: tuple[c.Flag, ...] = ()
    usage: tuple[c.Usage, ...] = ()
    failure: str | None = None
    earlier: int = 0
    waited_ms: int = 0
    model_ms: int = 0

    @property
    def cost_microdollars(self) -> int | None:
        """What the models cost; None where no price is known."""
        known = [one.cost_microdollars for one in self.usage if one.cost_microdollars is not None]
        return sum(known) if known else None


@dataclass(frozen=True, slots=True)
class Story:
    """A conversation up to a version; `clear` says whether its words are what was said."""

    conversation_id: str
    version: int
    status: Literal["active", "ended", "processed"] = "active"
    person_id: str = ""
    initiated_by: str = "person"
    taken_by: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None
    lines: tuple[Line, ...] = ()
    turns: tuple[Turn, ...] = ()
    clear: bool = True


@dataclass(slots=True)
class _Telling:
    """The story while it is told."""

    story: Story
    lines: dict[str, Line] = field(default_factory=dict[str, Line])
    turns: dict[str, Turn] = field(default_factory=dict[str, Turn])


def tell(conversation_id: str, facts: Sequence[Recorded[Contract]]) -> Story:
    """Return the story of a conversation's facts; lines in the person's order."""
    telling = _Telling(Story(conversation_id, facts[-1].version if facts else 0))
    for recorded in facts:
        _conversation(telling, recorded)
        _line(telling, recorded)
        _turn(telling, recorded)
    lines = sorted(telling.lines.values(), key=lambda line: (line.at, line.version))
    return replace(
        telling.story,
        lines=tuple(replace(line, seq=seq) for seq, line in enumerate(lines, 1)),
        turns=tuple(telling.turns.values()),
    )


def _conversation(telling: _Telling, recorded: Recorded[Any]) -> None:
    match fact := recorded.fact:
        case c.ConversationStarted():
            telling.story = replace(
                telling.story,
                person_id=fact.person_id,
                initiated_by=fact.initiated_by,
                started_at=fact.at,
            )
        case c.ConversationTakenOver():
            telling.story = replace(telling.story, taken_by=fact.by)
        case c.ConversationHandedBack():
            telling.story = replace(telling.story, taken_by=None)
        case c.ConversationEnded():
            telling.story = replace(
                telling.story, status="ended", ended_at=fact.at, end_reason=fact.reason,
                taken_by=None,
            )  # fmt: skip
        case c.ConversationProcessed():
            telling.story = replace(telling.story, status="processed")
        case _:
            pass


def _line(telling: _Telling, recorded: Recorded[Any]) -> None:
    fact, version = recorded.fact, recorded.version
    if isinstance(fact, c.MessageReceived):
        telling.lines[fact.sid] = Line(
            0, "person", fact.text, fact.received_at, version, "text",
            line_id=fact.sid, segments=fact.segments,
        )  # fmt: skip
    elif isinstance(fact, c.SmsRequested):
        telling.lines[fact.sms_id] = Line(
            0, "agent", fact.text, fact.at, version, fact.kind, fact.turn_id, fact.sms_id,
            "requested", segments=fact.segments, by=fact.by,
        )  # fmt: skip
    elif type(fact) in STEPS and fact.sms_id in telling.lines:
        telling.lines[fact.sms_id] = _delivered(telling.lines[fact.sms_id], fact)


def _delivered(line: Line, fact: Any) -> Line:
    status = status_after(line.status or "requested", fact)
    reason: str | None = getattr(fact, "reason", None)
    trouble = status in ("failed", "requested", "unknown", "deferred", "withheld")
    code = fact.code if isinstance(fact, c.SmsFailed) else line.code
    return replace(
        line,
        status=status,
        code=code if trouble else None,
        reason=(reason or line.reason) if trouble else None,
    )


def _turn(telling: _Telling, recorded: Recorded[Any]) -> None:
    fact: Any = recorded.fact
    turn_id: str | None = getattr(fact, "turn_id", None)
    if turn_id is None or isinstance(fact, c.SmsRequested):
        return
    turn = telling.turns.get(turn_id) or Turn(turn_id, recorded.version, recorded.at)
    telling.turns[turn_id] = _after(turn, fact, recorded.version)


def _after(turn: Turn, fact: Any, version: int) -> Turn:
    match fact:
        case c.TurnAdmitted():
            return replace(turn, stage="open", labels=fact.labels, brief=fact.brief)
        case c.TurnAnswered():
            return replace(turn, stage="answered", gate=fact.gate, labels=fact.labels)
        case c.ReplyDrafted():
            return replace(
                turn, drafts=turn.drafts + 1, drafted=(*turn.drafted, _drafted(version, fact)),
                usage=(*turn.usage, fact.usage), failure=None,
            )  # fmt: skip
        case c.ModelFailed():
            return replace(turn, failure=fact.kind, usage=(*turn.usage, fact.usage))
        case c.DraftApproved():
            return replace(_judged(turn, fact, "approve"), decision="approved")
        case c.DraftRefused():
            return replace(_judged(turn, fact, fact.action), decision=fact.action)
        case c.TurnSuperseded():
            return turn if fact.due_at is not None else replace(turn, stage="superseded")
        case c.TurnCommitted():
            return _committed(turn, fact.trace)
        case _:
            return turn


def _drafted(version: int, fact: c.ReplyDrafted) -> Drafted:
    proposal = fact.proposal
    wishes = [f"{wish.kind} in {wish.after_hours} h" for wish in proposal.follow_ups]
    wishes += [f"{change.field} to be changed" for change in proposal.profile_changes]
    if proposal.safety != "none":
        wishes.append(f"safety {proposal.safety}")
    if proposal.conversation == "ended":
        wishes.append("the conversation to end")
    memory = tuple(write.key for write in proposal.memory_writes)
    return Drafted(version, proposal.reply, None, memory, tuple(wishes))


def _judged(turn: Turn, fact: c.DraftApproved | c.DraftRefused, verdict: str) -> Turn:
    said = fact.judgement
    drafted = tuple(
        replace(each, verdict=verdict, opinion=_opinion(said))
        if each.version == fact.draft_version
        else each
        for each in turn.drafted
    )
    usage = turn.usage if said is None else (*turn.usage, said.usage)
    return replace(turn, flags=fact.flags, drafted=drafted, usage=usage)


def _opinion(said: c.Judgement | None) -> str:
    if said is None:
        return ""
    told = said.opinion or f"none ({said.failure})"
    return f"{told}: {said.reason}" if said.reason else told


def _committed(turn: Turn, trace: c.Trace) -> Turn:
    return replace(
        turn,
        stage="committed",
        mode=trace.mode,
        gate=trace.gate or turn.gate,
        labels=trace.labels or turn.labels,
        decision=None if trace.decision == "none" else trace.decision,
        skills=trace.skills,
        rule_sets=trace.rule_sets,
        flags=trace.flags or turn.flags,
        usage=trace.usage or turn.usage,
        earlier=trace.earlier,
        waited_ms=trace.waited_ms,
        model_ms=trace.model_ms,
    )
