"""The console's questions: each asks the projections, or a conversation's own facts."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from contracts.base import Contract
from contracts.identity import conversation_stream, person_stream, safety_stream
from contracts.personal import ERASED
from contracts.recorded import Recorded
from domain.access import Right
from domain.conversation import conversation
from domain.person import person
from domain.safety import safety_case
from projections import queries
from projections.queries import Listing
from services.runtime.console import shapes
from services.runtime.console.day_sums import DaySums
from services.runtime.console.door import visitor_of
from services.runtime.console.problems import Fault, Refused
from services.runtime.console.sight import Sight, hidden, streams_of
from services.runtime.console.story import Story, tell
from services.runtime.console.views import Views
from services.runtime.contacts import CONSENT, shown
from services.runtime.ports import Journal
from services.runtime.told import told

NEWEST = 20


class Answer(NamedTuple):
    """What is answered, and the mark that changes when it does."""

    body: BaseModel
    mark: str


class State(shapes.Shape):
    """A conversation's state after `version` facts, folded anew by the code of today."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    conversation_id: str
    version: int
    state: dict[str, Any]


class PersonState(shapes.Shape):
    """A person's state after `version` facts, folded anew by the code of today."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    person_id: str
    version: int
    state: dict[str, Any]


class Questions:
    """Answers questions; raises `Refused`, `BadCursor`, `Unavailable`."""

    def __init__(self, journal: Journal, views: Views, sight: Sight) -> None:
        self._journal = journal
        self._views = views
        self._sight = sight
        self._sums = DaySums()

    async def position(self) -> int:
        """Return up to which position everything shown has taken in the journal."""
        async with self._views.asked() as connection:
            return await queries.position(connection)

    async def standing(self) -> tuple[int, dict[str, int]]:
        """Return the position, and how much of what a person must see to waits."""
        async with self._views.asked() as connection:
            position = await queries.position(connection)
            return position, await queries.waiting(connection)

    async def steps(self) -> Sequence[queries.Steps]:
        """Return how many unfinished steps there are of each kind."""
        async with self._views.asked() as connection:
            return await queries.steps(connection)

    async def texts_by_status(self, *statuses: str) -> dict[str, int]:
        """Return how many outgoing texts stand so."""
        async with self._views.asked() as connection:
            return await queries.texts_by_status(connection, statuses)

    # Lists

    async def conversations(self, _: Request, asked: shapes.ConversationsAsked) -> Answer:
        """Answer a page of the conversations."""
        return await self._page(queries.CONVERSATIONS, shapes.ConversationsPage, asked)

    async def people(self, _: Request, asked: shapes.PeopleAsked) -> Answer:
        """Answer a page of the people."""
        return await self._page(queries.EVERYBODY, shapes.PeoplePage, asked)

    async def outbox(self, _: Request, asked: shapes.OutboxAsked) -> Answer:
        """Answer a page of the outgoing texts."""
        return await self._page(queries.OUTGOING, shapes.OutboxPage, asked)

    async def due(self, _: Request, asked: shapes.DueAsked) -> Answer:
        """Answer a page of what is unfinished."""
        return await self._page(queries.UNFINISHED, shapes.DuePage, asked)

    async def cases(self, _: Request, asked: shapes.CasesAsked) -> Answer:
        """Answer a page of the safety cases."""
        return await self._page(queries.CASES, shapes.CasesPage, asked)

    async def shifts(self, _: Request, asked: shapes.ShiftsAsked) -> Answer:
        """Answer a page of the conversations on their way to a shift."""
        return await self._page(queries.HANDOVERS, shapes.ShiftsPage, asked)

    async def letters(self, _: Request, asked: shapes.LettersAsked) -> Answer:
        """Answer a page of the dead letters."""
        return await self._page(queries.LETTERS, shapes.LettersPage, asked)

    async def escalations(self, _: Request, asked: shapes.EscalationsAsked) -> Answer:
        """Answer a page of what the agent needed people for."""
        return await self._page(queries.NEEDS, shapes.EscalationsPage, asked)

    async def harness(self, _: Request, asked: shapes.HarnessAsked) -> Answer:
        """Answer a page of what the harness did."""
        return await self._page(queries.HARNESS, shapes.HarnessPage, asked)

    async def spending(self, _: Request, asked: shapes.SpendingAsked) -> Answer:
        """Answer a page of the months' money."""
        return await self._page(queries.MONEY, shapes.SpendingPage, asked)

    async def month(self, request: Request, _: shapes.Nothing) -> Answer:
        """Answer one month's money: the account, its texts by day and kind, the models."""
        account = request.path_params["account_id"]
        async with self._views.asked() as connection:
            position = await queries.position(connection, "spending", "charges", "model_days")
            row = await queries.one(connection, queries.MONEY, account)
            if row is None:
                raise Refused(404, "There is no such account.")
            texts = await self._sums.of(connection, account)
            models = await queries.model_days(connection, row.month)
        body = shapes.MonthShown(
            month=shapes.MonthRow.model_validate(row._asdict()),
            texts=tuple(shapes.ShareRow.model_validate(one._asdict()) for one in texts),
            models=tuple(shapes.ModelDayRow.model_validate(one._asdict()) for one in models),
            position=position,
        )
        return Answer(body, str(position))

    async def _page(self, listing: Listing[Any], page: type[Any], asked: shapes.Paged) -> Answer:
        async with self._views.asked() as connection:
            # The position first: rows may be newer than it, never older.
            position = await queries.position(connection, listing.projection.name)
            found = await queries.page(
                connection, listing, asked.limit, asked.cursor, asked.narrowed()
            )
        items = [row._asdict() for row in found.rows]
        body = page.model_validate({"items": items, "cursor": found.cursor, "position": position})
        return Answer(body, str(position))

    # One conversation

    async def conversation(self, request: Request, _: shapes.Nothing) -> Answer:
        """Answer a conversation with its words and its turns."""
        story = await self.story(request, request.path_params["conversation_id"])
        return Answer(shapes.Told.model_validate(story), str(story.version))

    async def story(self, request: Request, conversation_id: str) -> Story:
        """Return a conversation's story; raises `Refused` where there is none."""
        facts, clear = await self.seen(request, conversation_id)
        return replace(tell(conversation_id, facts), clear=clear)

    async def facts(self, request: Request, asked: shapes.FactsAsked) -> Answer:
        """Answer a page of a conversation's facts, in order."""
        facts, _ = await self.seen(request, request.path_params["conversation_id"])
        return _facts(facts, asked)

    async def at(self, request: Request, _: shapes.Nothing) -> Answer:
        """Answer a conversation's state as it was at a version, or at a time."""
        conversation_id = request.path_params["conversation_id"]
        seen, _clear = await self.seen(request, conversation_id)
        facts = _until(seen, request.path_params["version"])
        version = facts[-1].version if facts else 0
        state = conversation.fold(recorded.fact for recorded in facts)
        body = State(conversation_id=conversation_id, version=version, state=told(state))
        return Answer(body, str(version))

    async def seen(
        self, request: Request, conversation_id: str
    ) -> tuple[Sequence[Recorded[Contract]], bool]:
        """
        Return a conversation's facts as whoever asks sees them, and whether that is in the clear.

        Raises `Refused` where there is none.
        """
        facts = await self._journal.history(conversation_stream(conversation_id))
        if not facts:
            raise Refused(404, "There is no such conversation.")
        whose: str | None = getattr(facts[0].fact, "person_id", None)
        clear = await self._sight.sees(request, *streams_of(whose, conversation_id))
        return (facts if clear else hidden(facts)), clear

    # One safety case

    async def case(self, request: Request, _: shapes.Nothing) -> Answer:
        """Answer one safety case with the words that opened it."""
        case_id = request.path_params["case_id"]
        facts = await self._journal.history(safety_stream(case_id))
        if not facts:
            raise Refused(404, "There is no such case.")
        state = safety_case.fold(one.fact for one in facts)
        streams = streams_of(state.person_id, state.conversation_id)
        clear = await self._sight.sees(request, *streams)
        if not clear:
            state = safety_case.fold(one.fact for one in hidden(facts))
        told = {"case_id": case_id, "version": facts[-1].version, "clear": clear}
        body = shapes.CaseShown.model_validate({**told, **asdict(state)})
        return Answer(body, str(facts[-1].version))

    # One person

    async def person(self, request: Request, _: shapes.Nothing) -> Answer:
        """Answer one person, their number masked unless it was revealed."""
        person_id = request.path_params["person_id"]
        async with self._views.asked() as connection:
            position = await queries.position(connection, "people", "inbox")
            row = await queries.one(connection, queries.EVERYBODY, person_id)
            if row is None:
                raise Refused(404, "There is no such person.")
            talks: Sequence[Any] = ()
            if visitor_of(request).may(Right.CONVERSATIONS_READ):
                found = await queries.page(
                    connection, queries.CONVERSATIONS, NEWEST, narrowed={"person_id": person_id}
                )
                talks = found.rows
        history = await self._journal.history(person_stream(person_id))
        state = person.fold(recorded.fact for recorded in history)
        revealed = await self._sight.was_revealed(request, person_stream(person_id))
        clear = revealed or await self._sight.sees(request)
        seen = history if clear else hidden(history)
        body = shapes.PersonShown(
            person=shapes.PersonRow.model_validate(row._asdict()),
            number=_known(state.number) if revealed else masked(state.number),
            name=_known(state.display_name or "") if revealed else None,
            revealed=revealed,
            consent=tuple(_consented(one) for one in seen if isinstance(one.fact, CONSENT)),
            conversations=tuple(
                shapes.ConversationRow.model_validate(one._asdict()) for one in talks
            ),
            position=position,
        )
        return Answer(body, str(position))

    async def person_facts(self, request: Request, asked: shapes.FactsAsked) -> Answer:
        """Answer a page of a person's facts, in order."""
        facts, _ = await self.seen_of(request, request.path_params["person_id"])
        return _facts(facts, asked)

    async def person_at(self, request: Request, _: shapes.Nothing) -> Answer:
        """Answer a person's state as it was at a version, or at a time."""
        person_id = request.path_params["person_id"]
        seen, _clear = await self.seen_of(request, person_id)
        facts = _until(seen, request.path_params["version"])
        version = facts[-1].version if facts else 0
        state = person.fold(recorded.fact for recorded in facts)
        return Answer(
            PersonState(person_id=person_id, version=version, state=told(state)), str(version)
        )

    async def seen_of(
        self, request: Request, person_id: str
    ) -> tuple[Sequence[Recorded[Contract]], bool]:
        """
        Return a person's facts as whoever asks sees them, and whether that is in the clear.

        They hold the whole number, which no right alone shows: it must have been revealed.
        Raises `Refused` where there is none.
        """
        facts = await self._journal.history(person_stream(person_id))
        if not facts:
            raise Refused(404, "There is no such person.")
        clear = await self._sight.was_revealed(request, person_stream(person_id))
        return (facts if clear else hidden(facts)), clear


def _facts(facts: Sequence[Recorded[Contract]], asked: shapes.FactsAsked) -> Answer:
    """Return the page of a stream's facts that is asked for."""
    behind = [one for one in facts if one.version > asked.cursor]
    page = behind[: asked.limit]
    cursor = str(page[-1].version) if len(behind) > asked.limit else None
    items = tuple(map(_shown, page))
    body = shapes.FactsPage(items=items, cursor=cursor, position=facts[-1].position)
    return Answer(body, str(facts[-1].version))


def _known(text: str) -> str | None:
    return None if text in ("", ERASED) else text


def masked(number: str) -> str | None:
    """Return a number with its last two digits only; None where none is known any more."""
    if _known(number) is None:
        return None
    return "•" * (len(number) - 2) + number[-2:]


def _consented(recorded: Recorded[Any]) -> shapes.ConsentShown:
    fact = recorded.fact
    return shapes.ConsentShown(
        at=fact.evidence.at, fact=fact.name, evidence=fact.evidence, shown=shown(fact)
    )


def _shown(recorded: Recorded[Contract]) -> shapes.FactShown:
    return shapes.FactShown(
        version=recorded.version,
        position=recorded.position,
        at=recorded.at,
        fact=recorded.fact.name,
        cause=recorded.cause,
        correlation=recorded.correlation,
        digest=recorded.digest,
        content=recorded.fact.model_dump(mode="json"),
    )


def _until(facts: Sequence[Recorded[Contract]], at: str) -> Sequence[Recorded[Contract]]:
    if at.isascii() and at.isdecimal() and len(at) < 16:
        return [one for one in facts if one.version <= int(at)]
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        fault = Fault(parameter="version", reason="neither a version nor a time with its zone")
        raise Refused(422, "A parameter cannot be worked with.", (fault,))
    return [one for one in facts if one.at <= moment]
