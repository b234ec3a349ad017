"""Long runs: a system of its own for each module, and how long they take."""

import os
from collections.abc import Iterator

import pytest

from tests.journeys.system import System, running

# `SOAK_SHARE=0.1 make soak` takes a tenth of everything, to see whether it runs at all.
SHARE = float(os.environ.get("SOAK_SHARE", "1"))


@pytest.fixture
def share() -> float:
    """How much of the whole run is wanted."""
    return SHARE


@pytest.fixture(scope="module")
def own() -> Iterator[System]:
    """A system that nobody else texts."""
    with running() as made:
        yield made
