"""`parley dead-letters`: messages that could not be processed, and what becomes of them."""

import asyncio
import contextlib
import getpass
from collections.abc import AsyncGenerator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.failure import NOT_FOUND, Failure
from deploy.here import settings_here
from deploy.showing import Json, show, show_all, show_json

if TYPE_CHECKING:
    from services.adapters.dead_letter_box import DeadLetterBox
    from services.runtime.ports import Journal

NAME = "dead-letters"
commands = typer.Typer(no_args_is_help=True, help="Messages that could not be processed.")
Letter = Annotated[str, typer.Argument(help="The id that `list` shows.")]


@commands.command("list")
def list_letters(*, json: Json = False) -> None:
    """Show the letters that wait, oldest first, and why; never what is in them."""
    records = asyncio.run(_listed())
    show_all(("id", "at", "attempts", "reason"), records, as_json=json)


@commands.command("replay")
def replay_letter(letter: Letter, *, json: Json = False) -> None:
    """Send a letter back to where it came from."""
    asyncio.run(_settle(letter, "replay"))
    _say(letter, "replayed", as_json=json)


@commands.command("drop")
def drop_letter(letter: Letter, *, json: Json = False) -> None:
    """Decide that nothing is to be done about a letter."""
    asyncio.run(_settle(letter, "drop"))
    _say(letter, "dropped", as_json=json)


def _say(letter: str, done: str, *, as_json: bool) -> None:
    if as_json:
        show_json({"id": letter, "outcome": done})
    else:
        show(f"{letter} {done}.")


async def _listed() -> Sequence[dict[str, object]]:
    from services.runtime import dead_letters

    async with _box() as (box, _):
        letters = [letter async for letter in dead_letters.waiting(box)]
    return [{"id": dead_letters.id_of_letter(letter), **asdict(letter)} for letter in letters]


async def _settle(letter: str, what: str) -> None:
    from services.runtime import dead_letters

    act = dead_letters.replay if what == "replay" else dead_letters.drop
    async with _box() as (box, journal):
        try:
            await act(box, journal, letter, getpass.getuser(), datetime.now(UTC))
        except dead_letters.NoSuchLetter:
            raise Failure(f"No dead letter {letter} waits.", NOT_FOUND) from None


@contextlib.asynccontextmanager
async def _box() -> AsyncGenerator[tuple["DeadLetterBox", "Journal"]]:
    from services.adapters.dead_letter_box import DeadLetterBox
    from services.runtime.outside import open_bus, open_journal_of

    settings = settings_here()
    journal = await open_journal_of(settings)
    bus = await open_bus(settings, "dead-letters")
    try:
        yield DeadLetterBox(bus.stream, journal), journal
    finally:
        await bus.aclose()
        await journal.aclose()
