"""The evaluator: nothing the model wrote is committed before it was judged."""

from collections.abc import Sequence

from contracts.announcement import Announcement
from contracts.identity import person_stream
from domain.conversation import conversation
from domain.person import person
from domain.turn.judging import judged
from services.runtime.entries import led_by
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.ports import Entry
from services.runtime.process import FactSubscription, Process


def build(outside: Outside) -> Process:
    """Return the process."""

    async def judge(announced: Announcement) -> None:
        journal, policy = outside.journal, outside.policy

        async def decide() -> Sequence[Entry]:
            talk = await journal.read(conversation, announced.stream)
            whom = await journal.read(person, person_stream(talk.state.person_id))
            verdict = judged(whom.state, talk.state, announced.version, policy)
            return [talk.then(verdict, talk.state.subject)]

        await journal.act(decide, led_by(announced), outside.clock.now())
        failpoint("evaluator.saved")

    return Process("evaluator", (FactSubscription("evaluator", judge),))
