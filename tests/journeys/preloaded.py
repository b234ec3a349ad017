"""What a command and every service import, for the process that all commands of tests split from."""

import gc

import deploy.cli  # noqa: F401
from deploy.local.importing import import_all
from services.runtime.processes import installed

import_all(installed())
gc.collect()
gc.freeze()
