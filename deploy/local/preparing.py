"""Before the first service: the streams, the journal's tables, and a few people to try with."""

import asyncio
import os
from datetime import UTC, datetime

from deploy.local.state_folder import account_name
from domain.access import EVERYTHING
from services.adapters.relay_state import PostgresRelayState
from services.runtime.access.inviting import invite
from services.runtime.access.tables import AccessTables
from services.runtime.contacts import Contact, Contacts
from services.runtime.outside import numbers_here, open_bus, open_journal_of
from services.runtime.settings import Settings

DEMO_PEOPLE = (
    ("+14155550101", "Ada"),
    ("+14155550102", "Ben"),
    ("+14155550103", "Cleo"),
)
_EVIDENCE = "Simulated phone of a deployment on one machine; nobody is texted."


def prepare(settings: Settings, invitation: str) -> None:
    """
    Make what is missing; on an empty journal also register the people to try with.

    `invitation` becomes the token of a link that signs a browser of this machine in, once, as
    everything: whoever starts this here may see it all in any case.
    """
    asyncio.run(_prepare(settings, invitation))


async def provision(settings: Settings) -> tuple[str, ...]:
    """Make or adapt the streams of the bus and the tables of the journal; return which."""
    bus = await open_bus(settings, "provision")
    try:
        await bus.provision()
    finally:
        await bus.aclose()
    journal = await open_journal_of(settings)
    await journal.aclose()
    await PostgresRelayState(settings.database_url).prepare()
    tables = AccessTables(settings.database_url)
    await tables.prepare()
    await tables.aclose()
    return ("streams", "durables", "journal", "access")


async def _prepare(settings: Settings, invitation: str) -> None:
    await provision(settings)
    await invite(
        settings.database_url, invitation, account_name(os.geteuid()), EVERYTHING,
        here_only=not settings.console_url,
    )  # fmt: skip
    journal = await open_journal_of(settings)
    try:
        if await journal.head() == 0:
            await _register(Contacts(journal, numbers_here(), settings.secrets().pepper))
    finally:
        await journal.aclose()


async def _register(contacts: Contacts) -> None:
    for number, name in DEMO_PEOPLE:
        person = Contact(number, name=name, consent="granted", evidence=_EVIDENCE)
        await contacts.add(person, datetime.now(UTC))
