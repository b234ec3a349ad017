"""The one door to a process: `python -m services sender`."""

import sys

from services.runtime.processes import NoSuchProcess
from services.runtime.running import REFUSED, run
from services.runtime.settings import SettingsRefused, read_settings

USAGE = 2


def main() -> int:
    """Run the process that the command line names; return its exit code."""
    if len(sys.argv) != 2:
        print("usage: python -m services PROCESS", file=sys.stderr)  # noqa: T201
        return USAGE
    try:
        return run(sys.argv[1], read_settings())
    except NoSuchProcess as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201
        return USAGE
    except SettingsRefused as refusal:
        print(refusal, file=sys.stderr)  # noqa: T201
        return REFUSED


if __name__ == "__main__":
    sys.exit(main())
