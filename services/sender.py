"""
The sender: hands a text to the carrier once, and finds out what became of it.

An attempt is recorded before the carrier is asked.  What nobody can know is looked up after a
quiet period; it is never repeated blindly, because the carrier has no key that would make a
repeat harmless.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

from contracts.announcement import Announcement
from contracts.identity import (
    conversation_of,
    conversation_stream,
    id_of,
    person_stream,
)
from contracts.recorded import Cause
from contracts.sms import DeliveryReport
from domain.conversation import conversation
from domain.conversation.outbox import Outgoing, Try
from domain.conversation.state import Conversation
from domain.outbound import Decided, Dispatch, Go, Look, Nothing, Wait, dispatch
from domain.outcome import Answered, Hit, Known, answered, looked, reported
from domain.person import person
from domain.person.state import Person
from services.runtime.breaker import Breaker
from services.runtime.entries import entries, led_by
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.ports import Attempt, Chapter, Entry, Listed, Outcome, SendAnswer
from services.runtime.process import (
    FactSubscription,
    Later,
    Never,
    Process,
    StatusSubscription,
)

# Enough that a carrier taking 100 ms a request lets 100 texts a second leave, several times over.
WORKERS = 64
# The carrier's own record of a text may be dated a little before we asked.
_LIST_MARGIN = timedelta(seconds=60)

KnownOf = Callable[[Conversation], Known]


def build(outside: Outside) -> Process:
    """Return the process."""
    sender = Sender(outside)
    return Process(
        "sender",
        (
            FactSubscription("sender", sender.send, WORKERS, urgent_workers=16),
            StatusSubscription(sender.report),
        ),
        reasons=sender.reasons,
    )


class Sender:
    """Reads the text, asks whether it may leave, asks the carrier, appends the outcome."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._breaker = Breaker()
        self._refused = ""

    async def reasons(self) -> dict[str, str]:
        """Return why texts do not leave, if they do not."""
        return {"carrier": self._refused} if self._refused else {}

    async def send(self, announced: Announcement) -> None:
        """Bring the text of a request or release as far as it comes now."""
        talk = await self._outside.journal.read(conversation, announced.stream)
        text = talk.state.outbox.triggered_at(announced.version)
        if text is None:
            return
        while await self._step(announced, text.sms_id):
            pass

    async def _step(self, announced: Announcement, sms_id: str) -> bool:
        """Do the next thing about a text; return whether there may be another."""
        step = await self._decided(announced, sms_id)
        match step:
            case Nothing() | Decided():
                return False
            case Wait(seconds, why):
                # Given back: what it waits for may be behind it in the queue, and would never
                # be reached if all workers slept.
                raise Later(seconds, why, release=True)
            case Look(text, attempt):
                return await self._look(announced, text, attempt)
            case Go():
                await self._attempt(announced, step)
                return False

    async def _decided(self, announced: Announcement, sms_id: str) -> Dispatch:
        """Decide about a text, and append what that takes."""
        outside = self._outside
        step: Dispatch = Nothing()

        async def decide() -> Sequence[Entry]:
            nonlocal step
            talk, whom = await self._read(announced.stream)
            step = dispatch(
                id_of(announced.stream),
                whom.state,
                talk.state,
                sms_id,
                outside.clock.now(),
                outside.policy,
            )
            subject = talk.state.subject
            if isinstance(step, Decided):
                return [talk.then((step.fact,), subject)]
            if isinstance(step, Go):
                self._breaker.check()
                return [
                    talk.then((step.attempted,), subject),
                    whom.then((step.permitted,), None),
                ]
            return ()

        await outside.journal.act(decide, led_by(announced), outside.clock.now())
        return step

    async def _attempt(self, announced: Announcement, go: Go) -> None:
        failpoint("sender.attempted")
        answer = await self._ask(go)
        failpoint("sender.posted")
        self._heed(answer)
        attempt_id = go.attempted.attempt_id
        command = Answered(
            attempt_id=attempt_id,
            outcome=answer.outcome.value,
            at=self._outside.clock.now(),
            sid=answer.sid,
            code=answer.code,
            reason=answer.reason,
        )
        await self._append(
            announced.stream,
            led_by(announced),
            lambda state: answered(state, command, self._outside.policy),
        )
        failpoint("sender.recorded")
        if answer.outcome is Outcome.NOT_SENT:
            raise Later(self._breaker.pause_s, "the carrier took nothing")

    async def _ask(self, go: Go) -> SendAnswer:
        attempt = Attempt(go.attempted.attempt_id, go.number, go.text.text, go.valid_for_s)
        async with asyncio.timeout(self._outside.policy.attempt_deadline_s + 5):
            return await self._outside.sms.send(attempt)

    def _heed(self, answer: SendAnswer) -> None:
        if answer.outcome is Outcome.NOT_SENT:
            self._breaker.open(answer.retry_after_s)
        else:
            self._breaker.close()
        refused = answer.outcome is Outcome.REFUSED
        self._refused = f"the carrier refuses our account: {answer.reason}" if refused else ""

    async def _look(self, announced: Announcement, text: Outgoing, attempt: Try) -> bool:
        """Look for an attempt in the carrier's list; return whether the text may go again."""
        outside = self._outside
        talk, whom = await self._read(announced.stream)
        since = attempt.started_at - _LIST_MARGIN
        listed = await outside.sms.listed(whom.state.number, since)
        failpoint("sender.looked")
        bound = talk.state.outbox.bound() | await self._bound_elsewhere(whom.state, announced)
        hits = [_hit(message) for message in listed]
        await self._append(
            announced.stream,
            led_by(announced),
            lambda state: looked(
                state,
                attempt.attempt_id,
                hits,
                bound,
                outside.clock.now(),
                outside.policy,
            ),
        )
        now = await outside.journal.read(conversation, announced.stream)
        after = now.state.outbox.texts[text.sms_id]
        return after.status == "requested"

    async def _bound_elsewhere(self, who: Person, announced: Announcement) -> frozenset[str]:
        """Return the carrier's SIDs that belong to the person's other conversation of late."""
        other = who.last_conversation_id
        if other is None or conversation_stream(other) == announced.stream:
            return frozenset()
        talk = await self._outside.journal.read(conversation, conversation_stream(other))
        return talk.state.outbox.bound()

    async def report(self, report: DeliveryReport) -> None:
        """Record a status callback."""
        stream = conversation_stream(conversation_of(report.attempt_id))
        talk = await self._outside.journal.read(conversation, stream)
        if talk.state.outbox.try_of(report.attempt_id) is None:
            raise Never("status of an attempt that the journal does not know")
        await self._append(
            stream,
            Cause(f"sms.status:{report.sid}", report.sid),
            lambda state: reported(state, report),
        )
        failpoint("callback.saved")

    async def _append(self, stream: str, cause: Cause, known: KnownOf) -> None:
        journal = self._outside.journal

        async def decide() -> Sequence[Entry]:
            talk = await journal.read(conversation, stream)
            facts = known(talk.state)
            if not facts.person:
                return [talk.then(facts.conversation, talk.state.subject)]
            whom = await journal.read(person, person_stream(talk.state.person_id))
            by_stream = {talk.stream: facts.conversation, whom.stream: facts.person}
            return entries((talk, whom), by_stream, talk.state.subject)

        await journal.act(decide, cause, self._outside.clock.now())

    async def _read(self, stream: str) -> tuple[Chapter[Conversation], Chapter[Person]]:
        journal = self._outside.journal
        talk = await journal.read(conversation, stream)
        return talk, await journal.read(person, person_stream(talk.state.person_id))


def _hit(message: Listed) -> Hit:
    return Hit(message.sid, message.text, message.status, message.created_at)
