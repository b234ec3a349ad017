"""Ending a `parley up` from elsewhere: `python -m deploy.local.stop`."""

import os
import signal

from deploy.here import state_path
from deploy.local.children import wait_dead
from deploy.local.state_folder import StateFolder

_PATIENCE_S = 60.0


def main() -> None:
    """Ask the running `parley up` of our state folder to end, and wait for it."""
    pid = StateFolder(state_path()).holder()
    if pid is None:
        print(f"Nothing runs in {state_path()}.")
        return
    os.kill(pid, signal.SIGTERM)
    ended = wait_dead(pid, _PATIENCE_S)
    print("Stopped." if ended else f"Process {pid} has not ended after {_PATIENCE_S:.0f} s.")


if __name__ == "__main__":
    main()
