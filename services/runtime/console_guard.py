"""What stands before every answer of the console: who may ask, and what a browser may do."""

import ipaddress

from prometheus_client import Counter
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.runtime.console_problems import problem

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_answered = Counter(
    "sms_console_answers_total", "Requests the console answered.", ["part", "status"]
)


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a host."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Guard:
    """
    Refuses other host names than this machine's, and adds the headers.

    A page from elsewhere may have its own name point at 127.0.0.1 and then read what people
    said: its requests carry that name.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add(scope["path"], message)
            await send(message)

        if is_loopback(_name(Headers(scope=scope).get("host", ""))):
            await self._app(scope, receive, guarded)
        else:
            refused = problem(421, "The console answers on this machine's own names only.")
            await refused(scope, receive, guarded)


def _name(host: str) -> str:
    """Return a Host header without its port."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _add(path: str, message: Message) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    part = path.split("/", 2)[1] if path.startswith(("/api/", "/static/")) else "page"
    # What people said is in no cache, not even the browser's.
    headers.setdefault("Cache-Control", "no-cache" if part == "static" else "no-store")
    _answered.labels(part, str(message["status"])).inc()
