"""What of a person's words somebody sees: all, or how long they are."""

from collections.abc import Sequence
from datetime import datetime

from starlette.requests import Request

from contracts.base import Contract
from contracts.identity import conversation_stream, person_stream
from contracts.personal import ERASED
from contracts.recorded import Recorded, Subject
from domain.access import Right
from domain.person import person
from services.runtime.access.doors import Now
from services.runtime.access.reveals import Reveals
from services.runtime.console.door import visitor_of
from services.runtime.ports import Journal


class Sight:
    """Says whose words are in the clear for whoever asks."""

    def __init__(self, journal: Journal, reveals: Reveals, now: Now) -> None:
        self._journal = journal
        self._reveals = reveals
        self._now = now

    async def sees(self, request: Request, *streams: str) -> bool:
        """Return whether words may be shown: by right, or because one of these was revealed."""
        if visitor_of(request).may(Right.WORDS_READ):
            return True
        return await self.was_revealed(request, *streams)

    async def was_revealed(self, request: Request, *streams: str) -> bool:
        """
        Return whether one of these was revealed to whoever asks, of late.

        An erasure ends it at once: what the person texts after it was revealed to nobody.
        """
        visitor = visitor_of(request)
        if not streams or not visitor.may(Right.WORDS_REVEAL):
            return False
        for whose in await self._reveals.whose(visitor.holder, streams, self._now()):
            whom = await self._journal.read(person, person_stream(whose.person_id))
            if not whom.state.erased and whom.state.generation == whose.generation:
                return True
        return False

    async def reveal(self, request: Request, stream: str, whose: Subject) -> datetime:
        """Show a stream's words, `whose` they are, to whoever asks; return until when."""
        return await self._reveals.open(visitor_of(request).holder, stream, whose, self._now())


def streams_of(person_id: str | None, conversation_id: str | None) -> tuple[str, ...]:
    """Return which revealed streams show the words of a conversation, or of a person."""
    talk = () if conversation_id is None else (conversation_stream(conversation_id),)
    return talk if not person_id else (*talk, person_stream(person_id))


def hidden(facts: Sequence[Recorded[Contract]]) -> Sequence[Recorded[Contract]]:
    """
    Return the facts with every personal text replaced by how long it is.

    Whatever is folded or told of them then knows no more: the marks on the contracts are the one
    place that says what is personal.
    """
    return [recorded._replace(fact=_hidden(recorded.fact)) for recorded in facts]


def _hidden(fact: Contract) -> Contract:
    curtain = _Curtain()
    sealed = fact.__pydantic_serializer__.to_json(fact, context=curtain)
    return type(fact).model_validate_json(sealed, context=curtain)


class _Curtain:
    """Opens a personal text as its length."""

    def seal(self, text: str) -> str:
        """Return the length alone; that somebody was erased is no secret."""
        return text if text == ERASED else f"({len(text)} characters)"

    def open(self, sealed: str) -> str:
        """Return what stands for the text."""
        return sealed
