"""The evaluator: nothing the model wrote is committed before it was judged."""

from collections.abc import Sequence

from contracts.announcement import Announcement
from contracts.conversation import Judgement
from contracts.identity import person_stream
from domain.conversation import conversation
from domain.person import person
from domain.turn.judging import judged
from domain.turn.second_opinion import VERSION, question_on
from services.runtime import tracing
from services.runtime.entries import led_by
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.ports import Entry, Judge, JudgeFailed
from services.runtime.process import FactSubscription, Process

# Where a second model is asked, many drafts wait for it at once.
_WORKERS, _WORKERS_WAITING = 64, 1_024


def build(outside: Outside) -> Process:
    """Return the process."""
    evaluator = Evaluator(outside)
    workers = _WORKERS if outside.judge is None else _WORKERS_WAITING
    return Process("evaluator", (FactSubscription("evaluator", evaluator.run, workers),))


class Evaluator:
    """Judges a draft by the rules, and asks a second model about what they pass, if one is set."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._weighed: dict[tuple[str, int], Judgement] = {}

    async def run(self, announced: Announcement) -> None:
        """Append the verdict on a draft, unless it has one."""
        journal, policy = self._outside.journal, self._outside.policy
        judgement = await self._judgement(announced)

        async def decide() -> Sequence[Entry]:
            talk = await journal.read(conversation, announced.stream)
            whom = await journal.read(person, person_stream(talk.state.person_id))
            verdict = judged(whom.state, talk.state, announced.version, policy, judgement)
            return [talk.then(verdict, talk.state.subject)]

        await journal.act(decide, led_by(announced), self._outside.clock.now())
        failpoint("evaluator.saved")
        self._weighed.pop((announced.stream, announced.version), None)

    async def _judgement(self, announced: Announcement) -> Judgement | None:
        """Return what the second model says; what could not be saved is not asked twice."""
        judge = self._outside.judge
        if judge is None:
            return None
        key = (announced.stream, announced.version)
        if key not in self._weighed:
            question = await self._question(announced)
            if question is None:
                return None
            self._weighed[key] = await _weighed(judge, question)
        return self._weighed[key]

    async def _question(self, announced: Announcement) -> str | None:
        journal, policy = self._outside.journal, self._outside.policy
        talk = await journal.read(conversation, announced.stream)
        whom = await journal.read(person, person_stream(talk.state.person_id))
        return question_on(whom.state, talk.state, announced.version, policy)


async def _weighed(judge: Judge, question: str) -> Judgement:
    with tracing.asking("judge") as step:
        try:
            said = await judge.weigh(question)
        except JudgeFailed as failed:
            step.failed(failed.kind)
            return Judgement(
                opinion=None,
                failure=failed.kind,
                version=VERSION,
                prompt=question,
                usage=failed.usage,
            )
    return Judgement(
        opinion=said.verdict,
        reason=said.reason,
        version=VERSION,
        prompt=question,
        usage=said.usage,
    )
