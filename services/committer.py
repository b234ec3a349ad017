"""The committer: where an outcome becomes binding, in every stream it touches at once."""

from collections.abc import Sequence

from contracts.announcement import Announcement
from contracts.identity import id_of, person_stream
from domain.conversation import conversation
from domain.person import person
from domain.turn.settlement import settle, waiting
from services.runtime.entries import entries, led_by
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.ports import Entry
from services.runtime.process import FactSubscription, Process


def build(outside: Outside) -> Process:
    """Return the process."""
    committer = Committer(outside)
    return Process("committer", (FactSubscription("committer", committer.commit),))


class Committer:
    """Settles whatever of a conversation waits to be settled."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    async def commit(self, announced: Announcement) -> None:
        """Settle one thing after the other until nothing waits."""
        while await self._settle(announced):
            pass

    async def _settle(self, announced: Announcement) -> bool:
        """Return whether more waits after this save."""
        journal, policy, now = self._outside.journal, self._outside.policy, self._outside.clock.now
        more = False

        async def decide() -> Sequence[Entry]:
            nonlocal more
            talk = await journal.read(conversation, announced.stream)
            left = waiting(talk.state)
            if not left:
                more = False
                return ()
            whom = await journal.read(person, person_stream(talk.state.person_id))
            stream_id = id_of(announced.stream)
            settled = settle(stream_id, whom.state, talk.state, now(), policy)
            more = left > 1 and bool(settled.facts)
            failpoint("committer.decided")
            return entries((talk, whom), settled.facts, talk.state.subject)

        await journal.act(decide, led_by(announced), now())
        failpoint("committer.saved")
        return more
