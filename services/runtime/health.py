"""The health port of a process: is it alive, is it ready and if not why, and its metrics."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.runtime import meters

Reasons = Callable[[], Awaitable[dict[str, str]]]

_PATIENCE_S = 2.0


def health_app(process: str, checks: Sequence[Reasons]) -> Starlette:
    """
    Return the application behind `HEALTH_PORT`.

    Each check answers why the process is not ready, by subject; one that does not answer in
    two seconds is a reason of its own.
    """

    async def livez(_: Request) -> Response:
        return JSONResponse({"process": process, "alive": True})

    async def readyz(_: Request) -> Response:
        reasons = await reasons_of(checks)
        meters.ready.set(0 if reasons else 1)
        body = {"process": process, "ready": not reasons, "reasons": reasons}
        return JSONResponse(body, 503 if reasons else 200)

    async def metrics(_: Request) -> Response:
        # Where nobody asks for readiness, whoever watches does so with this.
        meters.ready.set(0 if await reasons_of(checks) else 1)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)]
    )


async def reasons_of(checks: Sequence[Reasons]) -> dict[str, str]:
    """Return why the process is not ready: empty if it is."""
    answers = await asyncio.gather(*(_asked(check) for check in checks))
    return {subject: reason for answer in answers for subject, reason in answer.items()}


async def _asked(check: Reasons) -> dict[str, str]:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await check()
    except TimeoutError:
        return {"check": f"no answer in {_PATIENCE_S:.0f} s"}
    except Exception as error:
        return {"check": type(error).__name__}
