"""Connections that can be dropped without an answer, as a failing network drops them."""

import asyncio
from collections.abc import Collection
from typing import Protocol

from starlette.requests import Request


class Connection(Protocol):
    """A connection of the server."""

    transport: asyncio.Transport


async def cut(request: Request) -> None:
    """
    Drop the request's connection now; whatever is answered afterwards goes nowhere.

    Raises `RuntimeError` under a server that does not show its connections.
    """
    connections: Collection[Connection] = getattr(request.app.state, "connections", ())
    client, server = tuple(request.scope["client"]), tuple(request.scope["server"])
    for connection in connections:
        transport = connection.transport
        if _end(transport, "peername") == client and _end(transport, "sockname") == server:
            transport.abort()
            await gone(request)
            return
    raise RuntimeError("connections can be cut only under the simulator's own server")


async def gone(request: Request) -> None:
    """Return when the client has closed its connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _end(transport: asyncio.Transport, which: str) -> tuple[object, ...]:
    return tuple(transport.get_extra_info(which) or ())[:2]
