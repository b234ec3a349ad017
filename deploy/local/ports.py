"""TCP ports of the loopback interface."""

import socket
from contextlib import closing

from deploy.local.cannot_start import CannotStart

LOOPBACK = "127.0.0.1"
_NEIGHBOURS = 200


def can_bind(port: int) -> bool:
    """Say whether a server could listen on the port of 127.0.0.1 now."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        # Servers set it too; without it a port counts as taken for a minute after its last use.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            # Two sockets may share a bound port under SO_REUSEADDR until one of them listens.
            probe.listen(1)
        except OSError:
            return False
    return True


def free_port(preferred: int, taken: set[int]) -> int:
    """
    Return the preferred port, or the nearest free one above it that is not in `taken`.

    Neighbours come before a port of the kernel's choice, because those are the ones clients get
    for outgoing connections: while a server restarts, a client that dials such a port can be
    given that very port as its own and then talks to itself.

    Raises `CannotStart` if no port is free.
    """
    for port in range(preferred, min(preferred + _NEIGHBOURS, 65_536)):
        if port not in taken and can_bind(port):
            return port
    for _ in range(_NEIGHBOURS):
        with closing(socket.create_server((LOOPBACK, 0))) as probe:
            port = int(probe.getsockname()[1])
        if port not in taken:
            return port
    raise CannotStart(f"No TCP port of {LOOPBACK} is free. Stop some programs and try again.")
