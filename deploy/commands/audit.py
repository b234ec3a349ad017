"""`parley audit`: is the past whole, and is what is shown what the past says."""

import asyncio

import typer

from deploy.here import settings_here
from deploy.parts import part
from deploy.showing import Json, show_json

NAME = "audit"
commands = typer.Typer(no_args_is_help=True, help="Is the past whole?")


@commands.callback()
def group() -> None:
    """Look whether the past is whole."""


@commands.command("verify")
def verify(*, json: Json = False) -> None:
    """Check hash chains and versions, and every projection against a rebuild."""
    del json
    show_json(asyncio.run(part("services.runtime.audit", "verify")(settings_here())))
