"""Long runs: a system of its own for each module, and how long they take."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.system import System

# `SOAK_SHARE=0.1 make soak` takes a tenth of everything, to see whether it runs at all.
SHARE = float(os.environ.get("SOAK_SHARE", "1"))


@pytest.fixture
def share() -> float:
    """How much of the whole run is wanted."""
    return SHARE


@pytest.fixture(scope="module")
def own() -> Iterator[System]:
    """A system that nobody else texts."""
    with tempfile.TemporaryDirectory(prefix="parley-") as folder:
        made = System(Path(folder) / "state")
        made.start()
        try:
            yield made
        finally:
            made.close()
