"""What holds for all tests."""

import signal

import pytest

# Each of them starts whole deployments; two that start at once would race for the same ports.
_DEPLOYMENTS = ("tests/journeys/", "tests/deploy/test_up.py", "tests/deploy/test_cli.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests that start deployments on one worker, the quick ones on the other."""
    for item in items:
        if item.nodeid.startswith(_DEPLOYMENTS):
            item.add_marker(pytest.mark.xdist_group("deployments"))


def pytest_configure() -> None:
    """Hear Ctrl-C, and let children hear it, although a shell began us in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
