"""
A journal came back from an older backup: what the carrier shows was sent is not sent again.

The facts in between are lost, what they led to is not.  In doubt nothing is said: a person can
text again, and a text cannot be taken back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from contracts import conversation as c
from contracts import escalation as e
from contracts.agent import EscalationStatus, EscalationUpdated
from contracts.base import Contract
from contracts.follow_up import FollowUpCancelled, FollowUpScheduled
from contracts.identity import conversation_stream, follow_up_stream
from contracts.personal import ERASED
from domain.conversation.outbox import Outgoing
from domain.conversation.state import Conversation
from domain.escalation.ruled import Facts, over
from domain.escalation.state import Escalation
from domain.follow_up.promises import other_id
from domain.follow_up.state import FollowUp
from domain.person.state import Person
from domain.policy import Policy
from domain.turn.repeating import silenced
from domain.turn.settlement import CHECK, settle_answer

_FINAL: frozenset[EscalationStatus] = frozenset(
    {"failed", "answered", "refused", "expired", "cancelled"}
)
_ASKED: frozenset[EscalationStatus] = frozenset({"started", "sent", "delivered"})
# The carrier's record of a text may be dated a little before ours.
_MARGIN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Sent:
    """A text of ours as the carrier lists it."""

    sid: str
    text: str
    at: datetime
    delivered: bool = False


def lost(sent: Iterable[Sent], bound: frozenset[str]) -> tuple[Sent, ...]:
    """Return the texts that the journal knows nothing of, oldest first."""
    unknown = (each for each in sent if each.sid not in bound)
    return tuple(sorted(unknown, key=lambda each: (each.at, each.sid)))


def answers_to(sent: Sequence[Sent], received_at: datetime) -> tuple[str, ...]:
    """Return what the carrier shows was said to a person after a text of theirs."""
    return tuple(each.text for each in sent if each.at >= received_at.replace(microsecond=0))


@dataclass(frozen=True, slots=True)
class Told:
    """The last status of an escalation that the agent heard, and whether it was a final one."""

    status: EscalationStatus
    final: bool


def told_last(updates: Iterable[EscalationUpdated]) -> dict[str, Told]:
    """Return what the agent heard last of each escalation; a final status is never the past."""
    found: dict[str, Told] = {}
    for update in updates:
        before = found.get(update.escalation_id)
        if before is None or not before.final:
            final = update.status in _FINAL or update.reason == "unconfirmed"
            found[update.escalation_id] = Told(update.status, final)
    return found


def lost_escalation(
    escalation_id: str,
    state: Escalation,
    person: Person,
    told: Told | None,
    sent: Iterable[Sent],
    at: datetime,
) -> Facts:
    """
    Return the end of an escalation that had come further than the journal knows.

    That it had is known by what the agent was told, and by what the carrier shows was sent.  One
    whose text the journal knows goes on: its attempt is bound, and its answer may still come.
    """
    if state.over:
        return {}
    if told is not None and told.status == "delivered" and not state.expects_reply:
        told = Told(told.status, final=bool(state.person_id))
    asked = told is not None and told.status in _ASKED
    waits = state.status == "waiting"
    seen = waits and any(state.text.strip() in each.text for each in sent)
    unknown = state.status == "unknown" and told is not None
    if not (unknown or seen or (waits and asked) or (told is not None and told.final)):
        return {}
    final = told is not None and told.final
    lost = e.EscalationLost(told=None if told is None else told.status, final=final, at=at)
    return over(escalation_id, state, person, lost)


def lost_follow_up(
    follow_up_id: str, state: FollowUp, sent: Iterable[Sent], at: datetime
) -> Facts:
    """
    Return that a follow-up is not to happen, because it seems to have happened already.

    Its time had come, and something was said to the person since that nothing explains; of the
    check on somebody in a crisis only its very words count.  What comes again goes on.
    """
    if state.status != "waiting" or state.due_at is None or state.due_at > at:
        return {}
    words = CHECK if state.urgent else ""
    if not any(each.at >= state.due_at - _MARGIN and words in each.text for each in sent):
        return {}
    cancelled = FollowUpCancelled(reason="restored")
    return {
        follow_up_stream(follow_up_id): (cancelled,),
        **_next_of(follow_up_id, state, state.due_at, at),
    }


def _next_of(follow_up_id: str, state: FollowUp, due_at: datetime, at: datetime) -> Facts:
    """Return the next check-in whose time has not come, under the id that it would have had."""
    left = state.left
    while state.every_days is not None and left > 0 and state.purpose != ERASED:
        follow_up_id, left = other_id(follow_up_id, left), left - 1
        due_at += timedelta(days=state.every_days)
        if due_at > at:
            following = FollowUpScheduled(
                person_id=state.person_id,
                conversation_id=state.conversation_id,
                kind=state.kind,
                purpose=state.purpose,
                due_at=due_at,
                every_days=state.every_days,
                left=left,
            )
            return {follow_up_stream(follow_up_id): (following,)}
    return {}


@dataclass(frozen=True, slots=True)
class Settled:
    """The facts that follow, by stream; `left` are the texts that explain nothing yet."""

    facts: dict[str, tuple[Contract, ...]]
    left: tuple[Sent, ...]


def settle_lost(
    conversation_id: str,
    person: Person,
    talk: Conversation,
    sent: Sequence[Sent],
    at: datetime,
    policy: Policy,
) -> Settled:
    """
    Return what settles a conversation of which the carrier shows more than the journal.

    A requested text that was sent gets its attempt; a gate's answer that was sent is committed
    without being said again, its safety case included; an open turn after whose last text
    something was sent is superseded.
    """
    bound, left = _bound(conversation_id, talk, sent)
    facts: dict[str, tuple[Contract, ...]] = {}
    stream = conversation_stream(conversation_id)
    of_talk: list[Contract] = [*bound]
    unexplained = tuple(each for each in left if each.text.strip() not in _under_way(talk))
    for turn_id, answer in talk.answers.items():
        heard_at = _heard_at(talk, answer.ordinal)
        said = answers_to(unexplained, heard_at) if heard_at is not None else ()
        if not silenced(answer.fact.reply, answer.fact.kind, said):
            continue
        quiet = replace(answer, fact=answer.fact.model_copy(update={"reply": None}))
        silent = replace(talk, answers=MappingProxyType({**talk.answers, turn_id: quiet}))
        settled = settle_answer(conversation_id, person, silent, turn_id, at, policy).facts
        of_talk += settled.get(stream, ())
        for name, more in settled.items():
            if name != stream:
                facts[name] = (*facts.get(name, ()), *more)
        if any(isinstance(fact, c.ConversationEnded) for fact in of_talk):
            break
    turn = talk.open_turn
    if turn is not None:
        heard_at = _heard_at(talk, turn.covers_through) or turn.first_at
        if answers_to(unexplained, heard_at):
            of_talk.append(c.TurnSuperseded(turn_id=turn.turn_id, reason="restored"))
    return Settled({**facts, stream: tuple(of_talk)}, left)


def _bound(
    conversation_id: str, talk: Conversation, sent: Sequence[Sent]
) -> tuple[list[Contract], tuple[Sent, ...]]:
    facts: list[Contract] = []
    left = list(sent)
    for text in talk.outbox.texts.values():
        found = _sent_as(text, left)
        if found is None:
            continue
        left.remove(found)
        attempt_id = f"{conversation_id}.{talk.version + len(facts) + 1}"
        facts.append(
            c.SmsAttempted(
                attempt_id=attempt_id,
                sms_id=text.sms_id,
                started_at=found.at,
                deadline_at=found.at,
            )
        )
        facts.append(
            c.SmsSent(
                attempt_id=attempt_id,
                sms_id=text.sms_id,
                provider_sid=found.sid,
                status="sent",
                via="listing",
            )
        )
        if found.delivered:
            facts.append(
                c.SmsDelivered(attempt_id=attempt_id, sms_id=text.sms_id, provider_sid=found.sid)
            )
    return facts, tuple(left)


def _sent_as(text: Outgoing, sent: Iterable[Sent]) -> Sent | None:
    """Return the carrier's copy of a text that no attempt of the journal speaks of."""
    if text.settled or text.status in ("attempted", "unknown"):
        return None
    same = (each for each in sent if each.text.strip() == text.text.strip())
    return next((each for each in same if each.at >= text.requested_at - _MARGIN), None)


def _under_way(talk: Conversation) -> frozenset[str]:
    """Return the words of texts whose attempt is known: the sender looks them up itself."""
    return frozenset(
        text.text.strip()
        for text in talk.outbox.texts.values()
        if text.status in ("attempted", "unknown")
    )


def _heard_at(talk: Conversation, ordinal: int) -> datetime | None:
    return next((line.at for line in talk.lines if line.ordinal == ordinal != 0), None)
