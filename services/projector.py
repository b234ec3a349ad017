"""The projector: every projection, kept up from the journal."""

from projections.catalogue import PROJECTIONS
from services.runtime.outside import Outside
from services.runtime.process import Process
from services.runtime.projecting import Following


def build(outside: Outside) -> Process:
    """Return the process."""
    following = Following(outside.journal, outside.settings.database_url, PROJECTIONS)
    return Process("projector", loops=(following.run,), reasons=following.reasons)
