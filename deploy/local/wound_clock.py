"""The clock of a local deployment: real time plus an offset that all its processes share."""

import fcntl
import math
import mmap
import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

SIZE = 8
_DOUBLE = struct.Struct("<d")


class WoundClock:
    """
    A clock that can be wound forward, for tests and demonstrations.

    The offset is a file of 8 bytes, mapped into memory: one little-endian double, the seconds
    by which time is ahead.  Every process that maps the file sees an advance at once, without
    a message.  A missing file is made with 0.0; a file of another size raises `ValueError`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        _ensure(path)
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != SIZE:
                message = f"{path} is not a clock: it must be {SIZE} bytes long"
                raise ValueError(message)
            self._map = mmap.mmap(file.fileno(), SIZE, access=mmap.ACCESS_READ)

    @property
    def offset(self) -> timedelta:
        """By how much the clock is ahead of real time."""
        return timedelta(seconds=self._seconds())

    def now(self) -> datetime:
        """Return the time, aware, in UTC: real time plus the offset."""
        return datetime.now(UTC) + self.offset

    def advance(self, seconds: float) -> None:
        """
        Wind the clock forward.

        Raises `ValueError` for a negative or infinite number of seconds: time never goes back,
        because what was decided at a later time is already stored.
        """
        if not math.isfinite(seconds) or seconds < 0:
            message = "the clock can only be wound forward, by a finite number of seconds"
            raise ValueError(message)
        with self._path.open("r+b") as file:
            # Two winders at once would otherwise lose one of the advances.
            fcntl.flock(file, fcntl.LOCK_EX)
            with mmap.mmap(file.fileno(), SIZE) as writable:
                # One slice assignment is one copy of 8 aligned bytes: no reader sees half of it.
                writable[:] = _DOUBLE.pack(self._seconds() + seconds)

    def close(self) -> None:
        """Unmap the file; the clock cannot be read afterwards."""
        self._map.close()

    def _seconds(self) -> float:
        seconds: float
        (seconds,) = _DOUBLE.unpack(self._map[:])
        return seconds


def _ensure(path: Path) -> None:
    """Make the file with 0.0 unless it exists; whoever comes second takes the first one's."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent) as fresh:
        fresh.write(_DOUBLE.pack(0.0))
        fresh.flush()
        try:
            os.link(fresh.name, path)
        except FileExistsError:
            return
