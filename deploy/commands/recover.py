"""`parley recover`: after a lost or restored queue, announce again what is unfinished."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Annotated

import typer

from deploy.failure import REFUSED, Failure
from deploy.here import settings_here
from deploy.showing import Json, note, show, show_json
from services.runtime.settings import Settings

NAME = "recover"
_EVERY = 200


def command(
    *,
    restored: Annotated[
        bool, typer.Option("--restored", help="The database came from an older backup.")
    ] = False,
    json: Json = False,
) -> None:
    """Begin a new epoch of announcements and announce every unfinished step again."""
    if restored:
        raise Failure("`parley recover --restored` is not available yet.", REFUSED)

    def progress(done: int, of: int) -> None:
        note(f"{done} of {of} announced")

    epoch, again = asyncio.run(announce_unfinished(settings_here(), progress))
    if json:
        show_json({"epoch": epoch, "announced": sum(again.values()), "kinds": dict(again)})
    else:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(again.items()))
        show(f"Epoch {epoch}: {kinds or 'nothing was unfinished'}.")


async def announce_unfinished(
    settings: Settings, progress: Callable[[int, int], None]
) -> tuple[int, Counter[str]]:
    """Announce every row of `due` under new ids; return the new epoch and what was announced."""
    from services.adapters.relay_state import PostgresRelayState
    from services.runtime.announcing import announce_again
    from services.runtime.due import DueList
    from services.runtime.outside import open_bus, open_journal_of

    journal = await open_journal_of(settings)
    bus = await open_bus(settings, "recover")
    due = DueList(settings.database_url)
    state = PostgresRelayState(settings.database_url)
    again: Counter[str] = Counter()
    try:
        await bus.provision()
        epoch = (await state.new_epoch()).epoch
        rows = await due.everything()
        for number, row in enumerate(rows, 1):
            nonce = f"recover-{epoch}"
            if await announce_again(bus, journal, row.stream, row.version, nonce):
                again[row.kind] += 1
            if number % _EVERY == 0:
                progress(number, len(rows))
    finally:
        await due.aclose()
        await state.aclose()
        await bus.aclose()
        await journal.aclose()
    return epoch, again
