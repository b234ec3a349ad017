"""What became of a text on its way out, in one word; the same for every projection."""

from typing import Any, Literal

from contracts import conversation as c
from contracts.base import Contract

Status = Literal[
    "requested", "deferred", "attempted", "unknown", "sent", "delivered", "failed", "withheld"
]

# After the request; SmsRequested itself begins a text.
STEPS: frozenset[type[Contract]] = frozenset(
    {
        c.SmsReleased, c.SmsDeferred, c.SmsAttempted, c.SmsOutcomeUnknown, c.SmsAbsent,
        c.SmsFailed, c.SmsSent, c.SmsDelivered, c.SmsWithheld,
    }
)  # fmt: skip


def status_after(status: str, fact: Any) -> Status:  # noqa: C901  # one arm a fact
    """
    Return a text's status after a fact about it.

    Reports are unordered: a late `sent` changes nothing that is final, a delivery stands.
    """
    match fact:
        case c.SmsAttempted():
            return "attempted"
        case c.SmsSent():
            return _kept(status) if status in ("delivered", "failed", "withheld") else "sent"
        case c.SmsDelivered():
            return "delivered"
        case c.SmsFailed():
            if status == "delivered":
                return "delivered"
            return "failed" if fact.final else "requested"
        case c.SmsOutcomeUnknown():
            return "unknown"
        case c.SmsAbsent():
            return "requested"
        case c.SmsDeferred():
            return "deferred"
        case c.SmsWithheld():
            return "withheld"
        case c.SmsReleased() if status == "deferred":
            return "requested"
        case _:
            return _kept(status)


def _kept(status: str) -> Status:
    return status  # type: ignore[return-value]  # it was written by this function
