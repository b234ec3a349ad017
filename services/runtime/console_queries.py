"""The console's queries: the table of routes, and what each answers."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel
from starlette.requests import Request

from projections import queries
from projections.queries import BadCursor, Listing
from services.runtime import console_shapes as shapes
from services.runtime.console_problems import bad, missing
from services.runtime.console_reading import (
    OF_CONVERSATION,
    OF_PERSON,
    ConsoleReading,
    plain,
    shaped,
)

R = TypeVar("R", bound=tuple[Any, ...])

LIMIT, MOST = 50, 200
_NUMBER = re.compile(r"[0-9]{1,9}")
_ID = re.compile(r"[0-9a-f]{32}")
_LONGEST = 100

Answer = Callable[[Request, int], Awaitable[BaseModel]]


@dataclass(frozen=True, slots=True)
class Query:
    """
    One route under `/api/v1`.

    `stands` are the projections whose position the answer has, none for the journal's own;
    `takes` are the names that may be in the query string.
    """

    path: str
    name: str
    summary: str
    answers: type[BaseModel]
    stands: tuple[str, ...]
    answer: Answer
    takes: tuple[str, ...] = ()


def table(reading: ConsoleReading) -> tuple[Query, ...]:
    """Return every query there is."""
    lists = (
        _list(
            reading, "/conversations", "conversations", "Conversations, newest activity first",
            (queries.CONVERSATIONS, shapes.ConversationRow, shapes.Conversations),
        ),
        _list(
            reading, "/people", "people", "People, last registered first",
            (queries.EVERYBODY, shapes.PersonRow, shapes.People),
        ),
        _list(
            reading, "/outbox", "outbox", "Texts to people, last requested first",
            (queries.OUTGOING, shapes.OutgoingRow, shapes.Outbox),
        ),
        _list(
            reading, "/due", "due", "Unfinished steps, urgent first, then the longest due",
            (queries.UNFINISHED, shapes.DueRow, shapes.Unfinished),
        ),
    )  # fmt: skip
    one = _Conversations(reading)
    return (
        *lists,
        Query(
            "/conversations/{conversation_id}", "conversation",
            "A conversation, everything said in it, and how its turns came about",
            shapes.ConversationDetail, OF_CONVERSATION, one.whole,
        ),
        Query(
            "/conversations/{conversation_id}/facts", "facts",
            "A conversation's facts in order, from the journal", shapes.Facts, (), one.facts,
            ("limit", "cursor"),
        ),
        Query(
            "/conversations/{conversation_id}/at/{version}", "conversationAt",
            "A conversation as it was after one of its facts", shapes.ConversationAt, (), one.at,
        ),
        Query(
            "/people/{person_id}", "person", "A person, with the end of their number",
            shapes.PersonDetail, OF_PERSON, _Person(reading).whole,
        ),
    )  # fmt: skip


def _list(
    reading: ConsoleReading,
    path: str,
    name: str,
    summary: str,
    kinds: tuple[Listing[R], type[BaseModel], type[BaseModel]],
) -> Query:
    listing, row, rows = kinds

    async def answer(request: Request, position: int) -> BaseModel:
        narrowed = narrowed_of(request, listing.narrowed_by)
        cursor = request.query_params.get("cursor")
        try:
            page = await reading.page(listing, limit_of(request), cursor, narrowed)
        except BadCursor as error:
            raise bad(str(error)) from None
        items = tuple(shaped(row, one) for one in page.rows)
        return rows.model_validate({"items": items, "cursor": page.cursor, "position": position})

    takes = ("limit", "cursor", *listing.narrowed_by)
    return Query(path, name, summary, rows, (listing.projection.name,), answer, takes)


class _Conversations:
    def __init__(self, reading: ConsoleReading) -> None:
        self._reading = reading

    async def whole(self, request: Request, position: int) -> BaseModel:
        found = await self._reading.transcript(_id(request, "conversation"))
        if found is None:
            raise missing("conversation")
        lines = tuple(shaped(shapes.LineView, told.line, text=told.text) for told in found.lines)
        return shaped(
            shapes.ConversationDetail, found.conversation,
            position=position, lines=lines, turns=tuple(found.turns),
        )  # fmt: skip

    async def facts(self, request: Request, position: int) -> BaseModel:
        conversation_id = _id(request, "conversation")
        cursor, limit = request.query_params.get("cursor", "0"), limit_of(request)
        if _NUMBER.fullmatch(cursor) is None:
            raise bad("The cursor is none that this list gave.")
        facts, last = await self._reading.facts(conversation_id, int(cursor), limit)
        if last == 0:
            raise missing("conversation")
        after = int(cursor) + len(facts)
        more = str(after) if facts and after < last else None
        return shapes.Facts.model_validate(
            {"items": tuple(facts), "cursor": more, "position": position}
        )

    async def at(self, request: Request, position: int) -> BaseModel:
        del position
        conversation_id = _id(request, "conversation")
        version = version_of(request)
        found = await self._reading.at(conversation_id, version)
        if found is None:
            raise missing("conversation or version")
        return shapes.ConversationAt(
            conversation_id=conversation_id, version=found.version, digest=found.digest,
            state=plain(found.state),
        )  # fmt: skip


class _Person:
    def __init__(self, reading: ConsoleReading) -> None:
        self._reading = reading

    async def whole(self, request: Request, position: int) -> BaseModel:
        person_id = _id(request, "person")
        row = await self._reading.person(person_id)
        if row is None:
            raise missing("person")
        endings = await self._reading.endings([person_id])
        return shaped(
            shapes.PersonDetail, row, position=position, number_ends_with=endings[person_id]
        )


def limit_of(request: Request) -> int:
    """Return how many rows are wanted."""
    limit = request.query_params.get("limit", str(LIMIT))
    if _NUMBER.fullmatch(limit) is None or not 1 <= int(limit) <= MOST:
        raise bad(f"The limit is a number from 1 to {MOST}.")
    return int(limit)


def narrowed_of(request: Request, names: tuple[str, ...]) -> Mapping[str, str]:
    """Return what the rows are asked to equal."""
    narrowed = {name: request.query_params[name] for name in names if name in request.query_params}
    for name, value in narrowed.items():
        if not (0 < len(value) <= _LONGEST and value.isascii() and value.isprintable()):
            raise bad(f"{name} is at most {_LONGEST} printable ASCII characters.")
    return narrowed


def known_only(request: Request, names: tuple[str, ...]) -> None:
    """Refuse what is not asked for, so that a misspelled name is not passed over."""
    given = [name for name, _ in request.query_params.multi_items()]
    if len(given) != len(set(given)):
        raise bad("A parameter is given twice.")
    if not set(given) <= set(names):
        known = ", ".join(names) or "none"
        raise bad(f"A parameter is not known here. Known: {known}.")


def version_of(request: Request) -> int:
    """Return the version in the path."""
    version: str = request.path_params["version"]
    if _NUMBER.fullmatch(version) is None or int(version) < 1:
        raise bad("The version is a number from 1.")
    return int(version)


def _id(request: Request, kind: str) -> str:
    given: str = request.path_params[f"{kind}_id"]
    if _ID.fullmatch(given) is None:
        raise missing(kind)
    return given
