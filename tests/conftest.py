"""What holds for all tests."""

import signal
from pathlib import Path

import pytest

from tests import in_memory

# Each of them starts whole deployments; two that start at once would race for the same ports.
_DEPLOYMENTS = ("tests/journeys/", "tests/deploy/test_up.py", "tests/deploy/test_cli.py")
_FOLDER = pytest.StashKey[Path | None]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that start deployments on one worker, the quick ones on the other."""
    for item in items:
        if item.nodeid.startswith(_DEPLOYMENTS):
            item.add_marker(pytest.mark.xdist_group("deployments"))


def pytest_configure(config: pytest.Config) -> None:
    """Hear Ctrl-C, and let children hear it, although a shell began us in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[_FOLDER] = in_memory.take()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing in memory."""
    folder = config.stash.get(_FOLDER, None)
    if folder is not None:
        in_memory.give_back(folder)
