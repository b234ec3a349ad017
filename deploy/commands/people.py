"""`parley people`: who may be texted, and the evidence of it."""

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncGenerator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.failure import GOOD, NOT_FOUND, REFUSED, USAGE, Failure
from deploy.here import settings_here
from deploy.local.state_folder import account_name
from deploy.showing import Json, note, show, show_json, show_table

if TYPE_CHECKING:
    from services.runtime.contacts import Contact, Contacts

NAME = "people"
_EVERY = 500
_ID = re.compile("[0-9a-f]{32}")
commands = typer.Typer(no_args_is_help=True, help="Who may be texted, and the evidence of it.")
Phone = Annotated[str, typer.Argument(help="Like +14155550123.")]


@commands.command("add")
def add(
    phone: Phone,
    *,
    user_id: Annotated[str | None, typer.Option(help="Your own id of the person.")] = None,
    name: Annotated[str | None, typer.Option(help="What the person is called.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Like America/Chicago.")] = None,
    country: Annotated[str | None, typer.Option(help="Like US.")] = None,
    consent: Annotated[str | None, typer.Option(help="granted, with --evidence.")] = None,
    evidence: Annotated[str | None, typer.Option(help="How and when they agreed.")] = None,
    agreed_at: Annotated[str | None, typer.Option(help="When, like 2026-11-24T09:00Z.")] = None,
    urgent_anytime: Annotated[
        bool, typer.Option("--urgent-anytime", help="Urgent questions also in quiet hours.")
    ] = False,
    json: Json = False,
) -> None:
    """Add a person, or what is new about one; saying the same again changes nothing."""
    from services.runtime.contacts import Contact

    anytime = "yes" if urgent_anytime else None
    contact = Contact(
        phone, user_id, name, timezone, country, consent, evidence, agreed_at, anytime
    )
    added = asyncio.run(_added(contact))
    if json:
        show_json(added)
    else:
        what = f"{added['facts']} facts stored" if added["facts"] else "all of that was known"
        show(f"Person {added['person_id']}: {what}.")


@commands.command("import")
def import_table(
    table: Annotated[Path, typer.Argument(help="CSV with a heading; - is stdin.")],
    *,
    json: Json = False,
) -> None:
    """Add people from a table; its heading names phone and any option of `add`."""
    added, refused = asyncio.run(_imported(_read(table), as_json=json))
    if not json:
        show(f"{added} added or known, {refused} refused.")
    raise typer.Exit(REFUSED if refused else GOOD)


@commands.command("code")
def code_for(
    user_id: Annotated[str, typer.Argument(help="Your own id of the person.")],
    *,
    json: Json = False,
) -> None:
    """Make a one-time code: whoever texts it is that user (with STRANGERS=identify)."""
    code = asyncio.run(_code(user_id))
    if json:
        show_json({"user_id": user_id, "code": code})
    else:
        show(f"{code} links the number that texts it to {user_id}, once, within 7 days.")


@commands.command("evidence")
def evidence_of(
    whom: Annotated[str, typer.Argument(help="A phone number, or a person's id.")],
    *,
    json: Json = False,
) -> None:
    """Show what a person agreed to and revoked, when, and in which words."""
    facts = asyncio.run(_evidence(whom))
    if not facts:
        raise Failure("Nothing is known of the consent of that person.", NOT_FOUND)
    if json:
        from services.runtime.contacts import shown

        for fact in facts:
            show_json({"fact": fact.name, **fact.model_dump(mode="json"), "shown": shown(fact)})
        return
    rows = [{"fact": fact.name, **_flat(fact.model_dump(mode="json"))} for fact in facts]
    columns = dict.fromkeys(name for row in rows for name in row)
    show_table(tuple(columns), rows)


@commands.command("erase")
def erase(
    whom: Annotated[str, typer.Argument(help="A phone number, or a person's id.")],
    *,
    json: Json = False,
) -> None:
    """Forget a person: their keys, what is queued and what the carrier keeps of them."""
    erased = asyncio.run(_erased(whom))
    if json:
        show_json(erased)
        return
    what = "erased" if erased["facts"] else "was erased already"
    show(f"Person {erased['person_id']} {what}.")
    show(f"Deleted from the queue: {sum(erased['messages'].values())} messages.")
    if erased["copies"] is None:
        note("The carrier was not asked for its copies: run this again with the number.")
    else:
        show(f"Deleted at the carrier: {erased['copies']} texts.")
    if erased["left"]:
        note(f"{erased['left']} texts are on their way still: run this again in a minute.")


@commands.command("export")
def export(
    whom: Annotated[str, typer.Argument(help="A phone number, or a person's id.")],
    *,
    json: Json = False,
) -> None:
    """Print everything that is kept of a person, as one JSON document."""
    del json
    show_json(asyncio.run(_exported(whom)))


async def _added(contact: "Contact") -> dict[str, Any]:
    async with _contacts() as contacts:
        try:
            return asdict(await contacts.add(contact, datetime.now(UTC)))
        except Exception as error:
            raise _refusal(error) from None


async def _imported(text: str, *, as_json: bool) -> tuple[int, int]:
    added = refused = 0
    async with _contacts() as contacts:
        try:
            async for one in contacts.import_table(text, datetime.now(UTC)):
                added, refused = added + (one.refused is None), refused + (one.refused is not None)
                if as_json:
                    show_json(asdict(one))
                elif one.refused is not None:
                    note(f"Line {one.line}: {one.refused}")
                if (added + refused) % _EVERY == 0:
                    note(f"{added + refused} lines read")
        except Exception as error:
            raise _refusal(error) from None
    return added, refused


async def _code(user_id: str) -> str:
    async with _contacts() as contacts:
        return await contacts.issue_code(user_id, datetime.now(UTC))


async def _evidence(whom: str) -> list[Any]:
    who, _ = _person(whom, settings_here().secrets().pepper)
    async with _contacts() as contacts:
        try:
            return list(await contacts.evidence(who))
        except Exception as error:
            raise _refusal(error) from None


async def _erased(whom: str) -> dict[str, Any]:
    from services.runtime import outside
    from services.runtime.erasing import Erasing, NobodyToErase
    from services.runtime.ports import LedgerRefused

    settings = settings_here()
    who, number = _person(whom, settings.secrets().pepper)
    async with contextlib.AsyncExitStack() as stack:
        journal = await outside.open_journal_of(settings)
        stack.push_async_callback(journal.aclose)
        bus = await outside.open_bus(settings, "erase")
        stack.push_async_callback(bus.aclose)
        sms = outside.open_sms(settings) if outside.has_carrier(settings) else None
        if sms is not None:
            stack.push_async_callback(sms.aclose)
        ledger = outside.open_ledger(settings)
        erasing = Erasing(journal, bus, sms, ledger, settings.secrets().pepper)
        try:
            now = outside.clock_of(settings).now()
            name = account_name(os.geteuid())
            return asdict(await erasing.erase(who, now, number=number, name=name))
        except NobodyToErase as error:
            raise Failure(str(error), NOT_FOUND) from None
        except LedgerRefused as error:
            raise Failure(str(error)) from None


async def _exported(whom: str) -> dict[str, Any]:
    from services.runtime.belongings import everything_of
    from services.runtime.outside import open_journal_of

    settings = settings_here()
    who, _ = _person(whom, settings.secrets().pepper)
    journal = await open_journal_of(settings)
    try:
        found = await everything_of(journal, who)
    finally:
        await journal.aclose()
    if not found["facts"]:
        raise Failure("Nothing is known of that person.", NOT_FOUND)
    return found


def _person(whom: str, pepper: bytes) -> tuple[str, str | None]:
    """Return a person's id, and the number where that was given.  Raises `Failure`."""
    from contracts.identity import person_id
    from services.runtime.outside import numbers_here

    if _ID.fullmatch(whom):
        return whom, None
    place = numbers_here().typed(whom, None)
    if place is None:
        raise Failure("That is neither a telephone number nor the id of a person.", USAGE)
    return person_id(pepper, place.number), place.number


@contextlib.asynccontextmanager
async def _contacts() -> AsyncGenerator["Contacts"]:
    from services.runtime.contacts import Contacts
    from services.runtime.outside import numbers_here, open_journal_of

    settings = settings_here()
    journal = await open_journal_of(settings)
    try:
        yield Contacts(journal, numbers_here(), settings.secrets().pepper)
    finally:
        await journal.aclose()


def _refusal(error: Exception) -> Exception:
    from services.runtime.contacts import ContactRefused

    return Failure(str(error)) if isinstance(error, ContactRefused) else error


def _read(table: Path) -> str:
    if str(table) == "-":
        return sys.stdin.read()
    try:
        return table.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Failure(f"There is no file {table}.", NOT_FOUND) from None
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"The file {table} cannot be read: {type(error).__name__}.") from None


def _flat(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with those of an inner record beside them."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        flat |= value if isinstance(value, dict) else {name: value}
    return flat
