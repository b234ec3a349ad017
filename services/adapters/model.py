"""
The language model: one typed proposal a turn, from the first of a chain that gives one.

Nothing in it can write: its tools only read what the harness put into the context.  What a model
takes is counted also where it fails, and nothing of what it or a person said gets into an error
or a log.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

import structlog
from pydantic_ai import Agent
from pydantic_ai.exceptions import (
    ContentFilterError,
    FallbackExceptionGroup,
    ModelAPIError,
)
from pydantic_ai.messages import ModelRequestAttempt, ModelResponse
from pydantic_ai.models import Model as PydanticModel
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.usage import RunUsage

from contracts.proposal import TurnProposal
from domain.turn.context import Context
from domain.turn.prompt import brief_of
from services.adapters.model_agent import LIMITS, OUTPUT, turn_agent
from services.adapters.model_chain import NOTHING, OFFLINE, RESTING, Provided, provided
from services.adapters.model_messages import history_of, prompt_of
from services.adapters.model_room import Room
from services.adapters.model_short_loop import short_loop
from services.adapters.offline_model import NAME, offline_model
from services.runtime.ports import Answer, ModelRefused

if TYPE_CHECKING:
    import httpx2

AT_ONCE = 256

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Run:
    """One turn under way: what it took so far, and what went wrong on the way."""

    usage: RunUsage = field(default_factory=RunUsage)
    begun: float = field(default_factory=time.monotonic)
    failures: list[str] = field(default_factory=list[str])
    requests_failed: int = 0
    blocked: bool = False

    @property
    def latency_ms(self) -> int:
        return int((time.monotonic() - self.begun) * 1000)


@dataclass(frozen=True, slots=True)
class _Given:
    proposal: TurnProposal
    answered: str
    tools: Sequence[str]


class TurnModel:
    """
    A chain of providers, the offline model behind them; implements the port `Model`.

    A turn that no provider answers well is answered by the offline model, so that it ends in an
    honest text; `offline` None makes that `ModelRefused`.  At most `at_once` turns are with the
    providers; others wait their turn, and their deadlines begin only then.
    """

    def __init__(
        self,
        providers: Sequence[Provided],
        *,
        offline: bool,
        run_timeout_s: float,
        at_once: int = AT_ONCE,
        clients: Sequence["httpx2.AsyncClient"] = (),
    ) -> None:
        self._asked = providers[0].asked if providers else OFFLINE
        self._rests = {each.model_name: each.rest for each in providers}
        self._offline = offline_model() if offline else None
        self._chain = _chained([*providers, *([self._offline] if self._offline else [])])
        self._agent: Agent[Context, TurnProposal] | None = turn_agent() if providers else None
        self._run_timeout_s = run_timeout_s
        self._room = Room(at_once)
        self._clients = clients

    async def propose(self, context: Context) -> Answer:
        """Return one proposal for the turn.  Raises `ModelRefused`."""
        run = _Run()
        given = None
        if self._agent is not None:
            async with self._room:
                run.begun = time.monotonic()
                given = await self._ask(self._agent, context, run)
        if given is None:
            given = await self._ask_offline(context, run)
        return self._answer(given, run)

    async def aclose(self) -> None:
        """Close the connections."""
        for client in self._clients:
            await client.aclose()

    async def _ask(
        self, agent: Agent[Context, TurnProposal], context: Context, run: _Run
    ) -> _Given | None:
        """Return what the chain gives, or None where it gives nothing usable."""
        try:
            result = await agent.run(
                prompt_of(context),
                model=self._chain,
                message_history=history_of(context),
                instructions=brief_of(context),
                deps=context,
                usage=run.usage,
                usage_limits=LIMITS,
                timeout=self._run_timeout_s,
                metadata={"turn_id": context.turn_id},
            )
        except FallbackExceptionGroup as group:
            self._note(run, group.attempts)
            run.failures = run.failures or [type(each).__name__ for each in group.exceptions]
        except Exception as error:
            # Also a provider's library that breaks must not leave a person without an answer.
            run.failures.append(type(error).__name__)
            run.blocked = run.blocked or isinstance(error, ContentFilterError)
            if isinstance(error, TimeoutError):
                self._tired()
        else:
            answers = [each for each in result.new_messages() if isinstance(each, ModelResponse)]
            for each in answers:
                self._note(run, each.failed_attempts or ())
            answered = answers[-1].model_name or self._asked
            return _Given(result.output, answered, _tools(answers))
        finally:
            if run.failures:
                log.warning(
                    "a model failed",
                    model_asked=self._asked,
                    reasons=run.failures,
                    duration_ms=run.latency_ms,
                    turn_id=context.turn_id,
                )
        return None

    async def _ask_offline(self, context: Context, run: _Run) -> _Given:
        if self._offline is None:
            raise self._refused(run)
        try:
            looped = await short_loop(self._offline, context, run.usage)
        except Exception as error:
            run.failures.append(type(error).__name__)
            raise self._refused(run) from None
        return _Given(looped.proposal, NAME, looped.tools)

    def _note(self, run: _Run, attempts: Sequence[ModelRequestAttempt]) -> None:
        """Remember the attempts of a chain that failed; their messages may quote a person."""
        for attempt in attempts:
            kind = (attempt.error or "ContentFilterError").partition(":")[0]
            if RESTING in (attempt.error or ""):
                continue
            run.failures.append(f"{attempt.model_name} {kind}")
            run.requests_failed += 1
            if kind == ContentFilterError.__name__:
                run.blocked = True
            elif attempt.model_name in self._rests:
                self._failed(attempt.model_name)

    def _tired(self) -> None:
        """Count a run that took too long against the provider that was asked first."""
        for name in list(self._rests)[:1]:
            self._failed(name)

    def _failed(self, name: str) -> None:
        if self._rests[name].failed():
            log.warning("a model is left alone for a while", model=name)

    def _answer(self, given: _Given, run: _Run) -> Answer:
        proposal = given.proposal
        if run.blocked and proposal.safety == "none":
            # A provider that will not answer somebody has seen something in what they wrote.
            proposal = proposal.model_copy(update={"safety": "watch"})
        return Answer(
            proposal=proposal,
            model_asked=self._asked,
            model_answered=given.answered,
            requests=run.usage.requests + run.requests_failed,
            input_tokens=run.usage.input_tokens,
            cached_tokens=run.usage.cache_read_tokens,
            output_tokens=run.usage.output_tokens,
            cost_usd=Decimal(0) if self._agent is None else run.usage.cost,
            latency_ms=run.latency_ms,
            tools=tuple(given.tools),
        )

    def _refused(self, run: _Run) -> ModelRefused:
        return ModelRefused(
            kind=run.failures[-1].rpartition(" ")[2] if run.failures else "nothing",
            model_asked=self._asked,
            latency_ms=run.latency_ms,
            requests=run.usage.requests + run.requests_failed,
            input_tokens=run.usage.input_tokens,
            output_tokens=run.usage.output_tokens,
            cost_usd=run.usage.cost,
        )


def open_model(
    model: str,
    fallback: str | None,
    keys: Mapping[str, str],
    *,
    request_timeout_s: float = 7.0,
    run_timeout_s: float = 13.0,
    base_urls: Mapping[str, str] | None = None,
    at_once: int = AT_ONCE,
) -> TurnModel:
    """
    Return the model over a chain: `model`, then `fallback`, then offline.

    Both are `provider:name` or `offline`; a fallback of `none` leaves nothing behind `model`.
    Raises `ValueError` for a provider that is not known or has no key, `ImportError` where its
    library is not installed.
    """
    clients: list[httpx2.AsyncClient] = []

    def client() -> "httpx2.AsyncClient":
        clients.append(_client(request_timeout_s, at_once))
        return clients[-1]

    providers: list[Provided] = []
    for name in dict.fromkeys((model, fallback)):
        if name == OFFLINE:
            break
        if name and name != NOTHING:
            urls = base_urls or {}
            providers.append(provided(name, keys, urls, request_timeout_s, client))
    return TurnModel(
        providers,
        offline=fallback != NOTHING or not providers,
        run_timeout_s=run_timeout_s,
        at_once=at_once,
        clients=clients,
    )


def _client(timeout_s: float, at_once: int) -> "httpx2.AsyncClient":
    """Return a client with room for every turn that may be under way."""
    import httpx2  # noqa: PLC0415

    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(timeout_s + 1.0, connect=min(timeout_s, 5.0)),
        limits=httpx2.Limits(max_connections=at_once, max_keepalive_connections=64),
    )


def _chained(models: Sequence[PydanticModel]) -> FallbackModel:
    first, *others = models
    return FallbackModel(first, *others, fallback_on=(ModelAPIError, ContentFilterError))


def _tools(answers: Sequence[ModelResponse]) -> tuple[str, ...]:
    return tuple(
        call.tool_name
        for answer in answers
        for call in answer.tool_calls
        if call.tool_name != OUTPUT
    )
