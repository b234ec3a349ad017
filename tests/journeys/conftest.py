"""One system for all journeys of a run: starting it is what takes the time."""

from collections.abc import Iterator
from itertools import count

import pytest

from tests.journeys.system import System, number, running

# Every phone of a run is another, so that no test sees another's texts.
_COUNTER = count(1)


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """Everything, running."""
    with running() as made:
        yield made


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
