"""What the agent is told, as CloudEvents 1.0 in binary mode: the attributes are headers."""

from collections.abc import Mapping
from datetime import datetime

_SOURCE = "/parley"


def headers(event_id: str, kind: str, subject: str, at: datetime) -> Mapping[str, str]:
    """
    Return the headers of an event; `event_id` is its `Nats-Msg-Id` as well.

    Source: CloudEvents 1.0.2, NATS protocol binding (attributes prefixed with `ce-`).
    """
    return {
        "ce-specversion": "1.0",
        "ce-id": event_id,
        "ce-type": kind,
        "ce-source": _SOURCE,
        "ce-time": at.isoformat().replace("+00:00", "Z"),
        "ce-subject": subject,
        "Content-Type": "application/json",
    }
