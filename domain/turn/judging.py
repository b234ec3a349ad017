"""A draft is judged: the evaluator's verdict as the fact that says so."""

from dataclasses import replace

from contracts import conversation as c
from domain.conversation.state import Conversation
from domain.person.state import Person
from domain.policy import Policy
from domain.turn.bundle import said
from domain.turn.checks.rule import flagged
from domain.turn.context import Said
from domain.turn.evaluator import Circumstances, Verdict, action_for, judge
from domain.turn.resources import resources_for


def judged(
    person: Person,
    conversation: Conversation,
    draft_version: int,
    policy: Policy,
    judgement: c.Judgement | None = None,
) -> tuple[c.DraftApproved | c.DraftRefused, ...]:
    """
    Return the verdict on the draft at a version, unless it has one or its turn is over.

    A second model's `judgement` of a draft that the rules pass may have it repaired or replaced.
    """
    turn = conversation.open_turn
    draft = turn.draft(draft_version) if turn is not None else None
    if turn is None or draft is None or draft.verdict is not None:
        return ()
    around = Circumstances(
        pending=said(conversation.pending(draft.covers_from, draft.covers_through)),
        earlier=(*_before(person), *said(conversation.said_before(draft.covers_from))),
        labels=turn.labels,
        phase=person.phase,
        country=person.country,
        resources=resources_for(person.country, turn.labels.domain),
        repairs=turn.repairs,
        max_segments=policy.max_segments,
        safety_case_open=person.phase == "crisis",
        memory=person.memory,
    )
    verdict = judge(draft.proposal, around)
    if verdict.action != "approve":
        judgement = None
    verdict = objected(verdict, judgement, turn.repairs)
    if verdict.action != "approve":
        refused = c.DraftRefused(
            turn_id=turn.turn_id,
            draft_version=draft_version,
            action=verdict.action,
            flags=verdict.flags,
            rule_set=verdict.rule_set,
            judgement=judgement,
        )
        return (refused,)
    approved = c.DraftApproved(
        turn_id=turn.turn_id,
        draft_version=draft_version,
        text=verdict.text,
        memory=verdict.memory,
        profile=verdict.profile,
        follow_ups=verdict.follow_ups,
        safety=verdict.safety,
        complete=verdict.complete,
        flags=verdict.flags,
        rule_set=verdict.rule_set,
        judgement=judgement,
    )
    return (approved,)


def _before(person: Person) -> tuple[Said, ...]:
    """Return what the model was told of conversations that are over: it may speak of that."""
    return tuple(Said("person", one.recap) for one in person.earlier)


def objected(verdict: Verdict, judgement: c.Judgement | None, repairs: int) -> Verdict:
    """Return the verdict with what a second model asks for; one that failed asks for nothing."""
    if judgement is None or judgement.opinion in (None, "send"):
        return verdict
    flag = "judge_block" if judgement.opinion == "block" else "judge_revise"
    flags = (*verdict.flags, flagged(flag, "opinion", judgement.reason or judgement.opinion))
    return replace(verdict, flags=flags, action=action_for(flags, repairs))
