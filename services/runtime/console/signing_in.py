"""Coming in and going out: the one-time link, the form for a key, the sign-out."""

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.runtime import meters
from services.runtime.access.doors import Doors, cookie_header, cookie_of
from services.runtime.console.door import refuse_foreign
from services.runtime.console.form_fields import fields_of, our_page
from services.runtime.console.rendering import rendered

log = structlog.get_logger()

_LARGEST = 4 * 1024
_NO_LINK = "This link was used already, is too old, or is not for this machine."
_NO_KEY = "That is no access key, or no longer one."
# What browsers say that fetch a page before anybody wants it: the link must not be used up so.
_AHEAD = ("prefetch", "prerender", "preview")


class SigningIn:
    """The routes by which a browser's session begins and ends."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    def routes(self) -> list[Route]:
        """Return the routes; the first three are open to anybody."""
        return [
            Route("/sign-in", self.form, methods=["GET"]),
            Route("/sign-in", self.by_key, methods=["POST"]),
            Route("/sign-in/{token}", self.by_link, methods=["GET"]),
            Route("/sign-out", self.out, methods=["POST"]),
        ]

    async def form(self, request: Request) -> Response:
        """Answer the page that asks for a key."""
        return rendered(request, "sign_in.html", back="/", fault="")

    async def by_link(self, request: Request) -> Response:
        """Begin a session by a one-time link."""
        ahead = request.headers.get("sec-purpose", request.headers.get("purpose", "")).lower()
        if request.method != "GET" or any(word in ahead for word in _AHEAD):
            return Response(status_code=204, headers={"Cache-Control": "no-store"})
        if (wait := self._wait_s(request)) > 0:
            return self._too_often(request, wait)
        now = self._doors.now()
        token = request.path_params["token"]
        invited = await self._doors.links.take(token, now, here=self._doors.is_here(request))
        if invited is None:
            return self._in_vain(request, "link", _NO_LINK, "/")
        begun = await self._doors.sessions.begin(invited.name, invited.grants, now)
        return await self._let_in(request, "link", invited.name, begun, "/")

    async def by_key(self, request: Request) -> Response:
        """Begin a session with what an access key may."""
        fields = await fields_of(request, _LARGEST)
        back = our_page(fields.get("back", "/"))
        if (wait := self._wait_s(request)) > 0:
            return self._too_often(request, wait)
        now = self._doors.now()
        visitor = await self._doors.keys.visitor(fields.get("key", "").strip(), now)
        if visitor is None:
            return self._in_vain(request, "key", _NO_KEY, back)
        begun = await self._doors.sessions.begin(
            visitor.name, sorted(visitor.rights), now, key_id=visitor.holder
        )
        return await self._let_in(request, "key", visitor.name, begun, back)

    async def out(self, request: Request) -> Response:
        """End the session."""
        refuse_foreign(request, await fields_of(request, _LARGEST))
        kept = cookie_of(request)
        if kept is not None:
            await self._doors.sessions.end(kept)
        answer = RedirectResponse("/sign-in", 303, headers={"Clear-Site-Data": '"cache"'})
        answer.headers.append("set-cookie", cookie_header(request, ""))
        return answer

    async def _let_in(
        self, request: Request, how: str, name: str, begun: str, back: str
    ) -> Response:
        kept = cookie_of(request)
        if kept is not None:
            # Whoever was signed in here before is not any more: a session is never taken over.
            await self._doors.sessions.end(kept)
        meters.sign_ins.labels(how, "let in").inc()
        log.info("signed in", by=name, how=how)
        answer = RedirectResponse(back, 303, headers={"Cache-Control": "no-store"})
        answer.headers.append("set-cookie", cookie_header(request, begun))
        return answer

    def _wait_s(self, request: Request) -> int:
        return self._doors.attempts.wait_s(self._doors.address(request), self._doors.now())

    def _in_vain(self, request: Request, how: str, fault: str, back: str) -> Response:
        meters.sign_ins.labels(how, "refused").inc()
        log.warning("sign-in refused", how=how)
        self._doors.attempts.failed(self._doors.address(request), self._doors.now())
        return rendered(request, "sign_in.html", 403, back=back, fault=fault)

    @staticmethod
    def _too_often(request: Request, wait_s: int) -> Response:
        meters.sign_ins.labels("any", "too often").inc()
        answer = rendered(
            request, "sign_in.html", 429, back="/",
            fault=f"Too many attempts. Try again in {wait_s} seconds.",
        )  # fmt: skip
        answer.headers["Retry-After"] = str(wait_s)
        return answer
