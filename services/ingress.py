"""
The ingress: puts what Twilio posts on the queue, and answers once it is durable.

It thinks as little as it can: size, type, signature, shape, account, lane, publish, answer.
Nothing before the signature writes or logs what was sent.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from prometheus_client import Counter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contracts.sms import (
    STATUS_SUBJECT,
    DeliveryReport,
    InboundSms,
)
from domain.turn.classifier import load
from domain.turn.pressing import lane_of
from services.runtime import tracing
from services.runtime.bad_signatures import BadSignatures
from services.runtime.client_address import client_address, is_of_nobody
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.ports import CALLBACK_TRACE, Forged, Malformed, Posted, Unavailable
from services.runtime.process import Process
from services.runtime.request_body import RequestRefused, read_form
from services.runtime.signing_up import SignUp

log = structlog.get_logger()

# Twilio waits 15 s, but a person's text should not hang on us: a 503 makes Twilio try elsewhere.
PUBLISH_S = 4.0
_EMPTY_TWIML = "<Response/>"
_SETTINGS_HEADER = "x-twilio-webhooks-signature-settings"

answered = Counter(
    "parley_webhooks", "Webhooks answered, by route and status.", ["route", "status"]
)

Take = Callable[[], Awaitable[str]]


def build(outside: Outside) -> Process:
    """Return the process."""
    load()
    ingress = Ingress(outside)
    return Process(
        "ingress",
        app=ingress.app(),
        host=outside.settings.ingress_host,
        port=outside.settings.ingress_port,
    )


class Ingress:
    """The public routes."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._webhooks = outside.webhooks
        self._proxies = outside.settings.trusted_proxies
        self._bad_signatures = BadSignatures()

    def app(self) -> Starlette:
        """Return the application."""
        signup = SignUp(self._outside)
        app = Starlette(
            routes=[
                Route("/twilio/inbound", self.inbound, methods=["POST"]),
                Route("/twilio/status/{attempt_id}", self.status, methods=["POST"]),
                Route("/signup", signup.page, methods=["GET"]),
                Route("/signup", signup.submit, methods=["POST"]),
                Route("/livez", _alive, methods=["GET"]),
                Route("/readyz", self.ready, methods=["GET"]),
            ],
            exception_handlers={Exception: _unexpected},
        )
        app.router.redirect_slashes = False
        return app

    async def inbound(self, request: Request) -> Response:
        """Take a person's text: 200 once it is durable."""
        begun = time.time_ns()

        async def take() -> str:
            posted = await _posted(request)
            told = self._webhooks.inbound(posted, self._outside.clock.now())
            failpoint("ingress.verified")
            # Begun only now: whoever cannot sign leaves no trace.
            with tracing.Step("ingress", kind=tracing.SpanKind.SERVER, started_ns=begun) as step:
                step.note({"http.route": "/twilio/inbound", "parley.correlation": told.sid})
                await self._publish(lane_of(told.text), told)
            failpoint("ingress.published")
            return told.sid

        return await self._answered("inbound", request, take)

    async def status(self, request: Request) -> Response:
        """Take a status callback: 200 once it is durable."""
        begun = time.time_ns()
        sent = tracing.understood(request.query_params.get(CALLBACK_TRACE))

        async def take() -> str:
            posted = await _posted(request)
            attempt_id = request.path_params["attempt_id"]
            told = self._webhooks.status(posted, attempt_id, self._outside.clock.now())
            # The query is signed with the rest of the address: the sender wrote it.
            step = tracing.Step("ingress", sent, kind=tracing.SpanKind.SERVER, started_ns=begun)
            with step:
                step.note({"http.route": "/twilio/status", "parley.attempt_id": attempt_id})
                await self._publish(STATUS_SUBJECT, told)
            failpoint("callback.published")
            return told.sid

        return await self._answered("status", request, take)

    async def ready(self, _: Request) -> Response:
        """Say whether a durable publish would be accepted: nothing else matters here."""
        reason = await self._outside.bus.ready()
        if reason is None:
            return JSONResponse({"ready": True})
        return JSONResponse({"ready": False, "reasons": {"bus": reason}}, 503)

    async def _publish(self, subject: str, told: InboundSms | DeliveryReport) -> None:
        body = told.model_dump_json(exclude_none=True).encode()
        try:
            async with asyncio.timeout(PUBLISH_S):
                await self._outside.bus.publish(subject, body, told.message_id)
        except (Unavailable, TimeoutError):
            raise RequestRefused(503) from None

    async def _answered(self, route: str, request: Request, take: Take) -> Response:
        begun = time.monotonic()
        status, sid = 200, None
        try:
            sid = await take()
        except Forged:
            status = self._forged(request, begun)
        except Malformed:
            status = 400
        except RequestRefused as refused:
            status = refused.status
        except Exception:
            # Whatever it was, the text is not durable: Twilio keeps it and may ask again.
            log.exception("a request failed", route=route)
            status = 503
        answered.labels(route, status).inc()
        took = round((time.monotonic() - begun) * 1000, 1)
        log.info("request", route=route, status=status, sid=sid, duration_ms=took)
        if status == 200:
            return Response(_EMPTY_TWIML, media_type="text/xml")
        return Response(status_code=status)

    def _forged(self, request: Request, now: float) -> int:
        """
        Return 403, or 429 to whoever was told so too often.

        An address of this machine is that of a proxy which does not say for whom it speaks.
        """
        address = client_address(request, self._proxies)
        if is_of_nobody(address):
            return 403
        return 429 if self._bad_signatures.too_many(address, now) else 403


async def _posted(request: Request) -> Posted:
    """Return what was posted, as it came."""
    body = await read_form(request)
    failpoint("ingress.read")
    headers = request.headers
    return Posted(
        _target(request),
        body,
        headers.get("x-twilio-signature"),
        headers.get(_SETTINGS_HEADER),
    )


def _target(request: Request) -> str:
    """Return path and query as they came over the wire: decoded, a signature would not fit."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope.get("query_string", b"")
    path = raw.partition(b"?")[0].decode("latin-1")
    return f"{path}?{query.decode('latin-1')}" if query else path


async def _alive(request: Request) -> Response:
    del request
    return JSONResponse({"alive": True})


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("a request failed", route=request.url.path[:20], exc_info=error)
    return Response(status_code=503)
