"""The turn runner: asks the model about the texts of the open turn, and records its proposal."""

from collections.abc import Sequence

from contracts.announcement import Announcement
from contracts.conversation import Usage
from contracts.identity import person_stream
from domain.conversation import conversation
from domain.conversation.decisions import Draft, asked, drafted
from domain.conversation.state import Conversation, OpenTurn
from domain.person import person
from domain.turn.bundle import bundle
from domain.turn.context import Context
from services.runtime import tracing
from services.runtime.entries import led_by
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.ports import Answer, Entry, ModelRefused
from services.runtime.process import FactSubscription, Later, Process

# Ten thousand turns may wait for a slow model at once; each is a coroutine and holds no
# connection.  Fetching ends a batch of sixteen before the last.
WORKERS = 10_016


def build(outside: Outside) -> Process:
    """Return the process."""
    runner = TurnRunner(outside)
    subscription = FactSubscription("turn_runner", runner.run, WORKERS, urgent_workers=4)
    return Process("turn_runner", (subscription,))


class TurnRunner:
    """Reads the open turn, asks the model, appends the draft or that there is none."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._asking: set[tuple[str, int]] = set()
        self._unsaved: dict[tuple[str, int], Draft] = {}

    async def run(self, announced: Announcement) -> None:
        """
        Answer the newest trigger of an open turn; older ones are nothing.

        Neither is one that is being answered here: a slow model, of which the scheduler reminds
        us, must not be asked twice as much for that.
        """
        trigger = (announced.stream, announced.version)
        if trigger in self._asking:
            return
        self._asking.add(trigger)
        try:
            await self._answer(announced)
        finally:
            self._asking.discard(trigger)

    async def _answer(self, announced: Announcement) -> None:
        outside = self._outside
        trigger = (announced.stream, announced.version)
        talk = await outside.journal.read(conversation, announced.stream)
        wanted = asked(talk.state, announced.version, outside.clock.now())
        if wanted.turn is None:
            self._unsaved.pop(trigger, None)
            return
        if wanted.wait_s > 0:
            raise Later(wanted.wait_s, "the burst is not over", release=True)
        draft = self._unsaved.get(trigger) or await self._drafted(talk.state, wanted.turn)
        # A model is dear and slow: what could not be saved is saved at the next try.
        self._unsaved[trigger] = draft
        await self._append(announced, draft)
        failpoint("runner.saved")
        del self._unsaved[trigger]

    async def _drafted(self, talk: Conversation, turn: OpenTurn) -> Draft:
        whom = await self._outside.journal.read(person, person_stream(talk.person_id))
        context = bundle(whom.state, talk, turn)
        failpoint("runner.asking")
        draft = await self._ask(turn, context)
        failpoint("runner.answered")
        return draft

    async def _ask(self, turn: OpenTurn, context: Context) -> Draft:
        span = (turn.turn_id, turn.covers_from, turn.covers_through)
        with tracing.asking("model") as step:
            try:
                answer = await self._outside.model.propose(context)
            except ModelRefused as refusal:
                usage = _lost(refusal)
                step.note(_noted(usage))
                step.failed(refusal.kind)
                return Draft(*span, usage=usage, proposal=None, failure=refusal.kind)
            usage = _usage(answer)
            step.note(_noted(usage))
        return Draft(*span, usage=usage, proposal=answer.proposal)

    async def _append(self, announced: Announcement, draft: Draft) -> None:
        journal = self._outside.journal

        async def decide() -> Sequence[Entry]:
            talk = await journal.read(conversation, announced.stream)
            return [talk.then(drafted(talk.state, draft), talk.state.subject)]

        await journal.act(decide, led_by(announced), self._outside.clock.now())


def _usage(answer: Answer) -> Usage:
    return Usage(
        model_asked=answer.model_asked,
        model_answered=answer.model_answered,
        requests=answer.requests,
        input_tokens=answer.input_tokens,
        cached_tokens=answer.cached_tokens,
        output_tokens=answer.output_tokens,
        cost_microdollars=None if answer.cost_usd is None else int(answer.cost_usd * 1_000_000),
        latency_ms=answer.latency_ms,
        tools=answer.tools,
    )


def _lost(refusal: ModelRefused) -> Usage:
    cost = refusal.cost_usd
    return Usage(
        model_asked=refusal.model_asked,
        requests=refusal.requests,
        input_tokens=refusal.input_tokens,
        output_tokens=refusal.output_tokens,
        cost_microdollars=None if cost is None else int(cost * 1_000_000),
        latency_ms=refusal.latency_ms,
    )


def _noted(usage: Usage) -> dict[str, str | int]:
    return {
        "gen_ai.request.model": usage.model_asked,
        "gen_ai.response.model": usage.model_answered or "",
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "parley.requests": usage.requests,
    }
