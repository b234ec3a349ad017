"""`parley provision`: the streams and durables of the bus, and the journal's tables."""

import asyncio

from deploy.here import settings_here
from deploy.showing import Json, show, show_json

NAME = "provision"


def command(*, json: Json = False) -> None:
    """Make or adapt the streams of the bus and the tables of the journal."""
    from deploy.local.preparing import provision

    done = asyncio.run(provision(settings_here()))
    if json:
        show_json({"provisioned": done})
    else:
        show(f"Provisioned: {', '.join(done)}.")
