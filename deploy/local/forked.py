"""Processes of ours: forked from one parent that has imported everything, and watched by it."""

import contextlib
import ctypes
import gc
import os
import selectors
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.local.children import keep_last_log

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)
_POLL_S = 0.005

Work = Callable[[Callable[[], None]], int]
"""What a forked process does: given whom to tell that it is ready; returns its exit code."""


@dataclass(slots=True)
class Forked:
    """
    One forked process, with the end of the pipe on which it says that it is ready.

    It ends with us, however we end: the kernel kills it (Linux).  It ignores Ctrl-C in the
    terminal, so that services drain in our order; SIGTERM ends it.
    """

    name: str
    pid: int
    started_at: float
    _says: int
    code: int | None = None

    @property
    def running(self) -> bool:
        """Whether it runs; reaps it if it has ended, and keeps its exit code in `code`."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                self.forget()
        return self.code is None

    def is_ready(self, patience: float) -> bool:
        """Wait up to `patience` seconds until it has said that it is ready."""
        if self._says < 0:
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self._says, selectors.EVENT_READ)
            return bool(selector.select(patience)) and os.read(self._says, 1) == b"1"

    def send(self, sent: signal.Signals) -> None:
        """Send it a signal if it runs."""
        if self.running:
            os.kill(self.pid, sent)

    def wait(self, patience: float) -> bool:
        """Wait until it has ended; say whether it has within `patience` seconds."""
        deadline = time.monotonic() + patience
        while self.running:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_S)
        return True

    def forget(self) -> None:
        """Close our end of the pipe."""
        if self._says >= 0:
            os.close(self._says)
            self._says = -1


def fork(
    name: str, work: Work, log: Path, *, others: tuple[Forked, ...] = (), prompt: bool = False
) -> Forked:
    """
    Run `work` in a process of its own, with its output appended to `log`.

    A `prompt` one interrupts the others when something comes in for it.

    Must be called before the parent has threads, a loop or a connection.  `others` are the
    siblings whose pipes the new process closes.
    """
    parent = os.getpid()
    hears, says = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        os.close(says)
        return Forked(name, pid, time.monotonic(), hears)
    code = 1
    try:
        os.close(hears)
        for other in others:
            other.forget()
        _become_child(parent, log)
        if not prompt:
            _work_in_batches()
        code = work(lambda: _say_ready(says))
        sys.stdout.flush()
        sys.stderr.flush()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        # Not sys.exit: what the parent registered to run at its end is not ours to run.
        os._exit(code)
    raise AssertionError("unreachable")


def before_forks() -> None:
    """Keep what was imported on pages that parent and children share for good."""
    gc.collect()
    gc.freeze()


def end_all(processes: tuple[Forked, ...], patience: float) -> None:
    """End processes: all asked at once, then killed after `patience` seconds."""
    for process in processes:
        process.send(signal.SIGTERM)
    deadline = time.monotonic() + patience
    for process in processes:
        if not process.wait(max(0.0, deadline - time.monotonic())):
            process.send(signal.SIGKILL)
            process.wait(5.0)


def _become_child(parent: int, log: Path) -> None:
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    silence = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(silence, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(silence)
    os.close(output)


def _work_in_batches() -> None:
    """
    Let the kernel not interrupt a neighbour for us: what comes in meanwhile is taken at once.

    A dozen processes on two cores that wake each other for every single message spent a fifth
    of their time on changing places.
    """
    if hasattr(os, "SCHED_BATCH"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _say_ready(pipe: int) -> None:
    os.write(pipe, b"1")
    os.close(pipe)


def fresh_log(log: Path) -> Path:
    """Make the folder of a log, and move the log of the run before aside."""
    log.parent.mkdir(mode=0o700, exist_ok=True)
    keep_last_log(log)
    return log
