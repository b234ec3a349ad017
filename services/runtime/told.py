"""A state of the domain as plain values, for whoever shows it."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from typing import Any

from pydantic import BaseModel


def told(value: Any) -> Any:
    """Return a state with every part of it as dicts, lists and plain values."""
    if isinstance(value, BaseModel):
        return {name: told(getattr(value, name)) for name in type(value).model_fields}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: told(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): told(part) for key, part in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(map(told, value), key=str)
    if isinstance(value, list | tuple):
        return [told(part) for part in value]
    return value
