"""The facts of a conversation and its turns, in the order they happen."""

from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime

from contracts.base import Contract, Part
from contracts.identity import AttemptId, EscalationId, MessageSid, PersonId, SmsId, TurnId
from contracts.labels import Brief, Labels
from contracts.personal import Pii
from contracts.proposal import FollowUpWish, MemoryWrite, ProfileChange, SafetyLevel, TurnProposal
from contracts.shift import ContextPackage, PackageId, ShiftId
from contracts.texts import (
    DeferredReason,
    Encoding,
    EndReason,
    Priority,
    SmsKind,
    WithheldReason,
)

TAKEN_OVER_FOR = timedelta(hours=24)
"""
So long a silence ends no conversation that a reviewer has taken over: they may be finding
something out, and whoever forgot to hand back is not to keep a person from the agent for ever.
"""


class ConversationStarted(Contract):
    """A person and the agent began to talk."""

    name: ClassVar[str] = "conversation.started.v1"
    person_id: PersonId
    generation: int
    initiated_by: Literal["person", "agent"]
    at: AwareDatetime
    project_id: str | None = None
    escalation_id: str | None = None


class MessageReceived(Contract):
    """A text arrived from the person; `received_at` is the person's order, not ours."""

    name: ClassVar[str] = "conversation.message_received.v1"
    sid: MessageSid
    text: Annotated[str, Pii]
    received_at: AwareDatetime
    segments: int = 1
    media: int = 0


class TurnAdmitted(Contract):
    """
    A text passed the gates and wants an answer of the model.

    A burst of texts admits the same turn again, each time with a later `due_at`: the newest
    admission is the one that counts.  The span counts the person's texts in the conversation
    from 1; a turn that the agent begins covers none (`covers_through` < `covers_from`).
    """

    name: ClassVar[str] = "conversation.turn_admitted.v1"
    turn_id: TurnId
    trigger: Literal["text", "rest", "follow_up"]
    covers_from: int
    covers_through: int
    due_at: AwareDatetime
    labels: Labels
    brief: Brief


class SafetyNote(Part):
    """What a gate saw that a person must look at; `quotes` are the words that matched."""

    kind: str
    tier: Literal["critical", "high", "medium"]
    quotes: tuple[Annotated[str, Pii], ...] = ()


class TurnAnswered(Contract):
    """
    A gate answered: no model is asked.

    `reply` is None where silence is the answer.  `closes_turn` says that the texts still open
    are answered by this, too.
    """

    name: ClassVar[str] = "conversation.turn_answered.v1"
    turn_id: TurnId
    gate: str
    reply: Annotated[str, Pii] | None
    kind: SmsKind
    priority: Priority
    closes_turn: bool
    labels: Labels
    safety: SafetyNote | None = None
    ends: EndReason | None = None


class Usage(Part):
    """What asking the models took; `cost_microdollars` is None where no price is known."""

    model_asked: str
    model_answered: str | None = None
    requests: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost_microdollars: int | None = None
    latency_ms: int = 0
    tools: tuple[str, ...] = ()


class ReplyDrafted(Contract):
    """The model proposed an answer to the texts `covers_from` to `covers_through`, unjudged."""

    name: ClassVar[str] = "conversation.reply_drafted.v1"
    turn_id: TurnId
    covers_from: int
    covers_through: int
    proposal: TurnProposal
    usage: Usage


class ModelFailed(Contract):
    """No model gave a usable proposal; the harness answers honestly instead."""

    name: ClassVar[str] = "conversation.model_failed.v1"
    turn_id: TurnId
    covers_from: int
    covers_through: int
    kind: str
    usage: Usage


class Flag(Part):
    """One thing the evaluator found: the rule, the failure mode it belongs to, the span."""

    flag: str
    failure_mode: str
    rule: str
    span: Annotated[str, Pii]
    act: Literal["warn", "repair", "block"]


class Judgement(Part):
    """
    What a second model said of a draft that the rules had passed, and what it was asked.

    `opinion` None: it failed as `failure` says, or was too slow, and the rules' verdict stands.
    """

    opinion: Literal["send", "revise", "block"] | None
    reason: Annotated[str, Pii] = ""
    failure: str = ""
    version: str
    prompt: Annotated[str, Pii]
    usage: Usage


class DraftApproved(Contract):
    """The draft at `draft_version` may be committed, with the effects that were kept."""

    name: ClassVar[str] = "conversation.draft_approved.v1"
    turn_id: TurnId
    draft_version: int
    text: Annotated[str, Pii]
    memory: tuple[MemoryWrite, ...] = ()
    profile: tuple[ProfileChange, ...] = ()
    follow_ups: tuple[FollowUpWish, ...] = ()
    safety: SafetyLevel = "none"
    complete: bool = False
    flags: tuple[Flag, ...] = ()
    rule_set: str
    judgement: Judgement | None = None


class DraftRefused(Contract):
    """The draft may not leave: one repair with the flags as feedback, then the fallback text."""

    name: ClassVar[str] = "conversation.draft_refused.v1"
    turn_id: TurnId
    draft_version: int
    action: Literal["repair", "fallback"]
    flags: tuple[Flag, ...]
    rule_set: str
    judgement: Judgement | None = None


class TurnSuperseded(Contract):
    """
    A draft or an open turn was overtaken and will not be sent.

    With `due_at` the turn is tried again then; without, a gate or a reviewer has answered in its
    place, or nothing more will be said.
    """

    name: ClassVar[str] = "conversation.turn_superseded.v1"
    turn_id: TurnId
    reason: Literal["newer_text", "gate", "opted_out", "erased", "reviewer", "restored"]
    due_at: AwareDatetime | None = None


class Trace(Part):
    """
    How a committed turn came about, for whoever asks why this was sent.

    `judged` is what a second model said of the draft, where one was asked; None: nobody was.
    `earlier` counts the conversations before this one of which the model was told.
    """

    mode: Literal["deterministic", "model", "fallback"]
    gate: str | None = None
    labels: Labels | None = None
    brief_id: str | None = None
    skills: tuple[str, ...] = ()
    decision: Literal["approved", "refused", "failed", "none"] = "none"
    flags: tuple[Flag, ...] = ()
    rule_sets: tuple[str, ...] = ()
    judged: Literal["send", "revise", "block", "failed"] | None = None
    earlier: int = 0
    usage: tuple[Usage, ...] = ()
    waited_ms: int = 0
    model_ms: int = 0


class TurnCommitted(Contract):
    """
    The turn is settled; what it says is requested in the same save.

    `closes_at`: the person's last words were a polite farewell, so that the conversation may end
    then, if nobody has texted and nothing is open.  `concerned`: a safety case is opened with it.
    `check_at`: the person was in danger, and is asked again how they are then.
    """

    name: ClassVar[str] = "conversation.turn_committed.v1"
    turn_id: TurnId
    covers_from: int
    covers_through: int
    at: AwareDatetime
    trace: Trace
    closes_at: AwareDatetime | None = None
    concerned: bool = False
    check_at: AwareDatetime | None = None


class SmsRequested(Contract):
    """
    A text is to leave.

    `answers_at` is the time of the person's text it answers (None if the agent began);
    `estimated_microdollars` is segments times the list price; `by` is the reviewer who wrote it
    or asked for it again, None if the harness did.  `escalations` are those that it carries.
    """

    name: ClassVar[str] = "conversation.sms_requested.v1"
    sms_id: SmsId
    turn_id: TurnId | None
    kind: SmsKind
    priority: Priority
    text: Annotated[str, Pii]
    encoding: Encoding
    segments: int
    estimated_microdollars: int
    at: AwareDatetime
    answers_at: AwareDatetime | None = None
    not_before: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    by: str | None = None
    escalations: tuple[EscalationId, ...] = ()


class SmsReleased(Contract):
    """A text that waited may be tried again."""

    name: ClassVar[str] = "conversation.sms_released.v1"
    sms_id: SmsId
    priority: Priority
    why: Literal["deferred", "unknown", "retry", "operator"]


class Charge(Part):
    """
    What an attempt costs by the list price, and on whose account.

    `account` is the number key and month of the spending stream, `lot_id` the lot it is drawn
    on; None for crisis and opt-out texts, which are recorded beside the cap.
    """

    account: str
    lot_id: str | None
    microdollars: int
    segments: int
    kind: SmsKind


class SmsAttempted(Contract):
    """
    The carrier is about to be asked, once, to send a text.

    `attempt_id` is `<conversation id>.<version of this fact>`, so that a status callback finds
    its stream without a lookup.  Before `deadline_at` nobody may conclude anything from silence.
    `charge` is None for attempts that were made before money was counted.
    """

    name: ClassVar[str] = "conversation.sms_attempted.v1"
    attempt_id: AttemptId
    sms_id: SmsId
    started_at: AwareDatetime
    deadline_at: AwareDatetime
    charge: Charge | None = None


SentStatus = Literal["accepted", "scheduled", "queued", "sending", "sent", "read", "canceled"]


class SmsSent(Contract):
    """The carrier has the text; once for each status it reports on the way."""

    name: ClassVar[str] = "conversation.sms_sent.v1"
    attempt_id: AttemptId
    sms_id: SmsId
    provider_sid: MessageSid
    status: SentStatus
    via: Literal["answer", "callback", "listing"]


class SmsOutcomeUnknown(Contract):
    """
    Nobody can say whether the carrier took the text; it is never repeated blindly.

    Said anew after each look at the carrier's list that found nothing: `looks` counts those made
    after the attempt's deadline, `look_at` is when to look again.
    """

    name: ClassVar[str] = "conversation.sms_outcome_unknown.v1"
    attempt_id: AttemptId
    sms_id: SmsId
    reason: str
    looks: int = 0
    look_at: AwareDatetime


class SmsAbsent(Contract):
    """The carrier was asked after a quiet period and does not have the text."""

    name: ClassVar[str] = "conversation.sms_absent.v1"
    attempt_id: AttemptId
    sms_id: SmsId
    looks: int


class SmsDuplicateSuspected(Contract):
    """The carrier reports a second message for one text: counted, never hidden."""

    name: ClassVar[str] = "conversation.sms_duplicate_suspected.v1"
    attempt_id: AttemptId
    sms_id: SmsId
    provider_sid: MessageSid


class SmsDelivered(Contract):
    """The handset has the text, says the carrier."""

    name: ClassVar[str] = "conversation.sms_delivered.v1"
    attempt_id: AttemptId
    sms_id: SmsId
    provider_sid: MessageSid


class SmsFailed(Contract):
    """An attempt failed; `final` says that no other will be made."""

    name: ClassVar[str] = "conversation.sms_failed.v1"
    attempt_id: AttemptId
    sms_id: SmsId
    code: int | None
    reason: str
    final: bool
    provider_sid: MessageSid | None = None
    status: Literal["failed", "undelivered", "rejected", "not_sent"] = "rejected"


class SmsDeferred(Contract):
    """A text waits until `until`, and is looked at again then."""

    name: ClassVar[str] = "conversation.sms_deferred.v1"
    sms_id: SmsId
    until: AwareDatetime
    reason: DeferredReason


class SmsWithheld(Contract):
    """A text will never leave, and why."""

    name: ClassVar[str] = "conversation.sms_withheld.v1"
    sms_id: SmsId
    reason: WithheldReason


class ConversationEndWanted(Contract):
    """The agent or an operator wants the end, which waits until every text has its answer."""

    name: ClassVar[str] = "conversation.end_wanted.v1"
    reason: Literal["agent", "operator"]
    at: AwareDatetime


class HistoryCondensed(Contract):
    """
    What the first `through` lines came to, so that a long conversation fits into a context.

    Made by rules from the lines themselves: the same lines give the same words.
    """

    name: ClassVar[str] = "conversation.history_condensed.v1"
    through: int
    text: Annotated[str, Pii]


class ConversationTakenOver(Contract):
    """A reviewer answers in person from here on: gates still run, the model is not asked."""

    name: ClassVar[str] = "conversation.taken_over.v1"
    by: str
    at: AwareDatetime


class ConversationHandedBack(Contract):
    """The agent answers again."""

    name: ClassVar[str] = "conversation.handed_back.v1"
    by: str
    at: AwareDatetime


class SmsPriced(Contract):
    """
    What an attempt really cost, and on which account the difference was settled.

    `provider`: as the carrier's own message resource says.  `absent`: the carrier never had it.
    """

    name: ClassVar[str] = "conversation.sms_priced.v1"
    attempt_id: AttemptId
    sms_id: SmsId
    account: str
    microdollars: int
    estimated_microdollars: int
    via: Literal["provider", "absent"]


class ConversationEnded(Contract):
    """The conversation is over; the person's next text opens another."""

    name: ClassVar[str] = "conversation.ended.v1"
    person_id: PersonId
    reason: EndReason
    at: AwareDatetime


class ConversationSummarised(Contract):
    """What the conversation came to, in sentences; `by` says who wrote them."""

    name: ClassVar[str] = "conversation.summarised.v1"
    summary: Annotated[str, Pii]
    intents: tuple[str, ...] = ()
    open_questions: tuple[Annotated[str, Pii], ...] = ()
    by: Literal["rules", "model"] = "rules"


class ConversationPackaged(Contract):
    """The package for the next shift, whole, so that every offer is the very same one."""

    name: ClassVar[str] = "conversation.packaged.v1"
    package: ContextPackage
    at: AwareDatetime


class ConversationOffered(Contract):
    """The package is handed to the bus for the `times`-th time, and again at `again_at`."""

    name: ClassVar[str] = "conversation.offered.v1"
    package_id: PackageId
    times: int
    at: AwareDatetime
    again_at: AwareDatetime


class ConversationProcessed(Contract):
    """A shift of the global agent accepted the package; the first one to say so stands."""

    name: ClassVar[str] = "conversation.processed.v1"
    global_shift_id: ShiftId
    package_id: PackageId
    accepted_at: AwareDatetime
    at: AwareDatetime


class AcceptanceContradicted(Contract):
    """Another shift than the one that has the package accepted it, too: a person should look."""

    name: ClassVar[str] = "conversation.acceptance_contradicted.v1"
    global_shift_id: ShiftId
    package_id: PackageId
    accepted_at: AwareDatetime
    at: AwareDatetime


ConversationFact = (
    ConversationStarted
    | MessageReceived
    | TurnAdmitted
    | TurnAnswered
    | ReplyDrafted
    | ModelFailed
    | DraftApproved
    | DraftRefused
    | TurnSuperseded
    | TurnCommitted
    | SmsRequested
    | SmsReleased
    | SmsAttempted
    | SmsSent
    | SmsOutcomeUnknown
    | SmsAbsent
    | SmsDuplicateSuspected
    | SmsDelivered
    | SmsFailed
    | SmsDeferred
    | SmsWithheld
    | ConversationEndWanted
    | ConversationTakenOver
    | ConversationHandedBack
    | SmsPriced
    | ConversationEnded
    | HistoryCondensed
    | ConversationSummarised
    | ConversationPackaged
    | ConversationOffered
    | ConversationProcessed
    | AcceptanceContradicted
)
