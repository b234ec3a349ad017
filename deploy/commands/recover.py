"""`parley recover`: after a lost or restored queue or journal, go on with what is unfinished."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

import typer

from deploy.here import settings_here
from deploy.showing import Json, note, show, show_json

NAME = "recover"


def command(
    *,
    restored: Annotated[
        bool, typer.Option("--restored", help="The database came from an older backup.")
    ] = False,
    json: Json = False,
) -> None:
    """
    Begin a new epoch of announcements and announce every unfinished step again.

    With `--restored`, first make good from the carrier's list and the ledger of erasures what
    the journal has forgotten: opt-outs, texts of people, texts that were sent, escalations and
    follow-ups that had begun, erasures.
    """
    from deploy.recovering import announce_unfinished, restore

    settings = settings_here()
    found = asyncio.run(restore(settings)) if restored else None
    epoch, again = asyncio.run(announce_unfinished(settings, _progress, restored=restored))
    told: dict[str, Any] = {"epoch": epoch, "announced": sum(again.values()), "kinds": dict(again)}
    if json:
        show_json(told if found is None else told | {"restored": asdict(found)})
        return
    if found is not None:
        show(
            f"Heard {found.heard} texts, {found.opt_outs} of them opt-outs; settled"
            f" {found.settled} conversations; ended {found.escalations} escalations and"
            f" {found.follow_ups} follow-ups that had begun; erased {found.erased} people again."
        )
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(again.items()))
    show(f"Epoch {epoch}: {kinds or 'nothing was unfinished'}.")


def _progress(done: int, of: int) -> None:
    note(f"{done} of {of} announced")
