"""Where tests keep their databases and streams: in memory, if the machine has it to spare."""

import os
import shutil
import tempfile
from multiprocessing.util import Finalize
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 6 * 1024**3
_LAST = -1_000  # behind what multiprocessing removes at the end, some of which is in there


def take() -> None:
    """
    Let temporary folders be made in memory, those of child processes too, until this one ends.

    A few hundred databases are made and removed in a run, and a disk that others use as well
    made that the longest part.  None of the tests takes power away: a killed process loses
    nothing that the kernel was given, on a disk or not.  All stays on disk if `TMPDIR` says
    where, or memory has no room or runs no programs.
    """
    if "TMPDIR" in os.environ or not _has_room():
        return
    folder = Path(tempfile.mkdtemp(prefix="parley-", dir=_MEMORY))
    folder.chmod(0o755)  # PostgreSQL may run as somebody else
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None
    Finalize(None, shutil.rmtree, (folder,), {"ignore_errors": True}, exitpriority=_LAST)


def _has_room() -> bool:
    try:
        found = os.statvfs(_MEMORY)
    except OSError:
        return False
    runs_programs = not found.f_flag & getattr(os, "ST_NOEXEC", 0)
    return runs_programs and found.f_bavail * found.f_frsize >= _ROOM_BYTES
