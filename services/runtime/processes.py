"""The list of processes, by name; a module is imported only when its process is wanted."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from services.runtime.outside import Outside
from services.runtime.process import Process

PROCESSES: dict[str, str] = {
    "ingress": "services.ingress",
    "policy_gate": "services.policy_gate",
    "turn_runner": "services.turn_runner",
    "evaluator": "services.evaluator",
    "committer": "services.committer",
    "sender": "services.sender",
    "scheduler": "services.scheduler",
    "global_agent": "services.global_agent",
    "relay": "services.relay",
    "projector": "services.projector",
    "console": "services.console",
}

Build = Callable[[Outside], Process]


class NoSuchProcess(Exception):
    """There is no process of that name; `str()` is a sentence."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no process {name}. There are: {', '.join(PROCESSES)}.")


def build_of(name: str) -> Build:
    """Return what makes a process from the outside world.  Raises `NoSuchProcess`."""
    if name not in PROCESSES:
        raise NoSuchProcess(name)
    return cast("Build", import_module(PROCESSES[name]).build)


def installed() -> tuple[str, ...]:
    """Return the names of the processes whose module is there."""
    return tuple(name for name, module in PROCESSES.items() if find_spec(module) is not None)
