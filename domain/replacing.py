"""A state with some of its fields changed: what `evolve` does several times for every fact."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dataclasses import replace
else:

    def replace(state: Any, /, **changes: Any) -> Any:
        """
        Return what `dataclasses.replace` does, of a class with slots, in a fifth of its time.

        Fields are copied slot by slot instead of through `__init__`, which looks at each of them
        three times.  Raises `TypeError` for a field that there is not.
        """
        kind = type(state)
        copier = _COPIERS.get(kind) or _copier(kind)
        made = object.__new__(kind)
        for put, value in zip(copier.all, copier.values(state), strict=True):
            put(made, value)
        for name, value in changes.items():
            put = copier.by_name.get(name)
            if put is None:
                raise TypeError(f"{kind.__name__} has no field {name}")
            put(made, value)
        return made


Put = Callable[[Any, Any], None]


class _Copier(NamedTuple):
    values: Callable[[Any], tuple[Any, ...]]
    all: tuple[Put, ...]
    by_name: Mapping[str, Put]


_COPIERS: dict[type, _Copier] = {}


def _copier(kind: type[Any]) -> _Copier:
    """Return how a class is copied; it must do nothing of its own when it is made."""
    if hasattr(kind, "__post_init__") or "__slots__" not in vars(kind):
        raise TypeError(f"{kind.__name__} is no plain class with slots")
    names = [field.name for field in fields(kind)]
    puts = {name: vars(kind)[name].__set__ for name in names}
    read = attrgetter(*names)
    values = read if len(names) > 1 else lambda state: (read(state),)
    copier = _COPIERS[kind] = _Copier(values, tuple(puts.values()), puts)
    return copier


__all__ = ["replace"]
