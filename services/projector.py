"""The projector: every projection, kept up from the journal."""

from projections.catalogue import PROJECTIONS
from services.runtime.backlog_watch import BacklogWatch
from services.runtime.garbage import collect_rarely
from services.runtime.outside import Outside
from services.runtime.process import Process
from services.runtime.projecting import Following


def build(outside: Outside) -> Process:
    """Return the process."""
    following = Following(outside.journal, outside.settings.database_url, PROJECTIONS)

    async def follow() -> None:
        collect_rarely(reading=True)
        await following.run()

    watch = BacklogWatch(outside)
    return Process("projector", loops=(follow, watch.run), reasons=following.reasons)
