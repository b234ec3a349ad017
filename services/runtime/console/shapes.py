"""What the console asks for and answers, as models: checked at run time, drawn in the schema."""

from datetime import datetime
from types import GenericAlias
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model

from contracts.conversation import Flag, Usage
from contracts.evidence import Evidence
from contracts.labels import Brief, Labels
from projections.charges import Share
from projections.dead_letters import DeadLetter
from projections.due import Due
from projections.escalations import Escalation
from projections.harness_health import Harness
from projections.inbox import Conversation
from projections.outbox import Outgoing
from projections.people import Person
from projections.safety import Case
from projections.shifts import Shift
from projections.spending import ModelDay, Month

Limit = Annotated[int, Field(ge=1, le=200)]
Key = Annotated[str, Field(max_length=80, pattern=r"^[^\x00]*$")]
Cursor = Annotated[str, Field(max_length=400)]
Word = Annotated[str, Field(max_length=500)]


class Shape(BaseModel):
    """An answer, or a part of one."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class Asks(BaseModel):
    """The parameters of a question; others are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Asks):
    """No parameters."""


class Paged(Asks):
    """A page of a list."""

    limit: Limit = 50
    cursor: Cursor | None = None

    def narrowed(self) -> dict[str, str]:
        """Return what the list is narrowed to."""
        return self.model_dump(exclude={"limit", "cursor"}, exclude_none=True)


class ConversationsAsked(Paged):
    """A page of the conversations, the newest first."""

    person_id: Key | None = None
    status: Key | None = None


class PeopleAsked(Paged):
    """A page of the people, the newest first."""

    consent: Key | None = None
    user_id: Key | None = None


class OutboxAsked(Paged):
    """A page of the outgoing texts, the newest first."""

    conversation_id: Key | None = None
    status: Key | None = None


class DueAsked(Paged):
    """A page of what is unfinished, urgent first, then the longest due."""

    kind: Key | None = None


class CasesAsked(Paged):
    """A page of the safety cases: those that wait first, the gravest before the others."""

    state: Key | None = None
    tier: Key | None = None
    person_id: Key | None = None
    conversation_id: Key | None = None


class LettersAsked(Paged):
    """A page of the dead letters, the newest first."""

    state: Key | None = None
    consumer: Key | None = None


class EscalationsAsked(Paged):
    """A page of what the agent needed people for, the newest first."""

    person_id: Key | None = None
    status: Key | None = None


class ShiftsAsked(Paged):
    """A page of the ended conversations on their way to a shift, the newest first."""

    state: Key | None = None
    shift_id: Key | None = None


class HarnessAsked(Paged):
    """A page of what the harness did, by hour or by day, the newest first."""

    per: Literal["hour", "day"] = "day"


class OutcomeWanted(Asks):
    """How a safety case ended, in a reviewer's words."""

    outcome: Annotated[str, Field(min_length=1, max_length=2_000)]


class TextWanted(Asks):
    """What a reviewer says in person; the same `sms_id` is sent once."""

    text: Annotated[str, Field(min_length=1, max_length=1_600)]
    sms_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None


class RevealWanted(Asks):
    """Why somebody wants to read a person's words; kept for ever, so no word of theirs in it."""

    why: Annotated[str, Field(min_length=1, max_length=500)]


class EraseWanted(Asks):
    """Who is meant, once more: the first eight characters of the person's id."""

    confirm: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]


class PersonWanted(Asks):
    """Who may be texted; `consent` granted needs `evidence`, `agreed_at` is when that was."""

    phone: Annotated[str, Field(max_length=40)]
    user_id: Word | None = None
    name: Word | None = None
    timezone: Word | None = None
    country: Word | None = None
    consent: Literal["granted", "pending"] | None = None
    evidence: Word | None = None
    agreed_at: Word | None = None


class SpendingAsked(Paged):
    """A page of the months' money, the last changed first."""

    month: Key | None = None


class FactsAsked(Asks):
    """A page of a conversation's facts, behind the version `cursor`."""

    limit: Limit = 50
    cursor: Annotated[int, Field(ge=0, le=2**53)] = 0


def page_of(row: type[Any]) -> type[Any]:
    """Return the model of a page of rows."""
    items: Any = GenericAlias(tuple, (row, ...))
    return create_model(
        f"PageOf{row.__name__}",
        __base__=Shape,
        __doc__="A page of a list; `cursor` leads to the next, None behind the last.",
        items=(items, ...),
        cursor=(str | None, ...),
        position=(int, ...),
    )


def _like(row: type[tuple[Any, ...]], name: str) -> type[Any]:
    """Return the model of a projection's row, so that the schema follows the table."""
    fields: dict[str, Any] = {
        column: (AwareDatetime if kind is datetime else kind, ...)
        for column, kind in get_type_hints(row).items()
    }
    return create_model(name, __base__=Shape, __doc__=row.__doc__, **fields)


ConversationRow: type[Any] = _like(Conversation, "ConversationRow")
PersonRow: type[Any] = _like(Person, "PersonRow")
OutgoingRow: type[Any] = _like(Outgoing, "OutgoingRow")
DueRow: type[Any] = _like(Due, "DueRow")
CaseRow: type[Any] = _like(Case, "CaseRow")
LetterRow: type[Any] = _like(DeadLetter, "LetterRow")
EscalationRow: type[Any] = _like(Escalation, "EscalationRow")
ShiftRow: type[Any] = _like(Shift, "ShiftRow")
HarnessRow: type[Any] = _like(Harness, "HarnessRow")
MonthRow: type[Any] = _like(Month, "MonthRow")
ShareRow: type[Any] = _like(Share, "ShareRow")
ModelDayRow: type[Any] = _like(ModelDay, "ModelDayRow")
ConversationsPage = page_of(ConversationRow)
PeoplePage = page_of(PersonRow)
OutboxPage = page_of(OutgoingRow)
DuePage = page_of(DueRow)
CasesPage = page_of(CaseRow)
LettersPage = page_of(LetterRow)
EscalationsPage = page_of(EscalationRow)
ShiftsPage = page_of(ShiftRow)
HarnessPage = page_of(HarnessRow)

SpendingPage = page_of(MonthRow)


class MonthShown(Shape):
    """A month's money in micro-dollars: the account, its texts by day and kind, the models."""

    month: MonthRow  # type: ignore[valid-type]
    texts: tuple[ShareRow, ...]  # type: ignore[valid-type]
    models: tuple[ModelDayRow, ...]  # type: ignore[valid-type]
    position: int


class LineShown(Shape):
    """One line of a transcript, with its words."""

    seq: int
    author: str
    text: str
    at: AwareDatetime
    version: int
    kind: str
    turn_id: str | None
    line_id: str
    status: str | None
    code: int | None
    reason: str | None
    segments: int
    by: str | None


class DraftShown(Shape):
    """What the model proposed, and the verdict on it."""

    version: int
    text: str
    verdict: str | None
    memory: tuple[str, ...]
    wishes: tuple[str, ...]


class TurnShown(Shape):
    """How one answer came about."""

    turn_id: str
    version: int
    at: AwareDatetime
    stage: str
    mode: str | None
    gate: str | None
    labels: Labels | None
    brief: Brief | None
    decision: str | None
    skills: tuple[str, ...]
    drafts: int
    drafted: tuple[DraftShown, ...]
    rule_sets: tuple[str, ...]
    flags: tuple[Flag, ...]
    usage: tuple[Usage, ...]
    failure: str | None
    waited_ms: int
    model_ms: int
    cost_microdollars: int | None


class Told(Shape):
    """
    A conversation with its words, up to `version`.

    `clear` says whether they are what was said; else each is how long it is.
    """

    conversation_id: str
    version: int
    status: str
    person_id: str
    initiated_by: str
    taken_by: str | None
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    end_reason: str | None
    lines: tuple[LineShown, ...]
    turns: tuple[TurnShown, ...]
    clear: bool


class FactShown(Shape):
    """One fact of the journal."""

    version: int
    position: int
    at: AwareDatetime
    fact: str
    cause: str
    correlation: str
    digest: str
    content: dict[str, Any]


FactsPage = page_of(FactShown)


class ConsentShown(Shape):
    """One record of a person's consent; `shown` are the words they were asked in, if recorded."""

    at: AwareDatetime
    fact: str
    evidence: Evidence
    shown: str | None


class PersonShown(Shape):
    """
    One person with their consent and their newest conversations.

    Of the number the last two digits, and no name, unless they were `revealed`.
    """

    person: PersonRow  # type: ignore[valid-type]
    number: str | None
    name: str | None
    revealed: bool
    consent: tuple[ConsentShown, ...]
    conversations: tuple[ConversationRow, ...]  # type: ignore[valid-type]
    position: int


class CaseShown(Shape):
    """One safety case with the words that opened it, and the note that closed it."""

    case_id: str
    standing: str
    person_id: str | None
    conversation_id: str | None
    kind: str
    tier: str
    quotes: tuple[str, ...]
    opened_at: AwareDatetime | None
    acknowledged_by: str | None
    acknowledged_at: AwareDatetime | None
    resolved_by: str | None
    resolved_at: AwareDatetime | None
    outcome: str | None
    version: int
    clear: bool


class Done(Shape):
    """What was done; `facts` is how many were appended, 0 where all was so already."""

    id: str
    facts: int


class Revealed(Shape):
    """What may be seen in the clear, and until when."""

    id: str
    facts: int
    until: AwareDatetime


class Forgot(Shape):
    """
    What an erasure came to.

    `facts` is 0 where the person was erased already and only what was left elsewhere was cleaned
    up; `messages` are the queue's, by stream; `copies` those that the carrier deleted, None where
    it was not asked; `left` those that it could not delete yet.
    """

    id: str
    facts: int
    messages: dict[str, int]
    copies: int | None
    left: int


class LineImported(Shape):
    """What became of one line of a table."""

    line: int
    person_id: str | None
    facts: int
    refused: str | None


class Imported(Shape):
    """What became of a table of people."""

    added: int
    refused: int
    lines: tuple[LineImported, ...]
