"""The agent needs people: any NATS client asks, a phone answers, the status comes back."""

import asyncio
import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import nats
from nats.js.errors import NotFoundError

from tests.journeys.system import System

ASKED, CANCELLED = "agent.escalations.requested", "agent.escalations.cancelled"
UPDATED = "agent.escalations.updated"
_ID = "escalation_id"


class Agent:
    """What an agent in any language does: JSON to a subject, JSON from another."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._all: list[tuple[dict[str, Any], dict[str, str]]] = []
        self._read = 0

    def say(self, subject: str, fields: dict[str, Any] | bytes) -> None:
        """Publish one message, without a header."""
        body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()

        async def publish() -> None:
            client = await nats.connect(self._system.addresses["nats"])
            await client.jetstream().publish(subject, body)
            await client.close()

        asyncio.run(publish())

    def ask(self, phone: str, **more: Any) -> str:
        """Ask a person something; return the escalation's id."""
        own = str(uuid.uuid4())
        fields = {
            "escalation_id": own, "to": {"user_id": f"u-{phone[-7:]}"}, "priority": "urgent",
            "kind": "question", "text": "Deploy is blocked: roll back or wait?",
            "expects_reply": True, "reply_options": ["1", "2"], **more,
        }  # fmt: skip
        self.say(ASKED, fields)
        return own

    def heard(self, own: str) -> list[tuple[dict[str, Any], dict[str, str]]]:
        """Return what was said of an escalation: messages and their headers, in order."""
        asyncio.run(self._listen())
        return [(fields, headers) for fields, headers in self._all if fields.get(_ID) == own]

    async def _listen(self) -> None:
        client = await nats.connect(self._system.addresses["nats"])
        try:
            stream = client.jetstream()
            kept = (await stream.stream_info("AGENT_OUT")).state.last_seq
            for sequence in range(self._read + 1, kept + 1):
                self._read = sequence
                with suppress(NotFoundError):  # of somebody who was erased
                    message = await stream.get_msg("AGENT_OUT", seq=sequence)
                    if message.subject == UPDATED:
                        fields = json.loads(message.data or b"{}")
                        self._all.append((fields, dict(message.headers or {})))
        finally:
            await client.close()

    def status(self, own: str, *wanted: str) -> list[dict[str, Any]]:
        """Wait until exactly these statuses were said; return the messages."""

        def said() -> list[dict[str, Any]]:
            messages = [fields for fields, _ in self.heard(own)]
            return messages if [one["status"] for one in messages] == [*wanted] else []

        try:
            return self._system.wait(said, 30, f"{wanted}")
        except AssertionError:
            raise AssertionError([fields for fields, _ in self.heard(own)]) from None


def test_a_question_is_asked_answered_and_reported(system: System, phone: str) -> None:
    agent = Agent(system)
    own = agent.ask(phone)
    text = system.answered(phone)[0]
    agent.status(own, "started", "sent", "delivered")
    sid = system.text(phone, "1")

    messages = agent.status(own, "started", "sent", "delivered", "answered")

    assert "roll back or wait?" in text
    assert messages[-1]["answer"]["text"] == "1"
    assert messages[-1]["answer"]["message_sid"] == sid
    assert set(messages[-1]) == {
        "escalation_id", "status", "conversation_id", "at", "answer", "reason",
    }  # fmt: skip
    headers = agent.heard(own)[-1][1]
    assert headers["ce-id"] == headers["Nats-Msg-Id"]
    assert headers["ce-subject"] == own
    assert headers["ce-specversion"] == "1.0"
    assert len(system.answered(phone, 2)) == 2


def test_what_is_wrong_is_refused_with_its_reason(system: System, phone: str) -> None:
    agent = Agent(system)
    wrong = {
        "reserved_word": agent.ask(phone, text="Reply STOP to wait."),
        "bad_priority": agent.ask(phone, priority="asap"),
        "unknown_user": agent.ask(phone, to={"user_id": "nobody"}),
        "consent_missing": agent.ask(phone, to={"phone": "+12125559999"}),
    }
    assert system.received(phone) == []

    for reason in ("reserved_word", "bad_priority", "unknown_user"):
        assert agent.status(wrong[reason], "refused")[0]["reason"] == reason
    assert agent.status(wrong["consent_missing"], "refused")[0]["reason"] == "unknown_user"
    agent.say(ASKED, b"{no json")
    system.wait(
        lambda: system.query(
            "SELECT 1 FROM stored_events WHERE topic = 'deadletter.written.v1'"
            " OR topic LIKE %s", "dead%",
        ),
        20, "a dead letter",
    )  # fmt: skip


def test_one_at_a_time_cancelled_expired_and_gone_by_stop(system: System, phone: str) -> None:
    agent = Agent(system)
    soon = (datetime.now(UTC) + timedelta(seconds=6)).isoformat()
    first = agent.ask(phone, to={"phone": phone}, expires_at=soon)
    agent.status(first, "started", "sent", "delivered")
    second = agent.ask(phone, text="Is the second one all right?", reply_options=None)
    third = agent.ask(phone)
    agent.status(second, "held")
    agent.status(third, "held")
    agent.say(CANCELLED, {"escalation_id": third})

    agent.status(third, "held", "cancelled")
    agent.status(first, "started", "sent", "delivered", "expired")
    agent.status(second, "held", "started", "sent", "delivered")
    system.text(phone, "STOP")
    last = agent.status(second, "held", "started", "sent", "delivered", "failed")
    assert last[-1]["reason"] == "revoked"
    refused = agent.ask(phone)
    assert agent.status(refused, "refused")[0]["reason"] == "revoked"


def test_it_is_told_once_whatever_dies(system: System, phones: list[str]) -> None:
    agent = Agent(system)
    points = (
        "agent.requested", "agent.told", "agent.texted", "global_agent.fetched",
        "global_agent.handled", "global_agent.acked",
    )  # fmt: skip
    asked: dict[str, str] = {}
    for point, phone in zip(points, phones, strict=False):
        system.arm(point)
        asked[phone] = agent.ask(phone)
        system.wait(lambda point=point: system.fired(point), 20, f"a death at {point}")  # type: ignore[misc]
    for own in asked.values():
        agent.status(own, "started", "sent", "delivered")
    system.arm("agent.refused")
    refused = agent.ask(phones[-1], priority="asap")
    system.wait(lambda: system.fired("agent.refused"), 20, "a death behind a refusal")
    agent.status(refused, "refused")
    soon = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    system.arm("scheduler.escalated")
    held = agent.ask(phones[-1], not_before=soon)
    agent.status(held, "held", "started", "sent", "delivered")
    system.arm("agent.cancelled")
    agent.say(CANCELLED, {"escalation_id": held})
    agent.status(held, "held", "started", "sent", "delivered", "cancelled")
    system.wait(lambda: system.fired("scheduler.escalated"), 20, "a death of the scheduler")
    system.wait(lambda: system.fired("agent.cancelled"), 20, "a death behind the cancellation")
    agent.status(refused, "refused")
    for phone, own in asked.items():
        agent.status(own, "started", "sent", "delivered")
        system.text(phone, "2")
        agent.status(own, "started", "sent", "delivered", "answered")
        assert len(system.answered(phone, 2)) == 2


def test_a_runaway_agent_is_refused(system: System, phone: str) -> None:
    agent = Agent(system)
    asked = [agent.ask(phone, expects_reply=False, reply_options=None) for _ in range(22)]
    _all(system, lambda own: bool(agent.heard(own)), asked)

    reasons = [agent.heard(own)[-1][0]["reason"] for own in asked]
    assert reasons.count("rate_limited") == 2


def _all(system: System, done: Callable[[str], bool], each: list[str]) -> None:
    system.wait(lambda: all(map(done, each)), 60, "a word of every escalation")
