"""Before the first service: the streams, the journal's tables, and a few people to try with."""

import asyncio

from services.runtime.outside import open_bus, open_journal_of
from services.runtime.settings import Settings

DEMO_PEOPLE = (
    ("+14155550101", "Ada"),
    ("+14155550102", "Ben"),
    ("+14155550103", "Cleo"),
)


def prepare(settings: Settings) -> None:
    """Make what is missing; on an empty journal also register the people to try with."""
    asyncio.run(_prepare(settings))


async def provision(settings: Settings) -> tuple[str, ...]:
    """Make or adapt the streams of the bus and the tables of the journal; return which."""
    bus = await open_bus(settings, "provision")
    try:
        await bus.provision()
    finally:
        await bus.aclose()
    journal = await open_journal_of(settings)
    await journal.aclose()
    return ("streams", "durables", "journal")


async def _prepare(settings: Settings) -> None:
    await provision(settings)
