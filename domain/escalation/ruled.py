"""What several decisions about escalations share: facts by stream, and how one ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts import escalation as e
from contracts.base import Contract
from contracts.identity import escalation_stream, person_stream
from contracts.person import QuestionSettled
from contracts.recorded import Subject
from domain.escalation.state import Escalation
from domain.person.state import Person

Facts = Mapping[str, tuple[Contract, ...]]
Final = (
    e.EscalationFailed
    | e.EscalationRefused
    | e.EscalationExpired
    | e.EscalationCancelled
    | e.EscalationClosed
    | e.EscalationAnswered
    | e.EscalationDelivered
    | e.EscalationLost
)
_OUTCOMES: Mapping[type[Contract], e.Outcome] = {
    e.EscalationFailed: "failed",
    e.EscalationRefused: "refused",
    e.EscalationExpired: "expired",
    e.EscalationCancelled: "cancelled",
    e.EscalationClosed: "unconfirmed",
    e.EscalationAnswered: "answered",
    e.EscalationDelivered: "delivered",
    e.EscalationLost: "failed",
}


@dataclass(frozen=True, slots=True)
class Ruled:
    """The facts that follow, by stream; `subject` is whose key seals them."""

    subject: Subject | None = None
    facts: Facts = field(default_factory=dict)


def joined(*several: Facts) -> dict[str, tuple[Contract, ...]]:
    """Return the facts of several decisions, each stream's in the order of the decisions."""
    found: dict[str, tuple[Contract, ...]] = {}
    for facts in several:
        for stream, more in facts.items():
            found[stream] = (*found.get(stream, ()), *more)
    return found


def over(escalation_id: str, state: Escalation, person: Person, last: Final) -> Facts:
    """Return an escalation's last fact, and that its person has one thing less to be asked."""
    facts: dict[str, tuple[Contract, ...]] = {escalation_stream(escalation_id): (last,)}
    if concerns(escalation_id, person) and person.generation == state.generation:
        settled = QuestionSettled(
            escalation_id=escalation_id, outcome=_OUTCOMES[type(last)], at=last.at
        )
        facts[person_stream(state.person_id)] = (settled,)
    return facts


def concerns(escalation_id: str, person: Person) -> bool:
    """Return whether an escalation is one that the person is being asked, or waits to be."""
    pending = person.question is not None and person.question.escalation_id == escalation_id
    return pending or any(one.escalation_id == escalation_id for one in person.waiting)
