"""What every process of a deployment needs, imported once by the one that all split from."""

import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from importlib import import_module

from services.runtime.processes import PROCESSES

# Imported elsewhere only where needed, which here is in one of our forks in any case: once.
_LAZY = (
    "anyio._backends._asyncio",
    "genai_prices.data",
    "services.adapters.bus",
    "services.adapters.model",
    "services.adapters.numbers",
    "services.adapters.twilio",
    "twilio.rest.api",
)


def import_all(names: Iterable[str]) -> None:
    """Import what these processes need, and read the tables that they look into."""
    for name in names:
        import_module(PROCESSES[name])
    for module in _LAZY:
        with suppress(ModuleNotFoundError):
            import_module(module)
    import_module("domain.turn.classifier").load()


@contextmanager
def importing(names: tuple[str, ...]) -> Generator[None]:
    """Import all that meanwhile, in a thread, which ends before any fork."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            import_all(names)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work, name="imports")
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if failed:
        raise failed[0]
