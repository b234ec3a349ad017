"""`parley people`: who may be texted, and the evidence of it."""

import typer

NAME = "people"
commands = typer.Typer(no_args_is_help=True, help="Who may be texted, and the evidence of it.")


@commands.callback()
def group() -> None:
    """Who may be texted, and the evidence of it."""
