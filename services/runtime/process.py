"""What a process is made of: what it hears, what it does by itself, what it serves."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from starlette.types import ASGIApp

from contracts.announcement import Announcement
from contracts.base import Contract
from contracts.sms import DeliveryReport, InboundSms

Lane = Literal["ordinary", "urgent"]
StreamName = Literal["INBOUND", "STATUS", "AGENT_IN"]


class Later(Exception):
    """
    Not now: the message is looked at again after `after_s` seconds, as often as it takes.

    Short waits sleep under the heartbeat; `release` gives the message back to the queue for the
    time, so that it holds no worker.  Never ends in a dead letter.
    """

    def __init__(self, after_s: float, why: str, *, release: bool = False) -> None:
        super().__init__(why)
        self.after_s = after_s
        self.why = why
        self.release = release


class Never(Exception):
    """A message can never be processed: a dead letter; `reason` holds no personal word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class FactSubscription:
    """
    Hears the facts that the catalogue says this process listens to.

    Two durables, `<process>` and `<process>_urgent`, each with workers of its own.
    """

    process: str
    handle: Callable[[Announcement], Awaitable[None]]
    workers: int = 64
    urgent_workers: int = 8


@dataclass(frozen=True, slots=True)
class InboundSubscription:
    """
    Hears the carrier's inbound texts; durables `policy_gate` and `policy_gate_urgent` of INBOUND.

    `unreadable` is given the raw message that is about to become a dead letter, and why.
    """

    handle: Callable[[InboundSms], Awaitable[None]]
    unreadable: Callable[[bytes, str], Awaitable[None]] | None = None
    workers: int = 64
    urgent_workers: int = 8


@dataclass(frozen=True, slots=True)
class StatusSubscription:
    """Hears the carrier's status callbacks; durable `sender` of STATUS."""

    handle: Callable[[DeliveryReport], Awaitable[None]]
    workers: int = 32


@dataclass(frozen=True, slots=True)
class AgentSubscription:
    """
    Hears what the global agent says on one subject of AGENT_IN, by the durable of that name.

    `read` makes of a message what `handle` is given, and raises `ValueError` for what can be no
    message of ours; without it, `contract` reads the message.
    """

    subject: str
    contract: type[Contract]
    handle: Callable[[Any], Awaitable[None]]
    read: Callable[[bytes], Any] | None = None
    workers: int = 16


Subscription = FactSubscription | InboundSubscription | StatusSubscription | AgentSubscription


@dataclass(frozen=True, slots=True)
class Process:
    """
    One process.

    `loops` run until they are cancelled at the drain; one that ends or raises ends the process.
    `app` is served on `host:port`.  `reasons` says why the process is not ready: empty if it is.
    """

    name: str
    subscriptions: tuple[Subscription, ...] = ()
    loops: tuple[Callable[[], Awaitable[None]], ...] = ()
    app: ASGIApp | None = None
    host: str = "127.0.0.1"
    port: int = 0
    reasons: Callable[[], Awaitable[dict[str, str]]] | None = None
