"""Texts as Twilio posts them, straight to the ingress and signed, many at once."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp

from deploy.bench.deployment import Deployment
from deploy.local.twilio_simulator.webhooks import signature


@dataclass(slots=True)
class Posted:
    """What became of the webhooks: milliseconds each, and how many were not answered 200."""

    took_ms: list[float] = field(default_factory=list[float])
    failed: int = 0

    def at(self, share: float) -> float:
        """Return the time within which a share of them was answered."""
        ordered = sorted(self.took_ms)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


async def post(
    deployment: Deployment, numbers: Sequence[str], rate: float, body: str, first: int = 0
) -> Posted:
    """Post one text of each number, `rate` a second (as fast as it goes if 0)."""
    account = deployment.addresses["twilio"]
    url = deployment.addresses["ingress"] + "/twilio/inbound"
    token = account["auth_token"].encode()
    posted = Posted()
    limit = asyncio.Semaphore(64)

    async def one(session: aiohttp.ClientSession, count: int, number: str) -> None:
        form = {
            "MessageSid": f"SM{first + count:032x}",
            "AccountSid": account["account_sid"],
            "From": number,
            "To": account["number"],
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
        }
        headers = {
            "X-Twilio-Signature": signature(token, url, list(form.items())),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        async with limit:
            begun = time.monotonic()
            async with session.post(url, data=urlencode(form), headers=headers) as answer:
                await answer.read()
            posted.took_ms.append((time.monotonic() - begun) * 1000)
            posted.failed += answer.status != 200

    begun = time.monotonic()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as session:
        tasks: list[asyncio.Task[None]] = []
        for count, number in enumerate(numbers):
            if rate:
                await asyncio.sleep(max(0.0, begun + count / rate - time.monotonic()))
            tasks.append(asyncio.create_task(one(session, count, number)))
        await asyncio.gather(*tasks)
    return posted
