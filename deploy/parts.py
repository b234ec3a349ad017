"""Parts of Parley that a command looks for when it runs."""

from importlib import import_module
from typing import Any

from deploy.failure import Failure


def part(module: str, name: str) -> Any:
    """Return a module's function; raises `Failure` where this installation lacks it."""
    try:
        return getattr(import_module(module), name)
    except (ModuleNotFoundError, AttributeError) as error:
        raise Failure(f"This installation has no {module}.{name}: not available yet.") from error
