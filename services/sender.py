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
from contracts.conversation import Charge
from contracts.identity import (
    conversation_of,
    conversation_stream,
    id_of,
    person_stream,
    spending_stream,
)
from contracts.recorded import Cause
from contracts.sms import DeliveryReport
from domain.conversation import conversation
from domain.conversation.outbox import Outgoing, Try
from domain.conversation.state import Conversation
from domain.outbound import BESIDE, Decided, Dispatch, Go, Look, Nothing, Reserve, Wait, dispatch
from domain.outcome import Answered, Hit, Known, answered, looked, paid_beside, reported
from domain.person import person
from domain.person.state import Person
from domain.spending import spending
from domain.spending.decisions import beside
from services.runtime import meters, tracing
from services.runtime.allotment import Allotment, Draw
from services.runtime.breaker import Breaker
from services.runtime.entries import entries, led_by
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.pacing import Pacing
from services.runtime.ports import (
    Attempt,
    Chapter,
    Conflict,
    Entry,
    Listed,
    Outcome,
    SendAnswer,
    SubjectErased,
)
from services.runtime.process import (
    FactSubscription,
    Later,
    Never,
    Process,
    StatusSubscription,
)
from services.runtime.right_clock import AGAIN_S, RightClock

# Enough that a carrier taking 100 ms a request lets 100 texts a second leave, several times over.
WORKERS = 64
# The carrier's own record of a text may be dated a little before we asked.
_LIST_MARGIN = timedelta(seconds=60)

# What certainly took no text: its money is free again.
_NOTHING_TAKEN = frozenset({Outcome.NOT_SENT, Outcome.REJECTED, Outcome.REFUSED})

KnownOf = Callable[[Conversation], Known]


def build(outside: Outside) -> Process:
    """Return the process."""
    sender = Sender(outside)
    return Process(
        "sender",
        (
            FactSubscription("sender", sender.hear, WORKERS, urgent_workers=16),
            StatusSubscription(sender.report),
        ),
        loops=(sender.allotment.run,),
        reasons=sender.reasons,
    )


class Sender:
    """Reads the text, asks whether it may leave, asks the carrier, appends the outcome."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self.allotment = Allotment(outside)
        self._pacing = Pacing(outside.settings.segments_per_second)
        self._breaker = Breaker()
        self._right = RightClock(outside)
        self._refused = ""

    async def reasons(self) -> dict[str, str]:
        """Return why texts do not leave, if they do not."""
        return {"carrier": self._refused} if self._refused else {}

    async def hear(self, announced: Announcement) -> None:
        """
        Send, unless our clock is wrong: by such a one a text is stale, or it is night.

        What is said in a crisis, and to who revoked, asks no clock.
        """
        wrong = await self._right.wrong()
        if wrong:
            talk = await self._outside.journal.read(conversation, announced.stream)
            text = talk.state.outbox.triggered_at(announced.version)
            if text is not None and text.kind not in BESIDE:
                raise Later(AGAIN_S, f"our clock is {wrong}", release=True)
        await self.send(announced)

    async def send(self, announced: Announcement) -> None:
        """Bring the text of a request or release as far as it comes now."""
        talk = await self._outside.journal.read(conversation, announced.stream)
        text = talk.state.outbox.triggered_at(announced.version)
        if text is None:
            return
        while await self._step(announced, text):
            pass

    async def _step(
        self, announced: Announcement, text: Outgoing, *, refused: bool = False
    ) -> bool:
        """Do the next thing about a text; return whether there may be another."""
        first = text.kind in BESIDE or text.priority == "urgent"
        await self._pacing.take(text.segments, urgent=first)
        step, draw = await self._decided(announced, text.sms_id, refused=refused)
        if not isinstance(step, Go):
            self._pacing.give_back(text.segments)
        match step:
            case Nothing() | Decided():
                return False
            case Wait(seconds, why):
                # Given back: what it waits for may be behind it in the queue, and would never
                # be reached if all workers slept.
                raise Later(seconds, why, release=True)
            case Look(_, attempt):
                return await self._look(announced, text, attempt)
            case Reserve():
                if await self.allotment.reserve(step):
                    return True
                return await self._step(announced, text, refused=True)
            case Go():
                await self._attempt(announced, step, draw)
                return False

    async def _decided(
        self, announced: Announcement, sms_id: str, *, refused: bool
    ) -> tuple[Dispatch, Draw]:
        """Decide about a text, append what that takes, and draw the money for it."""
        outside, allotment = self._outside, self.allotment
        step: Dispatch = Nothing()
        draw = allotment.draw(None)

        async def decide() -> Sequence[Entry]:
            nonlocal step, draw
            draw.release()
            talk, whom = await self._read(announced.stream)
            step = dispatch(
                id_of(announced.stream),
                whom.state,
                talk.state,
                sms_id,
                outside.clock.now(),
                outside.policy,
                allotment.funds(refused=refused),
            )
            subject = talk.state.subject
            if isinstance(step, Decided):
                return [talk.then((step.fact,), subject)]
            if isinstance(step, Go):
                self._breaker.check(urgent=step.text.priority == "urgent")
                draw = allotment.draw(step.attempted.charge)
                return [
                    talk.then((step.attempted,), subject),
                    whom.then((step.permitted,), None),
                ]
            return ()

        try:
            await outside.journal.act(decide, led_by(announced), outside.clock.now())
        except (Conflict, SubjectErased):
            draw.release()
            raise
        except BaseException:
            draw.spend()
            raise
        return step, draw

    async def _attempt(self, announced: Announcement, go: Go, draw: Draw) -> None:
        failpoint("sender.attempted")
        try:
            answer = await self._ask(go)
            if answer.outcome in _NOTHING_TAKEN:
                draw.release()
        finally:
            draw.spend()
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
            urgent = go.text.priority == "urgent"
            raise Later(self._breaker.pause_s(urgent=urgent), "the carrier took nothing")

    async def _ask(self, go: Go) -> SendAnswer:
        attempt = Attempt(
            go.attempted.attempt_id, go.number, go.text.text, go.valid_for_s,
            tracing.sampled_here(),
        )  # fmt: skip
        with tracing.asking("carrier") as step:
            async with asyncio.timeout(self._outside.policy.attempt_deadline_s + 5):
                answer = await self._outside.sms.send(attempt)
            step.note({"parley.outcome": answer.outcome.value, "parley.code": answer.code or 0})
        return answer

    def _heed(self, answer: SendAnswer) -> None:
        away = answer.outcome is Outcome.NOT_SENT
        meters.carrier_away.set(away)
        if away:
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
            paid = await self._beside(paid_beside(talk.state, facts.conversation))
            if not facts.person:
                return [talk.then(facts.conversation, talk.state.subject), *paid]
            whom = await journal.read(person, person_stream(talk.state.person_id))
            by_stream = {talk.stream: facts.conversation, whom.stream: facts.person}
            return [*entries((talk, whom), by_stream, talk.state.subject), *paid]

        await journal.act(decide, cause, self._outside.clock.now())

    async def _beside(self, charge: Charge | None) -> Sequence[Entry]:
        """Return what records a text beside the cap, if one was sent."""
        if charge is None:
            return ()
        outside = self._outside
        month = await outside.journal.read(spending, spending_stream(charge.account))
        cap = outside.policy.budget_microdollars
        return [month.then((beside(charge.microdollars, cap, outside.clock.now()),), None)]

    async def _read(self, stream: str) -> tuple[Chapter[Conversation], Chapter[Person]]:
        journal = self._outside.journal
        talk = await journal.read(conversation, stream)
        return talk, await journal.read(person, person_stream(talk.state.person_id))


def _hit(message: Listed) -> Hit:
    return Hit(message.sid, message.text, message.status, message.created_at, message.error_code)
