"""`parley sign-in`: a one-time link into the console."""

import asyncio
import os
from collections.abc import Sequence
from typing import Annotated

import typer

from deploy.failure import USAGE, Failure
from deploy.here import addresses_here, settings_here
from deploy.local.state_folder import account_name
from deploy.showing import Json, note, show, show_json

NAME = "sign-in"


def command(
    name: Annotated[
        str | None, typer.Option("--name", help="Who signs in; by default you.")
    ] = None,
    role: Annotated[
        list[str] | None, typer.Option("--role", help="Once for each role; by default all.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Print a link that signs one browser in, once, within 15 minutes."""
    from domain.access import EVERYTHING
    from services.runtime.access.tokens import link

    whom, grants = name or account_name(os.geteuid()), tuple(role or EVERYTHING)
    settings = settings_here()
    console = settings.console_url or _here(settings.console_port)
    token = asyncio.run(_made(settings.database_url, whom, grants, not settings.console_url))
    if json:
        show_json({"link": link(console, token), "name": whom, "scopes": grants})
        return
    show(link(console, token))
    note(f"Good once, for 15 minutes, for {whom} as {', '.join(grants)}.")


def _here(port: int) -> str:
    """Return where the console of this machine is."""
    try:
        return addresses_here()["console"]
    except Failure:  # the environment names a deployment that no `parley up` began
        return f"http://127.0.0.1:{port}"


async def _made(database_url: str, name: str, grants: Sequence[str], here_only: bool) -> str:  # noqa: FBT001
    from services.runtime.access.inviting import invite
    from services.runtime.access.keys import GrantRefused
    from services.runtime.access.tokens import fresh_token

    token = fresh_token()
    try:
        await invite(database_url, token, name, grants, here_only=here_only)
    except GrantRefused as error:
        raise Failure(f"{error} `parley keys scopes` lists them.", USAGE) from None
    return token
