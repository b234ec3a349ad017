"""Names of the harness that a scenario may use, and the nearest one to a name that is none."""

from collections.abc import Iterable
from difflib import get_close_matches

from contracts.failure_taxonomy import FLAGS


def flag_named(name: str) -> str:
    """Return a flag's name; raises `ValueError`, with the nearest one, for a name that is none."""
    if name not in FLAGS:
        raise ValueError(f"the evaluator has no flag {name}{nearest(name, FLAGS)}")
    return name


def nearest(name: str, names: Iterable[str]) -> str:
    """Return a question about the nearest name, or nothing."""
    found = get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""
