"""The pages: what waits, what was said and how it came about, who is who, and how it all goes."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from contracts.base import Contract
from contracts.recorded import Recorded
from domain.access import Right
from domain.conversation import conversation
from domain.decider import Memory
from domain.person import person
from projections.harness_health import waited_at
from services.runtime.console import shapes
from services.runtime.console.acts import CONFIRMED_BY
from services.runtime.console.api import checked, named
from services.runtime.console.door import require, visitor_of
from services.runtime.console.history import moments
from services.runtime.console.problems import Refused
from services.runtime.console.questions import Questions
from services.runtime.console.rendering import SERVICES, rendered
from services.runtime.console.settings_shown import remarks, settings_shown
from services.runtime.console.story import Story, Turn
from services.runtime.ports import Clock
from services.runtime.settings import Settings, is_loopback

_ON_A_PAGE = 50
_WAITING = 8
_TROUBLE = ("failed", "unknown", "deferred")
# Waiting by design: nobody has to do anything about these.
_QUIET = ("idle", "taken", "farewell", "followup", "consent")
_SPANS = {"day": (30, timedelta(days=1)), "hour": (48, timedelta(hours=1))}
_NOTHING: Mapping[str, Any] = {
    "conversations": (), "troubles": {}, "troubled": (), "cases": (), "steps": (), "month": None,
    "today": None,
}  # fmt: skip
_MODES = ("model", "deterministic", "fallback")

Shown = Callable[[Request], Awaitable[Response]]
Place = tuple[str, Right | None, Shown]


class Pages:
    """Renders what the questions answer."""

    def __init__(self, questions: Questions, clock: Clock, settings: Settings) -> None:
        self._questions = questions
        self._clock = clock
        self._settings = settings

    def places(self) -> Sequence[Place]:
        """Return every page: where it is, the right it needs, what makes it."""
        return (
            ("/", None, self.overview),
            ("/conversations", Right.CONVERSATIONS_READ, self.conversations),
            ("/conversations/{conversation_id}", Right.CONVERSATIONS_READ, self.conversation),
            ("/conversations/{conversation_id}/facts", Right.CONVERSATIONS_READ, self.facts),
            ("/safety", Right.SAFETY_READ, self.safety),
            ("/safety/{case_id}", Right.SAFETY_READ, self.case),
            ("/outbox", Right.CONVERSATIONS_READ, self.outbox),
            ("/due", Right.OPERATIONS_READ, self.due),
            ("/dead-letters", Right.OPERATIONS_READ, self.dead_letters),
            ("/people", Right.PEOPLE_READ, self.people),
            ("/people/{person_id}", Right.PEOPLE_READ, self.person),
            ("/people/{person_id}/facts", Right.PEOPLE_READ, self.person_facts),
            ("/people/{person_id}/erase", Right.PEOPLE_ERASE, self.erase),
            ("/escalations", Right.CONVERSATIONS_READ, self.escalations),
            ("/shifts", Right.CONVERSATIONS_READ, self.shifts),
            ("/spending", Right.SPENDING_READ, self.spending),
            ("/spending/{account_id}", Right.SPENDING_READ, self.month),
            ("/harness", Right.OPERATIONS_READ, self.harness),
            ("/settings", Right.OPERATIONS_READ, self.settings),
        )

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the pages."""
        found: list[BaseRoute] = [
            Route(path, _of_ours(right, page), methods=["GET"])
            for path, right, page in self.places()
        ]
        return [*found, Mount("/static", StaticFiles(directory=SERVICES / "static"))]

    async def overview(self, request: Request) -> Response:
        """Answer what waits for somebody, and the newest conversations."""
        asked, may = self._questions, visitor_of(request).may
        shown: dict[str, Any] = {}
        if may(Right.CONVERSATIONS_READ):
            newest = shapes.ConversationsAsked(limit=10)
            shown["conversations"] = await self._items(asked.conversations, newest)
            shown["troubles"] = await asked.texts_by_status(*_TROUBLE)
            shown["troubled"] = [
                row for status in shown["troubles"] for row in await self._texts(status)
            ]
        if may(Right.SAFETY_READ):
            cases = await self._items(asked.cases, shapes.CasesAsked(limit=_ON_A_PAGE))
            shown["cases"] = [row for row in cases if row.waits]
        if may(Right.SPENDING_READ):
            months = await self._items(asked.spending, shapes.SpendingAsked(limit=1))
            shown["month"] = months[0] if months else None
        if may(Right.OPERATIONS_READ):
            shown |= await self._operations()
        return await self._page(request, "overview.html", **{**_NOTHING, **shown})

    async def _operations(self) -> dict[str, Any]:
        asked = self._questions
        days = await self._items(asked.harness, shapes.HarnessAsked(limit=1, per="day"))
        return {
            "steps": [row for row in await asked.steps() if row.kind not in _QUIET],
            "today": _span(days[0]) if days else None,
        }

    async def conversations(self, request: Request) -> Response:
        """Answer a page of the conversations, narrowed by their status."""
        return await self._list(
            request, "conversations.html", shapes.ConversationsAsked,
            self._questions.conversations,
        )  # fmt: skip

    async def conversation(self, request: Request) -> Response:
        """Answer one conversation: its words, each answer with how it came about."""
        conversation_id = request.path_params["conversation_id"]
        story = await self._questions.story(request, conversation_id)
        narrowed = shapes.CasesAsked(conversation_id=conversation_id)
        return await self._page(
            request,
            "conversation.html",
            story=story,
            turns={turn.turn_id: turn for turn in story.turns},
            unspoken=_unspoken(story),
            cases=await self._cases(request, narrowed),
            fresh=self._clock.fresh(),
        )

    async def facts(self, request: Request) -> Response:
        """Answer a conversation's facts, and what it was after any of them."""
        conversation_id = request.path_params["conversation_id"]
        facts, clear = await self._questions.seen(request, conversation_id)
        return await self._moment(request, "conversation", facts, conversation, clear=clear)

    async def person_facts(self, request: Request) -> Response:
        """Answer a person's facts, and what was known of them after any of them."""
        facts, clear = await self._questions.seen_of(request, request.path_params["person_id"])
        return await self._moment(request, "person", facts, person, clear=clear)

    async def safety(self, request: Request) -> Response:
        """Answer the queue of the safety cases."""
        return await self._list(request, "safety.html", shapes.CasesAsked, self._questions.cases)

    async def case(self, request: Request) -> Response:
        """Answer one safety case: what was said, who looks after it, and the conversation."""
        body: Any = (await self._questions.case(request, shapes.Nothing())).body
        readable = visitor_of(request).may(Right.CONVERSATIONS_READ)
        story = (
            await self._questions.story(request, body.conversation_id)
            if readable and body.conversation_id is not None
            else None
        )
        return await self._page(request, "case.html", case=body, story=story)

    async def outbox(self, request: Request) -> Response:
        """Answer the outgoing texts."""
        return await self._list(request, "outbox.html", shapes.OutboxAsked, self._questions.outbox)

    async def due(self, request: Request) -> Response:
        """Answer the unfinished steps."""
        return await self._list(request, "due.html", shapes.DueAsked, self._questions.due)

    async def dead_letters(self, request: Request) -> Response:
        """Answer the messages that could not be processed."""
        return await self._list(
            request, "dead_letters.html", shapes.LettersAsked, self._questions.letters
        )

    async def people(self, request: Request) -> Response:
        """Answer the people, and the forms by which more are registered."""
        return await self._list(request, "people.html", shapes.PeopleAsked, self._questions.people)

    async def person(self, request: Request) -> Response:
        """Answer one person: their consent with its evidence, their cases and conversations."""
        body: Any = (await self._questions.person(request, shapes.Nothing())).body
        narrowed = shapes.CasesAsked(person_id=body.person.person_id)
        return await self._page(
            request,
            "person.html",
            told=body,
            person=body.person,
            cases=await self._cases(request, narrowed),
        )

    async def erase(self, request: Request) -> Response:
        """Answer the page that asks whether a person shall really be forgotten."""
        body: Any = (await self._questions.person(request, shapes.Nothing())).body
        return await self._page(
            request, "erase.html", person=body.person, confirmed_by=CONFIRMED_BY
        )

    async def escalations(self, request: Request) -> Response:
        """Answer what the agent needed people for."""
        return await self._list(
            request, "escalations.html", shapes.EscalationsAsked, self._questions.escalations
        )

    async def shifts(self, request: Request) -> Response:
        """Answer the ended conversations on their way to a shift."""
        return await self._list(request, "shifts.html", shapes.ShiftsAsked, self._questions.shifts)

    async def spending(self, request: Request) -> Response:
        """Answer the months' money."""
        return await self._list(
            request, "spending.html", shapes.SpendingAsked, self._questions.spending
        )

    async def month(self, request: Request) -> Response:
        """Answer one month's money, by kind of text and day by day."""
        body: Any = (await self._questions.month(request, shapes.Nothing())).body
        return await self._page(
            request,
            "month.html",
            row=body.month,
            kinds=_by(body.texts, "kind"),
            days=_by(body.texts, "day"),
            texts=body.texts,
            models=body.models,
        )

    async def harness(self, request: Request) -> Response:
        """Answer what the harness did, day by day or hour by hour."""
        per = request.query_params.get("per", "day")
        if per not in _SPANS:
            raise Refused(404, "It is counted by day and by hour.")
        count, length = _SPANS[per]
        wanted = shapes.HarnessAsked.model_validate({"limit": count, "per": per})
        rows = await self._items(self._questions.harness, wanted)
        spans = _without_gaps(rows, self._clock.now(), count, length)
        return await self._page(
            request,
            "harness.html",
            per=per,
            spans=spans,
            most=max((span.turns for span in spans), default=0),
            modes=_MODES,
            total=_total(rows),
        )

    async def settings(self, request: Request) -> Response:
        """Answer what was decided, what is missing, and no secret."""
        return await self._page(
            request,
            "settings.html",
            remarks=tuple(remarks(self._settings)),
            settings=settings_shown(self._settings),
        )

    # What the pages share

    async def _list(
        self, request: Request, template: str, asks: type[shapes.Paged], ask: Any
    ) -> Response:
        """Answer a page of a list, as narrowed and turned in the address."""
        given = {name: value for name, value in request.query_params.items() if value}
        wanted: Any = checked(asks, {"limit": _ON_A_PAGE, **given})
        body: Any = (await ask(request, wanted)).body
        return await self._page(
            request,
            template,
            items=body.items,
            older=body.cursor,
            first=wanted.cursor is None,
            narrowed=wanted.narrowed(),
        )

    async def _moment(
        self,
        request: Request,
        kind: str,
        facts: Sequence[Recorded[Contract]],
        memory: Memory[Any],
        *,
        clear: bool,
    ) -> Response:
        """Answer a stream's facts, and the state after the one that the address names."""
        given = request.query_params.get("at", str(len(facts)))
        version = int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0
        if not 1 <= version <= len(facts):
            raise Refused(404, f"The {kind} has no such version.")
        return await self._page(
            request,
            "facts.html",
            kind=kind,
            of=request.path_params[f"{kind}_id"],
            facts=facts,
            chosen=facts[version - 1],
            moment=moments(memory, facts, version),
            clear=clear,
        )

    async def _items(self, ask: Any, wanted: shapes.Asks) -> list[Any]:
        body: Any = (await ask(None, wanted)).body
        return list(body.items)

    async def _cases(self, request: Request, narrowed: shapes.CasesAsked) -> list[Any]:
        if not visitor_of(request).may(Right.SAFETY_READ):
            return []
        return await self._items(self._questions.cases, narrowed)

    async def _texts(self, status: str) -> list[Any]:
        return await self._items(
            self._questions.outbox, shapes.OutboxAsked(limit=_WAITING, status=status)
        )

    async def _page(self, request: Request, template: str, **shown: Any) -> Response:
        position, waiting = await self._questions.standing()
        return rendered(
            request, template, now=self._clock.now, position=position, waiting=waiting,
            phone=_phone(self._settings), **shown,
        )  # fmt: skip


def _phone(settings: Settings) -> str:
    """Return where the simulated phones are, of a simulator on the reader's machine."""
    simulator = settings.twilio_api_url.rstrip("/")
    return f"{simulator}/phone" if simulator and is_loopback(simulator) else ""


def _by(texts: Sequence[Any], name: str) -> dict[str, int]:
    """Return what texts cost in micro-dollars, added up by one of their columns."""
    found: Counter[str] = Counter()
    for one in texts:
        found[getattr(one, name)] += one.microdollars
    return dict(found)


def _of_ours(right: Right | None, page: Shown) -> Shown:
    """Return a page for who has the right, at the addresses of which only ids of ours stand."""

    async def endpoint(request: Request) -> Response:
        if right is not None:
            require(request, right)
        named(request)
        return await page(request)

    return endpoint


def _unspoken(story: Story) -> list[Turn]:
    """Return the turns without a line of their own: still open, silent, or overtaken."""
    spoken = {line.turn_id for line in story.lines}
    return [turn for turn in story.turns if turn.turn_id not in spoken]


@dataclass(frozen=True, slots=True)
class Span:
    """What the harness did in one span, with how long people waited."""

    at: datetime
    turns: int
    modes: Mapping[str, int]
    flags: int
    cost_microdollars: int
    half: int | None
    most: int | None


def _span(row: Any) -> Span:
    return Span(
        row.at, row.turns, row.modes, sum(row.flags.values()), row.cost_microdollars,
        waited_at(row, 0.5), waited_at(row, 0.95),
    )  # fmt: skip


def _without_gaps(rows: Sequence[Any], now: datetime, count: int, length: timedelta) -> list[Span]:
    """Return every span up to now, the oldest first, also those in which nothing happened."""
    found = {row.at: _span(row) for row in rows}
    newest = now.replace(minute=0, second=0, microsecond=0)
    if length >= timedelta(days=1):
        newest = newest.replace(hour=0)
    times = [newest - length * back for back in reversed(range(count))]
    return [found.get(at) or Span(at, 0, {}, 0, 0, None, None) for at in times]


def _total(rows: Sequence[Any]) -> dict[str, Any]:
    """Return the counts of all spans together."""
    names = ("modes", "decisions", "gates", "flags", "failure_modes", "rule_sets")
    counted: dict[str, Any] = {name: Counter[str]() for name in names}
    models: dict[str, Counter[str]] = {}
    blamed: dict[str, Counter[str]] = {}
    numbers: Counter[str] = Counter()
    for row in rows:
        for name in names:
            counted[name].update(getattr(row, name))
        for model, counts in row.models.items():
            models.setdefault(model, Counter()).update(counts)
        for name, counts in row.blamed.items():
            blamed.setdefault(name, Counter()).update(counts)
        numbers.update(
            turns=row.turns, cost=row.cost_microdollars, unpriced=row.unpriced,
            input_tokens=row.input_tokens, output_tokens=row.output_tokens,
        )  # fmt: skip
    return {**counted, "models": models, "blamed": blamed, "numbers": numbers}
