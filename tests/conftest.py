"""What holds for all tests."""

import signal

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from services.runtime.garbage import collect_rarely
from tests import in_memory

# What takes longest comes first, so that no worker is left with it at the end.
_FIRST = (
    "tests/journeys/",
    "tests/deploy/test_up.py",
    "tests/pages/",
    "tests/services/",
    "tests/adapters/",
    "tests/deploy/",
)
# A file is one worker's, with all that it starts, and so are the files that share a deployment:
# the first of them lets its processes die, which the others would wait for.
_SHARE_A_DEPLOYMENT = {
    "tests/journeys/test_somebody_dies.py": "processes die",
    "tests/journeys/test_the_carrier_fails.py": "processes die",
    "tests/journeys/test_a_text_is_answered.py": "processes live",
    "tests/journeys/test_agent_example.py": "processes live",
    "tests/journeys/test_erasing.py": "processes live",
    "tests/journeys/test_escalations.py": "processes live",
    "tests/journeys/test_poison.py": "processes live",
    "tests/journeys/test_shifts.py": "processes live",
    "tests/journeys/test_signing_up.py": "processes live",
    "tests/journeys/test_the_console_is_live.py": "processes live",
    "tests/journeys/test_what_was_logged.py": "processes live",
}


class _ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each worker one file after another, or the files that share a deployment."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return _SHARE_A_DEPLOYMENT.get(file, file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> _ByFile:
    """Return who says which worker runs what."""
    return _ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest first."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    return next(
        (rank for rank, at in enumerate(_FIRST) if item.nodeid.startswith(at)), len(_FIRST)
    )


def pytest_collection_finish() -> None:
    """Look no more through what was imported and collected: it stays to the end."""
    collect_rarely()


def pytest_configure() -> None:
    """Hear Ctrl-C, and let children hear it, although a shell began us in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    in_memory.take()
