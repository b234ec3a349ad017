"""
The offline model without the agent: the same messages, tools and checks, one loop of our own.

The agent's graph costs ten times what the offline model does, for retries and deadlines that a
model of our own, which awaits nothing, cannot need.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic_ai.exceptions import UnexpectedModelBehavior
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelRequestPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.models.function import FunctionModel
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.usage import RunUsage

from contracts.proposal import TurnProposal
from domain.turn.context import Context
from domain.turn.prompt import brief_of
from domain.turn.tools import resources_on
from services.adapters.model_agent import OUTPUT, ungrounded
from services.adapters.model_messages import history_of, prompt_of

_MOST_REQUESTS = 2
_PARAMETERS = ModelRequestParameters(
    function_tools=[ToolDefinition(name="find_resource")],
    output_tools=[ToolDefinition(name=OUTPUT, kind="output")],
    output_mode="tool",
    allow_text_output=False,
)


@dataclass(frozen=True, slots=True)
class Looped:
    """What a loop ended with; `tools` are those it called on the way."""

    proposal: TurnProposal
    tools: Sequence[str]


async def short_loop(model: FunctionModel, context: Context, usage: RunUsage) -> Looped:
    """
    Return the offline model's proposal; what it takes is added to `usage`.

    Raises `UnexpectedModelBehavior` and pydantic's `ValidationError` for a fault of ours.
    """
    brief, tools = brief_of(context), list[str]()
    messages = history_of(context)
    next_parts: list[ModelRequestPart] = [UserPromptPart(prompt_of(context))]
    for _ in range(_MOST_REQUESTS):
        asked: ModelMessage = ModelRequest(parts=next_parts, instructions=brief)
        messages.append(asked)
        response = await model.request(messages, None, _PARAMETERS)
        usage.incr(response.usage)
        usage.requests += 1
        call = response.tool_calls[0]
        arguments = call.args_as_dict()
        if call.tool_name == OUTPUT:
            proposal = TurnProposal.model_validate(arguments)
            if ungrounded(context, proposal):
                break
            return Looped(proposal, tools)
        tools.append(call.tool_name)
        found = resources_on(context, str(arguments.get("topic", "")))
        messages.append(response)
        next_parts = [ToolReturnPart(call.tool_name, found, call.tool_call_id)]
    raise UnexpectedModelBehavior("the offline model gave no proposal")
