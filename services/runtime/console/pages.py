"""The pages: the newest conversations with what waits, and one conversation with its turns."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from services.runtime.console import shapes
from services.runtime.console.problems import Refused
from services.runtime.console.questions import Questions
from services.runtime.console.story import Story, Turn
from services.runtime.ports import Clock

_SERVICES = Path(__file__).parent.parent.parent
_ON_A_PAGE = 50
_WAITING = 8
_TROUBLE = ("failed", "unknown", "deferred")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Pages:
    """Renders what the questions answer."""

    def __init__(self, questions: Questions, clock: Clock) -> None:
        self._questions = questions
        self._clock = clock
        self._templates = Environment(
            loader=FileSystemLoader(_SERVICES / "templates" / "console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {"ago": self._ago, "stamp": _stamp, "money": _money}

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the pages."""
        return [
            Route("/", self.dashboard, methods=["GET"]),
            Route("/conversations/{conversation_id}", self.conversation, methods=["GET"]),
            Mount("/static", StaticFiles(directory=_SERVICES / "static")),
        ]

    async def dashboard(self, request: Request) -> Response:
        """Answer the newest conversations, and what waits."""
        # The position first: what moves on while this page is made, moves it again.
        position = await self._questions.position()
        cursor = request.query_params.get("cursor")
        listed = shapes.ConversationsAsked(limit=_ON_A_PAGE, cursor=cursor)
        found: Any = (await self._questions.conversations(request, listed)).body
        waiting: Any = (await self._questions.due(request, shapes.DueAsked(limit=200))).body
        steps = [row for row in waiting.items if row.kind not in ("idle", "followup", "consent")]
        troubled = [row for status in _TROUBLE for row in await self._texts(request, status)]
        return self._rendered(
            "dashboard.html",
            position=position,
            conversations=found.items,
            older=found.cursor,
            first=cursor is None,
            steps=steps[:_WAITING],
            unfinished=len(steps),
            troubled=troubled,
        )

    async def conversation(self, request: Request) -> Response:
        """Answer one conversation: its words, each answer with how it came about."""
        position = await self._questions.position()
        conversation_id = request.path_params["conversation_id"]
        if len(conversation_id) != 32 or not conversation_id.isalnum():
            raise Refused(404, "There is no such conversation.")
        story = await self._questions.story(conversation_id)
        return self._rendered(
            "conversation.html",
            position=position,
            story=story,
            turns={turn.turn_id: turn for turn in story.turns},
            unspoken=_unspoken(story),
        )

    async def _texts(self, request: Request, status: str) -> list[Any]:
        asked = shapes.OutboxAsked(limit=_WAITING, status=status)
        body: Any = (await self._questions.outbox(request, asked)).body
        return list(body.items)

    def _rendered(self, template: str, **shown: Any) -> Response:
        content = self._templates.get_template(template).render(**shown)
        return HTMLResponse(content, headers=_HEADERS)

    def _ago(self, at: datetime) -> str:
        """Return how long ago something was, or how soon it will be, in one unit."""
        apart = self._clock.now() - at
        future = apart < timedelta(0)
        seconds = int(abs(apart).total_seconds())
        for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
            if seconds >= length:
                return _told(f"{seconds // length} {unit}", future=future)
        return _told(f"{seconds} s", future=future) if seconds else "now"


def _unspoken(story: Story) -> list[Turn]:
    """Return the turns without a line of their own: still open, silent, or overtaken."""
    spoken = {line.turn_id for line in story.lines}
    return [turn for turn in story.turns if turn.turn_id not in spoken]


def _told(length: str, *, future: bool) -> str:
    return f"in {length}" if future else f"{length} ago"


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _money(microdollars: int | None) -> str:
    return "no price known" if microdollars is None else f"${microdollars / 1_000_000:.4f}"
