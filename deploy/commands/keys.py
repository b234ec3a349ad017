"""`parley keys`: access keys of programs, shown once and kept as digests."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.failure import NOT_FOUND, USAGE, Failure
from deploy.here import settings_here
from deploy.showing import Json, note, show, show_all, show_json

if TYPE_CHECKING:
    from services.runtime.access.keys import KeyMade, Keys

NAME = "keys"
commands = typer.Typer(
    no_args_is_help=True, help="Access keys of programs, for the console's API."
)
Scopes = Annotated[
    list[str],
    typer.Option("--scope", help="A role or a right; more than once for several."),
]


@commands.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Under which name it acts.")],
    scope: Scopes,
    days: Annotated[
        float | None, typer.Option("--days", min=0.0, help="For how long; else until revoked.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Make a key, and print it this one time."""
    made = asyncio.run(_made(name, scope, days))
    if json:
        show_json({"id": made.key_id, "key": made.key, "name": name, "scopes": scope})
        return
    show(made.key)
    note(f"Key {made.key_id} is shown this once. End it with: parley keys revoke {made.key_id}")


@commands.command("list")
def list_keys(*, json: Json = False) -> None:
    """Show every key that was made, and when it was last used; never the keys themselves."""
    records = asyncio.run(_listed())
    columns = ("id", "name", "scopes", "created_at", "used_at", "ends_at", "revoked_at")
    show_all(columns, records, as_json=json)


@commands.command("revoke")
def revoke(
    key_id: Annotated[str, typer.Argument(help="The id that `list` shows.")],
    *,
    json: Json = False,
) -> None:
    """End a key at once, and every session that was begun with it."""
    if not asyncio.run(_revoked(key_id)):
        raise Failure("There is no key of that id that lives.", NOT_FOUND)
    if json:
        show_json({"id": key_id, "revoked": True})
    else:
        show(f"Key {key_id} is revoked.")


@commands.command("scopes")
def scopes(*, json: Json = False) -> None:
    """Show what a key can be given: the roles, and the rights that each has."""
    from domain.access import ROLES, Right

    records: list[dict[str, Any]] = [
        {"right": right, **{role: right in rights for role, rights in ROLES.items()}}
        for right in Right
    ]
    if not json:
        yes = {True: "yes", False: ""}
        records = [{name: yes.get(cell, cell) for name, cell in row.items()} for row in records]
    show_all(("right", *ROLES), records, as_json=json)


async def _made(name: str, grants: Sequence[str], days: float | None) -> "KeyMade":
    from services.runtime.access.keys import GrantRefused

    now = datetime.now(UTC)
    try:
        ends_at = None if days is None else now + timedelta(days=days)
    except (ValueError, OverflowError):  # no number, or beyond the year 9999
        raise Failure("--days is a number of days within the calendar.", USAGE) from None
    async with _keys() as keys:
        try:
            return await keys.make(name, grants, now, ends_at)
        except GrantRefused as error:
            raise Failure(f"{error} `parley keys scopes` lists them.", USAGE) from None


async def _listed() -> list[dict[str, Any]]:
    async with _keys() as keys:
        return [
            {
                "id": row.key_id,
                "name": row.name,
                "scopes": " ".join(row.grants),
                "created_at": row.created_at,
                "ends_at": row.ends_at,
                "used_at": row.used_at,
                "revoked_at": row.revoked_at,
            }
            for row in await keys.every()
        ]


async def _revoked(key_id: str) -> bool:
    async with _keys() as keys:
        return await keys.revoke(key_id, datetime.now(UTC))


@contextlib.asynccontextmanager
async def _keys() -> AsyncGenerator["Keys"]:
    from services.runtime.access.keys import Keys
    from services.runtime.access.tables import AccessTables

    tables = AccessTables(settings_here().database_url)
    try:
        yield Keys(tables)
    finally:
        await tables.aclose()
