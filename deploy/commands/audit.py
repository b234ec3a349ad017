"""`parley audit`: is the past whole, and is what is shown what the past says."""

import asyncio

import typer

from deploy.failure import DAMAGED
from deploy.here import settings_here
from deploy.parts import part
from deploy.showing import Json, show, show_json, show_table

NAME = "audit"
commands = typer.Typer(no_args_is_help=True, help="Is the past whole?")


@commands.callback()
def group() -> None:
    """Look whether the past is whole."""


@commands.command("verify")
def verify(*, json: Json = False) -> None:
    """Check hash chains and versions, and every projection against a rebuild."""
    found = asyncio.run(part("services.runtime.audit", "verify")(settings_here()))
    if json:
        show_json(found)
    elif not found["damage"]:
        show(f"{found['facts']} facts are whole; {len(found['projections'])} projections agree.")
    else:
        show_table(("position", "stream", "version", "what"), found["damage"])
    if found["damage"]:
        raise typer.Exit(DAMAGED)
