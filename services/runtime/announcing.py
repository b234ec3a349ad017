"""Facts as announcements: the relay's by position, and again where a step was left unfinished."""

from typing import Any

from contracts.announcement import Announcement
from contracts.base import Contract
from contracts.catalogue import listeners
from contracts.recorded import Recorded
from services.runtime.ports import Bus, Journal


async def announce_again(
    bus: Bus, journal: Journal, stream: str, version: int, nonce: str
) -> bool:
    """
    Announce a fact under an id that the queue has not seen; return whether it has listeners.

    `nonce` makes the id: the same one again is the same announcement.  Raises `Unavailable`.
    """
    recorded = await journal.fact(stream, version)
    if recorded is None or recorded.fact.name not in listeners():
        return False
    urgent = getattr(recorded.fact, "priority", None) == "urgent"
    message_id = f"again.{nonce}.{recorded.position}"
    await bus.announce(told(recorded), message_id, urgent=urgent)
    return True


def told(recorded: Recorded[Contract]) -> Announcement:
    """Return what the bus says of a fact."""
    return Announcement(
        fact=recorded.fact.name,
        stream=recorded.stream,
        version=recorded.version,
        position=recorded.position,
        at=recorded.at,
        cause=recorded.cause,
        correlation=recorded.correlation,
        traceparent=recorded.traceparent,
    )


def told_header(header: Any) -> Announcement:
    """Return what the bus says of a fact of which only the header was read."""
    return Announcement(
        fact=header.name,
        stream=header.stream,
        version=header.version,
        position=header.position,
        at=header.at,
        cause=header.cause,
        correlation=header.correlation,
        traceparent=header.traceparent,
    )
