"""
The language model: one typed proposal a turn, a chain of providers, every limit set.

Nothing in the agent can write: its tools only read what the harness put into the context.  What
a model costs is counted also where it fails.
"""

import time
from contextlib import AsyncExitStack
from contextvars import ContextVar
from decimal import Decimal
from typing import Any

from pydantic_ai import Agent, ModelRetry, RunContext, ToolOutput, UsageLimits
from pydantic_ai.exceptions import (
    AgentRunError,
    ContentFilterError,
    FallbackExceptionGroup,
    ModelAPIError,
)
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    UserPromptPart,
)
from pydantic_ai.models import Model as PydanticModel
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RunUsage

from contracts.proposal import TurnProposal
from domain.turn.context import Context
from domain.turn.prompt import STANDING, brief_of, escaped, framed
from services.adapters.offline_model import offline_model
from services.runtime.ports import Answer, ModelRefused

REQUEST_S = 7.0
RUN_S = 14.0
TOOL_S = 2.0
LIMITS = UsageLimits(
    request_limit=4,
    tool_calls_limit=3,
    output_tokens_limit=1_500,
    input_tokens_limit=40_000,
)
OFFLINE = "offline"
_NO_WORDS = "(no text)"

_current: ContextVar[Context] = ContextVar("context")


class TurnModel:
    """
    The agent over its chain of models; implements the port `Model`.

    `asked` is what the settings name first; the offline model ends the chain.
    """

    def __init__(self, asked: str, model: PydanticModel, *, run_s: float = RUN_S) -> None:
        self._asked = asked
        self._model = model
        self._run_s = run_s
        self._agent = _agent()
        self._opened: AsyncExitStack | None = None

    async def propose(self, context: Context) -> Answer:
        """Return one proposal for the turn.  Raises `ModelRefused`."""
        usage, begun = RunUsage(), time.monotonic()
        _current.set(context)
        await self._open()
        try:
            result = await self._agent.run(
                _pending(context),
                model=self._model,
                message_history=_history(context),
                deps=context,
                usage=usage,
                usage_limits=LIMITS,
                timeout=self._run_s,
            )
        except (AgentRunError, FallbackExceptionGroup, TimeoutError) as error:
            raise self._refused(error, usage, begun) from None
        except Exception as error:
            # A provider's library that breaks must not leave a person without an answer.
            raise self._refused(error, usage, begun) from error
        return self._answer(result, usage, begun)

    async def aclose(self) -> None:
        """Close the connections."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.aclose()

    async def _open(self) -> None:
        """Enter the models once: entered, they close what they open."""
        if self._opened is None:
            self._opened = AsyncExitStack()
            await self._opened.enter_async_context(self._model)

    def _answer(self, result: Any, usage: RunUsage, begun: float) -> Answer:
        messages: list[ModelMessage] = result.new_messages()
        answers = [each for each in messages if isinstance(each, ModelResponse)]
        blocked = _was_blocked(answers)
        proposal: TurnProposal = result.output
        if blocked and proposal.safety == "none":
            proposal = proposal.model_copy(update={"safety": "watch"})
        return Answer(
            proposal=proposal,
            model_asked=self._asked,
            model_answered=answers[-1].model_name or self._asked if answers else self._asked,
            requests=usage.requests,
            input_tokens=usage.input_tokens,
            cached_tokens=usage.cache_read_tokens,
            output_tokens=usage.output_tokens,
            cost_usd=_cost(usage),
            latency_ms=_since(begun),
            tools=tuple(
                part.tool_name
                for answer in answers
                for part in answer.tool_calls
                if part.tool_name != "propose_turn"
            ),
        )

    def _refused(self, error: Exception, usage: RunUsage, begun: float) -> ModelRefused:
        return ModelRefused(
            kind=type(error).__name__,
            model_asked=self._asked,
            latency_ms=_since(begun),
            requests=usage.requests,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost_usd=_cost(usage),
        )


def _agent() -> Agent[Context, TurnProposal]:
    agent: Agent[Context, TurnProposal] = Agent(
        deps_type=Context,
        output_type=ToolOutput(TurnProposal, name="propose_turn", strict=True),
        instructions=STANDING,
        retries={"tools": 1, "output": 1},
        tool_timeout=TOOL_S,
        end_strategy="early",
        name="turn",
    )

    @agent.instructions
    def brief(run: RunContext[Context]) -> str:
        return brief_of(run.deps)

    @agent.tool
    async def find_resource(run: RunContext[Context], topic: str) -> list[dict[str, str]]:
        """Look up vetted places to turn to. Reads only."""
        return [
            {"name": each.name, "contact": each.contact}
            for each in run.deps.resources
            if each.topic == topic
        ][:3]

    @agent.tool
    async def recall(run: RunContext[Context], key: str) -> str:
        """Read what is remembered under a key. Reads only."""
        return escaped(run.deps.memory.get(key, "nothing"))

    @agent.output_validator
    def grounded(run: RunContext[Context], proposal: TurnProposal) -> TurnProposal:
        said = (*run.deps.history, *run.deps.pending)
        known = {each.sid for each in said if each.sid is not None}
        cited = [write.evidence_sid for write in proposal.memory_writes]
        cited += [change.evidence_sid for change in proposal.profile_changes]
        if any(sid not in known for sid in cited):
            raise ModelRetry("An evidence id is not of this conversation; drop that proposal.")
        return proposal

    return agent


def _history(context: Context) -> list[ModelMessage]:
    """Return the committed lines as messages, texts of one side joined as they stand."""
    messages: list[ModelMessage] = []
    for said in context.history:
        if said.author == "agent":
            messages.append(ModelResponse(parts=[TextPart(said.text)]))
        else:
            messages.append(ModelRequest(parts=[UserPromptPart(framed(said))]))
    return messages


def _pending(context: Context) -> list[str]:
    return [framed(said) for said in context.pending] or [_NO_WORDS]


def _was_blocked(answers: list[ModelResponse]) -> bool:
    return any(answer.finish_reason == "content_filter" for answer in answers)


def _cost(usage: RunUsage) -> Decimal | None:
    cost: Decimal | None = getattr(usage, "cost", None)
    return cost


def _since(begun: float) -> int:
    return int((time.monotonic() - begun) * 1000)


def open_model(settings: Any) -> TurnModel:
    """Return the model of the settings: first choice, second choice, offline."""
    keys = {
        "google": settings.google_api_key,
        "openai": settings.openai_api_key,
        "anthropic": settings.anthropic_api_key,
    }
    given = {name: key.get_secret_value() for name, key in keys.items() if key is not None}
    return chain([settings.model, settings.model_fallback], given)


def chain(
    names: list[str],
    keys: dict[str, str],
    *,
    base_urls: dict[str, str] | None = None,
    request_s: float = REQUEST_S,
    run_s: float = RUN_S,
) -> TurnModel:
    """
    Return the model over a chain of `provider:name`, the offline model behind them.

    Raises `ValueError` for a provider that is not known, `ImportError` where its extra is not
    installed.
    """
    urls = base_urls or {}
    wanted = [name for name in names if name and name != OFFLINE]
    models = [_provided(name, keys, urls, request_s) for name in wanted]
    models.append(offline_model(_current.get))
    asked = wanted[0] if wanted else models[-1].model_name
    if len(models) == 1:
        return TurnModel(asked, models[0], run_s=run_s)
    first, *others = models
    chained = FallbackModel(first, *others, fallback_on=(ModelAPIError, ContentFilterError))
    return TurnModel(asked, chained, run_s=run_s)


def _provided(
    name: str, keys: dict[str, str], urls: dict[str, str], request_s: float
) -> PydanticModel:
    """Return one provider's model; its library is imported only here, because it takes long."""
    provider, _, model = name.partition(":")
    settings = ModelSettings(
        request_timeout=request_s,
        max_retries=0,
        max_tokens=1_500,
        framing_announcement="always",
    )
    if provider == "google":
        from pydantic_ai.models.google import GoogleModel  # noqa: PLC0415
        from pydantic_ai.providers.google import GoogleProvider  # noqa: PLC0415

        google = GoogleProvider(api_key=keys["google"], base_url=urls.get("google"))
        return GoogleModel(model, provider=google, settings=settings)
    if provider == "openai":
        from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415
        from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415

        openai = OpenAIProvider(api_key=keys["openai"], base_url=urls.get("openai"))
        return OpenAIChatModel(model, provider=openai, settings=settings)
    if provider == "anthropic":
        from pydantic_ai.models.anthropic import AnthropicModel  # noqa: PLC0415
        from pydantic_ai.providers.anthropic import AnthropicProvider  # noqa: PLC0415

        anthropic = AnthropicProvider(api_key=keys["anthropic"], base_url=urls.get("anthropic"))
        return AnthropicModel(model, provider=anthropic, settings=settings)
    raise ValueError(f"the model provider {provider!r} is not known: google, openai, anthropic")
