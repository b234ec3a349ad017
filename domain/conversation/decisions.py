"""What may happen next in a conversation; every decision answers () to what it already knows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts import conversation as c
from contracts.proposal import TurnProposal
from domain.conversation.state import Conversation, OpenTurn

# A reply that is overtaken more often would never come while somebody keeps typing.
SUPERSEDED_AT_MOST = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """What the runner has to do about a trigger: nothing, wait, or ask the model."""

    turn: OpenTurn | None
    wait_s: float = 0.0


def asked(state: Conversation, trigger_version: int, now: datetime) -> Asked:
    """
    Return what the model is to be asked because of the fact at `trigger_version`.

    Only the newest trigger of the open turn counts; one whose texts have a draft already that
    waits for its verdict needs no other, and a reviewer who took over answers instead.
    """
    turn = state.open_turn
    if (
        turn is None
        or state.taken_by is not None
        or turn.trigger_version != trigger_version
        or _drafted(turn)
    ):
        return Asked(None)
    wait = (turn.due_at - now).total_seconds()
    return Asked(turn, max(wait, 0.0))


def _drafted(turn: OpenTurn) -> bool:
    if turn.failure is not None:
        return True
    return any(
        draft.covers_through >= turn.covers_through and not _sent_back(draft.verdict)
        for draft in turn.drafts
    )


def _sent_back(verdict: c.DraftApproved | c.DraftRefused | None) -> bool:
    return isinstance(verdict, c.DraftRefused) and verdict.action == "repair"


@dataclass(frozen=True, slots=True)
class Draft:
    """The command: what the model gave for the texts it was shown, or that it gave nothing."""

    turn_id: str
    covers_from: int
    covers_through: int
    usage: c.Usage
    proposal: TurnProposal | None
    failure: str = ""


def drafted(state: Conversation, command: Draft) -> tuple[c.ReplyDrafted | c.ModelFailed, ...]:
    """Return the draft as a fact, unless its turn is over or a reviewer took over meanwhile."""
    turn = state.open_turn
    if turn is None or state.taken_by is not None or turn.turn_id != command.turn_id:
        return ()
    if command.proposal is None:
        failed = c.ModelFailed(
            turn_id=command.turn_id,
            covers_from=command.covers_from,
            covers_through=command.covers_through,
            kind=command.failure,
            usage=command.usage,
        )
        return (failed,)
    reply = c.ReplyDrafted(
        turn_id=command.turn_id,
        covers_from=command.covers_from,
        covers_through=command.covers_through,
        proposal=command.proposal,
        usage=command.usage,
    )
    return (reply,)


def released(state: Conversation, sms_id: str, now: datetime) -> tuple[c.SmsReleased, ...]:
    """
    Return that a waiting text may be looked at again, if its time has come.

    A text that was never tried needs no fact: its request is announced again.
    """
    text = state.outbox.texts.get(sms_id)
    if text is None or text.settled or (not text.tries and text.status != "deferred"):
        return ()
    why: Literal["deferred", "unknown", "retry"] = "retry"
    if text.status == "deferred":
        if text.until is not None and now < text.until:
            return ()
        why = "deferred"
    elif text.status in ("unknown", "attempted"):
        why = "unknown"
    return (c.SmsReleased(sms_id=sms_id, priority=text.priority, why=why),)
