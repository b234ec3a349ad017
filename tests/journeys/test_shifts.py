"""Conversations end, go out as packages, and come back as processed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import nats
import pytest
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from tests.journeys.system import System

T = TypeVar("T")

OFFERS, ACCEPTANCES = "agent.shifts.requested", "agent.shifts.accepted"


class Agent:
    """The global agent, as far as shifts go: it reads the stream of offers, and accepts."""

    def __init__(self, system: System) -> None:
        self.url = system.addresses["nats"]

    def offers(self, conversation_id: str) -> list[tuple[bytes, dict[str, str]]]:
        """Return the offers of a conversation so far: their bodies and headers."""

        async def read(stream: JetStreamContext) -> list[tuple[bytes, dict[str, str]]]:
            found: list[tuple[bytes, dict[str, str]]] = []
            last = (await stream.stream_info("AGENT_OUT")).state.last_seq
            for sequence in range(1, last + 1):
                with suppress(NotFoundError):  # of somebody who was erased
                    message = await stream.get_msg("AGENT_OUT", seq=sequence)
                    body = message.data or b""
                    if message.subject == OFFERS and conversation_id.encode() in body:
                        found.append((body, message.headers or {}))
            return found

        return self._with(read)

    def accept(self, package: dict[str, Any], shift: str, **more: object) -> None:
        """Say that a shift has a package."""
        told = {
            "package_id": package["package_id"],
            "conversation_id": package["conversation_id"],
            "global_shift_id": shift,
            "accepted_at": "2026-11-24T09:00:00Z",
            **more,
        }

        async def publish(stream: JetStreamContext) -> None:
            await stream.publish(ACCEPTANCES, json.dumps(told).encode())

        self._with(publish)

    def _with(self, do: Callable[[JetStreamContext], Awaitable[T]]) -> T:
        async def connected() -> T:
            client = await nats.connect(self.url)
            try:
                return await do(client.jetstream())
            finally:
                await client.close()

        return asyncio.run(connected())


@pytest.fixture
def agent(system: System) -> Agent:
    return Agent(system)


def _conversation(system: System, phone: str, status: str) -> str:
    """Wait until the newest conversation of a phone stands so; return its id."""
    user = f"u-{phone[-7:]}"
    [person] = system.console("people", user_id=user)["items"]

    def found() -> str:
        items = system.console("conversations", person_id=person["person_id"])["items"]
        return items[0]["conversation_id"] if items and items[0]["status"] == status else ""

    return system.wait(found, 30, f"a conversation that is {status}")


def _shift(system: System, conversation_id: str) -> dict[str, Any]:
    items = system.console("shifts", limit=100)["items"]
    return next((row for row in items if row["conversation_id"] == conversation_id), {})


def _texted(system: System, phone: str, *texts: str) -> None:
    for count, text in enumerate(texts, 1):
        system.text(phone, text)
        system.answered(phone, count)


def test_a_conversation_is_handed_over(system: System, agent: Agent, phone: str) -> None:
    _texted(system, phone, "How can I get a break this week?", "that's all, thanks")
    talk = _conversation(system, phone, "ended")

    [(body, headers)] = system.wait(lambda: agent.offers(talk), 30, "the package")

    package = json.loads(body)
    assert package["end_reason"] == "done"
    assert package["user_id"] == f"u-{phone[-7:]}"
    assert [line["from"] for line in package["transcript"]] == ["person", "agent"] * 2
    assert [line["text"] for line in package["transcript"] if line["from"] == "agent"] == (
        system.received(phone)
    )
    assert all(line["message_sid"] for line in package["transcript"])
    assert (package["untrusted"], package["truncated"]) == (True, False)
    assert headers["ce-id"] == headers["Nats-Msg-Id"]
    assert headers["ce-subject"] == talk

    # Nobody accepts it: the very same goes out again.
    system.wind(601)
    system.wait(lambda: len(agent.offers(talk)) == 2, 30, "the second offer")
    again, others = agent.offers(talk)[1]
    assert again == body
    assert others["ce-id"] != headers["ce-id"]
    assert _shift(system, talk)["offers"] == 2

    agent.accept(package, "s-9")
    system.wait(lambda: _shift(system, talk).get("state") == "accepted", 30, "the acceptance")
    assert _conversation(system, phone, "processed") == talk
    assert _shift(system, talk)["shift_id"] == "s-9"

    # Repeated it is nothing, contradicted it is shown.
    agent.accept(package, "s-9")
    agent.accept(package, "s-10")
    system.wait(lambda: _shift(system, talk)["contradictions"], 30, "the contradiction")
    system.wind(3_000)
    facts = [fact["fact"] for fact in system.console(f"conversations/{talk}/facts")["items"]]
    assert facts.count("conversation.processed.v1") == 1
    assert facts.count("conversation.packaged.v1") == 1
    assert _shift(system, talk)["shift_id"] == "s-9"

    # A text after the end opens the next conversation.
    system.text(phone, "One more thing: what about next week?")
    system.answered(phone, 3)
    assert _conversation(system, phone, "active") != talk


def test_after_thanks_five_quiet_minutes_end(system: System, phone: str) -> None:
    _texted(system, phone, "How can I get a break this week?", "thanks")
    talk = _conversation(system, phone, "active")
    system.quiet()

    system.wind(290)
    assert _conversation(system, phone, "active") == talk
    system.wind(20)

    assert _conversation(system, phone, "ended") == talk
    [row] = system.query("SELECT end_reason FROM inbox WHERE conversation_id = %s", talk)
    assert row == ("natural",)


def test_an_acceptance_of_nothing_is_a_dead_letter(system: System, agent: Agent) -> None:
    package = {
        "package_id": "0f9c1a52-7e1d-4a53-9d5b-2f6f3f1f0a11",
        "conversation_id": "d" * 32,
    }

    agent.accept(package, "s-9")

    def put_aside() -> bool:
        items = system.console("dead-letters", limit=100)["items"]
        return any("acceptance refused" in (row["reason"] or "") for row in items)

    system.wait(put_aside, 30, "the dead letter")


@pytest.mark.parametrize("point", ["shifts.packaged", "shifts.offered", "shifts.published"])
def test_whoever_dies_on_the_way_leaves_one_package(
    system: System, agent: Agent, phone: str, point: str
) -> None:
    system.arm(point)
    _texted(system, phone, "bye")
    system.wait(lambda: system.fired(point), 30, f"a death at {point}")
    talk = _conversation(system, phone, "ended")

    offers = system.wait(lambda: agent.offers(talk), 40, "the package")

    agent.accept(json.loads(offers[0][0]), "s-9")
    assert _conversation(system, phone, "processed") == talk
    assert len({body for body, _ in agent.offers(talk)}) == 1
