"""What is known around a reply: the person's words, what is remembered, what danger there is."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from contracts.labels import Labels
from domain.turn.checks.reply import Reply
from domain.turn.context import Resource, Said
from domain.turn.reading import Danger

_CONTENT = re.compile(r"[a-z0-9]{3,}")
_EMPTY_WORDS_TEXT = (
    "the and for are was were with you your yours her his hers she they them their that this "
    "these those have has had can could would should will just about what when where who how "
    "why not but our from all any out get got one two too very some more most than then there "
    "here been being did does doing done let now want need like really know think feel going "
    "its it's i'm i've don't que los las una con por para como pero muy mas day days time today "
)
_EMPTY_WORDS = frozenset(_EMPTY_WORDS_TEXT.split())


def content(text: str) -> frozenset[str]:
    """Return the words of a folded text that say what it is about, cut to their stems."""
    return frozenset(
        word[:5] if len(word) > 5 else word.rstrip("s")
        for word in _CONTENT.findall(text)
        if word not in _EMPTY_WORDS
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """
    The circumstances of a reply, folded once for all rules.

    `asked` is the person's texts that are answered; `before` what the person said earlier and
    what is remembered; `told` what the agent said earlier.
    """

    asked: Reply
    before: Reply
    told: Reply
    labels: Labels
    phase: str = "active"
    country: str | None = None
    resources: tuple[Resource, ...] = ()
    danger: Danger | None = None
    earlier_danger: bool = False
    kinds: frozenset[str] = field(default_factory=frozenset)

    @property
    def knows(self) -> str:
        """Everything the person is known to have said, folded."""
        return f"{self.asked.folded}\n{self.before.folded}"


def spoken_by(lines: Iterable[Said], author: str) -> Reply:
    """Return the lines of one author as one text."""
    return Reply("\n".join(line.text for line in lines if line.author == author))


def remembered(lines: Iterable[Said], memory: Mapping[str, str]) -> Reply:
    """Return the person's earlier lines and their memory as one text."""
    said = [line.text for line in lines if line.author == "person"]
    return Reply("\n".join((*said, *memory.values())))
