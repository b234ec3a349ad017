"""The users of the embedded NATS server: one for each process, that says and hears its own."""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

from deploy.operations.nats_users import may_publish
from services.adapters.streams import inbox_of
from services.runtime.processes import PROCESSES

_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Guest:
    """A user who may publish on those subjects, and hear answers in an inbox of its own."""

    name: str
    password: str = field(repr=False)
    publish: tuple[str, ...]
    inbox: str


def guests(password: str) -> tuple[Guest, ...]:
    """Return a guest for each process; their passwords follow from the server's own."""
    return tuple(
        Guest(name, _password(name, password), may_publish(name), inbox_of(name))
        for name in PROCESSES
    )


def _password(name: str, password: str) -> str:
    return hmac.digest(password.encode(), f"nats {name}".encode(), sha256).hex()[:_DIGITS]
