"""The sign-up page: consent in plain words, one text, and the same answer whatever happened."""

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from pathlib import Path

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from contracts.identity import conversation_stream, person_id, person_stream, signups_stream
from contracts.recorded import Cause
from contracts.signup import SignupTexted
from domain.conversation import conversation
from domain.decider import Memory
from domain.person import person, wording
from domain.person.signup import Ask, ask
from services.runtime.entries import entries
from services.runtime.outside import Outside
from services.runtime.ports import Entry, Unavailable

log = structlog.get_logger()

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
)
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; form-action 'self';"
        " frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def _texted(before: tuple[SignupTexted, ...], fact: object) -> tuple[SignupTexted, ...]:
    return (*before, fact) if isinstance(fact, SignupTexted) else before


texted: Memory[tuple[SignupTexted, ...]] = Memory((), _texted)


class SignUp:
    """The page and what it sends."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._pepper = outside.settings.secrets().pepper

    async def page(self, request: Request) -> Response:
        """Show the form."""
        del request
        return self._shown("signup.html")

    async def submit(self, request: Request) -> Response:
        """Send at most one text; show the same page whatever was done."""
        try:
            async with asyncio.timeout(5), request.form(max_fields=10, max_files=0) as form:
                phone, agreed = str(form.get("phone", "")), form.get("agree") == "yes"
        except (TimeoutError, ValueError):
            return self._shown("signup.html", 400)
        address = self._outside.numbers.typed(phone[:40], "US") if agreed else None
        if address is None:
            wrong = "Please check the number." if agreed else "Please agree first."
            return self._shown("signup.html", 400, wrong)
        try:
            await self._ask(address.number, address.country, address.zones, _host(request))
        except Unavailable:
            return self._shown("signup.html", 503, "Please try again in a few minutes.")
        return self._shown("signed_up.html")

    async def _ask(
        self, number: str, country: str | None, zones: tuple[str, ...], host: str
    ) -> None:
        outside = self._outside
        journal, now = outside.journal, outside.clock.now()
        address_hash = hmac.new(self._pepper, host.encode(), hashlib.sha256).hexdigest()[:16]
        who = person_id(self._pepper, number)
        command = Ask(
            who, number, country, zones, address_hash, now,
            outside.clock.fresh(), outside.clock.fresh(),
        )  # fmt: skip

        async def decide() -> Sequence[Entry]:
            whom = await journal.read(person, person_stream(who))
            today = await journal.read(texted, signups_stream(now.date().isoformat()))
            current = whom.state.conversation_id
            countries = outside.settings.signup_countries
            if current is None:
                asked = ask(
                    whom.state, conversation.initial, today.state, command, countries,
                    outside.policy,
                )  # fmt: skip
                return entries((whom, today), asked.facts, asked.subject)
            talk = await journal.read(conversation, conversation_stream(current))
            asked = ask(whom.state, talk.state, today.state, command, countries, outside.policy)
            return entries((whom, today, talk), asked.facts, asked.subject)

        facts = await journal.act(decide, Cause("signup", who), now)
        log.info("sign-up", count=len(facts))

    def _shown(self, template: str, status: int = 200, wrong: str = "") -> Response:
        page = _TEMPLATES.get_template(template).render(
            wrong=wrong, consent=wording.CONSENT_REQUEST, help_=wording.HELP
        )
        return HTMLResponse(page, status, headers=_HEADERS)


def _host(request: Request) -> str:
    return request.client.host if request.client is not None else ""
