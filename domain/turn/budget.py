"""How much of what is known goes to the model: the most useful first, within a bound of tokens."""

from collections.abc import Callable
from dataclasses import replace

from domain.turn.context import Context

# Well below the bound of one request (`services.adapters.model_agent.LIMITS`), which also holds
# the standing instructions, the tools and what they return.
MOST_TOKENS = 6_000
# English runs at about four letters a token, Spanish and numbers at fewer.
_LETTERS_A_TOKEN = 3.5
# What a frame around a line costs.
_FRAME = 12
_FEWEST_LINES = 6
_FEWEST_RECORDS = 8


def tokens(text: str) -> int:
    """Return how many tokens a text takes, rather too many than too few."""
    return int(len(text) / _LETTERS_A_TOKEN) + 1


def size(context: Context) -> int:
    """Return how many tokens a context takes, beside the standing instructions."""
    said = sum(tokens(line.text) + _FRAME for line in (*context.history, *context.pending))
    keys = context.memory if context.shown is None else context.shown
    known = sum(tokens(context.memory[key]) + tokens(key) + _FRAME for key in keys)
    own = (context.brief, context.earlier, *context.skills, *context.guidance, *context.feedback)
    places = sum(tokens(each.name) + tokens(each.contact) + 4 for each in context.resources)
    known += sum(tokens(told) + _FRAME * 2 for _, told in context.before)
    return said + known + places + sum(tokens(text) for text in own)


def fitted(context: Context, most: int = MOST_TOKENS) -> Context:
    """
    Return a context that fits: what is least needed for this turn goes first.

    Conversations that are over go before old lines, old lines before records, records before the
    harness's guidance, all of them before the texts that are to be answered; of those the last
    one always stays.
    """
    for shorter in _STEPS:
        while size(context) > most:
            less = shorter(context)
            if less is context:
                break
            context = less
    return context


def _less_before(context: Context) -> Context:
    return replace(context, before=context.before[1:]) if context.before else context


def _fewer_lines(context: Context) -> Context:
    few = len(context.history) <= _FEWEST_LINES
    return context if few else replace(context, history=context.history[1:])


def _fewer_records(context: Context) -> Context:
    shown = context.shown or ()
    return context if len(shown) <= _FEWEST_RECORDS else replace(context, shown=shown[:-1])


def _no_guidance(context: Context) -> Context:
    return replace(context, guidance=()) if context.guidance else context


def _nothing_earlier(context: Context) -> Context:
    return replace(context, earlier="") if context.earlier else context


def _no_lines(context: Context) -> Context:
    return replace(context, history=context.history[1:]) if context.history else context


def _fewer_skills(context: Context) -> Context:
    return replace(context, skills=context.skills[:-1]) if context.skills else context


def _fewer_texts(context: Context) -> Context:
    few = len(context.pending) <= 1
    return context if few else replace(context, pending=context.pending[1:])


_STEPS: tuple[Callable[[Context], Context], ...] = (
    _less_before,
    _fewer_lines,
    _fewer_records,
    _no_guidance,
    _nothing_earlier,
    _no_lines,
    _fewer_skills,
    _fewer_texts,
)
