"""Unix sockets by a path short enough for a socket address."""

import os
import socket
import stat
from contextlib import closing
from pathlib import Path

from deploy.local.cannot_start import CannotStart
from deploy.local.children import folder_mark

_LONGEST = 107  # sockaddr_un.sun_path holds 108 bytes, the last one is 0
# Not the TMPDIR of whoever starts it: a path in there may be as long as the one to avoid.
_SHORT = Path("/tmp")  # noqa: S108


def reachable_folder(folder: Path, name: str) -> Path:
    """
    Return a path of `folder` under which clients can reach the socket `name` in it.

    That is the folder's own path, or, where it is too long, a link in a private folder of ours
    with a short one.  Raises `CannotStart` if somebody else has taken that private folder.
    """
    if len(os.fsencode(folder / name)) <= _LONGEST:
        return folder
    link = _private_folder() / folder_mark(folder)
    if not link.is_symlink() or link.readlink() != folder:
        link.unlink(missing_ok=True)
        link.symlink_to(folder)
    return link


def _private_folder() -> Path:
    mine = _SHORT / f"parley-{os.geteuid()}"
    mine.mkdir(mode=0o700, exist_ok=True)
    found = mine.lstat()
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
    if found.st_uid != os.geteuid() or not private:
        raise CannotStart(
            f"{mine} is not a private folder of yours. Remove it, or use a state folder with a"
            " shorter path."
        )
    return mine


def answers(path: Path) -> bool:
    """Say whether a server accepts connections on a Unix socket."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
