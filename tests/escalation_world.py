"""Ada, whom the agent needs: its requests, her phone, and what is done because of both."""

from collections.abc import Mapping
from typing import Any

from contracts import conversation as c
from contracts.agent import EscalationUpdated
from contracts.base import Contract
from domain.conversation import conversation
from domain.conversation.state import Conversation
from domain.escalation.beginning import Begin, begin, companions, queue
from domain.escalation.checks import Admitted
from domain.escalation.decisions import (
    Request,
    cancel,
    closed,
    dropped,
    hour_of,
    minute_of,
    reported,
    request,
    texted,
    updates,
)
from domain.escalation.reading import Malformed, read
from domain.outbound import Decided, Go, Look, dispatch
from domain.outcome import Answered, answered
from domain.person.state import Person
from tests.facts import ADA, AMPLE, KNOWN, POLICY, World, sid

Facts = Mapping[str, tuple[Contract, ...]]


class Needed(World):
    """Does what the processes do, one after the other; `told` is what the agent has heard."""

    def __init__(self, *of_person: Contract, policy: Any = POLICY) -> None:
        super().__init__(*(of_person or KNOWN), policy=policy)
        self.told: dict[str, list[EscalationUpdated]] = {}
        self.sent = 0

    def ask(self, escalation_id: str, **more: Any) -> None:
        """Hear a request of the agent."""
        fields = {
            "escalation_id": escalation_id, "to": {"user_id": "u-17"}, "kind": "question",
            "text": f"Is {escalation_id} all right?", **more,
        }  # fmt: skip
        wanted = read(fields)
        assert not isinstance(wanted, Malformed)
        admitted = Admitted(
            *(
                len(self.streams.get(f"escalations-{span(self.at)}", []))
                for span in (hour_of, minute_of)
            )
        )
        current = self.talk if self.person.conversation_id else Conversation()
        person_id = ADA if self.person.generation else None
        command = Request(wanted, person_id, admitted, self.at, self.fresh())
        state = self.escalation(escalation_id)
        self.append(dict(request(state, self.person, current, command, self.policy).facts))
        self.tell(escalation_id)

    def look(self, escalation_id: str) -> None:
        """Look at an escalation, as the scheduler does."""
        state = self.escalation(escalation_id)
        if state.over or not state.person_id:
            return
        current = self.talk if self.person.conversation_id else Conversation()
        if state.status == "waiting":
            together = companions(self.person, escalation_id, self.at)
            others = {one: self.escalation(one) for one in together if one != escalation_id}
            command = Begin(escalation_id, self.at, self.fresh(), others)
            self.append(dict(begin(state, self.person, current, command, self.policy)))
        else:
            text = self.talk_of(state.conversation_id).outbox.texts.get(state.sms_id or "")
            facts = texted(escalation_id, state, self.person, text, self.at)
            facts = facts or closed(escalation_id, state, self.person, text, self.at)
            self.append(dict(facts))
        self.tell()

    def look_at_all(self) -> None:
        """Look at whatever is not over."""
        for escalation_id in list(self.told):
            self.look(escalation_id)

    def cancel(self, escalation_id: str) -> None:
        """Hear that the agent does not need the person any more."""
        state = self.escalation(escalation_id)
        talk = self.talk_of(state.conversation_id)
        whom = self.person if state.person_id else Person()
        self.append(dict(cancel(escalation_id, state, whom, talk, self.at)))
        self.tell(escalation_id)

    def revoked(self) -> None:
        """React to a revocation."""
        question = self.person.question
        pending = [question.escalation_id] if question is not None else []
        for each in (*pending, *(one.escalation_id for one in self.person.waiting)):
            self.append(dict(dropped(each, self.escalation(each), self.person, self.at)))
        self.tell()

    def next(self) -> None:
        """Let the next one have its turn."""
        for first in queue(self.person, self.at)[:1]:
            self.look(first)

    def send(self, *reports: str) -> list[str]:
        """Send what may leave, from every conversation; return the texts."""
        gone: list[str] = []
        for stream in [name for name in self.streams if name.startswith("conversation-")]:
            talk_id = stream.partition("-")[2]
            for sms_id in list(self.talk_of(talk_id).outbox.texts):
                step = dispatch(
                    talk_id,
                    self.person,
                    self.talk_of(talk_id),
                    sms_id,
                    self.at,
                    self.policy,
                    AMPLE,
                )
                if isinstance(step, Decided):
                    self.append({stream: (step.fact,)})
                elif isinstance(step, Look):
                    self.append({stream: (_absent(step),)})
                elif isinstance(step, Go):
                    self._gone(stream, talk_id, step, reports or ("accepted",))
                    gone.append(step.text.text)
        self.look_at_all()
        return gone

    def _gone(self, stream: str, talk_id: str, step: Go, reports: tuple[str, ...]) -> None:
        self.append({stream: (step.attempted,), f"person-{ADA}": (step.permitted,)})
        self.sent += 1
        attempt_id, own = step.attempted.attempt_id, sid(70_000 + self.sent)
        for outcome in reports:
            if outcome == "delivered":
                facts: tuple[Contract, ...] = (
                    c.SmsDelivered(
                        attempt_id=attempt_id, sms_id=step.text.sms_id, provider_sid=own
                    ),
                )
            else:
                command = Answered(attempt_id, outcome, self.at, own)  # type: ignore[arg-type]
                facts = answered(self.talk_of(talk_id), command, self.policy).conversation
            self.append({stream: facts})

    def talk_of(self, conversation_id: str | None) -> Conversation:
        """Return a conversation."""
        return conversation.fold(self.streams.get(f"conversation-{conversation_id}", []))

    def tell(self, *escalation_ids: str) -> None:
        """Tell the agent what it does not know, as its process does."""
        for escalation_id in escalation_ids or self.asked():
            stream = f"escalation-{escalation_id}"
            state = self.escalation(escalation_id)
            untold = updates(escalation_id, state)
            self.told.setdefault(escalation_id, []).extend(update for _, update in untold)
            if untold:
                self.append({stream: reported(state, untold[-1][0])})

    def asked(self) -> list[str]:
        """Return the ids of all escalations."""
        streams = [stream.partition("-") for stream in self.streams]
        return [own for kind, _, own in streams if kind == "escalation"]

    def statuses(self, escalation_id: str) -> list[str]:
        """Return the statuses that the agent has heard, in order; the reasons of held ones."""
        return [
            f"{one.status} {one.reason}" if one.reason else one.status
            for one in self.told.get(escalation_id, [])
        ]


def _absent(step: Look) -> c.SmsAbsent:
    return c.SmsAbsent(attempt_id=step.attempt.attempt_id, sms_id=step.text.sms_id, looks=2)
