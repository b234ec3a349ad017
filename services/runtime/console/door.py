"""Whoever is not known comes no further than the sign-in."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.access import Right
from services.runtime.access.doors import Doors, cookie_header
from services.runtime.access.tokens import same
from services.runtime.access.visitor import Visitor
from services.runtime.console.problems import Refused, told
from services.runtime.console.rendering import rendered, wants_a_page
from services.runtime.ports import Unavailable

# Whether it lives, how one comes in, and how it is asked: nothing of anybody.
OPEN = frozenset({"/livez", "/readyz", "/openapi.json", "/sign-in"})
OPEN_BELOW = ("/static/", "/sign-in/")
API = "/api/"
TOKEN_HEADER = "x-parley-token"  # noqa: S105  # the name of a header
_READS = frozenset({"GET", "HEAD"})
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Parley console"'}


class Door:
    """
    Lets a request through with who asks, as `request.state.visitor`.

    A program without a good key gets 401, a person the sign-in page.  What changes something
    through the API with a session carries the session's token in a header; the forms of the pages
    carry it as a field.  Keys carry none: no other site can make a browser send one.
    """

    def __init__(self, app: ASGIApp, doors: Doors) -> None:
        self._app = app
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] != "http" or is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            entered = await self._doors.entered(request)
        except Unavailable as error:
            refusal = told(request, 503, str(error), headers={"Retry-After": "2"})
            await refusal(scope, receive, send)
            return
        request.state.visitor = entered.visitor
        refused = _refusal(request, entered.visitor)
        if entered.begun is not None:
            send = _with_cookie(send, cookie_header(request, entered.begun))
        await (refused or self._app)(scope, receive, send)


def is_open(path: str) -> bool:
    """Return whether a path is for anybody."""
    return path in OPEN or path.startswith(OPEN_BELOW)


def visitor_of(request: Request) -> Visitor:
    """Return who asks.  Raises `Refused` (401) where nobody was let in."""
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    if visitor is None:
        raise Refused(401, "Sign in, or send an access key.")
    return visitor


def require(request: Request, right: Right) -> Visitor:
    """Return who asks.  Raises `Refused` (403) where that right is not theirs."""
    visitor = visitor_of(request)
    if not visitor.may(right):
        raise Refused(403, f"This needs the right {right}.")
    return visitor


def refuse_foreign(request: Request, fields: Mapping[str, str]) -> None:
    """Raise `Refused` (403) for a form that came from no page of this session."""
    token = visitor_of(request).token
    if token is None or not same(token, fields.get("token", "")):
        raise Refused(403, "This form is of another page. Load it again and send it again.")


def _refusal(request: Request, visitor: Visitor | None) -> Response | None:
    if visitor is None:
        return _unknown(request)
    if visitor.how == "key" or request.method in _READS or not request.url.path.startswith(API):
        return None
    token = request.headers.get(TOKEN_HEADER, "")
    if visitor.token is not None and same(visitor.token, token):
        return None
    return told(request, 403, f"Send the session's token as {TOKEN_HEADER}, or use an access key.")


def _unknown(request: Request) -> Response:
    if not wants_a_page(request) or request.method not in _READS:
        return told(request, 401, "Sign in, or send an access key.", headers=_CHALLENGE)
    return rendered(request, "sign_in.html", 401, back=request.url.path, fault="")


def _with_cookie(send: Send, cookie: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"set-cookie", cookie.encode("latin-1"))]
        await send(message)

    return sending
