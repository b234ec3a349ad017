"""What a command and every service import, for the process that all commands of tests split from."""

import contextlib
import gc
from importlib import import_module

import deploy.cli  # noqa: F401
from deploy.local.up import LAZY
from services.runtime.processes import PROCESSES, installed

for _name in installed():
    import_module(PROCESSES[_name])
for _module in LAZY:
    with contextlib.suppress(ModuleNotFoundError):
        import_module(_module)
gc.collect()
gc.freeze()
