"""Lengths of time as people write them: `90s`, `15m`, `2h`, `3d`."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def span(written: object) -> object:
    """Return the length of time that is written; raises `ValueError` for anything else."""
    if isinstance(written, timedelta):
        return written
    text = str(written).strip()
    found = _SPAN.findall(text)
    if not found or _SPAN.sub("", text).strip():
        raise ValueError(f"{text!r} is no length of time; write 90s, 15m, 2h, 3d or 1h 30m")
    return sum((timedelta(**{_UNITS[unit]: float(many)}) for many, unit in found), timedelta())


def spoken(length: timedelta) -> str:
    """Return a length of time as it would be written."""
    seconds = int(length.total_seconds())
    parts: list[str] = []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        many, seconds = divmod(seconds, size)
        if many:
            parts.append(f"{many}{unit}")
    return " ".join(parts) or "0s"


Span = Annotated[timedelta, BeforeValidator(span)]
