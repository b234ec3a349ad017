"""The shapes of the console's answers: the projections' rows as JSON, and what is put together."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

from contracts.conversation import Flag, SafetyNote, Usage
from contracts.labels import Labels
from projections.due import Due
from projections.inbox import Conversation
from projections.outbox import Outgoing
from projections.people import Person
from projections.transcript import Line


class Shape(BaseModel):
    """One answer, or a piece of one."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Problem(Shape):
    """A problem document (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None


class DraftView(Shape):
    """One proposal of the model and what the evaluator made of it; `verdict` None while open."""

    version: int
    reply: str
    verdict: Literal["approved", "repair", "fallback"] | None = None
    flags: tuple[Flag, ...] = ()
    rule_set: str | None = None


class TurnView(Shape):
    """
    How one turn came about.

    `state` is `open` until it is settled; `mode` is how it was.  `latency_ms` and
    `cost_microdollars` are those of every request to a model, also of drafts that were not sent;
    the cost is None where a price is not known.
    """

    turn_id: str
    version: int
    state: Literal["open", "answered", "committed", "superseded"]
    mode: Literal["deterministic", "model", "fallback"] | None = None
    trigger: str | None = None
    covers_from: int | None = None
    covers_through: int | None = None
    due_at: datetime | None = None
    committed_at: datetime | None = None
    gate: str | None = None
    safety: SafetyNote | None = None
    labels: Labels | None = None
    brief_id: str | None = None
    priority: str | None = None
    need: str | None = None
    next_step: str | None = None
    decision: Literal["approved", "refused", "failed", "none"] | None = None
    failure: str | None = None
    superseded: str | None = None
    flags: tuple[Flag, ...] = ()
    drafts: tuple[DraftView, ...] = ()
    skills: tuple[str, ...] = ()
    rule_sets: tuple[str, ...] = ()
    usage: tuple[Usage, ...] = ()
    cost_microdollars: int | None = None
    latency_ms: int = 0
    waited_ms: int = 0


class FactView(Shape):
    """One fact in its envelope, personal text opened."""

    version: int
    position: int
    name: str
    at: datetime
    cause: str
    correlation: str
    traceparent: str | None
    previous: str
    digest: str
    fields: Mapping[str, Any]


class ConversationAt(Shape):
    """A conversation's state as it was after the fact at `version`."""

    conversation_id: str
    version: int
    digest: str
    state: Mapping[str, Any]


def _row(row: type[tuple[Any, ...]], name: str, **more: Any) -> type[BaseModel]:
    """Return the shape of a projection's row, which may have more fields."""
    columns = {column: (kind, ...) for column, kind in get_type_hints(row).items()}
    fields: dict[str, Any] = {**columns, **more}
    return create_model(name, __base__=Shape, __doc__=row.__doc__, **fields)


def _list_of(item: type[BaseModel]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        "items": (tuple[item, ...], ...),  # type: ignore[valid-type]
        "cursor": (str | None, ...),
        "position": (int, ...),
    }
    told = "A page: `cursor` gives the next one; the rows are at least as new as `position`."
    return create_model(f"{item.__name__}List", __base__=Shape, __doc__=told, **fields)


ConversationRow = _row(Conversation, "Conversation")
PersonRow = _row(Person, "Person")
OutgoingRow = _row(Outgoing, "Outgoing")
DueRow = _row(Due, "Due")
LineView = _row(Line, "Line", text=(str, ...))

Conversations = _list_of(ConversationRow)
People = _list_of(PersonRow)
Outbox = _list_of(OutgoingRow)
Unfinished = _list_of(DueRow)
Facts = _list_of(FactView)

ConversationDetail = _row(
    Conversation,
    "ConversationDetail",
    position=(int, ...),
    lines=(tuple[LineView, ...], ...),  # type: ignore[valid-type]
    turns=(tuple[TurnView, ...], ...),
)
PersonDetail = _row(
    Person, "PersonDetail", position=(int, ...), number_ends_with=(str | None, ...)
)
