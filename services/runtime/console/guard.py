"""Keeps other sites out, and tells the browser what a page of ours may do."""

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.runtime.console.problems import answer
from services.runtime.settings import is_loopback

# Every answer has these, whoever made it; a page says what it may load beyond.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_TRANSPORT = "max-age=31536000"


class Guard:
    """
    Answers only requests that were addressed to this console, and came from no other site.

    A page of anybody may let a browser ask `http://localhost`, or let a name of its own mean
    127.0.0.1; what is asked then has another `Host`, or says that it comes from elsewhere.  A
    link on another site may be followed: it asks for a page and changes nothing.
    """

    def __init__(self, app: ASGIApp, url: str = "") -> None:
        self._app = app
        self._host = urlsplit(url).netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        secured = _secured(send, public=headers.get("host", "").lower() == self._host)
        if self._is_ours(headers.get("host", "")) and _is_from_here(scope, headers):
            await self._app(scope, receive, secured)
        else:
            refusal = answer(403, "The console answers its own pages and address only.")
            await refusal(scope, receive, secured)

    def _is_ours(self, host: str) -> bool:
        if self._host and host.lower() == self._host:
            return True
        try:
            return is_loopback(f"http://{urlsplit(f'//{host}').netloc}")
        except ValueError:
            return False


def _is_from_here(scope: Scope, headers: Headers) -> bool:
    site = headers.get("sec-fetch-site")
    if site is None:
        return _is_of_origin(scope, headers)
    if site in ("none", "same-origin"):
        return True
    followed = ("navigate", "document")
    told = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest"))
    return scope["method"] == "GET" and told == followed


def _is_of_origin(scope: Scope, headers: Headers) -> bool:
    """Return whether a browser that says no more at least says that it stands on our page."""
    origin = headers.get("origin")
    if origin is None or scope["method"] in ("GET", "HEAD"):
        return True
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    except ValueError:
        return False


def _secured(send: Send, *, public: bool) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            _add(message, public=public)
        await send(message)

    return sending


def _add(message: MutableMapping[str, Any], *, public: bool) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    if public:
        headers.setdefault("Strict-Transport-Security", _TRANSPORT)
