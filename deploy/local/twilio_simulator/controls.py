"""Routes for tests: faults, the clock and the log."""

import sys
from collections.abc import AsyncIterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from deploy.local.twilio_simulator.carrier import Carrier
from deploy.local.twilio_simulator.faults import FaultPlan
from deploy.local.twilio_simulator.requests import carrier_of, json_of, whole_number
from deploy.local.twilio_simulator.store import MessageStore

_PAGE = 5_000
# Ten years: past that a mistyped number would push dates out of what programs can hold.
_FURTHEST_S = 315_360_000.0


class Advance(BaseModel):
    """What `PUT /clock` takes: the seconds to wind the clock forward."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    advance_s: Annotated[float, Field(ge=0, le=_FURTHEST_S, allow_inf_nan=False)]


async def put_faults(request: Request) -> Response:
    """Replace the faults."""
    faults = carrier_of(request).faults
    faults.replace(await json_of(request, FaultPlan))
    return JSONResponse(_shown(faults.rest()))


async def get_faults(request: Request) -> Response:
    """Answer what is left of the script, the rates and the seed."""
    return JSONResponse(_shown(carrier_of(request).faults.rest()))


async def put_clock(request: Request) -> Response:
    """Wind the clock forward and do what falls due."""
    carrier = carrier_of(request)
    advance = await json_of(request, Advance)
    carrier.clock.advance(advance.advance_s)
    carrier.agenda.look()
    return JSONResponse(_time(carrier))


async def get_clock(request: Request) -> Response:
    """Answer the time, and by how much it is ahead."""
    return JSONResponse(_time(carrier_of(request)))


async def get_log(request: Request) -> Response:
    """Answer webhooks, callbacks and faults as JSON lines behind `?after=`, `?limit=` at most."""
    after = whole_number(request, "after", 0)
    limit = whole_number(request, "limit", sys.maxsize)
    lines = _lines(carrier_of(request).store, after, limit)
    return StreamingResponse(lines, media_type="application/x-ndjson")


ROUTES = (
    Route("/faults", put_faults, methods=["PUT"]),
    Route("/faults", get_faults, methods=["GET"]),
    Route("/clock", put_clock, methods=["PUT"]),
    Route("/clock", get_clock, methods=["GET"]),
    Route("/log", get_log, methods=["GET"]),
)


async def _lines(store: MessageStore, after: int, limit: int) -> AsyncIterator[str]:
    while limit > 0:
        lines = store.calls(after, min(limit, _PAGE))
        yield "".join(f"{line}\n" for _, line in lines)
        if len(lines) < _PAGE:
            return
        after = lines[-1][0]
        limit -= _PAGE


def _shown(plan: FaultPlan) -> dict[str, object]:
    return plan.model_dump(mode="json", exclude_none=True)


def _time(carrier: Carrier) -> dict[str, object]:
    now = carrier.clock.now().isoformat(timespec="milliseconds")
    return {"now": now, "offset_s": carrier.clock.offset.total_seconds()}
