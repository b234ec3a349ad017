"""
A second model that judges drafts: asked once, with one deadline, and never believed to be there.

It is given no tools and no person's words.  An answer that is late or no judgement is
`JudgeFailed`.
"""

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_ai import Agent, ToolOutput, UsageLimits
from pydantic_ai.usage import RunUsage

from contracts.conversation import Usage
from domain.turn.second_opinion import STANDING
from services.adapters.model_chain import Provided, provided
from services.runtime.ports import JudgeFailed, Opinion

if TYPE_CHECKING:
    import httpx2

_LIMITS = UsageLimits(request_limit=1, output_tokens_limit=2_000)


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid")

    verdict: Literal["send", "revise", "block"]
    reason: Annotated[str, Field(max_length=200)] = ""


class ModelJudge:
    """One provider's model as a judge; implements the port `Judge`."""

    def __init__(
        self, provider: Provided, timeout_s: float, clients: list["httpx2.AsyncClient"]
    ) -> None:
        self._provider = provider
        self._timeout_s = timeout_s
        self._clients = clients
        self._agent: Agent[None, _Said] = Agent(
            output_type=ToolOutput(_Said, name="judge_draft", strict=True),
            instructions=STANDING,
            retries={"tools": 0, "output": 0},
            name="judge",
        )

    async def weigh(self, question: str) -> Opinion:
        """Return an opinion on a draft.  Raises `JudgeFailed`."""
        usage = RunUsage()
        begun = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_s):
                result = await self._agent.run(
                    question, model=self._provider, usage=usage, usage_limits=_LIMITS
                )
        except Exception as error:
            # Whatever goes wrong with a judge, the rules have spoken already.
            kind = "Timeout" if isinstance(error, TimeoutError) else type(error).__name__
            raise JudgeFailed(kind, self._usage(usage, begun, None)) from None
        answered = result.response.model_name
        said = result.output
        return Opinion(said.verdict, said.reason, self._usage(usage, begun, answered))

    async def aclose(self) -> None:
        """Close the connections."""
        for client in self._clients:
            await client.aclose()

    def _usage(self, usage: RunUsage, begun: float, answered: str | None) -> Usage:
        return Usage(
            model_asked=self._provider.asked,
            model_answered=answered,
            requests=max(usage.requests, 1),
            input_tokens=usage.input_tokens,
            cached_tokens=usage.cache_read_tokens,
            output_tokens=usage.output_tokens,
            cost_microdollars=None if usage.cost is None else int(usage.cost * 1_000_000),
            latency_ms=int((time.monotonic() - begun) * 1000),
        )


def open_judge(
    model: str,
    keys: Mapping[str, str],
    *,
    timeout_s: float,
    base_urls: Mapping[str, str] | None = None,
) -> ModelJudge:
    """
    Return the judge `provider:name`; nothing is asked of it yet.

    Raises `ValueError` for a provider that is not known or has no key, `ImportError` where its
    library is not installed.
    """
    clients: list[httpx2.AsyncClient] = []

    def client() -> "httpx2.AsyncClient":
        import httpx2  # noqa: PLC0415

        clients.append(httpx2.AsyncClient(timeout=timeout_s + 1.0))
        return clients[-1]

    found = provided(model, keys, base_urls or {}, timeout_s, client)
    return ModelJudge(found, timeout_s, clients)
