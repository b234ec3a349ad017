"""Now, and fresh ids: the one place that asks the machine for either."""

import mmap
import os
import struct
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

_OFFSET = struct.Struct("<d")


class SystemClock:
    """The machine's clock and its randomness."""

    def now(self) -> datetime:
        """Return the time, aware, in UTC."""
        return datetime.now(UTC)

    def wound(self) -> timedelta:
        """Return zero: nobody winds the machine's clock."""
        return timedelta()

    def fresh(self) -> str:
        """Return a new random id: 32 hexadecimal characters."""
        return uuid.uuid4().hex


class WoundClock(SystemClock):
    """
    The machine's clock plus the seconds in a shared file of 8 bytes, a little-endian double.

    The simulator writes the file when its clock is wound; every process maps it, so that all
    of them jump at the same moment.
    """

    def __init__(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            self._map = mmap.mmap(descriptor, _OFFSET.size, prot=mmap.PROT_READ)
        finally:
            os.close(descriptor)

    def now(self) -> datetime:
        """Return the machine's time plus what the test clock was wound by."""
        return datetime.now(UTC) + self.wound()

    def wound(self) -> timedelta:
        """Return by how much the test clock was wound forward."""
        return timedelta(seconds=_OFFSET.unpack(self._map[: _OFFSET.size])[0])
