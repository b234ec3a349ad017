"""The folder that an embedded deployment lives in: its lock, its secrets, its addresses."""

import fcntl
import json
import os
import pwd
import secrets
import stat
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypedDict, cast
from weakref import WeakSet

from deploy.local.cannot_start import CannotStart

_LOCK = "lock"
_ADDRESSES = "addresses.json"
_SECRETS = "secrets"
# Readers of the addresses hold the lock for an instant; a start must not take them for a run.
_LOCK_PATIENCE_S = 0.5


class AlreadyRunning(CannotStart):
    """Another process, `pid`, holds the folder (None if it has not said its number yet)."""

    def __init__(self, sentence: str, pid: int | None) -> None:
        super().__init__(sentence)
        self.pid = pid


class StateFolderRefused(CannotStart):
    """The folder cannot be ours: of another account, not a folder, or full of other things."""


class SimulatedAccount(TypedDict):
    """The account that the carrier's simulator knows."""

    account_sid: str
    auth_token: str
    number: str


class Addresses(TypedDict):
    """What listens where: one URL each."""

    ingress: str
    console: str
    simulator: str
    phone: str
    nats: str
    database: str
    twilio: SimulatedAccount


def random_key() -> str:
    """Return 32 random bytes in URL-safe base64: a MASTER_KEY or a PEPPER."""
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()


def random_token() -> str:
    """Return 32 random hexadecimal digits: the form of a Twilio auth token."""
    return secrets.token_hex(16)


class StateFolder:
    """
    The state of one embedded deployment, held by one process at a time.

    `open` makes the folder, private to its owner, and locks it; `close` removes the addresses
    and frees it.  The kernel frees the lock of a killed process.  Addresses and secrets can be
    read without holding the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def open(self) -> None:
        """Make and lock the folder; raises `StateFolderRefused` or `AlreadyRunning`."""
        descriptor = self._make()
        if not _locked(descriptor, _LOCK_PATIENCE_S):
            os.close(descriptor)
            raise self._already_running()
        self._lock = descriptor
        _OPEN.add(self)
        (self.path / _ADDRESSES).unlink(missing_ok=True)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        """Remove the addresses and free the folder; does nothing if it is not held."""
        if self._lock is None:
            return
        (self.path / _ADDRESSES).unlink(missing_ok=True)
        os.ftruncate(self._lock, 0)
        self.forget()

    def forget(self) -> None:
        """
        Close our end of the lock and leave the folder as it is.

        A forked child shares its parent's lock and would hold it beyond the parent's death, so
        every child does this right after the fork.
        """
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def secret(self, name: str, make: Callable[[], str] = random_key) -> str:
        """
        Return the secret of that name, made once and kept in a file of mode 0600.

        Raises `StateFolderRefused` if the file is empty: a new value would make everything that
        was written under the old one unreadable.
        """
        path = self.path / _SECRETS / name
        try:
            kept = path.read_text().strip()
        except FileNotFoundError:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            return _kept(path, make())
        if not kept:
            raise StateFolderRefused(
                f"The secret {path} is empty. Put the old value back; if nothing was stored"
                " under it yet, remove the file."
            )
        return kept

    def write_addresses(self, addresses: Addresses) -> None:
        """Say what listens where, at once and as a whole: readers see all of it or nothing."""
        _write_atomically(self.path / _ADDRESSES, json.dumps(addresses, indent=2) + "\n")

    def read_addresses(self) -> Addresses | None:
        """Return what listens where, or None if nothing runs here (or has not started yet)."""
        if not self._is_held():
            return None
        try:
            return cast("Addresses", json.loads((self.path / _ADDRESSES).read_text()))
        except FileNotFoundError:
            return None

    def holder(self) -> int | None:
        """Return the process that holds the folder, or None if nobody does (or says so yet)."""
        if not self._is_held():
            return None
        said = (self.path / _LOCK).read_text().strip()
        return int(said) if said.isdigit() else None

    def _is_held(self) -> bool:
        if self._lock is not None:
            return True
        try:
            descriptor = os.open(self.path / _LOCK, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def _make(self) -> int:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = self.path.stat()
            if found.st_uid != os.geteuid():
                raise self._foreign(found.st_uid)
            ours = (self.path / _LOCK).exists()
            if not ours and any(self.path.iterdir()):
                raise StateFolderRefused(
                    f"{self.path} holds other things and is not a state folder of Parley."
                    " Set PARLEY_STATE_DIR to a new or empty folder."
                )
            if stat.S_IMODE(found.st_mode) != 0o700:
                self.path.chmod(0o700)
            lock = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            # The folder holds keys: keep it out of whatever repository it lies in.
            (self.path / ".gitignore").write_text("*\n")
            return lock
        except OSError as error:
            raise StateFolderRefused(
                f"The state folder {self.path} cannot be used: {error.strerror}."
                " Set PARLEY_STATE_DIR to a folder that you may write."
            ) from error

    def _foreign(self, uid: int) -> StateFolderRefused:
        return StateFolderRefused(
            f"The state folder {self.path} belongs to {account_name(uid)}, and you are"
            f" {account_name(os.geteuid())}. Start Parley as its owner, or set PARLEY_STATE_DIR"
            " to a folder of your own."
        )

    def _already_running(self) -> AlreadyRunning:
        pid = self.holder()
        addresses = self.read_addresses()
        who = "Parley already runs" if pid is None else f"Parley already runs as process {pid}"
        where = (
            f" Text it at {addresses['phone']}, get into the console by `make console`"
            if addresses
            else " Wait for it to start"
        )
        stop = "." if pid is None else f", or end it with: kill {pid}"
        return AlreadyRunning(f"{who} in {self.path}.{where}{stop}", pid)


def _locked(descriptor: int, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
        else:
            return True


def _kept(path: Path, secret: str) -> str:
    _write_atomically(path, secret + "\n")
    return secret


def _write_atomically(path: Path, text: str) -> None:
    """Write a file of mode 0600 so that a crash or power cut leaves the old one or the new."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Put the names in a folder on disk: until then a power cut can undo a rename."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def account_name(uid: int) -> str:
    """Return the name of a local account, or its number in words if it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"account {uid}"


_OPEN: WeakSet[StateFolder] = WeakSet()


def _forget_all() -> None:
    for folder in tuple(_OPEN):
        folder.forget()


os.register_at_fork(after_in_child=_forget_all)
