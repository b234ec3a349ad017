"""`parley run`: one process."""

from typing import Annotated

import typer

from deploy.here import settings_here
from deploy.showing import Json

NAME = "run"


def command(
    process: Annotated[str, typer.Argument(help="ingress, policy_gate, sender, …")],
    *,
    json: Json = False,
) -> None:
    """Run one process until it is told to end; its log is JSON unless in a terminal."""
    del json
    from services.runtime.processes import build_of
    from services.runtime.running import run

    build_of(process)
    raise typer.Exit(run(process, settings_here()))
