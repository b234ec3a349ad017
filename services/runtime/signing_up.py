"""The sign-up page: consent in plain words, one text, and the same answer whatever happened."""

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from contracts.identity import conversation_stream, person_id, person_stream, signups_stream
from contracts.recorded import Cause
from contracts.signup import SignupTexted
from domain.conversation import conversation
from domain.decider import Memory
from domain.person import person, wording
from domain.person.signup import Ask, ask
from services.runtime.client_address import client_address
from services.runtime.entries import entries
from services.runtime.outside import Outside
from services.runtime.ports import Chapter, Conflict, Entry, Place, SubjectErased, Unavailable
from services.runtime.request_body import RequestRefused, read_form

log = structlog.get_logger()

# Saving takes a while and refusing does not; whoever asks must not tell a number by the time.
ANSWER_S = 0.4
_MOST_FIELDS = 10
_LONGEST_PHONE = 40

_FOLDER = Path(__file__).parent.parent / "templates"
_TEMPLATES = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined
)
_STYLE = (_FOLDER / "signup.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self';"
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

    def __init__(self, outside: Outside, answer_s: float = ANSWER_S) -> None:
        self._outside = outside
        self._pepper = outside.settings.secrets().pepper
        self._proxies = outside.settings.trusted_proxies
        self._answer_s = answer_s

    async def page(self, request: Request) -> Response:
        """Show the form."""
        del request
        return self._form()

    async def submit(self, request: Request) -> Response:
        """Send at most one text; show the same page, no sooner, whatever was done."""
        begun = time.monotonic()
        answer = await self._submitted(request)
        if answer.status_code == 200:
            await asyncio.sleep(max(0.0, begun + self._answer_s - time.monotonic()))
        log.info("request", route="signup", status=answer.status_code)
        return answer

    async def _submitted(self, request: Request) -> Response:
        try:
            form = _fields(await read_form(request))
        except RequestRefused as refused:
            return Response(status_code=refused.status)
        phone = form.get("phone", "")[:_LONGEST_PHONE]
        place = self._outside.numbers.typed(phone, "US")
        if place is None:
            return self._form(400, "Please check the number.", phone)
        if form.get("agree") != "yes":
            return self._form(400, "Please tick the box if you agree.", phone)
        try:
            await self._ask(place, client_address(request, self._proxies))
        except (Unavailable, Conflict, SubjectErased):
            return self._form(503, "Please try again in a few minutes.", phone)
        return _shown("signed_up.html", 200)

    def _form(self, status: int = 200, wrong: str = "", phone: str = "") -> Response:
        settings = self._outside.settings
        return _shown(
            "signup.html",
            status,
            wrong=wrong,
            phone=phone,
            agreement=wording.AGREEMENT,
            support=settings.support_contact,
            privacy=settings.privacy_url,
            terms=settings.terms_url,
        )

    async def _ask(self, place: Place, address: str) -> None:
        outside = self._outside
        journal, now = outside.journal, outside.clock.now()
        who = person_id(self._pepper, place.number)
        command = Ask(
            who, place.number, place.country, place.zones, self._hash(address), now,
            outside.clock.fresh(), outside.clock.fresh(),
        )  # fmt: skip

        async def decide() -> Sequence[Entry]:
            whom = await journal.read(person, person_stream(who))
            before = await journal.read(texted, _stream_of(now - timedelta(days=1)))
            today = await journal.read(texted, _stream_of(now))
            read: list[Chapter[Any]] = [whom, today]
            talk = conversation.initial
            if whom.state.conversation_id is not None:
                stream = conversation_stream(whom.state.conversation_id)
                chapter = await journal.read(conversation, stream)
                read.append(chapter)
                talk = chapter.state
            asked = ask(
                whom.state, talk, (*before.state, *today.state), command,
                outside.settings.signup_countries, outside.policy,
            )  # fmt: skip
            return entries(read, asked.facts, asked.subject)

        await journal.act(decide, Cause("signup", who), now)

    def _hash(self, address: str) -> str:
        return hmac.new(self._pepper, address.encode(), hashlib.sha256).hexdigest()[:16]


def _stream_of(day: datetime) -> str:
    return signups_stream(day.date().isoformat())


def _fields(body: bytes) -> Mapping[str, str]:
    """Return the form's fields; none of what no browser sends."""
    try:
        return dict(parse_qsl(body.decode("ascii"), max_num_fields=_MOST_FIELDS))
    except ValueError:
        return {}


def _shown(template: str, status: int, **fields: str) -> Response:
    # The style sheet is our own file, and the policy admits it by its hash.
    style = Markup(_STYLE)  # noqa: S704
    page = _TEMPLATES.get_template(template).render(style=style, **fields)
    return HTMLResponse(page, status, headers=_HEADERS)
