"""Every way in: by a key, by a session, by the name that a trusted proxy tells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request

from domain.access import rights_of
from services.runtime.access.attempts import Attempts
from services.runtime.access.keys import KEY_BEGINS, Keys
from services.runtime.access.links import Links
from services.runtime.access.reveals import Reveals
from services.runtime.access.sessions import Lifetimes, Sessions
from services.runtime.access.tables import AccessTables
from services.runtime.access.visitor import Visitor
from services.runtime.client_address import client_address, is_among, is_of_this_machine
from services.runtime.settings import Settings, is_loopback

# Cookies know no ports: two consoles on one machine must not take each other's.
COOKIE = "parley_session_{port}"
# A browser takes a cookie of this name over https alone, and from no neighbouring host.
SECURE_COOKIE = "__Host-parley_session"
# What a page sends along when it refreshes itself.
REFRESH = "x-parley-refresh"
_LONGEST_NAME = 200

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Entered:
    """Who came in; `begun` is the cookie of a session that this request began."""

    visitor: Visitor | None
    begun: str | None = None


class Doors:
    """Finds out who asks.  `now` is the real time, whatever a test clock says to the domain."""

    def __init__(self, settings: Settings, now: Now) -> None:
        lifetimes = Lifetimes(
            timedelta(minutes=settings.console_idle_minutes),
            timedelta(hours=settings.console_session_hours),
        )
        self._settings = settings
        self._tables = AccessTables(settings.database_url)
        self.now = now
        self.keys = Keys(self._tables)
        self.links = Links(self._tables)
        self.sessions = Sessions(self._tables, lifetimes)
        self.reveals = Reveals(self._tables)
        self.attempts = Attempts()

    async def aclose(self) -> None:
        """Close the connection."""
        await self._tables.aclose()

    async def entered(self, request: Request) -> Entered:
        """
        Return who asks; a page asked for through the proxy begins a session.

        A key decides alone, good or bad.  Another `Authorization` was meant for a proxy in front,
        which may hand a password or a token of its own on to us.
        """
        kind, _, told = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and told.strip().startswith(KEY_BEGINS):
            return Entered(await self.keys.visitor(told.strip(), self.now()))
        kept = await self._kept(request)
        name = self._told_by_proxy(request)
        if name is not None:
            return await self._through_proxy(request, name, kept)
        return Entered(None if kept is None or kept.how == "proxy" else kept)

    async def still(self, request: Request) -> bool:
        """Return whether who asked would still come in: for answers that take long."""
        return (await self.entered(request)).visitor is not None

    def address(self, request: Request) -> str:
        """Return from where somebody asks, as attempts are counted."""
        return client_address(request, self._settings.trusted_proxies)

    @staticmethod
    def is_here(request: Request) -> bool:
        """Return whether a browser of this very machine asks, with nothing in between."""
        peer = request.client.host if request.client is not None else ""
        return is_of_this_machine(peer) and "x-forwarded-for" not in request.headers

    async def _kept(self, request: Request) -> Visitor | None:
        token = cookie_of(request)
        if token is None:
            return None
        busy = REFRESH not in request.headers and request.url.path != "/events"
        return await self.sessions.visitor(token, self.now(), busy=busy)

    def _told_by_proxy(self, request: Request) -> str | None:
        header = self._settings.console_sso_header
        peer = request.client.host if request.client is not None else ""
        if not header or not is_among(peer, self._settings.console_sso_proxies):
            return None
        told = request.headers.getlist(header)
        name = told[0].strip() if len(told) == 1 else ""
        return name if 0 < len(name) <= _LONGEST_NAME and name.isprintable() else None

    async def _through_proxy(self, request: Request, name: str, kept: Visitor | None) -> Entered:
        grants = self._grants(name)
        rights = rights_of(grants)
        if kept is not None and (kept.how, kept.name) == ("proxy", name):
            return Entered(Visitor(name, rights, "proxy", kept.holder, kept.token))
        if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
            return Entered(Visitor(name, rights, "proxy", f"proxy:{name}"))
        begun = await self.sessions.begin(name, grants, self.now(), how="proxy")
        visitor = await self.sessions.visitor(begun, self.now(), busy=True)
        return Entered(visitor, begun)

    def _grants(self, name: str) -> Sequence[str]:
        roles = self._settings.console_sso_roles
        return roles.get(name, roles.get("*", ()))


def cookie_of(request: Request) -> str | None:
    """Return the cookie of the session, as far as this host could have set it."""
    return request.cookies.get(_cookie_name(request)) or None


def is_secure(request: Request) -> bool:
    """
    Return whether the browser speaks https: it does to every host but this machine.

    The proxy in front ends TLS, and no header is believed about it; a host that others reach is
    only answered where CONSOLE_URL says https.
    """
    host = request.headers.get("host", "")
    return request.url.scheme == "https" or not is_loopback(f"http://{host}")


def cookie_header(request: Request, token: str) -> str:
    """Return the header that sets the session's cookie, or takes it away for an empty token."""
    secure = "; Secure" if is_secure(request) else ""
    end = "" if token else "; Max-Age=0"
    return f"{_cookie_name(request)}={token}; Path=/; HttpOnly; SameSite=Lax{secure}{end}"


def _cookie_name(request: Request) -> str:
    if is_secure(request):
        return SECURE_COOKIE
    return COOKIE.format(port=request.url.port or 80)
