"""What the console asks for and answers, as models: checked at run time, drawn in the schema."""

from datetime import datetime
from types import GenericAlias
from typing import Annotated, Any, get_type_hints

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, create_model

from contracts.conversation import Flag, Usage
from contracts.labels import Brief, Labels
from projections.due import Due
from projections.inbox import Conversation
from projections.outbox import Outgoing
from projections.people import Person

Limit = Annotated[int, Field(ge=1, le=200)]
Key = Annotated[str, Field(max_length=80, pattern=r"^[^\x00]*$")]
Cursor = Annotated[str, Field(max_length=400)]


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
ConversationsPage = page_of(ConversationRow)
PeoplePage = page_of(PersonRow)
OutboxPage = page_of(OutgoingRow)
DuePage = page_of(DueRow)


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
    drafts: int
    flags: tuple[Flag, ...]
    usage: tuple[Usage, ...]
    failure: str | None
    waited_ms: int
    model_ms: int
    cost_microdollars: int | None


class Told(Shape):
    """A conversation with its words, up to `version`."""

    conversation_id: str
    version: int
    status: str
    person_id: str
    initiated_by: str
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    end_reason: str | None
    lines: tuple[LineShown, ...]
    turns: tuple[TurnShown, ...]


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


class PersonShown(Shape):
    """One person, with the last two digits of their number, and their newest conversations."""

    person: PersonRow  # type: ignore[valid-type]
    number: str | None
    conversations: tuple[ConversationRow, ...]  # type: ignore[valid-type]
    position: int
