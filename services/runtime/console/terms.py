"""Names that facts and queries bear, in the words of whoever reads a page."""

from collections.abc import Mapping

# How a conversation ended.
ENDS: Mapping[str, str] = {
    "done": "said done", "natural": "came to its end", "timeout": "fell silent",
    "opted_out": "opted out", "agent": "ended by the agent", "operator": "ended here",
    "erased": "erased",
}  # fmt: skip
# What a safety case is about.
DANGERS: Mapping[str, str] = {
    "self": "danger to self", "means": "speaks of means", "other_harm": "may harm somebody",
    "third_party": "somebody else in danger", "medical": "medical emergency",
    "abuse": "abuse", "exploitation": "exploitation", "aggression": "is attacked",
    "passive": "wishes not to live", "escape": "wants to get away from it all",
    "unsafe_now": "not safe now", "alone": "alone with it", "unreadable": "nobody could read it",
    "model_raised": "the model saw a danger",
    "draft_failed_crisis": "no draft could answer a danger",
}  # fmt: skip
# What an unfinished step waits for.
STEPS: Mapping[str, str] = {
    "turn": "a text waits for a draft", "draft": "a draft waits for its verdict",
    "verdict": "a verdict waits for its commit", "answer": "a gate's answer waits for its commit",
    "text": "a text waits for its outcome", "idle": "ends after a long silence; silent since",
    "taken": "a reviewer answers; silent since", "farewell": "ends after a farewell",
    "package": "an ended one is not handed over yet", "shift": "no shift has accepted it yet",
    "followup": "a message is planned", "consent": "a request for consent is unanswered",
    "escalation": "the agent's question is open",
    "report": "the agent does not know of a status yet",
}  # fmt: skip


def ending(reason: str) -> str:
    """Return how a conversation ended."""
    return _in_words(ENDS, reason)


def danger(kind: str) -> str:
    """Return what a safety case is about."""
    return _in_words(DANGERS, kind)


def step(kind: str) -> str:
    """Return what an unfinished step waits for."""
    return _in_words(STEPS, kind)


def spaced(name: str) -> str:
    """Return a name of ours in words."""
    return name.replace("_", " ")


def _in_words(terms: Mapping[str, str], name: str) -> str:
    return terms.get(name) or spaced(name)
