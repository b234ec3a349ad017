"""What falls due by itself in a scenario, and what is done about it: the processes, in one."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

from contracts import conversation as c
from contracts.base import Contract
from contracts.conversation import Usage
from contracts.identity import (
    CONVERSATION,
    ESCALATION,
    FOLLOW_UP,
    conversation_stream,
    escalation_stream,
    person_stream,
)
from contracts.sms import DeliveryReport
from domain.conversation.decisions import Draft, drafted, released
from domain.conversation.ending import idle, said_farewell
from domain.conversation.state import Conversation
from domain.escalation.beginning import Begin, begin, companions, queue
from domain.escalation.decisions import closed, dropped, reported, texted, updates
from domain.escalation.state import Escalation
from domain.follow_up.decisions import Fire, fire
from domain.outbound import Decided, Dispatch, Go, Wait, dispatch
from domain.outcome import Answered, answered
from domain.outcome import reported as told_by_carrier
from domain.person.expiring import OPEN_FOR, unanswered
from domain.person.state import Person
from domain.scenario.answers import Answer
from domain.scenario.stage import WHO, Stage
from domain.spending.funds import Funds, Held
from domain.turn import recap
from domain.turn.bundle import bundle
from domain.turn.judging import judged
from domain.turn.prompt import brief_of, framed
from domain.turn.settlement import settle

_AMPLE = Funds("account", (Held("lot", 10**12, urgent=False),))
_SPENT = Funds("account", (), refused=True)
_USAGE = Usage(model_asked="scenario")

Due = tuple[datetime, Callable[[], None]]


class Processes:
    """
    Does what the processes do, one thing at a time, each in its time.

    `model` is given what the model would see; `left` hears of each text that the carrier has,
    `told` of each status that the agent hears.
    """

    def __init__(
        self,
        stage: Stage,
        model: Callable[[str], Answer],
        left: Callable[[c.SmsRequested], None],
        told: Callable[[str, str], None],
        *,
        budget_spent: bool,
    ) -> None:
        self._stage = stage
        self._model = model
        self._left = left
        self._told = told
        self._funds = _SPENT if budget_spent else _AMPLE
        self._patience: dict[str, datetime] = {}

    def due(self) -> Iterator[Due]:
        """Return everything that waits, and when its time comes."""
        stage = self._stage
        for talk_id in stage.streams(CONVERSATION):
            talk = stage.talk(talk_id)
            yield from self._answering(talk_id, talk)
            yield from self._leaving(talk_id, talk)
            yield from self._ending(talk_id, talk)
        for follow_up_id in stage.streams(FOLLOW_UP):
            promise = stage.follow_up(follow_up_id)
            if promise.status == "waiting" and promise.due_at is not None:
                yield promise.due_at, partial(self._fire, follow_up_id)
        yield from self._expiring(stage.person)
        for escalation_id in stage.streams(ESCALATION):
            yield from self._needing(escalation_id, stage.escalation(escalation_id))

    # The runner, the evaluator and the committer

    def _answering(self, talk_id: str, talk: Conversation) -> Iterator[Due]:
        turn = talk.open_turn
        if talk.answers or (turn is not None and turn.undecided):
            yield self._stage.at, partial(self._settle, talk_id)
        elif turn is not None and talk.taken_by is None:
            yield turn.due_at, partial(self._ask, talk_id)

    def _ask(self, talk_id: str) -> None:
        stage, stream = self._stage, conversation_stream(talk_id)
        talk = stage.talk(talk_id)
        turn = talk.open_turn
        assert turn is not None
        context = bundle(stage.person, talk, turn)
        answer = self._model("\n".join([brief_of(context), *map(framed, context.pending)]))
        draft = Draft(
            turn_id=turn.turn_id,
            covers_from=turn.covers_from,
            covers_through=turn.covers_through,
            usage=_USAGE,
            proposal=None if answer.fails is not None else answer.proposal(context.pending),
            failure=answer.fails or "",
        )
        stage.append({stream: drafted(talk, draft)})
        talk = stage.talk(talk_id)
        stage.append({stream: judged(stage.person, talk, talk.version, stage.policy)})

    def _settle(self, talk_id: str) -> None:
        stage = self._stage
        talk = stage.talk(talk_id)
        stage.append(settle(talk_id, stage.person, talk, stage.at, stage.policy).facts)

    # The sender

    def _leaving(self, talk_id: str, talk: Conversation) -> Iterator[Due]:
        for sms_id, text in talk.outbox.texts.items():
            if text.status == "requested":
                at = self._patience.get(sms_id, self._stage.at)
                yield at, partial(self._send, talk_id, sms_id)
            elif text.status == "deferred" and text.until is not None:
                yield text.until, partial(self._release, talk_id, sms_id)

    def _send(self, talk_id: str, sms_id: str) -> None:
        stage = self._stage
        talk = stage.talk(talk_id)
        step: Dispatch = dispatch(
            talk_id, stage.person, talk, sms_id, stage.at, stage.policy, self._funds
        )
        if isinstance(step, Decided):
            stage.append({conversation_stream(talk_id): (step.fact,)})
        elif isinstance(step, Wait):
            self._patience[sms_id] = stage.at + timedelta(seconds=step.seconds)
        elif isinstance(step, Go):
            self._go(talk_id, step)

    def _go(self, talk_id: str, step: Go) -> None:
        """Hand a text to a carrier that takes and delivers everything at once."""
        stage, stream = self._stage, conversation_stream(talk_id)
        stage.append({stream: (step.attempted,), person_stream(WHO): (step.permitted,)})
        attempt_id, sid = step.attempted.attempt_id, stage.sid()
        taken = Answered(attempt_id, "accepted", stage.at, sid)
        stage.append({stream: answered(stage.talk(talk_id), taken, stage.policy).conversation})
        report = DeliveryReport(
            attempt_id=attempt_id, sid=sid, status="delivered", received_at=stage.at
        )
        stage.append({stream: told_by_carrier(stage.talk(talk_id), report).conversation})
        self._left(stage.requested(talk_id, step.text.sms_id))

    def _release(self, talk_id: str, sms_id: str) -> None:
        stage = self._stage
        facts = released(stage.talk(talk_id), sms_id, stage.at)
        stage.append({conversation_stream(talk_id): facts})

    # The scheduler

    def _ending(self, talk_id: str, talk: Conversation) -> Iterator[Due]:
        if talk.status != "active" or talk.last_at is None:
            return
        silence = timedelta(minutes=self._stage.policy.idle_minutes)
        for at in (talk.closes_at, talk.last_at + silence):
            when = None if at is None else max(at, self._stage.at)
            if when is not None and self._ended(talk, when):
                yield when, partial(self._end, talk_id)

    def _ended(self, talk: Conversation, at: datetime) -> tuple[c.ConversationEnded, ...]:
        minutes = self._stage.policy.idle_minutes
        return said_farewell(talk, self._stage.person, at) or idle(talk, at, minutes)

    def _end(self, talk_id: str) -> None:
        stage = self._stage
        facts = self._ended(stage.talk(talk_id), stage.at)
        over = tuple(
            recap.closed(stage.talk(talk_id), talk_id, fact.reason, stage.at) for fact in facts
        )
        stage.append({conversation_stream(talk_id): facts, person_stream(WHO): over})

    def _fire(self, follow_up_id: str) -> None:
        stage = self._stage
        command = Fire(follow_up_id, stage.at, stage.fresh(), stage.fresh())
        promise = stage.follow_up(follow_up_id)
        stage.append(fire(promise, stage.person, stage.current, command, stage.policy).facts)

    def _expiring(self, person: Person) -> Iterator[Due]:
        if person.consent_open and person.asked_at is not None:
            yield max(person.asked_at + OPEN_FOR, self._stage.at), self._expire

    def _expire(self) -> None:
        stage = self._stage
        stage.append({person_stream(WHO): unanswered(stage.person, stage.at)})

    # The agent's own process

    def _needing(self, escalation_id: str, state: Escalation) -> Iterator[Due]:
        now, person = self._stage.at, self._stage.person
        if state.untold:
            yield now, partial(self._tell, escalation_id)
        elif state.over or not state.person_id:
            return
        elif self._followed(escalation_id):
            yield now, partial(self._follow, escalation_id)
        elif state.status == "waiting":
            first = queue(person, now)[:1] == (escalation_id,) and person.question is None
            freed = first and state.held == "question_pending"
            until = now if freed or state.until is None else state.until
            yield until, partial(self._begin, escalation_id)
        elif state.expires_at is not None:
            yield state.expires_at, partial(self._follow, escalation_id)

    def _begin(self, escalation_id: str) -> None:
        stage = self._stage
        together = companions(stage.person, escalation_id, stage.at)
        others = {one: stage.escalation(one) for one in together if one != escalation_id}
        command = Begin(escalation_id, stage.at, stage.fresh(), others)
        state = stage.escalation(escalation_id)
        stage.append(begin(state, stage.person, stage.current, command, stage.policy))

    def _followed(self, escalation_id: str) -> Mapping[str, tuple[Contract, ...]]:
        stage = self._stage
        state, person = stage.escalation(escalation_id), stage.person
        text = stage.talk(state.conversation_id).outbox.texts.get(state.sms_id or "")
        return (
            dropped(escalation_id, state, person, stage.at)
            or texted(escalation_id, state, person, text, stage.at)
            or closed(escalation_id, state, person, text, stage.at)
        )

    def _follow(self, escalation_id: str) -> None:
        self._stage.append(self._followed(escalation_id))

    def _tell(self, escalation_id: str) -> None:
        state = self._stage.escalation(escalation_id)
        untold = updates(escalation_id, state)
        for _, update in untold:
            self._told(escalation_id, update.status)
        news = reported(state, untold[-1][0])
        self._stage.append({escalation_stream(escalation_id): news})
