"""`parley up`: everything on this machine."""

import os
from typing import Annotated

import typer

from deploy.here import addresses_here
from deploy.showing import Json, note, show, show_json

NAME = "up"


def command(
    *,
    restored: Annotated[
        bool, typer.Option("--restored", help="The database came from an older backup.")
    ] = False,
    json: Json = False,
) -> None:
    """Start everything here: database, queue, carrier, every service. Ctrl-C stops it."""
    from deploy.local.up import up

    def ready() -> None:
        if json:
            show_json(addresses_here())

    raise typer.Exit(up(os.environ, note if json else show, ready, restored=restored))
