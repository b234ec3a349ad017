"""A conversation or a person as they were after one of their facts, and what it changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from contracts.base import Contract
from contracts.recorded import Recorded
from domain.decider import Memory
from services.runtime.told import told


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a state, by its path; `before` is what it was, None where there was none."""

    path: str
    now: str | None
    before: str | None


@dataclass(frozen=True, slots=True)
class Moment:
    """A state after a version: what its last fact changed, and all of it."""

    version: int
    changed: Sequence[Value]
    state: Sequence[Value]
    content: Sequence[Value]

    @property
    def parts(self) -> Mapping[str, Sequence[Value]]:
        """All of the state by its first names: what is plain under none, the rest within."""
        found: dict[str, list[Value]] = {"": []}
        for value in self.state:
            name, _, within = value.path.partition(".")
            part = found.setdefault(name if within else "", [])
            part.append(replace(value, path=within or name))
        return found


def moments(memory: Memory[Any], facts: Sequence[Recorded[Contract]], version: int) -> Moment:
    """Return the state after `version` facts, folded anew by the code of today."""
    before = memory.fold(recorded.fact for recorded in facts[: version - 1])
    fact = facts[version - 1].fact
    was, now = dict(_flat(told(before))), dict(_flat(told(memory.evolve(before, fact))))
    paths = [*now, *(path for path in was if path not in now)]
    changed = [
        Value(path, now.get(path), was.get(path))
        for path in paths
        if path != "version" and now.get(path) != was.get(path)
    ]
    return Moment(
        version,
        list(_gone_as_one(changed, now)),
        [Value(path, value, was.get(path)) for path, value in now.items()],
        [Value(path, value, None) for path, value in _flat(told(fact))],
    )


def _gone_as_one(changed: Sequence[Value], now: Mapping[str, str]) -> Iterator[Value]:
    """Yield what changed; of a part that is gone, as a turn that is over, not each value of it."""
    left = {path.partition(".")[0] for path in now}
    gone: dict[str, int] = {}
    for value in changed:
        name, _, within = value.path.partition(".")
        if within and name not in left:
            gone[name] = gone.get(name, 0) + 1
        else:
            yield value
    for name, values in gone.items():
        yield Value(name, None, f"{values} values" if values > 1 else "1 value")


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every plain value with its path; what is empty is left out."""
    if isinstance(value, Mapping):
        parts = value.items()
    elif isinstance(value, list):
        parts = {str(number): part for number, part in enumerate(value, 1)}.items()
    else:
        if value not in (None, ""):
            yield path, f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value)
        return
    for name, part in parts:
        yield from _flat(part, f"{path}.{name}" if path else str(name))
