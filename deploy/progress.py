"""How far long work is: a bar in a terminal, now and then a line where there is none."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

from deploy.showing import note

_LINE_EVERY = 100_000


@contextmanager
def following(what: str) -> Generator[Callable[[int, int], None]]:
    """
    Lend what is told how much of how much is done; everything is shown on stderr.

    `what` is counted and what is done to it, as in "facts replayed".
    """
    if sys.stderr.isatty():
        with _bar(what) as told:
            yield told
    else:
        yield _lines(what)


@contextmanager
def _bar(what: str) -> Generator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("[progress.description]{task.description}", BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task(what, total=None)

        def told(done: int, of: int) -> None:
            bar.update(task, completed=done, total=of)

        yield told


def _lines(what: str) -> Callable[[int, int], None]:
    last = 0

    def told(done: int, of: int) -> None:
        nonlocal last
        if done // _LINE_EVERY > last // _LINE_EVERY:
            note(f"{done} of {of} {what}")
        last = done

    return told
