"""`parley rebuild`: projections, folded anew from the journal."""

import asyncio
from typing import Annotated

import typer

from deploy.here import settings_here
from deploy.parts import part
from deploy.showing import Json, show_json

NAME = "rebuild"


def command(
    projection: Annotated[str | None, typer.Argument(help="One of them; without it, all.")] = None,
    *,
    json: Json = False,
) -> None:
    """Fold projections anew beside the old ones, then swap them in."""
    del json
    part("services.runtime.garbage", "collect_rarely")(reading=True)
    rebuild = part("services.runtime.audit", "rebuild")
    show_json(asyncio.run(rebuild(settings_here(), projection)))
