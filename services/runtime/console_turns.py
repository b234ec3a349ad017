"""How the turns of a conversation came about, read off its facts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from contracts import conversation as c
from contracts.base import Contract
from contracts.recorded import Recorded
from services.runtime.console_shapes import DraftView, TurnView

_Changes = dict[str, Any]
_Step = Callable[[TurnView, Any, int], _Changes]


def turns_of(history: Sequence[Recorded[Contract]]) -> tuple[TurnView, ...]:
    """Return the turns in the order they began."""
    turns: dict[str, TurnView] = {}
    for recorded in history:
        step = _STEPS.get(type(recorded.fact))
        if step is not None:
            fact: Any = recorded.fact
            version = recorded.version
            turn = turns.get(fact.turn_id) or TurnView(
                turn_id=fact.turn_id, version=version, state="open"
            )
            turns[fact.turn_id] = turn.model_copy(update=step(turn, fact, version))
    return tuple(turns.values())


def _admitted(turn: TurnView, fact: c.TurnAdmitted, _: int) -> _Changes:
    del turn
    return {
        "state": "open",
        "trigger": fact.trigger,
        "covers_from": fact.covers_from,
        "covers_through": fact.covers_through,
        "due_at": fact.due_at,
        "labels": fact.labels,
        "brief_id": fact.brief.brief_id,
        "priority": fact.brief.priority,
        "need": fact.brief.need,
        "next_step": fact.brief.next_step,
    }


def _answered(turn: TurnView, fact: c.TurnAnswered, _: int) -> _Changes:
    del turn
    return {
        "state": "answered",
        "mode": "deterministic",
        "gate": fact.gate,
        "safety": fact.safety,
        "labels": fact.labels,
    }


def _drafted(turn: TurnView, fact: c.ReplyDrafted, version: int) -> _Changes:
    draft = DraftView(version=version, reply=fact.proposal.reply)
    return {"drafts": (*turn.drafts, draft), **_spent(turn, fact.usage)}


def _failed(turn: TurnView, fact: c.ModelFailed, _: int) -> _Changes:
    return {"failure": fact.kind, **_spent(turn, fact.usage)}


def _spent(turn: TurnView, usage: c.Usage) -> _Changes:
    usages = (*turn.usage, usage)
    costs = [one.cost_microdollars for one in usages]
    known = [cost for cost in costs if cost is not None]
    return {
        "usage": usages,
        "cost_microdollars": sum(known) if len(known) == len(costs) else None,
        "latency_ms": sum(one.latency_ms for one in usages),
    }


def _approved(turn: TurnView, fact: c.DraftApproved, _: int) -> _Changes:
    return _judged(turn, fact, "approved")


def _refused(turn: TurnView, fact: c.DraftRefused, _: int) -> _Changes:
    return _judged(turn, fact, fact.action)


def _judged(turn: TurnView, fact: c.DraftApproved | c.DraftRefused, verdict: str) -> _Changes:
    drafts = tuple(
        draft.model_copy(
            update={"verdict": verdict, "flags": fact.flags, "rule_set": fact.rule_set}
        )
        if draft.version == fact.draft_version
        else draft
        for draft in turn.drafts
    )
    decision = "approved" if verdict == "approved" else "refused"
    return {"drafts": drafts, "flags": fact.flags, "decision": decision}


def _superseded(turn: TurnView, fact: c.TurnSuperseded, _: int) -> _Changes:
    del turn
    return {
        "superseded": fact.reason,
        "state": "superseded" if fact.due_at is None else "open",
        "due_at": fact.due_at,
    }


def _committed(turn: TurnView, fact: c.TurnCommitted, _: int) -> _Changes:
    trace = fact.trace
    return {
        "state": "committed",
        "mode": trace.mode,
        "covers_from": fact.covers_from,
        "covers_through": fact.covers_through,
        "committed_at": fact.at,
        "gate": trace.gate or turn.gate,
        "labels": trace.labels or turn.labels,
        "brief_id": trace.brief_id or turn.brief_id,
        "decision": trace.decision,
        "flags": trace.flags,
        "skills": trace.skills,
        "rule_sets": trace.rule_sets,
        "waited_ms": trace.waited_ms,
    }


_STEPS: Mapping[type[Contract], _Step] = {
    c.TurnAdmitted: _admitted,
    c.TurnAnswered: _answered,
    c.ReplyDrafted: _drafted,
    c.ModelFailed: _failed,
    c.DraftApproved: _approved,
    c.DraftRefused: _refused,
    c.TurnSuperseded: _superseded,
    c.TurnCommitted: _committed,
}
