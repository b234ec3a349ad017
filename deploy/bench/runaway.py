"""An agent runs away: do others still have their answers, and who of its own is refused."""

import asyncio
import json
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import nats
import psycopg

from contracts.agent import ESCALATIONS_REQUESTED
from deploy.bench.deployment import Deployment, deployed
from deploy.bench.figure import Figure
from deploy.bench.line import numbers, waited_ms
from deploy.bench.texts import post

SECONDS = 60
TEXTS_A_SECOND = 5
ESCALATIONS = 1_000
_QUESTION = "How can I get a break this week?"
_SENT = "conversation.sms_sent.v1"
_ENDED = ("escalation.refused.v1", "escalation.held.v1", "escalation.started.v1")


def measured() -> Iterator[Figure]:
    """Yield the p95 of answers while the agent runs away, against that of a quiet minute."""
    with deployed() as deployment:
        count = SECONDS * TEXTS_A_SECOND
        quiet_people, people, wanted = (
            numbers(0, count),
            numbers(1_000, count),
            numbers(3_000, 500),
        )
        deployment.people([*quiet_people, *people, *wanted])
        time.sleep(2)
        # Whoever is first wakes everything up.
        asyncio.run(post(deployment, numbers(8_000, 20), 5, _QUESTION, first=90_000))
        begun, before = datetime.now(UTC), _cpu_ms(deployment)
        asyncio.run(_texts(deployment, quiet_people, 10_000))
        quiet = _p95(deployment, begun)
        begun, between = datetime.now(UTC), _cpu_ms(deployment)
        asyncio.run(_both(deployment, people, wanted))
        deployment.wait(lambda: _decided(deployment) >= ESCALATIONS, 180, "a word of each")
        busy, after = _p95(deployment, begun), _cpu_ms(deployment)
        refused = deployment.count("escalation.refused.v1")
        started = deployment.count("escalation.started.v1")
    yield Figure(
        "p95 of answers, agent runs away", busy, "ms", 1.5, "less", quiet, "a quiet minute"
    )
    yield Figure("CPU of the quiet minute, everything", (between - before) / 1000, "s")
    yield Figure("CPU of the other, everything", (after - between) / 1000, "s")
    yield Figure("escalations refused of 1,000 a minute", refused, "")
    yield Figure("  of it let through", started, "")


async def _texts(deployment: Deployment, people: list[str], first: int) -> None:
    await post(deployment, people, TEXTS_A_SECOND, _QUESTION, first=first)


async def _both(deployment: Deployment, people: list[str], wanted: list[str]) -> None:
    await asyncio.gather(_texts(deployment, people, 20_000), _run_away(deployment, wanted))


async def _run_away(deployment: Deployment, people: list[str]) -> None:
    """Publish a thousand escalations within the minute, to whoever there is."""
    client = await nats.connect(deployment.addresses["nats"])
    stream = client.jetstream()
    begun = time.monotonic()
    for number in range(ESCALATIONS):
        fields = {
            "escalation_id": str(uuid.uuid4()), "to": {"phone": people[number % len(people)]},
            "priority": "urgent", "kind": "question", "text": "Deploy is blocked: wait?",
            "expects_reply": True,
        }  # fmt: skip
        await stream.publish(ESCALATIONS_REQUESTED, json.dumps(fields).encode())
        await asyncio.sleep(max(0.0, begun + number * SECONDS / ESCALATIONS - time.monotonic()))
    await client.close()


def _cpu_ms(deployment: Deployment) -> float:
    return sum(deployment.cpu_ms().values())


def _decided(deployment: Deployment) -> int:
    """Return of how many escalations something is known: refused, held or started."""
    with psycopg.connect(deployment.addresses["database"]) as connection:
        row = connection.execute(
            "SELECT count(DISTINCT originator_id) FROM stored_events WHERE topic = ANY (%s)",
            (list(_ENDED),),
        ).fetchone()
    return 0 if row is None else int(row[0])


def _p95(deployment: Deployment, since: datetime) -> float:
    """Return within how many milliseconds 95 of 100 texts heard since then were answered."""
    count = SECONDS * TEXTS_A_SECOND
    deployment.wait(lambda: len(waited_ms(deployment, since)) >= count, 120, "the answers")
    waited = sorted(waited_ms(deployment, since))
    return waited[int(len(waited) * 0.95)]
