"""Scenarios are read from YAML; whatever is wrong is said with its file and line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from domain.scenario import form
from domain.scenario.answers import Answer
from domain.scenario.form import Scenario
from domain.scenario.named import nearest

# libyaml's parser is ten times faster; where the wheel lacks it, Python's reads the same.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ENDINGS = (".yaml", ".yml")
_FORMS: tuple[type[BaseModel], ...] = (
    form.Scenario, form.Session, form.Step, form.Expect, form.Beginning, form.Need, form.Sent,
    form.FollowUpSeen, form.Rules, Answer,
)  # fmt: skip
_KEYS = sorted({name for each in _FORMS for name in each.model_fields})


class ScenariosUnreadable(Exception):
    """Files that hold no scenarios; `str()` is a line for each thing that is wrong."""


@dataclass(frozen=True, slots=True)
class Found:
    """A scenario and where it is written."""

    scenario: Scenario
    file: Path
    line: int


def scenario_files(path: Path) -> Sequence[Path]:
    """Return the file, or every YAML file below the folder; raises `FileNotFoundError`."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise FileNotFoundError(path)
    return sorted(each for each in path.rglob("*") if each.suffix in _ENDINGS and each.is_file())


def read_scenarios(files: Iterable[Path]) -> Sequence[Found]:
    """
    Return the scenarios of files: each YAML document of a file is one.

    Raises `ScenariosUnreadable`, which names everything that is wrong in any of them.
    """
    wrong: list[str] = []
    found: list[Found] = []
    for file in files:
        try:
            nodes = list(_documents(file))
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError, OSError) as error:
            wrong.append(_unreadable(file, error))
            continue
        for node in nodes:
            one = _scenario(file, node, wrong)
            if one is not None:
                found.append(one)
    wrong += _twice(found)
    if wrong:
        raise ScenariosUnreadable("\n".join(wrong))
    return found


def _documents(file: Path) -> Iterator[yaml.Node]:
    """Return a file's documents as nodes, which know their lines; empty ones are none."""
    loader = _LOADER(file.read_text("utf-8"))
    try:
        while loader.check_node():
            node = loader.get_node()
            if node is not None and node.value != "":
                yield node
    finally:
        loader.dispose()


def _scenario(file: Path, node: yaml.Node, wrong: list[str]) -> Found | None:
    line = node.start_mark.line + 1
    doubled = list(_doubled(node))
    if doubled:
        wrong += [
            f"{file}:{key.start_mark.line + 1}: {key.value} is written twice" for key in doubled
        ]
        return None
    try:
        told = _value(node)
        return Found(Scenario.model_validate(told), file, line)
    except yaml.YAMLError as error:
        wrong.append(_unreadable(file, error))
    except ValidationError as error:
        details = _telling(error.errors(include_url=False))
        wrong += [f"{file}:{_line(node, one['loc'])}: {_why(one)}" for one in details]
    return None


def _telling(details: Sequence[ErrorDetails]) -> Sequence[ErrorDetails]:
    """Return the errors without the lists that are too short for their items' own errors."""
    places = [one["loc"] for one in details]
    return [
        one
        for one in details
        if one["type"] != "too_short"
        or not any(each != one["loc"] and each[: len(one["loc"])] == one["loc"] for each in places)
    ]


def _value(node: yaml.Node) -> Any:
    loader = _LOADER("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _doubled(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """Return keys that stand twice in one mapping: YAML would silently take the last."""
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _doubled(each)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        if isinstance(key, yaml.ScalarNode):
            if key.value in seen:
                yield key
            seen.add(key.value)
        yield from _doubled(value)


def _line(node: yaml.Node, place: Sequence[int | str]) -> int:
    """Return the line of a place, as near to it as the file goes."""
    line = node.start_mark.line + 1
    for part in place:
        if (
            isinstance(node, yaml.SequenceNode)
            and isinstance(part, int)
            and part < len(node.value)
        ):
            node = node.value[part]
            line = node.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            found = next((pair for pair in node.value if pair[0].value == part), None)
            if found is not None:
                line, node = found[0].start_mark.line + 1, found[1]
    return line


def _why(error: ErrorDetails) -> str:
    """Return what is wrong at a place, as a sentence."""
    place, kind = error["loc"], error["type"]
    last = str(place[-1]) if place else "the scenario"
    where = _spelled(place[:-1])
    if kind == "extra_forbidden":
        return f"there is no key {last}{where}{nearest(last, _KEYS)}"
    if kind == "missing":
        return f"{last} is missing{where}"
    told = error["msg"].removeprefix("Value error, ")
    if kind == "value_error":
        return f"{_spelled(place).removeprefix(' in ') or 'the scenario'}: {told}"
    given = error["input"]
    if kind == "string_type" and not isinstance(given, Mapping | list):
        return f"{last}{where} is read as {given!r}: put the word in quotes"
    likely = nearest(str(given), _choices(error)) if isinstance(given, str) else ""
    return f"{last}{where}: {told[:1].lower()}{told[1:]}, not {_short(given)}{likely}"


def _choices(error: ErrorDetails) -> Sequence[str]:
    expected = str(error.get("ctx", {}).get("expected", ""))
    return [part.strip("' ") for part in expected.replace(" or ", ", ").split(",")]


def _spelled(place: Sequence[int | str]) -> str:
    """Return a place as a person counts: sessions and steps from 1."""
    parts: list[str] = []
    for part in place:
        if isinstance(part, int):
            parts[-1:] = [f"{parts[-1] if parts else 'item'} {part + 1}"]
        elif not part.startswith(("literal[", "function-")):
            parts.append(part)
    return f" in {', '.join(parts)}" if parts else ""


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def _unreadable(file: Path, error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    line = f":{mark.line + 1}" if mark is not None else ""
    if isinstance(error, UnicodeDecodeError):
        return f"{file}: is no text in UTF-8"
    if isinstance(error, RecursionError):
        return f"{file}: is nested too deeply"
    if isinstance(error, OSError):
        return f"{file}: cannot be read: {error.strerror}"
    problem = getattr(error, "problem", None) or "is no YAML"
    return f"{file}{line}: {problem}"


def _twice(found: Sequence[Found]) -> Iterator[str]:
    first: dict[str, Found] = {}
    for one in found:
        earlier = first.setdefault(one.scenario.id, one)
        if earlier is not one:
            yield (
                f"{one.file}:{one.line}: the id {one.scenario.id} is taken by"
                f" {earlier.file}:{earlier.line}"
            )
