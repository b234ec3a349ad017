"""What a step does: a text is heard, the agent asks, a reviewer acts, or time passes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contracts.agent import EscalationWanted, Recipient
from contracts.base import Contract
from contracts.identity import (
    SAFETY,
    conversation_stream,
    escalations_stream,
    person_stream,
    safety_stream,
    strangers_stream,
)
from contracts.sms import InboundSms
from domain.conversation import reviewing
from domain.conversation.ending import wanted
from domain.escalation.checks import Admitted
from domain.escalation.decisions import Request, cancel, hour_of, minute_of, request
from domain.person.state import Person
from domain.safety.decisions import CaseRefused, resolve
from domain.safety.state import SafetyCase
from domain.scenario.form import Need, Rules, Step
from domain.scenario.stage import WHO, Stage
from domain.turn import recap
from domain.turn.bundle import said
from domain.turn.classifier import classify
from domain.turn.hearing import Hear, Met, Sender, hear
from domain.turn.reading import Danger

_OURS = "+14155550100"
_ACCOUNT = "AC" + "0" * 32
_REVIEWER = "reviewer"

Facts = Mapping[str, Sequence[Contract]]


@dataclass(frozen=True, slots=True)
class Done:
    """What was seen in a text, and why an act was refused where it was."""

    danger: Danger | None = None
    refused: str = ""


def act(stage: Stage, step: Step, sender: Sender, rules: Rules) -> Done:
    """Do what a step says; the facts are appended."""
    if step.says is not None:
        return Done(_heard(stage, step, sender, rules))
    try:
        if step.needs is not None:
            stage.append(_asked(stage, step.needs))
        elif step.cancels is not None:
            stage.append(_cancelled(stage, step.cancels))
        elif step.resolves is not None:
            _resolve(stage, step.resolves)
        else:
            stage.append(_reviewed(stage, step))
    except (reviewing.ReviewRefused, CaseRefused) as refusal:
        return Done(refused=str(refusal))
    return Done()


def _heard(stage: Stage, step: Step, sender: Sender, rules: Rules) -> Danger | None:
    person, talk = stage.person, stage.current
    sms = InboundSms(
        sid=stage.sid(),
        account_sid=_ACCOUNT,
        sender=sender.number,
        to=_OURS,
        text=step.says or "",
        received_at=stage.at,
        media=step.media,
        opt_out_type=step.opt_out_type,
    )
    command = Hear(
        sms=sms,
        sender=sender,
        at=stage.at,
        fresh_conversation_id=stage.fresh(),
        fresh_turn_id=stage.fresh(),
        unreadable=step.unreadable,
        budget_spent=rules.budget_spent,
    )
    question = person.question
    asked = stage.escalation("" if question is None else question.escalation_id)
    met = Met(stage.length(strangers_stream(stage.at.date().isoformat())))
    stage.append(hear(person, talk, met, command, stage.policy, asked).facts)
    earlier = said(talk.lines) if talk.status == "active" else ()
    return classify(sms.text, earlier, person.country or sender.country).danger


def _asked(stage: Stage, need: Need) -> Facts:
    begins = None if need.begins_after is None else stage.at + need.begins_after
    message = EscalationWanted(
        escalation_id=need.id,
        to=Recipient(user_id="user"),
        priority=need.priority,
        kind=need.kind,
        text=need.text,
        expects_reply=need.expects_reply,
        not_before=begins,
        expires_at=None if need.good_for is None else stage.at + need.good_for,
        reply_options=need.reply_options,
    )
    person = stage.person
    whom = WHO if person.generation else None
    hour, minute = (
        stage.length(escalations_stream(span(stage.at))) for span in (hour_of, minute_of)
    )
    command = Request(message, whom, Admitted(hour, minute), stage.at, stage.fresh())
    state = stage.escalation(need.id)
    return request(state, person, stage.current, command, stage.policy).facts


def _cancelled(stage: Stage, escalation_id: str) -> Facts:
    state = stage.escalation(escalation_id)
    talk = stage.talk(state.conversation_id)
    person = stage.person if state.person_id else Person()
    return cancel(escalation_id, state, person, talk, stage.at)


def _reviewed(stage: Stage, step: Step) -> Facts:
    talk, at = stage.current, stage.at
    stream = conversation_stream(stage.person.conversation_id or "")
    if step.takes_over is not None:
        return {stream: reviewing.take_over(talk, step.takes_over, at)}
    if step.hands_back is not None:
        return {stream: reviewing.hand_back(talk, at=at, by=step.hands_back)}
    if step.writes is not None:
        command = reviewing.Write(stage.fresh(), step.writes, talk.taken_by or _REVIEWER, at)
        return {stream: reviewing.write(talk, command, stage.policy)}
    if step.ends is None:
        return {}
    over = reviewing.end(talk, at) if step.ends == "operator" else wanted(talk, "agent", at)
    done = tuple(
        recap.closed(talk, stage.person.conversation_id or "", step.ends, at)
        for fact in over
        if fact.name == "conversation.ended.v1"
    )
    return {stream: over, person_stream(WHO): done}


def _resolve(stage: Stage, outcome: str) -> None:
    """Close every case that waits, as a reviewer would one after the other."""
    for case_id in stage.streams(SAFETY):
        cases = {one: _case(stage, one) for one in stage.streams(SAFETY)}
        own = cases.pop(case_id)
        if not own.waits:
            continue
        resolved = resolve(
            own, stage.person, cases.values(), stage.newest, _REVIEWER, outcome, stage.at
        )
        stage.append({safety_stream(case_id): resolved.case, person_stream(WHO): resolved.person})


def _case(stage: Stage, case_id: str) -> SafetyCase:
    state: SafetyCase = stage.state(safety_stream(case_id))
    return state
