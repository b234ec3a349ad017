"""Every fact by name: who says it, who listens, and which lane it takes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts import conversation as c
from contracts import dead_letter as d
from contracts import escalation as e
from contracts import follow_up as f
from contracts import person as p
from contracts import spending as s
from contracts.base import Contract
from contracts.checkpoint import CheckpointSigned
from contracts.identity import ESCALATION, kind_of
from contracts.inbound import InboundClaimed
from contracts.link_code import LinkCodeIssued, LinkCodeUsed
from contracts.safety import SafetyCaseAcknowledged, SafetyCaseOpened, SafetyCaseResolved
from contracts.signup import SignupTexted


class UnknownContract(LookupError):
    """A name that this version of the project has no contract for."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no contract is called {name!r}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Line:
    """
    One contract with the processes that say it and those that react to it.

    With `only_if`, a fact is announced only where that holds of its fields (personal text among
    them sealed): most facts of the kind then cost nobody anything.  With `watched`, it is
    announced although no process reacts: for whoever sounds an alarm.
    """

    contract: type[Contract]
    speakers: tuple[str, ...]
    listeners: tuple[str, ...] = ()
    only_if: Callable[[Mapping[str, Any]], bool] | None = None
    watched: bool = False


def _of_escalation(fields: Mapping[str, Any]) -> bool:
    """Return whether a text's fact is about one that an escalation asked for."""
    return kind_of(str(fields.get("sms_id"))) == ESCALATION


def _not_at_once(fields: Mapping[str, Any]) -> bool:
    """Return whether somebody has to hear of a refusal: the agent was not told by who refused."""
    return not fields.get("at_once")


GATE, RUNNER, EVALUATOR, COMMITTER = "policy_gate", "turn_runner", "evaluator", "committer"
SENDER, SCHEDULER, INGRESS, CLI, ANY = "sender", "scheduler", "ingress", "cli", "any"
AGENT = "global_agent"
CONSOLE = "console"

CATALOGUE: tuple[Line, ...] = (
    Line(p.Registered, (GATE, INGRESS, CLI, CONSOLE)),
    Line(p.UserLinked, (GATE, CLI, CONSOLE)),
    Line(p.ConsentRequested, (GATE, INGRESS, CLI, CONSOLE)),
    Line(p.ConsentGranted, (GATE, CLI, CONSOLE)),
    Line(p.UrgentAgreed, (CLI,)),
    Line(p.ConsentRevoked, (GATE, SENDER), (AGENT,)),
    Line(p.ConsentExpired, (SCHEDULER,)),
    Line(p.PhaseChanged, (GATE, CLI, COMMITTER, CONSOLE)),
    Line(p.LoopStageAdvanced, (GATE, CLI, COMMITTER, CONSOLE)),
    Line(p.ProfileAsked, (COMMITTER, GATE)),
    Line(p.ProfileSettled, (GATE,)),
    Line(p.MemoryKept, (COMMITTER, GATE)),
    Line(p.MemorySuperseded, (COMMITTER, GATE)),
    Line(p.MemoryForgotten, (GATE,)),
    Line(p.ProfileChanged, (COMMITTER, GATE)),
    Line(p.ConversationOpened, (GATE, INGRESS, SCHEDULER, AGENT)),
    Line(p.ConversationClosed, (COMMITTER, SCHEDULER, CLI, CONSOLE)),
    Line(p.StrangerMet, (GATE,)),
    Line(p.StrangerAnswered, (GATE,)),
    Line(p.TextPermitted, (SENDER,)),
    Line(p.QuestionWaiting, (AGENT,)),
    Line(p.QuestionPending, (AGENT, SCHEDULER)),
    Line(p.QuestionSettled, (AGENT, SCHEDULER, GATE, CLI), (AGENT,)),
    Line(p.NumberFailed, (SENDER,)),
    Line(p.PersonalTextRevealed, (CLI, CONSOLE)),
    Line(p.Erased, (CLI, CONSOLE), (AGENT,)),
    Line(c.ConversationStarted, (GATE, INGRESS, SCHEDULER, AGENT)),
    Line(c.MessageReceived, (GATE,)),
    Line(c.TurnAdmitted, (GATE, COMMITTER, SCHEDULER, CONSOLE), (RUNNER,)),
    Line(c.TurnAnswered, (GATE,), (COMMITTER,)),
    Line(c.ReplyDrafted, (RUNNER,), (EVALUATOR,)),
    Line(c.ModelFailed, (RUNNER,), (COMMITTER,)),
    Line(c.DraftApproved, (EVALUATOR,), (COMMITTER,)),
    Line(c.DraftRefused, (EVALUATOR,), (RUNNER, COMMITTER)),
    Line(c.TurnSuperseded, (GATE, COMMITTER, CLI, CONSOLE), (RUNNER,)),
    Line(c.TurnCommitted, (COMMITTER,)),
    Line(c.SmsRequested, (COMMITTER, INGRESS, AGENT, SCHEDULER, CONSOLE), (SENDER,)),
    Line(c.SmsReleased, (SCHEDULER, CLI, CONSOLE), (SENDER,)),
    Line(c.SmsAttempted, (SENDER,)),
    Line(c.SmsSent, (SENDER,), (AGENT,), only_if=_of_escalation),
    Line(c.SmsOutcomeUnknown, (SENDER,)),
    Line(c.SmsAbsent, (SENDER,)),
    Line(c.SmsDuplicateSuspected, (SENDER,)),
    Line(c.SmsDelivered, (SENDER,), (AGENT,), only_if=_of_escalation),
    Line(c.SmsFailed, (SENDER,), (AGENT,), only_if=_of_escalation),
    Line(c.SmsDeferred, (SENDER,)),
    Line(c.ConversationEndWanted, (AGENT, CONSOLE)),
    Line(c.ConversationEnded, (COMMITTER, SCHEDULER, AGENT, CLI, CONSOLE), (AGENT,)),
    Line(c.HistoryCondensed, (COMMITTER,)),
    Line(c.ConversationSummarised, (AGENT,)),
    Line(c.ConversationPackaged, (AGENT,), (AGENT,)),
    Line(c.ConversationOffered, (AGENT,)),
    Line(c.ConversationProcessed, (AGENT,)),
    Line(c.AcceptanceContradicted, (AGENT,)),
    Line(
        c.SmsWithheld,
        (SENDER, COMMITTER, AGENT, SCHEDULER, CLI, CONSOLE),
        (AGENT,),
        only_if=_of_escalation,
    ),
    Line(c.ConversationTakenOver, (CONSOLE,)),
    Line(c.ConversationHandedBack, (CONSOLE,)),
    Line(c.SmsPriced, (SCHEDULER,)),
    Line(SafetyCaseOpened, (COMMITTER, GATE)),
    Line(SafetyCaseAcknowledged, (CONSOLE,)),
    Line(SafetyCaseResolved, (CONSOLE,)),
    Line(f.FollowUpScheduled, (COMMITTER, GATE, SCHEDULER)),
    Line(f.FollowUpDeferred, (SCHEDULER,)),
    Line(f.FollowUpFired, (SCHEDULER,)),
    Line(f.FollowUpCancelled, (SCHEDULER, CLI)),
    Line(e.EscalationRequested, (AGENT,), (AGENT,)),
    Line(e.EscalationHeld, (AGENT, SCHEDULER), (AGENT,)),
    Line(e.EscalationStarted, (AGENT, SCHEDULER), (AGENT,)),
    Line(e.EscalationSent, (AGENT,), (AGENT,)),
    Line(e.EscalationDelivered, (AGENT,), (AGENT,)),
    Line(e.EscalationFailed, (AGENT, SCHEDULER), (AGENT,)),
    Line(e.EscalationAnswered, (GATE,), (AGENT,)),
    Line(e.EscalationRefused, (AGENT, SCHEDULER), (AGENT,), only_if=_not_at_once),
    Line(e.EscalationExpired, (AGENT, SCHEDULER), (AGENT,)),
    Line(e.EscalationCancelled, (AGENT,), (AGENT,)),
    Line(e.EscalationClosed, (SCHEDULER,), (AGENT,)),
    Line(e.EscalationLost, (CLI,), (AGENT,)),
    Line(e.EscalationReported, (AGENT,)),
    Line(e.EscalationAdmitted, (AGENT,)),
    Line(s.BudgetAllotted, (SENDER,)),
    Line(s.BudgetSettled, (SENDER, SCHEDULER)),
    Line(s.BudgetReturned, (SENDER, SCHEDULER)),
    Line(s.ThresholdCrossed, (SENDER, SCHEDULER), watched=True),
    Line(s.BudgetExhausted, (SENDER,), watched=True),
    Line(s.PriceExceeded, (SCHEDULER,), watched=True),
    Line(SignupTexted, (INGRESS,)),
    Line(LinkCodeIssued, (CLI,)),
    Line(LinkCodeUsed, (GATE,)),
    Line(InboundClaimed, (GATE,)),
    Line(CheckpointSigned, (SCHEDULER, CLI)),
    Line(d.DeadLettered, (ANY,)),
    Line(d.DeadLetterReplayed, (CLI, CONSOLE)),
    Line(d.DeadLetterDropped, (CLI, CONSOLE)),
)

_BY_NAME: Mapping[str, type[Contract]] = {line.contract.name: line.contract for line in CATALOGUE}
_HEARD: Mapping[str, tuple[str, ...]] = {
    line.contract.name: line.listeners for line in CATALOGUE if line.listeners
}


_WATCHED = frozenset(line.contract.name for line in CATALOGUE if line.watched)
_ONLY_IF = {line.contract.name: line.only_if for line in CATALOGUE if line.only_if is not None}


def contract_of(name: str) -> type[Contract]:
    """Return the contract of a name.  Raises `UnknownContract`."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UnknownContract(name) from None


def listeners() -> Mapping[str, tuple[str, ...]]:
    """Return the names that are announced, each with the processes that listen."""
    return _HEARD


def is_heard(name: str, fields: Mapping[str, Any]) -> bool:
    """Return whether somebody listens to a fact, or watches for it: it is to be announced."""
    if name not in _HEARD:
        return name in _WATCHED
    only_if = _ONLY_IF.get(name)
    return only_if is None or only_if(fields)


def listening() -> Mapping[str, Sequence[str]]:
    """Return the processes that listen to facts, each with the names they hear."""
    heard: dict[str, list[str]] = {}
    for name, processes in _HEARD.items():
        for process in processes:
            heard.setdefault(process, []).append(name)
    return heard


def is_urgent(fields: Mapping[str, Any]) -> bool:
    """
    Return whether a fact takes the urgent lane.

    Crisis, opt-out and urgent texts carry it in the clear as their `priority`, so that a waiting
    crowd of ordinary facts never stands before them.
    """
    return fields.get("priority") == "urgent"
