"""One system for all journeys of a run: starting it is what takes the time."""

import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.journeys.system import System, number

# Every phone of a run is another, so that no test sees another's texts.
_COUNTER = count(1)


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """Everything, running."""
    with tempfile.TemporaryDirectory(prefix="parley-") as folder:
        made = System(Path(folder) / "state")
        made.start()
        try:
            yield made
        finally:
            made.close()


@pytest.fixture
def phone(system: System) -> str:
    """The number of a registered person who agreed."""
    fresh = number(next(_COUNTER))
    system.people(fresh)
    return fresh


@pytest.fixture
def phones(system: System) -> list[str]:
    """Thirty of them."""
    fresh = [number(next(_COUNTER)) for _ in range(30)]
    system.people(*fresh)
    return fresh


@pytest.fixture
def stranger() -> str:
    """A number nobody registered."""
    return number(next(_COUNTER))
