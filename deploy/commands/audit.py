"""`parley audit`: is the past whole, and is what is shown what the past says."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.failure import DAMAGED, NOT_FOUND, Failure
from deploy.here import settings_here
from deploy.parts import part
from deploy.progress import following
from deploy.showing import Json, show, show_json, show_table

if TYPE_CHECKING:
    from contracts.checkpoint import CheckpointSigned

NAME = "audit"
commands = typer.Typer(no_args_is_help=True, help="Is the past whole?")


@commands.callback()
def group() -> None:
    """Look whether the past is whole."""


@commands.command("verify")
def verify(
    *,
    checkpoints: Annotated[
        Path | None, typer.Option(help="Checkpoints kept outside, as `audit checkpoint` prints.")
    ] = None,
    json: Json = False,
) -> None:
    """Check hash chains, versions and checkpoints, and every projection against a rebuild."""
    kept = [] if checkpoints is None else _kept(checkpoints)
    part("services.runtime.garbage", "collect_rarely")(reading=True)
    verified = part("services.runtime.audit", "verify")
    with following("facts looked at") as progress:
        found = asyncio.run(verified(settings_here(), kept, progress))
    if json:
        show_json(found)
    elif not found["damage"]:
        show(f"{found['facts']} facts are whole; {len(found['projections'])} projections agree.")
        show(f"{found['checkpoints']} checkpoints hold; {found['unsigned']} facts are younger.")
    else:
        show_table(("position", "stream", "version", "what"), found["damage"])
    if found["damage"]:
        raise typer.Exit(DAMAGED)


@commands.command("checkpoint")
def checkpoint(*, json: Json = False) -> None:
    """
    Sign what is new in the journal, and print every checkpoint there is.

    Keep what `--json` prints outside the database: `audit verify --checkpoints` holds the
    journal against it, whoever has written to the database since.
    """
    signed, all_of_them = asyncio.run(_signed())
    if json:
        for each in all_of_them:
            show_json(each.model_dump(mode="json"))
        return
    show_table(("number", "at", "after", "through", "facts", "root"), _rows(all_of_them))
    show("Signed anew." if signed else "Nothing is new since the last one.")


@commands.command("export")
def export(
    folder: Annotated[Path, typer.Argument(help="Where to; one that was begun is gone on with.")],
    *,
    json: Json = False,
) -> None:
    """Write every fact as JSON lines and CSV, sealed text sealed, with a manifest of hashes."""
    exported = part("services.runtime.audit_export", "export")
    with following("facts written") as progress:
        manifest = asyncio.run(exported(settings_here(), folder, progress))
    if json:
        show_json(manifest)
    else:
        files = len(manifest["parts"])
        show(f"{manifest['facts']} facts up to position {manifest['through']} in {files} files.")


def _rows(checkpoints: Sequence["CheckpointSigned"]) -> list[dict[str, Any]]:
    return [{**each.model_dump(), "root": each.root[:16]} for each in checkpoints]


async def _signed() -> tuple[bool, list["CheckpointSigned"]]:
    from contracts.checkpoint import CheckpointSigned
    from contracts.identity import CHECKPOINT_STREAM
    from services.runtime.checkpointing import Checkpointing
    from services.runtime.outside import clock_of, open_journal_of, signer_of

    settings = settings_here()
    journal = await open_journal_of(settings)
    try:
        clock = clock_of(settings)
        checkpointing = Checkpointing(journal, signer_of(settings), clock)
        signed = await checkpointing.sign(clock.now())
        history = await journal.history(CHECKPOINT_STREAM)
    finally:
        await journal.aclose()
    kept = [each.fact for each in history if isinstance(each.fact, CheckpointSigned)]
    return signed is not None, kept


def _kept(path: Path) -> list["CheckpointSigned"]:
    from contracts.checkpoint import CheckpointSigned

    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        raise Failure(f"There is no file {path}.", NOT_FOUND) from None
    except OSError as error:
        raise Failure(f"The file {path} cannot be read: {type(error).__name__}.") from None
    found: list[CheckpointSigned] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(CheckpointSigned.model_validate_json(line))
        except ValueError:
            raise Failure(f"Line {number} of {path} is no checkpoint.") from None
    return found
