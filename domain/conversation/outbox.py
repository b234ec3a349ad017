"""The texts of a conversation on their way out, and what became of each attempt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from contracts import conversation as c
from contracts.base import Contract
from contracts.texts import Priority, SmsKind, WithheldReason
from domain.replacing import replace

TextStatus = Literal[
    "requested", "deferred", "attempted", "unknown", "sent", "delivered", "failed", "withheld"
]
# Twilio names its statuses in this order but reports them in any: the highest shows.
RANK: Mapping[str, int] = {
    "accepted": 0,
    "scheduled": 0,
    "queued": 1,
    "sending": 2,
    "sent": 3,
    "canceled": 4,
    "undelivered": 4,
    "failed": 4,
    "delivered": 4,
    "read": 5,
}
SETTLED: frozenset[TextStatus] = frozenset({"sent", "delivered", "failed", "withheld"})


@dataclass(frozen=True, slots=True)
class Try:
    """
    One attempt: open until its outcome is known; `status` is the highest reported.

    `charge` is what it was counted at, `priced` whether the provider's own price is known.
    """

    attempt_id: str
    started_at: datetime
    deadline_at: datetime
    outcome: Literal["open", "unknown", "accepted", "absent", "failed"] = "open"
    provider_sid: str | None = None
    status: str = ""
    reported: frozenset[str] = frozenset()
    looks: int = 0
    look_at: datetime | None = None
    charge: c.Charge | None = None
    priced: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text and its attempts, in the order they were made."""

    sms_id: str
    turn_id: str | None
    kind: SmsKind
    priority: Priority
    text: str
    segments: int
    requested_at: datetime
    answers_at: datetime | None
    not_before: datetime | None
    expires_at: datetime | None
    trigger_version: int
    status: TextStatus = "requested"
    until: datetime | None = None
    tries: tuple[Try, ...] = ()
    withheld: WithheldReason | None = None

    @property
    def settled(self) -> bool:
        """Whether the text's way is decided (its delivery may still be reported)."""
        return self.status in SETTLED

    @property
    def last(self) -> Try | None:
        """The newest attempt."""
        return self.tries[-1] if self.tries else None


@dataclass(frozen=True, slots=True)
class Outbox:
    """Every text of the conversation by id, in the order they were requested."""

    texts: Mapping[str, Outgoing] = field(default_factory=lambda: MappingProxyType({}))
    attempts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def text_of(self, attempt_id: str) -> Outgoing | None:
        """Return the text that an attempt tried to send."""
        sms_id = self.attempts.get(attempt_id)
        return None if sms_id is None else self.texts.get(sms_id)

    def try_of(self, attempt_id: str) -> Try | None:
        """Return one attempt."""
        text = self.text_of(attempt_id)
        if text is None:
            return None
        return next((one for one in text.tries if one.attempt_id == attempt_id), None)

    def bound(self) -> frozenset[str]:
        """Return the carrier's SIDs that are bound to an attempt of this conversation."""
        return frozenset(
            one.provider_sid
            for text in self.texts.values()
            for one in text.tries
            if one.provider_sid is not None
        )

    def before(self, sms_id: str) -> tuple[Outgoing, ...]:
        """Return the texts requested before one."""
        earlier: list[Outgoing] = []
        for text in self.texts.values():
            if text.sms_id == sms_id:
                break
            earlier.append(text)
        return tuple(earlier)

    def triggered_at(self, version: int) -> Outgoing | None:
        """Return the text whose newest request or release is the fact at `version`."""
        found = (text for text in self.texts.values() if text.trigger_version == version)
        return next(found, None)

    def requested(self, fact: c.SmsRequested, version: int) -> "Outbox":
        """Return the outbox with one more text in it, wanted by the fact at `version`."""
        return self._with(
            Outgoing(
                sms_id=fact.sms_id,
                turn_id=fact.turn_id,
                kind=fact.kind,
                priority=fact.priority,
                text=fact.text,
                segments=fact.segments,
                requested_at=fact.at,
                answers_at=fact.answers_at,
                not_before=fact.not_before,
                expires_at=fact.expires_at,
                trigger_version=version,
            )
        )

    def released(self, fact: c.SmsReleased, version: int) -> "Outbox":
        """Return the outbox after a waiting text may be looked at again."""
        text = self.texts.get(fact.sms_id)
        if text is None:
            return self
        if text.status == "deferred":
            text = replace(text, status="requested", until=None)
        return self._with(replace(text, trigger_version=version))

    def after(self, fact: Contract) -> "Outbox":
        """Return the outbox after a fact about one of its texts; unknown texts are ignored."""
        text = self.texts.get(getattr(fact, "sms_id", ""))
        if text is None:
            return self
        if isinstance(fact, c.SmsAttempted):
            attempts = {**self.attempts, fact.attempt_id: fact.sms_id}
            return replace(self._with(_attempted(text, fact)), attempts=MappingProxyType(attempts))
        return self._with(_after(text, fact))

    def _with(self, text: Outgoing) -> "Outbox":
        return replace(self, texts=MappingProxyType({**self.texts, text.sms_id: text}))


def _attempted(text: Outgoing, fact: c.SmsAttempted) -> Outgoing:
    one = Try(fact.attempt_id, fact.started_at, fact.deadline_at, charge=fact.charge)
    return replace(text, status="attempted", until=None, tries=(*text.tries, one))


def _after(text: Outgoing, fact: Contract) -> Outgoing:
    match fact:
        case c.SmsSent():
            return _sent(text, fact)
        case c.SmsDelivered():
            text = _tried(text, fact.attempt_id, "accepted", fact.provider_sid, "delivered")
            return replace(text, status="delivered")
        case c.SmsFailed():
            return _failed(text, fact)
        case c.SmsOutcomeUnknown():
            return _unknown(text, fact)
        case c.SmsAbsent():
            return replace(_tried(text, fact.attempt_id, "absent"), status="requested")
        case c.SmsDeferred():
            return replace(text, status="deferred", until=fact.until)
        case c.SmsWithheld():
            return replace(text, status="withheld", withheld=fact.reason)
        case c.SmsPriced():
            return _priced(text, fact)
        case _:
            return text


def _unknown(text: Outgoing, fact: c.SmsOutcomeUnknown) -> Outgoing:
    text = _tried(text, fact.attempt_id, "unknown")
    tries = tuple(
        replace(one, looks=fact.looks, look_at=fact.look_at)
        if one.attempt_id == fact.attempt_id
        else one
        for one in text.tries
    )
    return replace(text, status="unknown", tries=tries)


def _priced(text: Outgoing, fact: c.SmsPriced) -> Outgoing:
    tries = tuple(
        replace(one, priced=True) if one.attempt_id == fact.attempt_id else one
        for one in text.tries
    )
    return replace(text, tries=tries)


def _sent(text: Outgoing, fact: c.SmsSent) -> Outgoing:
    over = any(one.attempt_id == fact.attempt_id and one.outcome == "failed" for one in text.tries)
    if over:
        # A late word of an attempt that failed: it must not stop the attempt that follows.
        return _tried(text, fact.attempt_id, "failed", fact.provider_sid, fact.status)
    text = _tried(text, fact.attempt_id, "accepted", fact.provider_sid, fact.status)
    terminal = text.status in ("delivered", "failed", "withheld")
    return text if terminal else replace(text, status="sent", until=None)


def _failed(text: Outgoing, fact: c.SmsFailed) -> Outgoing:
    text = _tried(text, fact.attempt_id, "failed", fact.provider_sid, fact.status)
    if text.status == "delivered":
        return text
    return replace(text, status="failed" if fact.final else "requested")


def _tried(
    text: Outgoing,
    attempt_id: str,
    outcome: Literal["unknown", "accepted", "absent", "failed"],
    provider_sid: str | None = None,
    status: str = "",
) -> Outgoing:
    def change(one: Try) -> Try:
        if one.attempt_id != attempt_id:
            return one
        higher = RANK.get(status, -1) > RANK.get(one.status, -1)
        return replace(
            one,
            outcome=outcome,
            provider_sid=one.provider_sid or provider_sid,
            status=status if higher else one.status,
            reported=one.reported | {status} if status else one.reported,
        )

    return replace(text, tries=tuple(change(one) for one in text.tries))
