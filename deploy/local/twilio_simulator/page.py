"""The page `/phone`: phones to text on, rendered at a position and kept live from there."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from deploy.local.twilio_simulator.account import E164
from deploy.local.twilio_simulator.carrier import Carrier
from deploy.local.twilio_simulator.faults import Outcome
from deploy.local.twilio_simulator.messages import Message
from deploy.local.twilio_simulator.requests import carrier_of

_HERE = Path(__file__).parent
_LONGEST_THREAD = 200
_MOST_PHONES = 6

# 555-0100 to 555-0199 are set aside for fiction in every area code.
_DEFAULTS = "+14155550101:Ana,+14155550102:Ben,+14155550103:Chi"

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_templates = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone on the page: its number, and the name somebody gave it."""

    number: str
    label: str

    @property
    def path(self) -> str:
        """Where its texts are."""
        return f"/phones/{quote(self.number)}/texts"


async def show(request: Request) -> Response:
    """
    Answer the page.

    `?numbers=+14155550101:Ana,+14155550102` names the phones; `?add=` and `?label=` (the form)
    redirect to the page with one more.
    """
    carrier = carrier_of(request)
    phones = _phones(request.query_params.get("numbers") or _DEFAULTS)
    if "add" not in request.query_params:
        return _rendered(carrier, phones, "")
    number = _tidy(request.query_params["add"])
    problem = _problem(carrier, phones, number)
    if problem:
        return _rendered(carrier, phones, problem)
    label = _label(request.query_params.get("label", ""))
    return RedirectResponse(_address([*phones, Phone(number, label)]), 303)


async def home(_: Request) -> Response:
    """Lead whoever opens the simulator's address to the phones."""
    return RedirectResponse("/phone", 303)


ROUTES: tuple[BaseRoute, ...] = (
    Route("/", home, methods=["GET"]),
    Route("/phone", show, methods=["GET"]),
    Mount("/static", StaticFiles(directory=_HERE / "static")),
)


def _rendered(carrier: Carrier, phones: list[Phone], problem: str) -> Response:
    store = carrier.store
    position = store.position
    streamed = [("after", str(position)), *(("number", phone.number) for phone in phones)]
    content = _templates.get_template("phone.html").render(
        phones=phones,
        threads={phone.number: store.thread(phone.number)[-_LONGEST_THREAD:] for phone in phones},
        without={phone.number: _address([p for p in phones if p != phone]) for phone in phones},
        numbers=_listed(phones),
        service=carrier.config.numbers[0],
        events=f"/phones/events?{urlencode(streamed)}",
        full=len(phones) >= _MOST_PHONES,
        now=carrier.clock.now().isoformat(timespec="seconds"),
        problem=problem,
        state_of=state_of,
        lost=lost,
        outcomes=tuple(Outcome),
        shown=shown,
    )
    return HTMLResponse(content, 422 if problem else 200, _HEADERS)


def state_of(message: Message) -> str:
    """Return a text's state in the words of the page."""
    if not message.inbound:
        code = f" · {message.error_code}" if message.error_code else ""
        return f"{message.status}{code}"
    if message.webhook is None:
        return "sent"
    if not lost(message):
        return "arrived"
    return f"did not arrive · {message.webhook}" if message.webhook else "did not arrive"


def lost(message: Message) -> bool:
    """Return whether a phone's text did not arrive at the service."""
    return message.webhook is not None and message.webhook not in range(200, 300)


def shown(number: str) -> str:
    """Return a number as people write it: +1 415 555 0101."""
    match = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})", number)
    return f"+1 {match[1]} {match[2]} {match[3]}" if match else number


def _phones(listed: str) -> list[Phone]:
    phones: dict[str, Phone] = {}
    for item in listed.split(","):
        number, _, label = item.partition(":")
        number = _tidy(number)
        if E164.fullmatch(number):
            phones.setdefault(number, Phone(number, _label(label)))
    return list(phones.values())[:_MOST_PHONES] or _phones(_DEFAULTS)


def _tidy(number: str) -> str:
    """Return a typed number in E.164: a plus in a query arrives as a space."""
    return "+" + re.sub(r"[\s().+-]", "", number)


def _label(label: str) -> str:
    return re.sub(r"[,:]", " ", label).strip()[:24]


def _problem(carrier: Carrier, phones: list[Phone], number: str) -> str:
    if not E164.fullmatch(number):
        return "That is not a phone number: write it as +1 415 555 0104."
    if number in carrier.config.numbers:
        return "That is the account's own number."
    if any(phone.number == number for phone in phones):
        return "That phone is here already."
    return "" if len(phones) < _MOST_PHONES else f"There is room for {_MOST_PHONES} phones."


def _address(phones: list[Phone]) -> str:
    return f"/phone?{urlencode({'numbers': _listed(phones)})}"


def _listed(phones: list[Phone]) -> str:
    return ",".join(
        f"{phone.number}:{phone.label}" if phone.label else phone.number for phone in phones
    )
