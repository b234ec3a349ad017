"""What the agent's tools return: read from the turn's own context, and nothing is written."""

from typing_extensions import TypedDict  # before Python 3.12 pydantic reads no other

from domain.turn.benefits import QUESTIONS, next_fact
from domain.turn.context import Context
from domain.turn.prompt import recorded

_MOST_FOUND = 3
_MOST_RECALLED = 5
_MOST_SCREENED = 3


class Place(TypedDict):
    """A place to turn to."""

    name: str
    contact: str


class Programme(TypedDict):
    """A programme that may fit, whom to check it with, and what is not known yet."""

    name: str
    verdict: str
    check_with: str
    unknown: list[str]


class Screening(TypedDict):
    """What may fit, in the order of likelihood, and the one thing to ask next."""

    programmes: list[Programme]
    ask_next: str


def resources_on(context: Context, topic: str) -> list[Place]:
    """Return the places of a topic that this turn was given."""
    wanted = topic.casefold().strip()
    return [
        Place(name=each.name, contact=each.contact)
        for each in context.resources
        if wanted == each.topic.casefold()
    ][:_MOST_FOUND]


def recalled(context: Context, about: str) -> list[str]:
    """Return what is remembered under a key, or mentions a word, as quoted data."""
    wanted = about.casefold().strip()
    if not wanted:
        return []
    return [
        recorded(key, value)
        for key, value in sorted(context.memory.items())
        if wanted in key.casefold() or wanted in value.casefold()
    ][:_MOST_RECALLED]


def screened(context: Context) -> Screening:
    """Return which programmes may fit; no value that was told for it is among the words."""
    likely = [each for each in context.screening if each.verdict == "maybe"]
    following = next_fact(tuple(likely))
    return Screening(
        programmes=[
            Programme(
                name=each.name,
                verdict="may fit, to be checked",
                check_with=each.ask,
                unknown=[QUESTIONS[fact] for fact in each.missing],
            )
            for each in likely[:_MOST_SCREENED]
        ],
        ask_next=QUESTIONS[following] if following is not None else "",
    )
