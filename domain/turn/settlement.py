"""How a turn ends: what is said, kept, opened and closed, in one save over several streams."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from contracts import conversation as c
from contracts import person as p
from contracts.base import Contract
from contracts.follow_up import FollowUpScheduled
from contracts.identity import (
    conversation_stream,
    follow_up_stream,
    person_stream,
    safety_stream,
)
from contracts.safety import SafetyCaseOpened
from contracts.texts import EndReason, Priority, SmsKind
from domain import segments
from domain.conversation.decisions import SUPERSEDED_AT_MOST
from domain.conversation.ending import ended, watched
from domain.conversation.state import Conversation, Draft, Line, OpenTurn
from domain.follow_up.promises import FOLLOW_UP, SAFETY_CHECK, other_id, safety_check
from domain.person.profile import asked, moved_on
from domain.person.remembering import Noted, remembered
from domain.person.state import Person, evolve
from domain.policy import Policy
from domain.turn.asking import room_for, with_question
from domain.turn.bundle import bundle, skills_of
from domain.turn.closing import is_closing, is_soft
from domain.turn.condensing import condense
from domain.turn.crisis_replies import crisis_line
from domain.turn.disclosure import disclosed
from domain.turn.fallback import fallback
from domain.turn.recap import closed

# What is said in the course of talking; almost every notice says in its own words who talks.
_TALK: frozenset[SmsKind] = frozenset({"reply", "crisis", "notice"})
EVENT = "safety:event"
CHECK = "After what you wrote earlier I want to ask once more: are you safe right now?"
COMING_BACK = "I said I'd come back to this:"
ASKING = "How are things going today?"
HOLDING = (
    "Something went wrong on my side and I can't answer that right now. Your text did arrive. "
    "Please try me again in a few minutes."
)


@dataclass(frozen=True, slots=True)
class Settled:
    """The facts that follow, by stream; empty where nothing is to be settled any more."""

    facts: Mapping[str, tuple[Contract, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Turn:
    """What all the ways to settle share."""

    conversation_id: str
    person: Person
    conversation: Conversation
    at: datetime
    policy: Policy


def settle(
    conversation_id: str,
    person: Person,
    conversation: Conversation,
    at: datetime,
    policy: Policy,
) -> Settled:
    """
    Return the facts that settle what waits longest: a gate's answer, a judged draft, a failure.

    Whatever asks for it, the next thing due is settled; so nothing depends on which announcement
    arrives, or how often.
    """
    for turn_id in conversation.answers:
        return settle_answer(conversation_id, person, conversation, turn_id, at, policy)
    turn = conversation.open_turn
    if turn is None:
        return Settled()
    for draft in turn.drafts:
        settled = settle_draft(conversation_id, person, conversation, draft.version, at, policy)
        if settled.facts:
            return settled
    return settle_failure(conversation_id, person, conversation, turn.turn_id, at, policy)


def waiting(conversation: Conversation) -> int:
    """Return how many things of a conversation wait to be settled."""
    turn = conversation.open_turn
    return len(conversation.answers) + (turn is not None and turn.undecided)


def settle_answer(
    conversation_id: str,
    person: Person,
    conversation: Conversation,
    turn_id: str,
    at: datetime,
    policy: Policy,
) -> Settled:
    """Commit a gate's answer."""
    answer = conversation.answers.get(turn_id)
    if answer is None:
        return Settled()
    turn = _Turn(conversation_id, person, conversation, at, policy)
    fact = answer.fact
    streams: dict[str, tuple[Contract, ...]] = {}
    check_at = None if fact.safety is None else _concern(turn, turn_id, fact.safety, streams)
    facts: list[Contract] = [
        c.TurnCommitted(
            turn_id=turn_id,
            covers_from=answer.ordinal,
            covers_through=answer.ordinal,
            at=at,
            check_at=check_at,
            trace=c.Trace(
                mode="deterministic",
                gate=fact.gate,
                labels=fact.labels,
                rule_sets=(fact.labels.rule_set,),
            ),
        )
    ]
    if fact.reply is not None:
        heard_at = _heard_at(conversation, answer.ordinal)
        reply = disclosed(fact.reply, conversation, at) if fact.kind in _TALK else fact.reply
        facts.append(_request(turn, turn_id, reply, fact.kind, fact.priority, heard_at))
    if fact.ends is not None:
        facts += _withheld(conversation)
    ends = fact.ends or conversation.end_wanted
    # The answer closed the turn that was open.  Another one is of a text that came after the
    # person had agreed again, and would be lost with the conversation.
    if ends is not None and conversation.open_turn is None and _last(conversation, fact.ends):
        facts += _end(turn, ends, streams)
    return Settled({conversation_stream(conversation_id): tuple(facts), **streams})


def _last(conversation: Conversation, ends: EndReason | None) -> bool:
    """Return whether nothing else of the conversation waits, as far as this end cares."""
    return ends is not None or len(conversation.answers) == 1


def settle_draft(
    conversation_id: str,
    person: Person,
    conversation: Conversation,
    draft_version: int,
    at: datetime,
    policy: Policy,
) -> Settled:
    """Commit a judged draft (or its fallback), or supersede it where the person wrote on."""
    turn = conversation.open_turn
    draft = turn.draft(draft_version) if turn is not None else None
    if turn is None or draft is None or draft.verdict is None:
        return Settled()
    if isinstance(draft.verdict, c.DraftRefused) and draft.verdict.action == "repair":
        return Settled()
    overtaken = _overtaken(conversation_id, turn, draft.covers_through, at)
    if overtaken is not None:
        return overtaken
    settling = _Turn(conversation_id, person, conversation, at, policy)
    if isinstance(draft.verdict, c.DraftRefused):
        return _fallback(settling, turn, draft, draft.verdict)
    return _approved(settling, turn, draft, draft.verdict)


def settle_failure(
    conversation_id: str,
    person: Person,
    conversation: Conversation,
    turn_id: str,
    at: datetime,
    policy: Policy,
) -> Settled:
    """Commit the honest holding text where no model gave a usable proposal."""
    turn = conversation.open_turn
    if turn is None or turn.turn_id != turn_id or turn.failure is None:
        return Settled()
    overtaken = _overtaken(conversation_id, turn, turn.failure.covers_through, at)
    if overtaken is not None:
        return overtaken
    settling = _Turn(conversation_id, person, conversation, at, policy)
    span = (turn.failure.covers_from, turn.failure.covers_through)
    trace = _trace(settling, turn, "fallback", "failed", span)
    text = _begun(settling, turn, span) or HOLDING
    return Settled(_said(settling, turn, span, text, trace, {}, _closed(settling, turn)))


def _overtaken(
    conversation_id: str, turn: OpenTurn, covers_through: int, at: datetime
) -> Settled | None:
    if covers_through >= turn.covers_through or turn.superseded >= SUPERSEDED_AT_MOST:
        return None
    again = c.TurnSuperseded(
        turn_id=turn.turn_id, reason="newer_text", due_at=max(at, turn.due_at)
    )
    return Settled({conversation_stream(conversation_id): (again,)})


def _fallback(settling: _Turn, turn: OpenTurn, draft: Draft, verdict: c.DraftRefused) -> Settled:
    span = (draft.covers_from, draft.covers_through)
    trace = _trace(settling, turn, "fallback", "refused", span, verdict=verdict)
    instead = fallback(verdict.flags, settling.person.country)
    streams: dict[str, tuple[Contract, ...]] = {}
    check_at = None
    if instead.safety is not None and turn.brief.brief_id != SAFETY_CHECK:
        check_at = _concern(settling, turn.turn_id, instead.safety, streams)
    ends = None if instead.safety is not None else _closed(settling, turn)
    text = _begun(settling, turn, span) or instead.text
    return Settled(_said(settling, turn, span, text, trace, streams, ends, check_at))


def _begun(settling: _Turn, turn: OpenTurn, span: tuple[int, int]) -> str | None:
    """Return what is said in a turn that we began, and for which no model had words."""
    if span[1] >= span[0]:
        return None
    if turn.brief.brief_id == SAFETY_CHECK:
        return f"{CHECK} {crisis_line(settling.person.country)}"
    promised = turn.brief.brief_id == FOLLOW_UP
    return f"{COMING_BACK} {turn.brief.need}" if promised else ASKING


def _approved(settling: _Turn, turn: OpenTurn, draft: Draft, verdict: c.DraftApproved) -> Settled:
    span = (draft.covers_from, draft.covers_through)
    trace = _trace(settling, turn, "model", "approved", span, verdict=verdict)
    streams: dict[str, tuple[Contract, ...]] = {}
    ends = _ends(settling, turn, verdict)
    calm = ends is None and verdict.safety != "needs_human" and span[1] >= turn.covers_through
    text, kept = _known_better(settling, turn, verdict, calm=calm)
    if kept:
        streams[person_stream(settling.conversation.person_id)] = kept
    for wish in verdict.follow_ups[:1]:
        streams[follow_up_stream(turn.turn_id)] = (
            FollowUpScheduled(
                person_id=settling.conversation.person_id,
                conversation_id=settling.conversation_id,
                kind=wish.kind,
                purpose=wish.purpose,
                due_at=settling.at + timedelta(hours=wish.after_hours),
            ),
        )
    check_at = None
    if verdict.safety == "needs_human":
        note = c.SafetyNote(kind="model_raised", tier="medium")
        check_at = _concern(settling, turn.turn_id, note, streams)
    return Settled(_said(settling, turn, span, text, trace, streams, ends, check_at))


def _known_better(
    settling: _Turn, turn: OpenTurn, verdict: c.DraftApproved, *, calm: bool
) -> tuple[str, tuple[Contract, ...]]:
    """
    Return the text and what becomes of the person: what is remembered, and what is asked next.

    The question is the harness's own: a model's text that asks something has no room for it.
    """
    kept = _kept(settling, verdict)
    person = settling.person
    for fact in kept:
        person = evolve(person, fact)
    moved = moved_on(person)
    if moved or not calm or turn.trigger == "follow_up":
        return verdict.text, (*kept, *moved)
    question = room_for(person, turn.labels)
    said = _last_words(settling, turn) or ""
    most = settling.policy.max_segments
    text = question and with_question(verdict.text, question, person, said, most)
    if question is None or not text:
        return verdict.text, kept
    return text, (*kept, asked(question, settling.at))


def _said(
    settling: _Turn,
    turn: OpenTurn,
    span: tuple[int, int],
    text: str,
    trace: c.Trace,
    streams: dict[str, tuple[Contract, ...]],
    ends: EndReason | None,
    check_at: datetime | None = None,
) -> Mapping[str, tuple[Contract, ...]]:
    conversation = settling.conversation
    kind, priority = _kind(settling, turn, span)
    heard_at = _heard_at(conversation, span[1]) if kind == "reply" else None
    reply = disclosed(text, conversation, settling.at)
    concerned = safety_stream(turn.turn_id) in streams
    rest = span[1] < turn.covers_through
    ends = ends or conversation.end_wanted
    soft = not (rest or ends or concerned) and _farewell(settling, turn)
    quiet = timedelta(minutes=settling.policy.farewell_minutes)
    facts: list[Contract] = [
        c.TurnCommitted(
            turn_id=turn.turn_id,
            covers_from=span[0],
            covers_through=span[1],
            at=settling.at,
            trace=trace,
            closes_at=settling.at + quiet if soft else None,
            concerned=concerned,
            check_at=check_at,
        ),
        _request(settling, turn.turn_id, reply, kind, priority, heard_at),
        *condense(conversation),
    ]
    if rest:
        facts.append(_rest(turn, span[1], settling.at))
    elif ends is not None and not conversation.answers:
        settling = replace(settling, conversation=replace(conversation, open_turn=None))
        facts += _end(settling, ends, streams)
    return {conversation_stream(settling.conversation_id): tuple(facts), **streams}


def _kind(settling: _Turn, turn: OpenTurn, span: tuple[int, int]) -> tuple[SmsKind, Priority]:
    """Return what a text is: the check on somebody still in crisis is held back by nothing."""
    if span[1] >= span[0]:
        return "reply", "normal"
    grave = turn.brief.brief_id == SAFETY_CHECK and settling.person.phase == "crisis"
    return ("crisis", "urgent") if grave else ("follow_up", "normal")


def _rest(turn: OpenTurn, answered: int, at: datetime) -> c.TurnAdmitted:
    """Return the next turn for the texts that this one does not cover."""
    return c.TurnAdmitted(
        turn_id=_next_turn_id(turn.turn_id),
        trigger="rest",
        covers_from=answered + 1,
        covers_through=turn.covers_through,
        due_at=at,
        labels=turn.labels,
        brief=turn.brief,
    )


def _next_turn_id(turn_id: str) -> str:
    """Return the id of the turn that follows from this one alone: always the same."""
    return f"{(int(turn_id, 16) + 1) % 2**128:032x}"


def _ends(settling: _Turn, turn: OpenTurn, verdict: c.DraftApproved) -> EndReason | None:
    closed = _closed(settling, turn)
    if "judgement" not in settling.policy.ends:
        return closed
    held = watched(settling.conversation, settling.person) or verdict.safety == "needs_human"
    return closed or ("natural" if verdict.complete and not held else None)


def _closed(settling: _Turn, turn: OpenTurn) -> EndReason | None:
    """Return the end that the person's own last words ask for, if they do."""
    if settling.person.phase == "crisis" or "words" not in settling.policy.ends:
        return None
    last = _last_words(settling, turn)
    return "done" if last is not None and is_closing(last) else None


def _farewell(settling: _Turn, turn: OpenTurn) -> bool:
    """Return whether the person said thanks and no more, and nobody has to look after them."""
    if "thanks" not in settling.policy.ends:
        return False
    last = _last_words(settling, turn)
    polite = last is not None and is_soft(last)
    return polite and not watched(settling.conversation, settling.person)


def _last_words(settling: _Turn, turn: OpenTurn) -> str | None:
    pending = settling.conversation.pending(turn.covers_from, turn.covers_through)
    return pending[-1].text if pending else None


def _end(
    settling: _Turn, reason: EndReason, streams: dict[str, tuple[Contract, ...]]
) -> Sequence[Contract]:
    conversation = settling.conversation
    facts = ended(conversation, reason, settling.at)
    if not facts:
        return ()
    stream = person_stream(conversation.person_id)
    over = closed(conversation, settling.conversation_id, reason, settling.at)
    streams[stream] = (*streams.get(stream, ()), over)
    return facts


def _withheld(conversation: Conversation) -> list[Contract]:
    """Take back what was said but has not been tried: consent is gone."""
    return [
        c.SmsWithheld(sms_id=text.sms_id, reason="revoked")
        for text in conversation.outbox.texts.values()
        if text.status in ("requested", "deferred") and text.kind not in ("crisis", "opt_out")
    ]


def _kept(settling: _Turn, verdict: c.DraftApproved) -> tuple[Contract, ...]:
    notes = (Noted(write.key, write.value, write.evidence_sid) for write in verdict.memory)
    kept: list[Contract] = [
        *remembered(settling.person.memory, notes, settling.conversation_id),
    ]
    kept += [
        p.ProfileChanged(
            field=change.field,
            value=change.value,
            zones=(change.value,) if change.field == "timezone" else (),
            evidence_sid=change.evidence_sid,
        )
        for change in verdict.profile
    ]
    return tuple(kept)


def _concern(
    settling: _Turn, turn_id: str, note: c.SafetyNote, streams: dict[str, tuple[Contract, ...]]
) -> datetime | None:
    """
    Add what a danger leads to: a case, the harness's own record of it, and a check after it.

    Returns when the check is due.  One check is enough for all that is said before it, and
    nobody is promised one who took consent back, or whose text nobody could read.
    """
    conversation, person, at = settling.conversation, settling.person, settling.at
    streams[safety_stream(turn_id)] = (_case(settling, note),)
    if person.generation == 0 or person.erased:
        return None
    event = Noted(EVENT, f"{at.date().isoformat()} {note.kind} {note.tier}", turn_id)
    stream = person_stream(conversation.person_id)
    known = remembered(person.memory, (event,), settling.conversation_id)
    streams[stream] = (*streams.get(stream, ()), *known)
    turn = conversation.open_turn
    begun = turn is not None and turn.turn_id == turn_id and turn.trigger == "follow_up"
    waits = conversation.check_at is not None and at < conversation.check_at
    if begun or waits or note.kind == "unreadable" or person.consent != "granted":
        return None
    grave = person.phase == "crisis"
    check = safety_check(
        conversation.person_id, settling.conversation_id, note.tier, at, grave=grave
    )
    streams[follow_up_stream(other_id(turn_id))] = (check,)
    return check.due_at


def _case(settling: _Turn, note: c.SafetyNote) -> SafetyCaseOpened:
    return SafetyCaseOpened(
        person_id=settling.conversation.person_id,
        conversation_id=settling.conversation_id,
        kind=note.kind,
        tier=note.tier,
        quotes=note.quotes,
        at=settling.at,
    )


def _request(
    settling: _Turn,
    turn_id: str,
    text: str,
    kind: SmsKind,
    priority: Priority,
    heard_at: datetime | None,
) -> c.SmsRequested:
    words = segments.normalise(text)
    size = segments.count(words)
    expires = (
        None if kind in ("crisis", "opt_out") else settling.at + settling.policy.reply_expires
    )
    return c.SmsRequested(
        sms_id=turn_id,
        turn_id=turn_id,
        kind=kind,
        priority=priority,
        text=words,
        encoding=size.encoding,
        segments=size.segments,
        estimated_microdollars=settling.policy.outbound(settling.person.country, size.segments),
        at=settling.at,
        answers_at=heard_at,
        expires_at=expires,
    )


def _trace(
    settling: _Turn,
    turn: OpenTurn,
    mode: str,
    decision: str,
    span: tuple[int, int],
    verdict: c.DraftApproved | c.DraftRefused | None = None,
) -> c.Trace:
    judgement = None if verdict is None else verdict.judgement
    rule_sets = [] if verdict is None else [verdict.rule_set]
    if judgement is not None:
        rule_sets.append(judgement.version)
    heard_at = _heard_at(settling.conversation, span[1])
    waited = settling.at - heard_at if heard_at is not None else timedelta()
    return c.Trace.model_validate(
        {
            "mode": mode,
            "labels": turn.labels,
            "brief_id": turn.brief.brief_id,
            "skills": tuple(
                skill.skill_id for skill in skills_of(settling.person, settling.conversation, turn)
            ),
            "decision": decision,
            "flags": () if verdict is None else verdict.flags,
            "rule_sets": (turn.labels.rule_set, *rule_sets),
            "judged": None if judgement is None else judgement.opinion or "failed",
            "earlier": _told(settling, turn) if mode == "model" else 0,
            "usage": turn.usage,
            "waited_ms": max(0, int(waited.total_seconds() * 1000)),
            "model_ms": sum(usage.latency_ms for usage in turn.usage),
        }
    )


def _told(settling: _Turn, turn: OpenTurn) -> int:
    """Return of how many conversations before this one the model was told."""
    if not settling.person.earlier:
        return 0
    return len(bundle(settling.person, settling.conversation, turn).before)


def _heard_at(conversation: Conversation, ordinal: int) -> datetime | None:
    found: Line | None = next(
        (line for line in conversation.lines if line.ordinal == ordinal and line.ordinal), None
    )
    return None if found is None else found.at
