"""What came of scenarios, for a person and for a program."""

from collections.abc import Mapping, Sequence
from textwrap import wrap

from deploy.scenarios.reading import Found
from domain.scenario.judging import Difference, Judged

_WIDTH, _INDENT = 96, 6


def lines_of(results: Sequence[tuple[Found, Judged]]) -> Sequence[str]:
    """Return the report: each scenario that failed and why, then the count."""
    lines: list[str] = []
    for found, judged in results:
        if not judged.passed:
            lines += [*_failed(found, judged), ""]
    return [*lines, _counted([judged for _, judged in results])]


def _failed(found: Found, judged: Judged) -> list[str]:
    lines = [
        f"FAILED  {judged.scenario.id}  ({found.file}:{found.line})",
        f"  {judged.scenario.title}",
    ]
    before: tuple[int, str] | None = None
    for one in judged.differences:
        if (one.step, one.said) != before:
            before = (one.step, one.said)
            lines.append(f"  {_place(one)}")
        lines += wrap(
            one.why,
            _WIDTH,
            initial_indent=" " * (_INDENT - 2) + "- ",
            subsequent_indent=" " * _INDENT,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return lines


def _place(one: Difference) -> str:
    return f"step {one.step}: {one.said}" if one.step else "in the whole story:"


def _counted(results: Sequence[Judged]) -> str:
    failed = sum(not judged.passed for judged in results)
    steps, texts = sum(one.steps for one in results), sum(one.texts for one in results)
    played = (
        f"{_many(len(results), 'scenario')}, {_many(steps, 'step')}, {_many(texts, 'text')} sent"
    )
    return f"{played}: {'all as expected' if not failed else f'{failed} failed'}."


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def record_of(results: Sequence[tuple[Found, Judged]]) -> Mapping[str, object]:
    """Return the same for a program; the command ends with exit code 5 where `failed` is not 0."""
    return {
        "scenarios": len(results),
        "failed": sum(not judged.passed for _, judged in results),
        "steps": sum(judged.steps for _, judged in results),
        "texts": sum(judged.texts for _, judged in results),
        "results": [
            {
                "id": judged.scenario.id,
                "title": judged.scenario.title,
                "file": str(found.file),
                "line": found.line,
                "passed": judged.passed,
                "differences": [
                    {"step": one.step, "said": one.said, "why": one.why}
                    for one in judged.differences
                ],
            }
            for found, judged in results
        ],
    }
