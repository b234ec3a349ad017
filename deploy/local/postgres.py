"""PostgreSQL as a child of ours: made, started, found again after any crash, and stopped."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import psycopg

from deploy.local import children
from deploy.local.cannot_start import CannotStart
from deploy.local.children import Account
from deploy.local.postgres_programs import installed_package, newest_version, programs
from deploy.local.socket_path import answers, reachable_folder
from deploy.local.state_folder import account_name, sync_folder

DATABASE = "parley"
ROLE = "parley"

_PORT = 5432  # names the socket's file; no TCP port is opened
_SOCKET = f".s.PGSQL.{_PORT}"
_POLL_S = 0.01
_ORPHAN_PATIENCE_S = 15.0
_INITDB_PATIENCE_S = 120.0
# The kernel's name for the folder a process works in.  Root's child, having dropped its rights,
# may not walk the path to its folder (0700 above it), but is already inside.
_HERE = "/proc/self/cwd"
# What an exited server leaves that stops a new one when another process has got its pid.
_LEAVINGS = ("postmaster.pid", f"{_SOCKET}.lock")
_STILL_ATTACHED = "shared memory block"

_INITDB = (
    f"--username={ROLE}",
    "--encoding=UTF8",
    "--locale=C",
    "--auth-local=peer",
    "--auth-host=reject",
    "--no-instructions",
)
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "port": str(_PORT),
    "max_connections": "100",
    "shared_buffers": "64MB",
    # An answered commit survives a power cut; the defaults, said aloud.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # Short statements by the thousand: compiling or sharing them out costs more than it saves.
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    # Reads are few and cached; the workers of the default are three processes more.
    "io_method": "sync",
    # No replica is ever attached.
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "max_logical_replication_workers": "0",
    "lc_messages": "C",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Details and statements can hold a phone number or a text.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}


class EmbeddedPostgres:
    """
    One PostgreSQL server over the data in `folder`, with a database `parley`.

    It listens on a Unix socket in that folder alone, and lets in only the account that runs
    Parley (and root), as the kernel names it: there is no password to keep.  `start` may be
    called again after the server has died; `url` stays the same.  Started by root, it runs as
    `nobody`, which then owns the data folder and cannot reach anything above it.

    If we are killed the kernel ends the server at once (SIGQUIT) and the next start recovers.
    """

    def __init__(self, folder: Path, *, log: Path | None = None, patience: float = 60.0) -> None:
        self._folder = folder.absolute()
        self._log = log or self._folder.with_name(self._folder.name + ".log")
        self._patience = patience
        self._account: Account | None = None
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
        """The address of the database, for libpq: psycopg, psql and their like."""
        return self._address(DATABASE)

    @property
    def pid(self) -> int | None:
        """The server's process, or None while it does not run."""
        alive = self._child is not None and self._child.poll() is None
        return self._child.pid if self._child is not None and alive else None

    def start(self) -> None:
        """
        Start the server and wait until it answers; does nothing while it runs.

        Raises `CannotStart`.
        """
        if self.pid is not None:
            return
        self._account = children.unprivileged_account()
        _refuse_nameless_account()
        self._refuse_foreign_folder()
        children.keep_last_log(self._log)
        package = installed_package()
        if not (self._folder / "PG_VERSION").exists():
            self._initialise(programs(package, newest_version(package), self._account))
        version = int((self._folder / "PG_VERSION").read_text())
        program = programs(package, version, self._account) / "postgres"
        self._hand_over()
        self._clear_leavings()
        self._write_rules()
        try:
            self._launch(program)
        except BaseException:
            self.stop(5.0)
            raise

    def stop(self, timeout: float = 30.0) -> None:
        """
        Stop the server: fast (sessions ended, all written), then at once, then by force.

        `timeout` is the patience with the first step, in seconds.  Does nothing if it is down.
        """
        if self._child is None:
            return
        steps = ((signal.SIGINT, timeout), (signal.SIGQUIT, 6.0), (signal.SIGKILL, 5.0))
        children.end(self._child, steps)
        self._child = None

    def _refuse_foreign_folder(self) -> None:
        if not self._folder.exists():
            return
        owner = self._folder.stat().st_uid
        if owner not in {
            os.geteuid(),
            self._account.uid if self._account else os.geteuid(),
        }:
            raise CannotStart(
                f"The database folder {self._folder} belongs to {account_name(owner)}, and you are"
                f" {account_name(os.geteuid())}. Start Parley as its owner or use another state"
                " folder."
            )
        if not (self._folder / "PG_VERSION").exists() and any(self._folder.iterdir()):
            raise CannotStart(
                f"{self._folder} holds files but no database. Move it away and start again."
            )

    def _initialise(self, place: Path) -> None:
        """Make the data beside its place and move it there when whole: half is never taken."""
        for half in self._folder.parent.glob(f"{self._folder.name}.new-*"):
            shutil.rmtree(half, ignore_errors=True)
        self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f"{self._folder.name}.new-", dir=self._folder.parent))
        if self._account is not None:
            os.chown(draft, self._account.uid, self._account.gid)
        where = _HERE if Path(_HERE).exists() else str(draft)
        command = (str(place / "initdb"), "-D", where, *_INITDB)
        child = self._spawn(command, draft, signal.SIGKILL)
        try:
            failed = child.wait(_INITDB_PATIENCE_S) != 0
        finally:
            children.end(child, ((signal.SIGKILL, 5.0),))
        if failed:
            shutil.rmtree(draft, ignore_errors=True)
            raise CannotStart(
                f"PostgreSQL could not make its data in {self._folder}:"
                f" {children.last_lines(self._log)} (all of it in {self._log})"
            )
        draft.rename(self._folder)
        sync_folder(self._folder.parent)

    def _hand_over(self) -> None:
        """Give data that root has put back from a copy to the account that will serve it."""
        if self._account is None or self._folder.stat().st_uid == self._account.uid:
            return
        for path in (*self._folder.rglob("*"), self._folder):
            os.chown(path, self._account.uid, self._account.gid, follow_symlinks=False)

    def _clear_leavings(self) -> None:
        """
        Wait for an earlier run's processes to end, then remove what they left.

        PostgreSQL's own test takes any process with the old number for the old server, be it a
        zombie or another program, and then refuses to start.
        """
        left = children.wait_none_left(self._mark(), _ORPHAN_PATIENCE_S)
        if left:
            pids = " ".join(map(str, left))
            raise CannotStart(
                f"PostgreSQL of an earlier run still works on {self._folder}."
                f" End it with: kill -KILL {pids}"
            )
        if answers(reachable_folder(self._folder, _SOCKET) / _SOCKET):
            raise CannotStart(
                f"Another PostgreSQL already serves {self._folder}. Stop it and start again."
            )
        for name in _LEAVINGS:
            (self._folder / name).unlink(missing_ok=True)

    def _write_rules(self) -> None:
        """Let in, as `parley`, the account we run as (its name can change) and root."""
        names = sorted({account_name(os.geteuid()), "root"})
        self._write("pg_ident.conf", "".join(f'owner "{name}" {ROLE}\n' for name in names))
        self._write("pg_hba.conf", f"local all {ROLE} peer map=owner\n")

    def _write(self, name: str, text: str) -> None:
        # The folder may belong to an account with fewer rights than ours: nothing it may have
        # put in the way is followed or opened.
        draft = self._folder / f"{name}.new"
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            if self._account is not None:
                os.fchown(descriptor, self._account.uid, self._account.gid)
        draft.replace(self._folder / name)

    def _launch(self, program: Path) -> None:
        """Start until it answers; a dead server's last children may hold its memory a while."""
        deadline = time.monotonic() + self._patience
        while True:
            self._child = self._spawn_server(program)
            if self._wait_ready(deadline):
                return
            why = children.last_lines(self._log)
            if _STILL_ATTACHED not in why or time.monotonic() >= deadline:
                raise CannotStart(
                    f"PostgreSQL did not start: {why or 'it said nothing'}"
                    f" (all of it in {self._log})"
                )
            time.sleep(0.1)

    def _spawn_server(self, program: Path) -> subprocess.Popen[bytes]:
        where = _HERE if Path(_HERE).exists() else str(self._folder)
        settings = {**_SETTINGS, "cluster_name": self._mark()}
        options = (part for pair in settings.items() for part in ("-c", "=".join(pair)))
        return self._spawn((str(program), "-D", where, *options), self._folder, signal.SIGQUIT)

    def _spawn(
        self, command: tuple[str, ...], folder: Path, on_our_death: signal.Signals
    ) -> subprocess.Popen[bytes]:
        return children.spawn(
            command,
            folder=folder,
            log=self._log,
            on_our_death=on_our_death,
            account=self._account,
            environment={"LC_ALL": "C"},
        )

    def _wait_ready(self, deadline: float) -> bool:
        """Wait for the first session, and make the database in it; False if the server ended."""
        while self.pid is not None and time.monotonic() < deadline:
            try:
                with closing(self._connect()) as session:
                    _ensure_database(session)
                    return True
            except psycopg.OperationalError:
                time.sleep(_POLL_S)
        return False

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self._address("postgres"), autocommit=True, connect_timeout=5)

    def _address(self, database: str) -> str:
        host = quote(str(reachable_folder(self._folder, _SOCKET)))
        return f"postgresql://{ROLE}@/{database}?host={host}&port={_PORT}"

    def _mark(self) -> str:
        """Return the server's name: every process of it shows the name in `ps`."""
        return f"parley-{children.folder_mark(self._folder)}"


def _refuse_nameless_account() -> None:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise CannotStart(
            f"PostgreSQL refuses to run for account {os.geteuid()}, which has no name here."
            " Add it to /etc/passwd or start Parley as a named account."
        ) from None


def _ensure_database(session: psycopg.Connection[Any]) -> None:
    query = "SELECT FROM pg_database WHERE datname = %s"
    if session.execute(query, (DATABASE,)).fetchone() is None:
        session.execute(f"CREATE DATABASE {DATABASE}".encode())
