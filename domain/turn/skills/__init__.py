"""
Guidance packs: what a good answer to one kind of turn does, as Markdown files beside this one.

A pack begins with a header between two lines of `---`: `title`, then whichever of `domains`,
`risks`, `phases` and `words` it is for (comma-separated; a list that is left out fits all), and
`weight`, by which the more special pack goes before the more general one.  The rest is what the
model reads.  `tests/domain/turn/test_skills.py` says what is wrong with a pack.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import get_args

from contracts.labels import Domain, Labels, Risk
from contracts.person import Phase
from domain.turn.words import collapsed

# Two packs are read; a third would only be skimmed, and costs as much.
CHOSEN_AT_MOST = 2
LONGEST = 900

_HEADER = re.compile(r"\A---\n(?P<header>.*?)\n---\n(?P<body>.*)\Z", re.DOTALL)
_FIELDS = frozenset({"title", "domains", "risks", "phases", "words", "weight"})


class SkillUnreadable(Exception):
    """A pack is not as it must be; `str()` names the file and what is wrong."""


@dataclass(frozen=True, slots=True)
class Skill:
    """One pack: what it is for, and what it says."""

    skill_id: str
    title: str
    body: str
    domains: frozenset[str] = frozenset()
    risks: frozenset[str] = frozenset()
    phases: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    weight: int = 0

    def fits(self, labels: Labels, phase: str, said: str) -> bool:
        """Return whether the pack is for a turn; `said` is the person's texts, collapsed."""
        return (
            (not self.domains or labels.domain in self.domains)
            and (not self.risks or labels.risk in self.risks)
            and (not self.phases or phase in self.phases)
            and (not self.words or any(f" {word} " in f" {said} " for word in self.words))
        )


def read(name: str, text: str) -> Skill:
    """Return the pack of a file.  Raises `SkillUnreadable`."""
    found = _HEADER.match(text)
    if found is None:
        raise SkillUnreadable(f"{name}: the header between two lines of --- is missing")
    header = dict(_field(name, line) for line in found["header"].splitlines() if line.strip())
    body = found["body"].strip()
    if not header.get("title"):
        raise SkillUnreadable(f"{name}: the title is missing")
    if not body or len(body) > LONGEST:
        raise SkillUnreadable(f"{name}: a pack says something, in up to {LONGEST} characters")
    weight = header.get("weight", "0")
    if not weight.isdigit():
        raise SkillUnreadable(f"{name}: the weight is a whole number")
    return Skill(
        skill_id=name.removesuffix(".md"),
        title=header["title"],
        body=body,
        domains=_known(name, header, "domains", get_args(Domain)),
        risks=_known(name, header, "risks", get_args(Risk)),
        phases=_known(name, header, "phases", get_args(Phase)),
        words=tuple(collapsed(word) for word in _listed(header.get("words", ""))),
        weight=int(weight),
    )


def _field(name: str, line: str) -> tuple[str, str]:
    key, colon, value = line.partition(":")
    if not colon or key.strip() not in _FIELDS:
        raise SkillUnreadable(f"{name}: {key.strip()!r} is no field of a header")
    return key.strip(), value.strip()


def _listed(value: str) -> list[str]:
    return [each.strip() for each in value.split(",") if each.strip()]


def _known(
    name: str, header: dict[str, str], field: str, allowed: Iterable[str]
) -> frozenset[str]:
    named = frozenset(_listed(header.get(field, "")))
    unknown = sorted(named - frozenset(allowed))
    if unknown:
        raise SkillUnreadable(f"{name}: {unknown[0]!r} is not among the {field}")
    return named


@lru_cache(maxsize=1)
def skills() -> tuple[Skill, ...]:
    """Return every pack, the more special ones first, always in one order."""
    folder = files(__name__)
    found = [
        read(each.name, each.read_text("utf-8"))
        for each in folder.iterdir()
        if each.name.endswith(".md")
    ]
    return tuple(sorted(found, key=lambda skill: (-skill.weight, skill.skill_id)))


def chosen(labels: Labels, phase: str, texts: Iterable[str]) -> tuple[Skill, ...]:
    """Return the packs for a turn, at most two."""
    said = collapsed(" ".join(texts))
    fitting = (skill for skill in skills() if skill.fits(labels, phase, said))
    return tuple(skill for skill, _ in zip(fitting, range(CHOSEN_AT_MOST), strict=False))
