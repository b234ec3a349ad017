"""The policy gate: a text is heard once, and a rule or the model is to answer it."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from contracts.identity import (
    conversation_stream,
    escalation_stream,
    inbound_stream,
    link_code_stream,
    person_id,
    person_stream,
    strangers_stream,
)
from contracts.recorded import Cause
from contracts.sms import InboundSms
from domain.conversation import conversation
from domain.counting import counted
from domain.escalation import escalation
from domain.person import person
from domain.person.link_code import link_code, typed
from domain.turn.classifier import load
from domain.turn.hearing import Hear, Met, Sender, hear
from services.runtime.budget import Budget
from services.runtime.entries import entries
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.ports import Chapter, Entry, SubjectErased
from services.runtime.process import InboundSubscription, Later, Process


def build(outside: Outside) -> Process:
    """Return the process."""
    load()
    gate = PolicyGate(outside)
    subscription = InboundSubscription(gate.hear, gate.unreadable)
    return Process("policy_gate", (subscription,))


class PolicyGate:
    """Reads the person and their conversation, asks the gates, appends what follows."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._pepper = outside.settings.secrets().pepper
        self._budget = Budget(outside)

    async def hear(self, sms: InboundSms, said_since: tuple[str, ...] = ()) -> None:
        """
        Append one text with its ruling; a repeated one is claimed already, and nothing.

        `said_since` is what the carrier shows was said after it, if the journal lost that.
        """
        await self._append(sms, unreadable=False, said_since=said_since)

    async def unreadable(self, raw: bytes, reason: str) -> None:
        """Open a safety case for a text that cannot be processed, where its sender is known."""
        del reason
        sms = _salvaged(raw)
        if sms is not None:
            await self._append(sms, unreadable=True)

    async def _append(
        self, sms: InboundSms, *, unreadable: bool, said_since: tuple[str, ...] = ()
    ) -> None:
        clock, journal = self._outside.clock, self._outside.journal
        command = Hear(
            sms=sms,
            sender=self._sender(sms.sender),
            at=clock.now(),
            fresh_conversation_id=clock.fresh(),
            fresh_turn_id=clock.fresh(),
            unreadable=unreadable,
            budget_spent=await self._budget.spent(),
            said_since=said_since,
        )
        tries = 0

        async def decide() -> Sequence[Entry]:
            nonlocal tries
            tries += 1
            # A first copy is by far the most common: the claim itself finds the others out.
            if tries > 1 and await self._claimed(sms.sid):
                return ()
            return await self._decided(command)

        try:
            await journal.act(decide, Cause(f"sms.inbound:{sms.sid}", sms.sid), command.at)
        except SubjectErased:
            raise Later(0.1, "the sender was erased just now") from None
        failpoint("gate.saved")

    async def _decided(self, command: Hear) -> Sequence[Entry]:
        journal, policy = self._outside.journal, self._outside.policy
        whom = await journal.read(person, person_stream(command.sender.person_id))
        current = whom.state.conversation_id
        chapters: list[Chapter[Any]] = [whom]
        talk = conversation.initial
        if current is not None:
            open_one = await journal.read(conversation, conversation_stream(current))
            chapters.append(open_one)
            talk = open_one.state
        met = Met()
        if not whom.state.known:
            met, more = await self._met(command)
            chapters += more
        asked = escalation.initial
        question = whom.state.question
        if question is not None:
            pending = await journal.read(escalation, escalation_stream(question.escalation_id))
            chapters.append(pending)
            asked = pending.state
        heard = hear(whom.state, talk, met, command, policy, asked)
        failpoint("gate.decided")
        return entries(chapters, heard.facts, heard.subject)

    async def _met(self, command: Hear) -> tuple[Met, list[Chapter[Any]]]:
        """Return what is known about a stranger, and the streams that it was read from."""
        journal = self._outside.journal
        day = strangers_stream(command.at.date().isoformat())
        today = await journal.read(counted, day)
        code = typed(command.sms.text)
        if self._outside.policy.strangers != "identify" or code is None:
            return Met(today.state), [today]
        issued = await journal.read(link_code, link_code_stream(self._pepper, code))
        return Met(today.state, issued.state, issued.stream), [today, issued]

    async def _claimed(self, sid: str) -> bool:
        claim = await self._outside.journal.read(counted, inbound_stream(sid))
        return claim.version > 0

    def _sender(self, address: str) -> Sender:
        place = self._outside.numbers.place(address)
        who = person_id(self._pepper, address)
        if place is None:
            return Sender(who, address, answerable=False)
        return Sender(who, address, place.country, place.zones)


def _salvaged(raw: bytes) -> InboundSms | None:
    """Return what can be told of an unreadable message: whose it is, without its words."""
    try:
        told = from_json(raw)
        kept = ("sid", "account_sid", "sender", "to", "received_at")
        return InboundSms.model_validate({**{name: told[name] for name in kept}, "text": ""})
    except (ValueError, KeyError, TypeError, ValidationError):
        return None
