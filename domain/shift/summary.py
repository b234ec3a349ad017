"""A summary that claims nothing: counted, quoted and listed, never made up."""

from datetime import timedelta

from contracts.texts import EndReason
from domain.shift.story import Said, Story

_QUOTE = 160
_INTENTS = 12
_QUESTIONS = 5
# What carries no intent: the classifier's word for small talk, and gates that only speak of us.
_NO_INTENT = frozenset({"smalltalk", "limits", "consent", "stranger"})
_ENDS: dict[EndReason, str] = {
    "done": "the person closed it",
    "natural": "it had come to its end",
    "timeout": "nobody wrote any more",
    "opted_out": "the person opted out of texts",
    "agent": "the agent ended it",
    "operator": "an operator ended it",
    "erased": "the person was erased",
}
# Whoever said goodbye, or wants no texts, was asked nothing that they still owe an answer to.
_SETTLED: frozenset[EndReason] = frozenset({"done", "natural", "opted_out", "erased"})


def intents(story: Story) -> tuple[str, ...]:
    """Return what the person came for, in the classifier's words, in the order it came up."""
    return tuple(each for each in story.intents if each not in _NO_INTENT)[:_INTENTS]


def open_questions(story: Story, reason: EndReason) -> tuple[str, ...]:
    """Return what the person asked and nobody answered, and what they did not answer."""
    asked = [
        quoted(line.text)
        for line in story.said
        if line.author == "person" and not line.answered and _asks(line.text)
    ]
    last = story.said[-1] if story.said else None
    if last is not None and last.author == "agent" and _asks(last.text):
        asked += [] if reason in _SETTLED else [quoted(last.text)]
    return tuple(asked)[-_QUESTIONS:]


def summary(story: Story, reason: EndReason, lasted: timedelta) -> str:
    """Return a few sentences; whatever the person or the agent said stands in quotes."""
    mine = [line for line in story.said if line.author == "person"]
    yours = len(story.said) - len(mine)
    told = [
        f"{_counted(len(mine), 'text')} from the person and {yours} from the agent in "
        f"{_span(lasted)}; it ended because {_ENDS[reason]}."
    ]
    topics = intents(story)
    if topics:
        told.append(f"Topics: {', '.join(topics)}.")
    told += _quotes(mine)
    if story.memory:
        told.append(f"Remembered: {', '.join(sorted(story.memory))}.")
    if story.concerns:
        named = (f"{concern.kind} ({concern.tier})" for concern in story.concerns)
        told.append(f"Safety: {', '.join(named)}.")
    waiting = len(open_questions(story, reason))
    if waiting:
        told.append(f"{_counted(waiting, 'question')} open.")
    return " ".join(told)


def quoted(text: str) -> str:
    """Return a text on one line, cut to what a summary bears."""
    words = " ".join(text.split())
    return words if len(words) <= _QUOTE else words[: _QUOTE - 1].rstrip() + "…"


def _quotes(mine: list[Said]) -> list[str]:
    if not mine:
        return []
    first = f"It began with: “{quoted(mine[0].text)}”."
    if len(mine) == 1:
        return [first]
    return [first, f"The person's last words: “{quoted(mine[-1].text)}”."]


def _asks(text: str) -> bool:
    return "?" in text


def _counted(many: int, what: str) -> str:
    return f"{many} {what}" if many == 1 else f"{many} {what}s"


def _span(lasted: timedelta) -> str:
    minutes = max(round(lasted.total_seconds() / 60), 1)
    return _counted(minutes, "minute")
