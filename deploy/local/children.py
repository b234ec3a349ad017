"""Servers as direct children: started so that they cannot outlive us, and ended in steps."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from deploy.local.cannot_start import CannotStart

_PR_SET_PDEATHSIG = 1
_POLL_S = 0.01
_PROC = Path("/proc")
_GONE = frozenset({"Z", "X"})
# Places in /proc/<pid>/stat after the name: proc(5) counts the state as 3, num_threads as 20.
_STATE, _THREADS = 0, 17
_LAST_LINES = 4
# Loaded before any fork: between fork and exec nothing may be imported or allocated at length.
_C: ctypes.CDLL | None = ctypes.CDLL(None) if sys.platform == "linux" else None

Step = tuple[signal.Signals, float]


@dataclass(frozen=True, slots=True)
class Account:
    """A local account that a child runs as instead of root."""

    name: str
    uid: int
    gid: int


def unprivileged_account() -> Account | None:
    """
    Return the account that servers which refuse root run as, or None for our own.

    Root lends `nobody`, which every Linux has: making an account would change the machine.

    Raises `CannotStart` if root's machine has no `nobody`.
    """
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise CannotStart(
            "PostgreSQL refuses to run as root, and there is no account `nobody` to lend it."
            " Start Parley as an ordinary user."
        ) from None
    return Account(nobody.pw_name, nobody.pw_uid, nobody.pw_gid)


def spawn(
    command: Sequence[str],
    *,
    folder: Path,
    log: Path,
    on_our_death: signal.Signals,
    account: Account | None = None,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """
    Start a program in `folder`, in a session of its own, its output appended to `log`.

    A session of its own keeps Ctrl-C in the terminal from reaching the server before the
    services that need it have drained.  `on_our_death` is what the kernel sends it when we die,
    however we die (Linux, prctl(2) PR_SET_PDEATHSIG).  Its environment is `environment` and
    the usual search path, nothing of ours.  The folder is entered before rights are dropped, so
    the account need not be able to walk the path to it.

    Raises `OSError` if the program cannot be run, and `RuntimeError` outside the main thread:
    the kernel counts the end of the starting thread as our death.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("children must be started by the main thread")
    with _private_log(log) as output:
        return subprocess.Popen(
            list(command),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={"PATH": os.defpath, **(environment or {})},
            start_new_session=True,
            umask=0o077,
            user=None if account is None else account.uid,
            group=None if account is None else account.gid,
            extra_groups=None if account is None else [],
            # Runs last, after the change of user: that change clears the parent-death signal.
            # Safe beside threads: it takes no lock and loads nothing.
            preexec_fn=_before_exec(on_our_death),  # noqa: PLW1509
        )


def _before_exec(on_our_death: signal.Signals) -> Callable[[], None]:
    parent, number = os.getpid(), int(on_our_death)

    def prepare() -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if _C is None:
            return
        _C.prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # we died before the request: the signal will never come
            os._exit(1)

    return prepare


def _private_log(path: Path) -> BinaryIO:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    return os.fdopen(descriptor, "ab", buffering=0)


def keep_last_log(path: Path) -> None:
    """Move the log of the run before aside, to `.1`, so that no log grows without end."""
    if path.exists():
        path.replace(path.with_name(path.name + ".1"))


def last_lines(log: Path) -> str:
    """Return the last few lines of a log on one line, for a sentence."""
    try:
        with log.open(errors="replace") as lines:
            return " | ".join(line.strip() for line in deque(lines, _LAST_LINES))
    except FileNotFoundError:
        return ""


def is_alive(pid: int) -> bool:
    """
    Say whether a process runs.

    A zombie is dead: it holds nothing any more, and where process 1 never reaps (as in many
    containers) it stays listed for ever.
    """
    try:
        status = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return not _PROC.joinpath("self").exists() and _answers_signals(pid)
    # The name, in brackets, may itself hold brackets and blanks; the state follows it.
    fields = status.rpartition(")")[2].split()
    # The first thread of a killed process can be a zombie while others still hold its sockets.
    return fields[_STATE] not in _GONE or (fields[_STATE] == "Z" and int(fields[_THREADS]) > 1)


def _answers_signals(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def folder_mark(folder: Path) -> str:
    """Return a name for a folder, however its path is written: for a server's command line."""
    found = folder.stat()
    return f"{found.st_dev:x}-{found.st_ino:x}"


def wait_dead(pid: int, timeout: float) -> bool:
    """Wait until a process, a child or not, has ended; say whether it has within `timeout` s."""
    deadline = time.monotonic() + timeout
    while is_alive(pid):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_S)
    return True


def running_with(mark: str) -> tuple[int, ...]:
    """
    Return the live processes whose command line holds `mark`: what an earlier run left behind.

    Command lines are readable for every account, unlike a process's folder, which even root may
    not see in a container without the right to trace.  Empty where there is no /proc.
    """
    found = (pid for pid, line in _command_lines() if mark.encode() in line)
    return tuple(pid for pid in found if pid != os.getpid() and is_alive(pid))


def _command_lines() -> Iterator[tuple[int, bytes]]:
    for folder in _PROC.glob("[0-9]*"):
        try:
            yield int(folder.name), (folder / "cmdline").read_bytes()
        except OSError:
            continue  # it has just ended, or is hidden from us


def wait_none_left(mark: str, timeout: float) -> tuple[int, ...]:
    """Wait until `running_with(mark)` is empty; return what is still there after `timeout` s."""
    deadline = time.monotonic() + timeout
    while (left := running_with(mark)) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return left


def end(child: subprocess.Popen[bytes], steps: Sequence[Step]) -> None:
    """
    End a child: each step is a signal and the seconds to wait for its effect.

    A stopped child is continued, since it could not act on a polite signal.  Does nothing for a
    child that has ended.  Raises `subprocess.TimeoutExpired` if the last step had no effect.
    """
    for number, (sent, patience) in enumerate(steps, 1):
        if child.poll() is not None:
            return
        child.send_signal(sent)
        child.send_signal(signal.SIGCONT)
        try:
            child.wait(patience)
        except subprocess.TimeoutExpired:
            if number == len(steps):
                raise
