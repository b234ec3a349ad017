"""Twilio's REST routes for messages, API 2010-04-01."""

import asyncio
import base64
import hmac
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.local.twilio_simulator.account import API_VERSION, SimulatorConfig
from deploy.local.twilio_simulator.connection import cut, gone
from deploy.local.twilio_simulator.faults import FINE, Fault, Outcome
from deploy.local.twilio_simulator.listing import page
from deploy.local.twilio_simulator.messages import Message, resource
from deploy.local.twilio_simulator.refusals import Refused
from deploy.local.twilio_simulator.requests import carrier_of, form_of
from deploy.local.twilio_simulator.validation import outgoing

Endpoint = Callable[[Request], Awaitable[Response]]

_UNSENT = frozenset({Outcome.REJECT, Outcome.ERROR_BEFORE, Outcome.HANG})
_ANSWER_DELAYED = _UNSENT | {Outcome.OK, Outcome.ERROR_AFTER, Outcome.CUT_AFTER}


def _authorised(endpoint: Endpoint) -> Endpoint:
    """Let only the account in: 401 (20003) for wrong credentials, 404 for another account."""

    async def checked(request: Request) -> Response:
        config = carrier_of(request).config
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), credentials(config).encode()):
            raise Refused(20003)
        if request.path_params["account"] != config.account_sid:
            raise Refused(20404)
        return await endpoint(request)

    return checked


def credentials(config: SimulatorConfig) -> str:
    """Return the Authorization header of the account: basic, account SID and auth token."""
    pair = f"{config.account_sid}:{config.auth_token}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"


@_authorised
async def create(request: Request) -> Response:
    """Take a text of the service, or do what the fault for it says."""
    carrier = carrier_of(request)
    form = await form_of(request)
    if carrier.config.carrier_delay_ms:
        await asyncio.sleep(carrier.config.carrier_delay_ms / 1000)
    text = outgoing(form, carrier)
    fault = carrier.faults.for_send()
    if fault.outcome in _UNSENT:
        carrier.log.fault(fault.outcome, None)
        return await _unsent(request, fault)
    message = await carrier.accept(text, fault)
    answer = JSONResponse(resource(message, carrier.config.account_sid), 201)
    if fault == FINE:
        return answer
    carrier.log.fault(fault.outcome, message.sid)
    return await _faulty(request, fault, answer)


@_authorised
async def list_all(request: Request) -> Response:
    """Answer one page of messages."""
    carrier = carrier_of(request)
    return JSONResponse(
        page(carrier.config, carrier.store, request.query_params, carrier.clock.now())
    )


@_authorised
async def fetch(request: Request) -> Response:
    """Answer one message."""
    carrier = carrier_of(request)
    return JSONResponse(resource(_found(request), carrier.config.account_sid))


@_authorised
async def update(request: Request) -> Response:
    """Cancel a text that has not left (`Status=canceled`), or redact one (an empty `Body`)."""
    carrier = carrier_of(request)
    message = _found(request)
    form = await form_of(request)
    if form.get("Status", [""])[0] == "canceled" and not carrier.cancel(message):
        raise Refused(30409)
    if "Body" in form:
        if form["Body"] != [""]:
            raise Refused(20001, "Body can only be made empty")
        message.body = ""
        carrier.store.keep(message)
    return JSONResponse(resource(message, carrier.config.account_sid))


@_authorised
async def delete(request: Request) -> Response:
    """Delete a message; one that is still on its way is refused."""
    store = carrier_of(request).store
    message = _found(request)
    if not message.settled:
        raise Refused(20009)
    store.forget(message)
    await store.durable()
    return Response(status_code=204)


@_authorised
async def account(request: Request) -> Response:
    """Answer the account itself: what a client asks to test its credentials."""
    sid = carrier_of(request).config.account_sid
    content = {
        "sid": sid,
        "friendly_name": "Simulated account",
        "status": "active",
        "type": "Full",
        "uri": f"/{API_VERSION}/Accounts/{sid}.json",
    }
    return JSONResponse(content)


_ACCOUNT = f"/{API_VERSION}/Accounts/{{account}}"

ROUTES = (
    Route(f"{_ACCOUNT}/Messages.json", create, methods=["POST"]),
    Route(f"{_ACCOUNT}/Messages.json", list_all, methods=["GET"]),
    Route(f"{_ACCOUNT}/Messages/{{sid}}.json", fetch, methods=["GET"]),
    Route(f"{_ACCOUNT}/Messages/{{sid}}.json", update, methods=["POST"]),
    Route(f"{_ACCOUNT}/Messages/{{sid}}.json", delete, methods=["DELETE"]),
    Route(f"{_ACCOUNT}.json", account, methods=["GET"]),
)


async def _unsent(request: Request, fault: Fault) -> Response:
    if fault.outcome is Outcome.HANG:
        try:
            await asyncio.wait_for(gone(request), fault.delay)
        except TimeoutError:
            await cut(request)
        return Response(status_code=503)
    await asyncio.sleep(fault.delay)
    if fault.outcome is Outcome.REJECT:
        raise Refused(fault.code or 21612)
    raise Refused(fault.code or 20500, status=500)


async def _faulty(request: Request, fault: Fault, answer: Response) -> Response:
    if fault.outcome in _ANSWER_DELAYED:
        await asyncio.sleep(fault.delay)
    if fault.outcome is Outcome.ERROR_AFTER:
        raise Refused(fault.code or 20500, status=500)
    if fault.outcome is Outcome.CUT_AFTER:
        await cut(request)
    return answer


def _found(request: Request) -> Message:
    message = carrier_of(request).store.get(request.path_params["sid"])
    if message is None:
        raise Refused(20404)
    return message
