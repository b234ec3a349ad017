"""The console's pages: rendered here, from the same answers that the queries give."""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from projections import queries
from projections.queries import BadCursor, Listing, Slice
from services.runtime.console_problems import bad, missing
from services.runtime.console_queries import known_only, limit_of, narrowed_of
from services.runtime.console_reading import OF_CONVERSATION, OF_PERSON, ConsoleReading, Transcript
from services.runtime.console_words import FILTERS, exchanges
from services.runtime.ports import Clock

R = TypeVar("R", bound=tuple[Any, ...])

_HERE = Path(__file__).parent.parent
_TEMPLATES = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(FILTERS)


class ConsolePages:
    """The routes that a browser shows."""

    def __init__(self, reading: ConsoleReading, clock: Clock) -> None:
        self._reading = reading
        self._clock = clock

    def routes(self) -> Iterator[Route | Mount]:
        """Return the routes."""
        yield Route("/", self.conversations, methods=["GET"])
        yield Route("/conversations/{conversation_id}", self.conversation, methods=["GET"])
        yield Route("/outbox", self.outbox, methods=["GET"])
        yield Route("/people", self.people, methods=["GET"])
        yield Route("/people/{person_id}", self.person, methods=["GET"])
        yield Mount("/static", StaticFiles(directory=_HERE / "static"))

    async def conversations(self, request: Request) -> Response:
        """Show the conversations, newest activity first."""
        position, page, narrowed = await self._page(request, queries.CONVERSATIONS)
        endings = await self._reading.endings([row.person_id for row in page.rows])
        return self._shown(
            "console_conversations.html", position,
            rows=page.rows, endings=endings, **_around(page, narrowed),
        )  # fmt: skip

    async def conversation(self, request: Request) -> Response:
        """Show everything said in one conversation, and why."""
        position = await self._reading.position(*OF_CONVERSATION)
        known_only(request, ())
        found: Transcript | None = await self._reading.transcript(
            request.path_params["conversation_id"]
        )
        if found is None:
            raise missing("conversation")
        row = found.conversation
        endings = await self._reading.endings([row.person_id])
        return self._shown(
            "console_conversation.html", position,
            row=row, ending=endings[row.person_id], exchanges=exchanges(found),
        )  # fmt: skip

    async def outbox(self, request: Request) -> Response:
        """Show what left and what waits."""
        position, page, narrowed = await self._page(request, queries.OUTGOING)
        return self._shown(
            "console_outbox.html", position, rows=page.rows, **_around(page, narrowed)
        )

    async def people(self, request: Request) -> Response:
        """Show the people, last registered first."""
        position, page, narrowed = await self._page(request, queries.EVERYBODY)
        endings = await self._reading.endings([row.person_id for row in page.rows])
        return self._shown(
            "console_people.html", position,
            rows=page.rows, endings=endings, **_around(page, narrowed),
        )  # fmt: skip

    async def person(self, request: Request) -> Response:
        """Show one person and their conversations."""
        position = await self._reading.position(*OF_PERSON)
        known_only(request, ())
        person_id = request.path_params["person_id"]
        row = await self._reading.person(person_id)
        if row is None:
            raise missing("person")
        endings = await self._reading.endings([person_id])
        page = await self._reading.page(queries.CONVERSATIONS, 50, None, {"person_id": person_id})
        return self._shown(
            "console_person.html", position,
            row=row, ending=endings[person_id], rows=page.rows, endings=endings,
            **_around(page, {"person_id": person_id}),
        )  # fmt: skip

    def wrong(self, status: int, detail: str | None) -> Response:
        """Show that something is wrong."""
        title = HTTPStatus(status).phrase
        return self._shown("console_wrong.html", None, status, title=title, detail=detail)

    async def _page(
        self, request: Request, listing: Listing[R]
    ) -> tuple[int, Slice[R], Mapping[str, str]]:
        known_only(request, ("limit", "cursor", *listing.narrowed_by))
        narrowed = narrowed_of(request, listing.narrowed_by)
        position = await self._reading.position(listing.projection.name)
        cursor = request.query_params.get("cursor")
        try:
            page = await self._reading.page(listing, limit_of(request), cursor, narrowed)
        except BadCursor as error:
            raise bad(str(error)) from None
        return position, page, narrowed

    def _shown(
        self, template: str, position: int | None, status: int = 200, **more: Any
    ) -> Response:
        page = _TEMPLATES.get_template(template).render(
            position=position, now=self._clock.now(), **more
        )
        return HTMLResponse(page, status)


def _around(page: Slice[Any], narrowed: Mapping[str, str]) -> dict[str, Any]:
    """Return what a list says about itself: what it is narrowed by, and where it goes on."""
    kept: Sequence[tuple[str, str]] = tuple(narrowed.items())
    return {"narrowed": narrowed, "kept": kept, "cursor": page.cursor}
