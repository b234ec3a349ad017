"""
How facts stored in an older shape are read today.

An upcast is given the stored fields as they are, personal text still sealed, and returns today's
name and fields.  The stored bytes never change: old facts are read anew each time, so an upcast
stays for ever.  A fact whose meaning changed has a new name and needs none.
"""

from collections.abc import Callable, Mapping
from typing import Any

Fields = dict[str, Any]
Upcast = Callable[[Fields], tuple[str, Fields]]

UPCASTS: Mapping[str, Upcast] = {}


def upcast(
    name: str, fields: Fields, upcasts: Mapping[str, Upcast] = UPCASTS
) -> tuple[str, Fields]:
    """Return today's name and fields of a stored fact; an upcast is applied once a name."""
    applied: set[str] = set()
    while name in upcasts and name not in applied:
        applied.add(name)
        name, fields = upcasts[name](fields)
    return name, fields
