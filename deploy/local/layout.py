"""What listens where in a local deployment, and the settings that follow from it."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.cannot_start import CannotStart
from deploy.local.credentials import Credentials
from deploy.local.defaults import (
    COALESCE_SECONDS,
    CONSOLE,
    HEALTH,
    INGRESS,
    NUMBER,
    SIMULATOR,
)
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.state_folder import StateFolder
from services.runtime.serving import PortTaken, listen
from services.runtime.settings import PREFIX, Settings, read_settings

# The simulated carrier has an account of its own; real credentials next to it are a mistake.
_REAL = (
    "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKENS", "TWILIO_AUTH_TOKENS_FILE", "TWILIO_API_URL",
    "TWILIO_MESSAGING_SERVICE_SID", "TWILIO_EDGE", "TWILIO_REGION",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layout:
    """
    The ports of one deployment.

    They are listened on by the parent for as long as it lives: while a service starts again,
    requests wait for it instead of being refused, and nobody else can take its port.
    """

    ingress: socket.socket
    console: socket.socket
    health: dict[str, socket.socket]
    simulator: socket.socket

    def close(self, *, but: tuple[socket.socket, ...] = ()) -> None:
        """Listen no more, save on those."""
        for one in (self.ingress, self.console, self.simulator, *self.health.values()):
            if one not in but:
                one.close()


def refuse_real_carrier(given: Mapping[str, str]) -> None:
    """Raise `CannotStart` if somebody means to use Twilio itself."""
    for name in _REAL:
        if PREFIX + name in given:
            raise CannotStart(
                f"{PREFIX}{name} is set, but `parley up` brings a simulated carrier with an"
                " account of its own. Unset it, or start each process with `parley run`."
            )


def choose(given: Mapping[str, str], processes: tuple[str, ...]) -> Layout:
    """
    Choose and take the ports: the usual ones or free neighbours.

    Raises `CannotStart` for a port that was asked for and is taken.
    """
    taken: set[int] = set()

    def listening(name: str, usual: int) -> socket.socket:
        asked = int(given.get(f"{PREFIX}{name}_PORT") or 0)
        host = given.get(f"{PREFIX}{name}_HOST", LOOPBACK)
        return _asked(name, host, asked) if asked else listen_near(usual, taken, host)

    first_health = int(given.get(f"{PREFIX}HEALTH_PORT") or HEALTH)
    return Layout(
        ingress=listening("INGRESS", INGRESS),
        console=listening("CONSOLE", CONSOLE),
        simulator=listening("SIMULATOR", SIMULATOR),
        health={name: listen_near(first_health, taken) for name in processes},
    )


def listen_near(usual: int, taken: set[int], host: str = LOOPBACK) -> socket.socket:
    """Return a socket that listens on the port or a free neighbour, and note its port."""
    while True:
        port = free_port(usual, taken)
        taken.add(port)
        try:
            return listen(host, port)
        except PortTaken:
            continue  # somebody was faster between the look and the taking


def port_of(listening: socket.socket) -> int:
    """Return the port of a listening socket."""
    port: int = listening.getsockname()[1]
    return port


def settings_for(
    given: Mapping[str, str],
    state: StateFolder,
    own: Credentials,
    layout: Layout,
    database_url: str,
    nats_url: str,
) -> Settings:
    """Return the settings of every service: what was given, and the rest as it stands here."""
    here = {
        "DATABASE_URL": database_url,
        "NATS_URL": nats_url,
        "PUBLIC_URL": f"http://{LOOPBACK}:{port_of(layout.ingress)}",
        "TWILIO_ACCOUNT_SID": own.account_sid,
        "TWILIO_AUTH_TOKENS": own.auth_token,
        "TWILIO_PHONE_NUMBER": NUMBER,
        "TWILIO_API_URL": f"http://{LOOPBACK}:{port_of(layout.simulator)}",
        "PEPPER": own.pepper,
        "MASTER_KEY": own.master_key,
        "COALESCE_SECONDS": COALESCE_SECONDS,
        "CLOCK_FILE": str(state.path / "clock"),
        "INGRESS_PORT": str(port_of(layout.ingress)),
        "CONSOLE_PORT": str(port_of(layout.console)),
    }
    chosen = {PREFIX + name: value for name, value in here.items()}
    kept = {name: value for name, value in chosen.items() if f"{name}_FILE" not in given}
    return read_settings({**kept, **given, f"{PREFIX}STATE_DIR": str(state.path)})


def _asked(name: str, host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except PortTaken:
        raise CannotStart(
            f"{PREFIX}{name}_PORT is {port}, and another program has that port of {host}."
            " Stop that program or choose another port."
        ) from None
