"""The ledger of erasures: a file of JSON lines that no restored backup of the database undoes."""

import os
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

from pydantic import AwareDatetime, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core import to_json

from services.runtime.ports import Forgotten, LedgerRefused


@dataclass(frozen=True)
class _Line:
    person_id: str
    at: AwareDatetime
    revoked_at: AwareDatetime | None = None


_LINE = TypeAdapter(_Line)


class FileLedger:
    """
    One JSON object a line: `person_id` (a keyed hash of the number), `at`, `revoked_at`.

    Lines are only appended, each in one write that is on the disk before `add` returns.  A last
    line without its end is a write that a power cut interrupted, of an erasure not begun.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, forgotten: Forgotten) -> None:
        """Write a line; returns when it is on the disk.  Raises `LedgerRefused`."""
        told = {
            "person_id": forgotten.person_id,
            "at": _iso(forgotten.at),
            "revoked_at": _iso(forgotten.revoked_at),
        }
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            new = not self._path.exists()
            opened = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with closing(os.fdopen(opened, "ab", buffering=0)) as file:
                torn = file.tell() and not self._ends()
                file.write((b"\n" if torn else b"") + to_json(told) + b"\n")
                os.fsync(file.fileno())
            if new:
                _keep_name(self._path.parent)
        except OSError as error:
            raise self._refused("written", type(error).__name__) from None

    def read(self) -> Sequence[Forgotten]:
        """Return the lines, oldest first; none where there is no file.  Raises `LedgerRefused`."""
        try:
            lines = self._path.read_bytes().splitlines(keepends=True)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise self._refused("read", type(error).__name__) from None
        found: list[Forgotten] = []
        for number, line in enumerate(lines, 1):
            try:
                read = _LINE.validate_json(line)
            except ValidationError:
                if not line.strip() or _torn(lines, number):
                    continue
                raise self._refused("read", f"line {number} is damaged") from None
            found.append(Forgotten(read.person_id, read.at, read.revoked_at))
        return found

    def _ends(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def _refused(self, how: str, why: str) -> LedgerRefused:
        return LedgerRefused(f"The ledger of erasures {self._path} cannot be {how}: {why}.")


def _torn(lines: Sequence[bytes], number: int) -> bool:
    """Say whether a line is the beginning of one that was written again after it."""
    return number == len(lines) or not lines[number - 1].rstrip().endswith(b"}")


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _keep_name(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
