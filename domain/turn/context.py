"""Everything the model may see of one turn, and in what order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from domain.turn.benefits import Screened


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a conversation; `sid` is set for what the person wrote."""

    author: Literal["person", "agent"]
    text: str
    sid: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A place to turn to; `contact` is the only number or link that may be sent for it."""

    topic: str
    name: str
    contact: str


@dataclass(frozen=True, slots=True)
class Context:
    """
    What the model is given.

    `history` holds committed lines only, oldest first, and `earlier` what the lines before them
    came to; `pending` the texts to answer (empty in a turn that the agent begins); `feedback` the
    flags of a refused draft that is to be repaired.  `skills` and `guidance` are the harness's
    own words: what a good answer does, and how care is organised in the person's country.
    `before` is what conversations that are over came to, with their days, oldest first.  Of
    `memory`, which a tool may read whole, `shown` names what is shown, the most useful first.
    """

    turn_id: str
    brief: str
    state: Mapping[str, str]
    memory: Mapping[str, str]
    history: tuple[Said, ...]
    pending: tuple[Said, ...]
    resources: tuple[Resource, ...] = ()
    feedback: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    guidance: tuple[str, ...] = ()
    earlier: str = ""
    before: tuple[tuple[str, str], ...] = ()
    shown: tuple[str, ...] | None = None
    screening: tuple[Screened, ...] = ()
