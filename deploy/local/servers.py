"""The servers of a local deployment: those that the environment does not name elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.cannot_start import CannotStart
from deploy.local.defaults import NATS
from deploy.local.guests import guests
from deploy.local.kept import Kept
from deploy.local.nats import EmbeddedNats
from deploy.local.ports import can_bind, free_port
from deploy.local.postgres import EmbeddedPostgres
from services.runtime.settings import PREFIX, read_settings

_MONITOR_ABOVE = 4_000
_TRIES = 10


@dataclass(slots=True)
class Servers:
    """Database and queue of the state folder `state`, unless `given` names others."""

    given: Mapping[str, str]
    state: Path
    logs: Path
    nats_password: str
    postgres: EmbeddedPostgres | None = None
    nats: EmbeddedNats | None = None

    def start(self) -> None:
        """Start what is ours; raises `CannotStart`."""
        if self._named("NATS_URL") is None:
            self.nats = self._started_nats()
        if self._named("DATABASE_URL") is None:
            self.postgres = EmbeddedPostgres(
                self.state / "postgres", log=self.logs / "postgres.log"
            )
            self.postgres.start()

    def stop(self) -> None:
        """Stop the queue, then the database."""
        if self.nats is not None:
            self.nats.stop()
        if self.postgres is not None:
            self.postgres.stop()

    def kept(self) -> list[Kept]:
        """Return what keeps them alive."""
        named = (("NATS", self.nats), ("PostgreSQL", self.postgres))
        return [_kept(name, server) for name, server in named if server is not None]

    @property
    def database_url(self) -> str:
        """The address of the database."""
        return (
            self.postgres.url if self.postgres is not None else self._named("DATABASE_URL") or ""
        )

    @property
    def nats_url(self) -> str:
        """The address of the queue."""
        return self.nats.url if self.nats is not None else self._named("NATS_URL") or ""

    def nats_url_of(self, process: str) -> str:
        """Return the address of the queue for a process: it may say and hear its own."""
        return self.nats_url if self.nats is None else self.nats.url_of(process)

    def _started_nats(self) -> EmbeddedNats:
        """Start NATS on the usual ports or free neighbours, again if somebody was faster."""
        taken: set[int] = set()
        for left in reversed(range(_TRIES)):
            ports = free_port(NATS, taken), free_port(NATS + _MONITOR_ABOVE, taken)
            taken.update(ports)
            nats = EmbeddedNats(
                self.state / "nats",
                *ports,
                self.nats_password,
                guests=guests(self.nats_password),
                log=self.logs / "nats.log",
            )
            try:
                nats.start()
            except CannotStart:
                if not left or all(map(can_bind, ports)):
                    raise
            else:
                return nats
        raise AssertionError("unreachable")

    def _named(self, name: str) -> str | None:
        if PREFIX + name in self.given or f"{PREFIX}{name}_FILE" in self.given:
            url: str = getattr(read_settings(self.given), name.lower())
            return url
        return None


def _kept(name: str, server: EmbeddedNats | EmbeddedPostgres) -> Kept:
    return Kept(name, lambda: server.pid is not None, server.start)
