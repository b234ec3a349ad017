"""What holds for all tests."""

import signal

import pytest

from services.runtime.garbage import collect_rarely
from tests import in_memory

# What starts whole deployments, on workers apart from the quick tests: they wait more than they
# work.
_DEPLOYMENTS = {
    "tests/journeys/test_a_trace.py": "own deployments",
    "tests/journeys/test_a_whole_acquaintance.py": "own deployments",
    "tests/journeys/test_bursts_and_stops.py": "own deployments",
    "tests/journeys/test_one_day.py": "own deployments",
    "tests/journeys/test_the_neighbours_are_away.py": "own deployments",
    "tests/journeys/": "the shared deployment",
    "tests/deploy/test_up.py": "own deployments",
    "tests/deploy/test_cli.py": "own deployments",
    "tests/pages/": "pages",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give deployments and browsers their workers."""
    for item in items:
        group = next((_DEPLOYMENTS[at] for at in _DEPLOYMENTS if item.nodeid.startswith(at)), None)
        if group is not None:
            item.add_marker(pytest.mark.xdist_group(group))


def pytest_collection_finish() -> None:
    """Look no more through what was imported and collected: it stays to the end."""
    collect_rarely()


def pytest_configure() -> None:
    """Hear Ctrl-C, and let children hear it, although a shell began us in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    in_memory.take()
