"""The carrier at work: takes texts from the service and from phones, and sees them through."""

from collections.abc import Callable
from dataclasses import dataclass

from deploy.local.twilio_simulator.account import SimulatorConfig
from deploy.local.twilio_simulator.agenda import Agenda
from deploy.local.twilio_simulator.calls import Call, CallLog
from deploy.local.twilio_simulator.faults import FINE, Fault, Faults, Outcome
from deploy.local.twilio_simulator.messages import (
    AUTOMATIC,
    INBOUND,
    OUTBOUND,
    Message,
    fresh_sid,
)
from deploy.local.twilio_simulator.opt_out import Keyword, filtered
from deploy.local.twilio_simulator.parameters import inbound_params, status_params
from deploy.local.twilio_simulator.store import MessageStore
from deploy.local.twilio_simulator.webhooks import Webhooks
from deploy.local.wound_clock import WoundClock
from domain.segments import count

# Codes of texts that never reached a carrier; all others end as undelivered.
_FAILED = frozenset({30001, 30002, 30036, 30450, 30453})
_ERRORS_ANSWERED = frozenset({Outcome.ERROR_AFTER, Outcome.REJECT, Outcome.ERROR_BEFORE})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A text of the service that passed validation; `sender` is "" for a messaging service."""

    to: str
    sender: str
    body: str
    media: int = 0
    callback_url: str | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A text of a person; a known `sid` repeats the webhook of that text with this body."""

    phone: str
    to: str
    body: str
    media: int = 0
    sid: str | None = None


class SidTaken(Exception):
    """The SID belongs to a message of another phone or direction."""


class Carrier:
    """
    The simulated account in action.

    Every change is stored before it is told to anybody.  `start` resumes what a killed process
    left behind: texts on their way, webhooks nobody answered, prices.
    """

    def __init__(
        self, config: SimulatorConfig, store: MessageStore, clock: WoundClock, webhooks: Webhooks
    ) -> None:
        self.config = config
        self.store = store
        self.clock = clock
        self.faults = Faults()
        self.log = CallLog(store, clock)
        self.agenda = Agenda(clock)
        self.ending = False
        self._webhooks = webhooks

    def start(self) -> None:
        """Go on with whatever the last process had not finished."""
        for message in self.store.in_order():
            if message.inbound and message.webhook is None:
                self._webhooks.post(self._inbound_call(message, message.body, None))
            if message.status == "sent":
                self.agenda.after(self.config.pace.delivered_s, self._then_end(message, FINE))
            elif not message.settled:
                self.agenda.after(self.config.pace.sent_s, self._then_sent(message, FINE))
            elif message.price is None:
                self._price_later(message)

    def end_streams(self) -> None:
        """Let live streams end: the server is about to stop."""
        self.ending = True
        self.store.wake()

    def blocks(self, phone: str, number: str) -> bool:
        """Return whether the carrier refuses texts from our number to a phone (21610)."""
        if self.config.opt_out_owner != "provider":
            return False
        return self.store.opted_out(self.config.messaging_service_sid or number, phone)

    async def accept(self, text: Outgoing, fault: Fault = FINE) -> Message:
        """Store a text of the service and send it on its way; returns once it is durable."""
        service = None if text.sender else self.config.messaging_service_sid
        message = self._new(text.to, text.sender, text.body, text.media, OUTBOUND)
        message.status = "accepted" if service else "queued"
        message.service_sid = service
        message.callback_url = text.callback_url
        self.store.keep(message)
        await self.store.durable()
        self.agenda.after(self.config.pace.sent_s, self._then_sent(message, fault))
        return message

    async def receive(self, text: Incoming) -> tuple[Message, bool]:
        """
        Store a person's text and tell the service; returns it once it is durable.

        Also returns whether it was a repeat: then only the webhook goes out again, and the
        stored text stays as it was.  Raises `SidTaken`.
        """
        known = self.store.get(text.sid) if text.sid else None
        if known is not None and (not known.inbound or known.phone != text.phone):
            raise SidTaken
        message, keyword = (known, None) if known is not None else self._take(text)
        await self.store.durable()
        self._tell(self._inbound_call(message, text.body, keyword))
        return message, known is not None

    def cancel(self, message: Message) -> bool:
        """Take a text back that has not left yet; False if it has."""
        if message.status not in {"queued", "accepted"}:
            return False
        self._change(message, "canceled")
        return True

    def _take(self, text: Incoming) -> tuple[Message, Keyword | None]:
        message = self._new(text.phone, text.to, text.body, text.media, INBOUND)
        message.sid = text.sid or message.sid
        message.status = "received"
        message.sent = message.created
        message.service_sid = self.config.messaging_service_sid
        self.store.keep(message)
        self._price_later(message)
        if self.config.opt_out_owner != "provider":
            return message, None
        return message, self._filter(text)

    def _filter(self, text: Incoming) -> Keyword | None:
        sender = self.config.messaging_service_sid or text.to
        blocked = self.store.opted_out(sender, text.phone)
        verdict = filtered(text.body, blocked=blocked)
        if verdict is None:
            return None
        if verdict.keyword is Keyword.STOP:
            self.store.opt_out(sender, text.phone)
        elif verdict.keyword is Keyword.START:
            self.store.opt_in(sender, text.phone)
        if verdict.reply:
            self._reply(text, verdict.reply)
        return verdict.keyword

    def _reply(self, text: Incoming, body: str) -> None:
        """Record an automatic reply: delivered at once, free of charge."""
        message = self._new(text.phone, text.to, body, 0, AUTOMATIC)
        message.status = "delivered"
        message.sent = message.created
        message.price = 0
        self.store.keep(message)

    def _tell(self, call: Call) -> None:
        fault = self.faults.for_inbound()
        if fault.outcome is Outcome.LOSE_WEBHOOK:
            self.log.fault(fault.outcome, call.sid)
            self._webhooks.lose(call)
            self._answered(call.sid, 0)
            return
        self._webhooks.post(call)
        if fault.outcome is Outcome.REPEAT_WEBHOOK:
            self.log.fault(fault.outcome, call.sid)
            self.agenda.after(fault.delay, lambda: self._webhooks.post(call))

    def _answered(self, sid: str, status: int) -> None:
        message = self.store.get(sid)
        if message is not None:
            message.webhook = status
            self.store.keep(message)

    def _then_sent(self, message: Message, fault: Fault) -> Callable[[], None]:
        code = None if fault.outcome in _ERRORS_ANSWERED else fault.code

        def step() -> None:
            if self.store.get(message.sid) is None or message.settled:
                return
            if code in _FAILED:
                self._end(message, fault, "failed", code)
                return
            message.ours = message.ours or self.config.numbers[0]
            message.sent = self.clock.now()
            self._change(message, "sent")
            if fault.outcome is not Outcome.REORDER:
                self._call_back(message, fault)
            self.agenda.after(self.config.pace.delivered_s, self._then_end(message, fault))

        return step

    def _then_end(self, message: Message, fault: Fault) -> Callable[[], None]:
        code = None if fault.outcome in _ERRORS_ANSWERED else fault.code

        def step() -> None:
            if self.store.get(message.sid) is not None and not message.settled:
                self._end(message, fault, "undelivered" if code else "delivered", code)
                self._price_later(message)

        return step

    def _end(self, message: Message, fault: Fault, status: str, code: int | None) -> None:
        message.error_code = code
        self._change(message, status)
        self._call_back(message, fault)
        if fault.outcome is Outcome.REORDER and status != "failed":
            late = self._status_call(message, "sent")
            if late is not None:
                self.agenda.after(fault.delay, lambda: self._webhooks.post(late))

    def _call_back(self, message: Message, fault: Fault) -> None:
        call = self._status_call(message, message.status)
        if call is None:
            return
        if fault.outcome is Outcome.LOSE_CALLBACK:
            self._webhooks.lose(call)
            return
        self._webhooks.post(call)
        if fault.outcome is Outcome.REPEAT_CALLBACK:
            self.agenda.after(fault.delay, lambda: self._webhooks.post(call))

    def _status_call(self, message: Message, status: str) -> Call | None:
        if message.callback_url is None:
            return None
        params = status_params(message, status, self.config.account_sid, self.clock.now())
        return Call("status", message.sid, status, message.callback_url, params, message.sid)

    def _inbound_call(self, message: Message, body: str, keyword: Keyword | None) -> Call:
        params = inbound_params(message, body, keyword, self.config.account_sid)
        return Call(
            "inbound",
            message.sid,
            "received",
            self.config.inbound_url,
            params,
            message.phone,
            lambda status: self._answered(message.sid, status),
        )

    def _price_later(self, message: Message) -> None:
        if message.status in {"failed", "canceled"}:
            return

        def settle() -> None:
            if self.store.get(message.sid) is not None:
                message.price = message.segments * self.config.price_microdollars
                self._change(message, message.status)

        self.agenda.after(self.config.pace.priced_s, settle)

    def _change(self, message: Message, status: str) -> None:
        message.status = status
        message.updated = self.clock.now()
        self.store.keep(message)

    def _new(self, phone: str, ours: str, body: str, media: int, direction: str) -> Message:
        now = self.clock.now()
        return Message(
            sid=fresh_sid(media),
            serial=self.store.next_serial(),
            direction=direction,
            phone=phone,
            ours=ours,
            body=body,
            status="",
            segments=max(1, count(body).segments),
            created=now,
            updated=now,
            media=media,
        )
