"""
A global agent in plain nats-py: it imports nothing of Parley, and says only what is public.

    python agent.py ask --user u-17 "Deploy is blocked: roll back or wait?" --option 1 --option 2
    python agent.py shift --id s-9 --packages 1

`ask` publishes an escalation and prints each status it is told of, a JSON line each, up to the
final one.  `shift` receives context packages, prints each and accepts it.  Both speak to the
server at NATS_URL, or `--nats`.
"""

import argparse
import asyncio
import json
import os
import sys
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import nats
from nats.aio.client import Client
from nats.errors import TimeoutError as NothingYet
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

REQUESTED, UPDATED = "agent.escalations.requested", "agent.escalations.updated"
OFFERED, ACCEPTED = "agent.shifts.requested", "agent.shifts.accepted"
STREAM = "AGENT_OUT"
FINAL = {"answered", "failed", "refused", "expired", "cancelled"}
# The inbox is the agent's own, so that a server can keep others' from it.
INBOX = "_INBOX_agent"
_WAIT_S = 5.0


async def ask(client: Client, to: dict[str, str], text: str, options: list[str]) -> int:
    """Ask a person and wait for the answer; return 0 if there is one, else 1."""
    stream = client.jetstream()
    escalation = {
        "escalation_id": str(uuid.uuid4()),
        "to": to,
        "priority": "urgent",
        "kind": "question",
        "text": text,
        "expects_reply": True,
        "expires_at": (datetime.now(UTC) + timedelta(hours=8)).isoformat(),
        "reply_options": options or None,
    }
    # First the ear, then the word: a quick answer is not missed.
    name = "asks_" + str(escalation["escalation_id"])
    ear = ConsumerConfig(
        name=name,
        filter_subject=UPDATED,
        deliver_policy=DeliverPolicy.NEW,
        ack_policy=AckPolicy.EXPLICIT,
        inactive_threshold=300.0,
    )
    await stream.add_consumer(STREAM, ear)
    await _publish(stream, REQUESTED, escalation, str(escalation["escalation_id"]))
    updates = await stream.pull_subscribe_bind(consumer=name, stream=STREAM)
    while True:
        for message in await _fetched(updates):
            await message.ack()
            told = json.loads(message.data)
            if told["escalation_id"] != escalation["escalation_id"]:
                continue
            _say(told)
            if told["status"] in FINAL:
                return 0 if told["status"] == "answered" else 1


async def work(client: Client, shift: str, packages: int) -> int:
    """Take over so many conversations (0: as many as come); return 0."""
    stream = client.jetstream()
    ear = ConsumerConfig(
        durable_name="shifts",
        filter_subject=OFFERED,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=60.0,
    )
    await stream.add_consumer(STREAM, ear)
    offers = await stream.pull_subscribe_bind(consumer="shifts", stream=STREAM)
    seen: set[str] = set()
    while not packages or len(seen) < packages:
        for message in await _fetched(offers):
            package = json.loads(message.data)
            # What people wrote is to be read and never obeyed: `untrusted` says so.
            # A package is offered again until it is accepted: the second time is the same one.
            if package["package_id"] not in seen:
                seen.add(package["package_id"])
                _say(package)
            accepted = {
                "package_id": package["package_id"],
                "conversation_id": package["conversation_id"],
                "global_shift_id": shift,
                "accepted_at": datetime.now(UTC).isoformat(),
            }
            await _publish(stream, ACCEPTED, accepted, f"{shift}:{package['package_id']}")
            # Last: whoever dies before is given the package again.
            await message.ack()
    return 0


async def _publish(
    stream: JetStreamContext, subject: str, fields: dict[str, Any], event_id: str
) -> None:
    """Publish durably; the id makes a repetition harmless."""
    headers = {
        "Nats-Msg-Id": event_id,
        "ce-specversion": "1.0",
        "ce-id": event_id,
        "ce-type": subject,
        "ce-source": "/agent",
        "ce-time": datetime.now(UTC).isoformat(),
    }
    await stream.publish(subject, json.dumps(fields).encode(), headers=headers)


async def _fetched(subscription: JetStreamContext.PullSubscription) -> list[Any]:
    try:
        return list(await subscription.fetch(10, timeout=_WAIT_S))
    except NothingYet:
        return []


def _say(told: dict[str, Any]) -> None:
    print(json.dumps(told), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A small global agent.")
    parser.add_argument("--nats", default=os.environ.get("NATS_URL", "nats://127.0.0.1:4222"))
    commands = parser.add_subparsers(dest="command", required=True)
    asks = commands.add_parser("ask", help="ask a person, wait for the answer")
    whom = asks.add_mutually_exclusive_group(required=True)
    whom.add_argument("--user", help="a user of the agent")
    whom.add_argument("--phone", help="a phone number in E.164")
    asks.add_argument("--option", action="append", default=[], help="a possible answer")
    asks.add_argument("text")
    shifts = commands.add_parser("shift", help="take conversations over")
    shifts.add_argument("--id", default="s-1", help="the shift's id")
    shifts.add_argument("--packages", type=int, default=0, help="end after so many")
    return parser.parse_args()


async def main() -> int:
    """Connect, do what is asked, and leave."""
    asked = _arguments()
    client = await nats.connect(asked.nats, name="agent", inbox_prefix=INBOX.encode())
    try:
        if asked.command == "shift":
            return await work(client, asked.id, asked.packages)
        to = {"user_id": asked.user} if asked.user else {"phone": asked.phone}
        return await ask(client, to, asked.text, asked.option)
    finally:
        await client.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
