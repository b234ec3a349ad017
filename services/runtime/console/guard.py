"""Keeps strangers out of a console that is bound to this machine alone."""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from services.runtime.console.problems import answer
from services.runtime.settings import is_loopback


class Guard:
    """
    Answers only requests that were addressed to this machine, and came from no other site.

    A page of anybody may let a browser ask `http://localhost`, or let a name of its own mean
    127.0.0.1; what is asked then has another `Host`, or says that it comes from elsewhere.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] == "http" and not _ours(dict(scope["headers"])):
            refusal = answer(403, "The console answers this machine only.")
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _ours(headers: dict[bytes, bytes]) -> bool:
    host = headers.get(b"host", b"").decode("latin-1")
    site = headers.get(b"sec-fetch-site", b"none")
    return _is_here(host) and site in (b"none", b"same-origin")


def _is_here(host: str) -> bool:
    try:
        return is_loopback(f"http://{urlsplit(f'//{host}').netloc}")
    except ValueError:
        return False
