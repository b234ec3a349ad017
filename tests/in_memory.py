"""Where tests keep their databases and streams: in memory, if the machine has it to spare."""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 6 * 1024**3


def take() -> Path | None:
    """
    Let temporary folders be made in memory, those of child processes too; return the one of all.

    A few hundred databases are made and removed in a run, and a disk that others use as well
    made that the longest part.  None of the tests takes power away: a killed process loses
    nothing that the kernel was given, on a disk or not.  None is returned, and all stays on disk,
    if `TMPDIR` says where, or memory has no room or runs no programs.
    """
    if "TMPDIR" in os.environ or not _has_room():
        return None
    folder = Path(tempfile.mkdtemp(prefix="parley-", dir=_MEMORY))
    folder.chmod(0o755)  # PostgreSQL may run as somebody else
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None
    return folder


def give_back(folder: Path) -> None:
    """Remove the folder of all."""
    shutil.rmtree(folder, ignore_errors=True)


def _has_room() -> bool:
    try:
        found = os.statvfs(_MEMORY)
    except OSError:
        return False
    runs_programs = not found.f_flag & getattr(os, "ST_NOEXEC", 0)
    return runs_programs and found.f_bavail * found.f_frsize >= _ROOM_BYTES
