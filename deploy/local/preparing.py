"""Before the first service: the streams, the journal's tables, and a few people to try with."""

import asyncio

from services.runtime.outside import open_journal_of
from services.runtime.settings import Settings

DEMO_PEOPLE = (
    ("+14155550101", "Ada"),
    ("+14155550102", "Ben"),
    ("+14155550103", "Cleo"),
)


def prepare(settings: Settings) -> None:
    """Make what is missing; on an empty journal also register the people to try with."""
    asyncio.run(_prepare(settings))


async def _prepare(settings: Settings) -> None:
    await _provision(settings)
    journal = await open_journal_of(settings)
    try:
        empty = await journal.head() == 0
    finally:
        await journal.aclose()
    if empty:
        await _register(settings)


async def _provision(settings: Settings) -> None:
    """Streams."""


async def _register(settings: Settings) -> None:
    """People."""
