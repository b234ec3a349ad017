"""
The form of a scenario: who the person is, what happens over time, and what must come of it.

Everything is strict: an unknown key, a name that means nothing, or an expectation that could
never be met is refused, because a check that cannot fail is worse than none.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from contracts.escalation import EscalationKind
from contracts.labels import Domain, Risk, Urgency
from contracts.memory_keys import contract_of
from contracts.person import Consent, LoopStage, Phase, ProfileQuestion
from contracts.sms import OptOutType
from contracts.texts import DeferredReason, EndReason, Priority, SmsKind, WithheldReason
from domain.conversation.state import Status
from domain.policy import OptOutOwner, Strangers
from domain.scenario.allowed import Allowed
from domain.scenario.answers import Answer
from domain.scenario.named import flag_named
from domain.scenario.phrases import Phrase
from domain.scenario.spans import Span
from domain.turn.reading import DangerKind, SafetyClass, Tier

# A Tuesday, noon in New York.
NOON = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)

Gate = Literal[
    "model", "stop", "help", "share", "pending_yes", "start", "crisis", "passive_death",
    "burnout_escape", "isolation", "stranger", "consent", "limits", "question", "profile",
    "forget", "unreadable",
]  # fmt: skip
Verdict = Literal["approve", "repair", "fallback"]
FollowUpKind = Literal["check_in", "reminder", "answer_question", "safety_check"]


def _key(key: str) -> str:
    if contract_of(key) is None:
        raise ValueError(f"{key} is no key of memory")
    return key


Key = Annotated[str, AfterValidator(_key)]
FlagName = Annotated[str, AfterValidator(flag_named)]


class Written(BaseModel):
    """Something written by hand: no unknown keys, and nothing changes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rules(Written):
    """What the operator decided, as far as a scenario differs from the defaults."""

    opt_out_owner: OptOutOwner = "service"
    strangers: Strangers = "signup"
    signup_url: str = "https://parley.example/signup"
    support: str = ""
    rate_limit_per_hour: Annotated[int, Field(ge=1, le=3600)] = 60
    max_segments: Annotated[int, Field(ge=1, le=10)] = 3
    budget_spent: bool = False


class Beginning(Written):
    """
    Who the person is before the first step.

    Without `phase` and `loop_stage` they are those that usually go with the consent; `asked` is
    how long ago they were asked for it, `asking` the profile question that is open.
    """

    known: bool = True
    consent: Consent = "granted"
    asked: Span | None = None
    phase: Phase | None = None
    loop_stage: LoopStage | None = None
    name: str | None = None
    timezone: str | None = None
    zones: tuple[str, ...] = ()
    memory: Mapping[Key, str] = {}
    asking: ProfileQuestion | None = None
    settled: tuple[ProfileQuestion, ...] = ()
    urgent_agreed: bool = False

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if not self.known and (self.consent == "granted" or self.memory or self.asking):
            raise ValueError("somebody unknown has neither agreed nor told us anything")
        if self.asked is not None and self.consent == "granted":
            raise ValueError("who has agreed waits for no answer to a request: leave `asked` out")
        return self


class Need(Written):
    """The agent needs the person: what it asks or tells them."""

    id: str
    text: str
    kind: EscalationKind = "question"
    priority: Priority = "normal"
    expects_reply: bool = True
    reply_options: tuple[str, ...] | None = None
    begins_after: Span | None = None
    good_for: Span | None = None


class Sent(Written):
    """One text that must have left."""

    kind: SmsKind | None = None
    priority: Priority | None = None
    contains: tuple[Phrase, ...] = ()
    lacks: tuple[Phrase, ...] = ()
    segments: int | None = None


class FollowUpSeen(Written):
    """A follow-up that must have been promised in a step."""

    kind: FollowUpKind
    after: Span | None = None
    purpose: Phrase | None = None


class Expect(Written):
    """
    What must have come of a step, thirty seconds after it; what is left out is not looked at.

    `gate` is `model` where no gate answered.  `contains` and `lacks` are about all texts that
    left, `texts` names each of them in order, `shown` and `hidden` are about what the model was
    given.  `memory` gives values by key, null for what is not remembered.
    """

    gate: Gate | None = None
    safety: SafetyClass | Literal["none"] | None = None
    danger: DangerKind | None = None
    tier: Tier | None = None
    domain: Domain | None = None
    risk: Risk | None = None
    urgency: Urgency | None = None
    mode: Literal["deterministic", "model", "fallback"] | None = None
    verdicts: tuple[Verdict, ...] | None = None
    flags: tuple[FlagName, ...] = ()
    flags_lack: tuple[FlagName, ...] = ()
    contains: tuple[Phrase, ...] = ()
    lacks: tuple[Phrase, ...] = ()
    silent: bool | None = None
    texts: tuple[Sent, ...] | None = None
    shown: tuple[Phrase, ...] = ()
    hidden: tuple[Phrase, ...] = ()
    memory: Mapping[Key, str | None] = {}
    follow_up: FollowUpSeen | Literal["none"] | None = None
    case: str | None = None
    deferred: DeferredReason | None = None
    withheld: WithheldReason | None = None
    phase: Phase | None = None
    loop_stage: LoopStage | None = None
    consent: Consent | None = None
    asking: ProfileQuestion | Literal["none"] | None = None
    name: str | None = None
    timezone: str | None = None
    conversation: Status | None = None
    ended: EndReason | None = None
    escalations: Mapping[str, str] = {}

    @model_validator(mode="after")
    def _possible(self) -> Self:
        heard = bool(self.contains or self.texts)
        if self.silent and heard:
            raise ValueError("nothing can be in a text where `silent` says that none leaves")
        if self.silent is False and self.texts == ():
            raise ValueError("`texts` is empty and `silent` is false: one of them is wrong")
        if self.ended is not None and self.conversation == "active":
            raise ValueError("a conversation that is active has not ended")
        if self.safety == "none" and (self.danger is not None or self.tier is not None):
            raise ValueError("without danger (`safety: none`) it has neither a kind nor a tier")
        both = set(self.flags) & set(self.flags_lack)
        if both:
            raise ValueError(f"{min(both)} is both expected and forbidden")
        return self


NOTHING = Expect()


class Step(Written):
    """
    One thing that happens, `after` the one before, and what must come of it.

    Exactly one of: the person texts (`says`), the agent `needs` them or `cancels` that, a while
    `passes`, a reviewer `takes_over`, `hands_back`, `ends`, `writes` or `resolves` a case.
    """

    after: Span = _MINUTE
    says: str | None = None
    media: Annotated[int, Field(ge=0, le=10)] = 0
    opt_out_type: OptOutType | None = None
    unreadable: bool = False
    needs: Need | None = None
    cancels: str | None = None
    passes: Span | None = None
    takes_over: str | None = None
    hands_back: str | None = None
    writes: str | None = None
    ends: Literal["agent", "operator"] | None = None
    resolves: str | None = None
    model: tuple[Answer, ...] = ()
    expect: Expect = NOTHING

    @model_validator(mode="after")
    def _possible(self) -> Self:
        acts = [name for name in _ACTS if getattr(self, name) is not None]
        if len(acts) != 1:
            given = " and ".join(acts) or "none of them"
            raise ValueError(f"a step does exactly one of {', '.join(_ACTS)}; here {given}")
        if self.says is None and (self.media or self.opt_out_type or self.unreadable):
            raise ValueError("media, opt_out_type and unreadable belong to a text (`says`)")
        self._refuse_unasked()
        return self

    def _refuse_unasked(self) -> None:
        expect = self.expect
        gate = expect.gate
        if self.model and gate not in _ASKS_ALL_THE_SAME:
            raise ValueError(f"the gate {gate} answers itself, so the model is not asked")
        judged = expect.verdicts or expect.flags or expect.shown
        if judged and not self.model:
            raise ValueError("verdicts, flags and shown need an answer of the model")


# HELP and SHARE leave the turn open whose texts came before.
_ASKS_ALL_THE_SAME = (None, "model", "help", "share")
_ACTS = (
    "says", "needs", "cancels", "passes", "takes_over", "hands_back", "writes", "ends", "resolves",
)  # fmt: skip


class Session(Written):
    """Some steps close together, `after` so much time."""

    after: Span = timedelta()
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]


class Scenario(Written):
    """A story with an end: `country` null is a number that tells none."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    title: Annotated[str, Field(min_length=1)]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = "US"
    starts: AwareDatetime = NOON
    rules: Rules = Rules()
    person: Beginning = Beginning()
    sessions: Annotated[tuple[Session, ...], Field(min_length=1)]
    allows: Mapping[Allowed, str] = {}

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(step.expect == NOTHING for session in self.sessions for step in session.steps):
            raise ValueError("a scenario expects something of at least one step")
        return self
