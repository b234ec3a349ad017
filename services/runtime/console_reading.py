"""What the console reads: rows of the projections, words of the journal."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel

from contracts.base import Contract
from contracts.identity import conversation_stream, person_stream
from contracts.personal import ERASED
from contracts.recorded import Recorded
from domain.conversation import conversation
from domain.person import person
from projections import queries
from projections.inbox import INBOX, Conversation
from projections.people import PEOPLE, Person
from projections.queries import Connection, Listing, Slice
from projections.transcript import TRANSCRIPT, Line
from services.runtime.console_database import ConsoleDatabase
from services.runtime.console_shapes import FactView, TurnView
from services.runtime.console_turns import turns_of
from services.runtime.ports import Chapter, Journal

R = TypeVar("R", bound=tuple[Any, ...])


class Told(NamedTuple):
    """One line with its words."""

    line: Line
    text: str


class Transcript(NamedTuple):
    """A conversation, everything said in it, and how its turns came about."""

    conversation: Conversation
    lines: Sequence[Told]
    turns: Sequence[TurnView]


class ConsoleReading:
    """Answers the console's questions.  Everything raises `Unavailable`."""

    def __init__(self, database: ConsoleDatabase, journal: Journal) -> None:
        self._database = database
        self._journal = journal

    async def position(self, *names: str) -> int:
        """Return up to where the projections have taken in the journal; of all of them if none."""

        async def question(connection: Connection) -> int:
            return await queries.position(connection, *names)

        return await self._database.ask(question)

    async def head(self) -> int:
        """Return the journal's last position."""
        return await self._journal.head()

    async def page(
        self, listing: Listing[R], limit: int, cursor: str | None, narrowed: Mapping[str, str]
    ) -> Slice[R]:
        """Return a page of a list.  Raises `BadCursor`."""

        async def question(connection: Connection) -> Slice[R]:
            return await queries.page(connection, listing, limit, cursor, narrowed)

        return await self._database.ask(question)

    async def person(self, person_id: str) -> Person | None:
        """Return a person's row."""
        return await self._database.ask(
            partial(queries.one, listing=queries.EVERYBODY, key=person_id)
        )

    async def transcript(self, conversation_id: str) -> Transcript | None:
        """Return a conversation with everything said in it."""
        row = await self._database.ask(
            partial(queries.one, listing=queries.CONVERSATIONS, key=conversation_id)
        )
        if row is None:
            return None
        lines = await self._database.ask(partial(queries.lines, conversation_id=conversation_id))
        # Read last, so that it holds every line.
        history = await self._journal.history(conversation_stream(conversation_id))
        words = {recorded.version: _words(recorded) for recorded in history}
        return Transcript(
            row, [Told(line, words.get(line.version, "")) for line in lines], turns_of(history)
        )

    async def facts(
        self, conversation_id: str, after: int, limit: int
    ) -> tuple[Sequence[FactView], int]:
        """Return facts of a conversation behind a version, and how many there are in all."""
        history = await self._journal.history(conversation_stream(conversation_id))
        return [_fact(recorded) for recorded in history[after : after + limit]], len(history)

    async def at(self, conversation_id: str, version: int) -> Chapter[Any] | None:
        """Return a conversation as it was at a version; None if it never got there."""
        chapter = await self._journal.read(
            conversation, conversation_stream(conversation_id), version
        )
        return chapter if chapter.version == version else None

    async def endings(self, person_ids: Sequence[str]) -> Mapping[str, str | None]:
        """Return the last two digits of each person's number; None where it is erased."""
        wanted = list(dict.fromkeys(person_ids))
        found = await asyncio.gather(*(self._ending(person_id) for person_id in wanted))
        return dict(zip(wanted, found, strict=True))

    async def _ending(self, person_id: str) -> str | None:
        chapter = await self._journal.read(person, person_stream(person_id))
        number = chapter.state.number
        return None if number in ("", ERASED) else number[-2:]


OF_CONVERSATION = (INBOX.name, TRANSCRIPT.name)
OF_PERSON = (PEOPLE.name,)


def shaped(shape: type[BaseModel], row: tuple[Any, ...], **more: Any) -> BaseModel:
    """Return a projection's row in its shape."""
    columns: dict[str, Any] = getattr(row, "_asdict")()  # noqa: B009
    return shape(**columns, **more)


def plain(value: Any) -> Any:
    """Return a state of the domain as JSON knows it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(plain(one) for one in value)
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    return value


def _fact(recorded: Recorded[Contract]) -> FactView:
    return FactView(
        version=recorded.version,
        position=recorded.position,
        name=recorded.fact.name,
        at=recorded.at,
        cause=recorded.cause,
        correlation=recorded.correlation,
        traceparent=recorded.traceparent,
        previous=recorded.previous,
        digest=recorded.digest,
        fields=recorded.fact.model_dump(mode="json"),
    )


def _words(recorded: Recorded[Contract]) -> str:
    text = getattr(recorded.fact, "text", None)
    return text if isinstance(text, str) else ""
