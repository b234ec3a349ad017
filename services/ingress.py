"""
The ingress: puts what Twilio posts on the queue, and answers once it is durable.

It thinks as little as it can: size, type, signature, shape, account, publish, answer.  Nothing
before the signature writes or logs what was sent.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contracts.sms import INBOUND_SUBJECT, STATUS_SUBJECT, DeliveryReport, InboundSms
from services.runtime.failpoint import failpoint
from services.runtime.outside import Outside
from services.runtime.ports import Forged, Malformed, Posted, Unavailable
from services.runtime.process import Process
from services.runtime.signing_up import SignUp

log = structlog.get_logger()

LARGEST_BODY = 64 * 1024
BODY_S = 5.0
# Twilio waits 15 s, but a person's text should not hang on us: a 503 makes Twilio try elsewhere.
PUBLISH_S = 4.0
_FORM = "application/x-www-form-urlencoded"
_EMPTY_TWIML = "<Response/>"

Take = Callable[[], Awaitable[str]]


def build(outside: Outside) -> Process:
    """Return the process."""
    ingress = Ingress(outside)
    return Process(
        "ingress",
        app=ingress.app(),
        host=outside.settings.ingress_host,
        port=outside.settings.ingress_port,
    )


class _Refused(Exception):
    """The request is answered with this status and nothing else."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


class Ingress:
    """The public routes."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._webhooks = outside.webhooks

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

        async def take() -> str:
            posted = await _posted(request)
            told = self._webhooks.inbound(posted, self._outside.clock.now())
            failpoint("ingress.verified")
            await self._publish(INBOUND_SUBJECT, told)
            failpoint("ingress.published")
            return told.sid

        return await self._answered("inbound", take)

    async def status(self, request: Request) -> Response:
        """Take a status callback: 200 once it is durable."""

        async def take() -> str:
            posted = await _posted(request)
            attempt_id = request.path_params["attempt_id"]
            told = self._webhooks.status(posted, attempt_id, self._outside.clock.now())
            await self._publish(STATUS_SUBJECT, told)
            failpoint("callback.published")
            return told.sid

        return await self._answered("status", take)

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
            raise _Refused(503) from None

    async def _answered(self, route: str, take: Take) -> Response:
        begun = time.monotonic()
        status, sid = 200, None
        try:
            sid = await take()
        except Forged:
            status = 403
        except Malformed:
            status = 400
        except _Refused as refused:
            status = refused.status
        took = round((time.monotonic() - begun) * 1000, 1)
        log.info("request", route=route, status=status, sid=sid, duration_ms=took)
        if status == 200:
            return Response(_EMPTY_TWIML, media_type="text/xml")
        return Response(status_code=status)


async def _posted(request: Request) -> Posted:
    """Return what was posted.  The size is refused before the type is."""
    body = await _body(request)
    failpoint("ingress.read")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise _Refused(415)
    return Posted(_target(request), body, request.headers.get("x-twilio-signature"))


async def _body(request: Request) -> bytes:
    """Return the body, counted as it comes: no header is believed about its length."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise _Refused(413)
    except TimeoutError:
        raise _Refused(408) from None
    return bytes(body)


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
