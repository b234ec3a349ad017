"""`parley replay scenarios`: stories of people are played through the harness, without servers."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from deploy.failure import DAMAGED, NOT_FOUND, USAGE, Failure
from deploy.showing import Json, note, show, show_json

_NEWS_AFTER_S = 1.0


def replay_scenarios(
    path: Annotated[Path, typer.Argument(help="A YAML file, or a folder of them.")],
    *,
    json: Json = False,
) -> None:
    """
    Play scenarios through gates, evaluator and commit; exit code 5 if one fails.

    Nothing runs for it: no server, no model, no clock.
    """
    from deploy.scenarios.reading import Found, ScenariosUnreadable, read_scenarios, scenario_files
    from deploy.scenarios.report import lines_of, record_of
    from domain.scenario.judging import Judged, judge

    try:
        found: Sequence[Found] = read_scenarios(scenario_files(path))
    except FileNotFoundError:
        raise Failure(f"There is no file or folder {path}.", NOT_FOUND) from None
    except ScenariosUnreadable as error:
        raise Failure(str(error), USAGE) from None
    if not found:
        raise Failure(f"There is no scenario in {path}.", NOT_FOUND)
    results: list[tuple[Found, Judged]] = []
    told_at = time.monotonic()
    for number, one in enumerate(found, 1):
        results.append((one, judge(one.scenario)))
        if sys.stderr.isatty() and time.monotonic() - told_at > _NEWS_AFTER_S:
            told_at = time.monotonic()
            note(f"{number} of {len(found)} played")
    if json:
        show_json(record_of(results))
    else:
        for line in lines_of(results):
            show(line)
    if any(not judged.passed for _, judged in results):
        raise typer.Exit(DAMAGED)
