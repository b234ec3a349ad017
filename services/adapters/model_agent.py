"""The agent: one typed proposal a turn, tools that only read, and a limit on everything."""

from pydantic_ai import Agent, ModelRetry, RunContext, ToolOutput, UsageLimits

from contracts.proposal import TurnProposal
from domain.turn.context import Context
from domain.turn.prompt import STANDING
from domain.turn.tools import Place, Screening, recalled, resources_on, screened

OUTPUT = "propose_turn"
TOOL_S = 2.0
MAX_OUTPUT_TOKENS = 2_000
LIMITS = UsageLimits(
    request_limit=4,
    tool_calls_limit=3,
    output_tokens_limit=6_000,
    per_request_input_tokens_limit=16_000,
)


def ungrounded(context: Context, proposal: TurnProposal) -> bool:
    """Return whether a proposal cites a text that the person did not write here."""
    known = {
        said.sid
        for said in (*context.history, *context.pending)
        if said.author == "person" and said.sid is not None
    }
    cited = [write.evidence_sid for write in proposal.memory_writes]
    cited += [change.evidence_sid for change in proposal.profile_changes]
    return any(sid not in known for sid in cited)


def turn_agent() -> Agent[Context, TurnProposal]:
    """
    Return the agent; its model and its brief come with each run.

    Functions that are not coroutines would each take a hop to a thread, so all are.
    """
    agent: Agent[Context, TurnProposal] = Agent(
        deps_type=Context,
        output_type=ToolOutput(TurnProposal, name=OUTPUT, strict=True),
        instructions=STANDING,
        retries={"tools": 1, "output": 1},
        tool_timeout=TOOL_S,
        end_strategy="early",
        name="turn",
    )

    @agent.tool
    async def find_resource(  # pyright: ignore[reportUnusedFunction]
        run: RunContext[Context], topic: str
    ) -> list[Place]:
        """Look up vetted places for one topic of those in the brief, such as respite. Reads."""
        return resources_on(run.deps, topic)

    @agent.tool
    async def recall(  # pyright: ignore[reportUnusedFunction]
        run: RunContext[Context], about: str
    ) -> list[str]:
        """Read what is remembered under a key, or that mentions a word. Reads only."""
        return recalled(run.deps, about)

    @agent.tool
    async def screen_benefits(  # pyright: ignore[reportUnusedFunction]
        run: RunContext[Context],
    ) -> Screening:
        """Say which programmes may fit, and the one thing to ask next. Reads only."""
        return screened(run.deps)

    @agent.output_validator
    async def grounded(  # pyright: ignore[reportUnusedFunction]
        run: RunContext[Context], proposal: TurnProposal
    ) -> TurnProposal:
        if ungrounded(run.deps, proposal):
            # This goes to the provider with the next request: it says nothing of the person.
            raise ModelRetry("An evidence_sid is not the id of a text of this conversation.")
        return proposal

    return agent
