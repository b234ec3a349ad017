"""The whole line: webhooks, turns a second, CPU a turn, latency, and the second start."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from deploy.bench.deployment import Deployment, deployed
from deploy.bench.figure import Figure
from deploy.bench.texts import post

TURNS = 600
WEBHOOKS = 2_000
_NOT_OURS = frozenset({"nats", "postgres", "simulator", "prepare"})
_SENT = "conversation.sms_sent.v1"
_QUESTION = "How can I get a break this week?"
_EVER = datetime.min.replace(tzinfo=UTC)


def numbers(first: int, count: int) -> list[str]:
    """Return fictitious numbers of New York."""
    return [f"+1212{5_600_000 + first + each:07d}" for each in range(count)]


def turns() -> Iterator[Figure]:
    """Yield turns a second, with a quick and with a slow carrier, and what a turn costs."""
    for delay in ("0", "100"):
        with deployed(PARLEY_SIMULATOR_DELAY_MS=delay) as deployment:
            people = numbers(0, TURNS)
            deployment.people(people)
            time.sleep(2)
            before, begun = deployment.cpu_ms(), time.monotonic()
            asyncio.run(post(deployment, people, 0, _QUESTION))
            deployment.wait(lambda d=deployment: d.count(_SENT) >= TURNS, 180, "the answers")  # type: ignore[misc]
            took = time.monotonic() - begun
            yield Figure(f"turns, carrier takes {delay} ms", TURNS / took, "turns/s", 100)
            time.sleep(2)
            yield from _costs(before, deployment.cpu_ms(), delay)


def _costs(before: dict[str, float], after: dict[str, float], delay: str) -> Iterator[Figure]:
    each = {name: (used - before.get(name, 0.0)) / TURNS for name, used in after.items()}
    ours = {name: used for name, used in each.items() if name not in _NOT_OURS}
    label = f"CPU a turn, all of Parley (carrier {delay} ms)"
    yield Figure(label, sum(ours.values()), "ms", 19, "less")
    for name, used in sorted(each.items(), key=lambda pair: -pair[1]):
        if used >= 0.1:
            yield Figure(f"  of it {name}" if name in ours else f"  beside it {name}", used, "ms")


def webhooks() -> Iterator[Figure]:
    """Yield how long a webhook takes at 200 a second, while everything else runs."""
    with deployed() as deployment:
        people = numbers(1_000, WEBHOOKS)
        posted = asyncio.run(post(deployment, people, 200, _QUESTION, first=10_000))
        yield Figure("webhook at 200 a second, p50", posted.at(0.5), "ms")
        yield Figure("webhook at 200 a second, p99", posted.at(0.99), "ms", 250, "less")
        yield Figure("webhooks not answered 200", float(posted.failed), "", 0, "less")


def latency() -> Iterator[Figure]:
    """Yield how long a text waits for its answer at 20 a second, from webhook to carrier."""
    with deployed() as deployment:
        people = numbers(4_000, 300)
        deployment.people(people)
        time.sleep(1)
        asyncio.run(post(deployment, people, 20, _QUESTION, first=50_000))
        deployment.wait(lambda: deployment.count(_SENT) >= len(people), 120, "the answers")
        waited = sorted(waited_ms(deployment))
        yield Figure(
            "text in to reply at the carrier, p50", waited[len(waited) // 2], "ms", 100, "less"
        )
        yield Figure("text in to reply at the carrier, p99", waited[int(len(waited) * 0.99)], "ms")


def waited_ms(deployment: Deployment, since: datetime = _EVER) -> list[float]:
    """
    Return milliseconds from each text to the carrier's answer, by the journal's own times.

    Of conversations that began with a text heard since then.
    """
    at = "(convert_from({0}.state, 'UTF8')::json -> {1})"
    heard = at.format("heard", "'fact' ->> 'received_at'")
    sent = at.format("sent", "'at'")
    with psycopg.connect(deployment.addresses["database"]) as connection:
        rows = connection.execute(
            f"SELECT {heard}::text, min({sent}::text) FROM stored_events heard"  # noqa: S608
            " JOIN stored_events sent ON sent.originator_id = heard.originator_id"
            " AND sent.topic = 'conversation.sms_sent.v1'"
            " WHERE heard.topic = 'conversation.message_received.v1'"
            " GROUP BY 1, heard.originator_id"
        ).fetchall()
    times = [(_time(heard_at), _time(sent_at)) for heard_at, sent_at in rows]
    return [
        (sent_at - heard_at).total_seconds() * 1000
        for heard_at, sent_at in times
        if heard_at >= since
    ]


def _time(told: str) -> datetime:
    return datetime.fromisoformat(told.strip('"'))


def start() -> Iterator[Figure]:
    """Yield how long a second start takes, and until the first text is answered."""
    with TemporaryDirectory(prefix="parley-bench-") as folder:
        deployment = Deployment(Path(folder) / "state", {"PARLEY_QUIET_HOURS": "off"})
        try:
            deployment.start()
            deployment.people(numbers(9_000, 1))
            deployment.stop()
            begun = time.monotonic()
            took = deployment.start()
            asyncio.run(post(deployment, numbers(9_000, 1), 0, _QUESTION, first=90_000))
            deployment.wait(lambda: deployment.count(_SENT) >= 1, 60, "the first answer")
            yield Figure("second start, everything ready", took, "s")
            yield Figure(
                "second start to the first answer", time.monotonic() - begun, "s", 10, "less"
            )
        finally:
            deployment.stop()
