"""How a page is made: its templates, its headers, and for whom."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.runtime.access.visitor import Visitor
from services.runtime.console import terms

SERVICES = Path(__file__).parent.parent.parent
_ID = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{24}\b")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
}
_TEMPLATES = Environment(
    loader=FileSystemLoader(SERVICES / "templates" / "console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
Now = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


def rendered(
    request: Request, template: str, status: int = 200, *, now: Now = _now, **shown: Any
) -> Response:
    """
    Return a page, as far as whoever asks may see it.

    Its forms carry the token of the session; a page without a session has nothing to send.  What
    answers a form does not refresh itself: a page of the same address, asked for anew, is another.
    """
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    told = {"position": 0, "waiting": {}, "phone": "", **shown}
    content = _TEMPLATES.get_template(template).render(
        **told,
        visitor=visitor,
        live=visitor is not None and request.method != "POST",
        may=visitor.may if visitor is not None else _nothing,
        token=(visitor.token if visitor is not None else None) or "",
        path=request.url.path,
        ago=lambda at: _ago(at, now()),
    )
    return HTMLResponse(content, status, headers=_HEADERS)


def _nothing(right: str) -> bool:
    del right
    return False


def wants_a_page(request: Request) -> bool:
    """Return whether a person looks at the answer, not a program."""
    return "text/html" in request.headers.get("accept", "")


def _ago(at: datetime, now: datetime) -> str:
    """Return how long ago something was, or how soon it will be, in one unit."""
    apart = now - at
    future = apart < timedelta(0)
    seconds = int(abs(apart).total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return _told(f"{seconds // length} {unit}", future=future)
    return _told(f"{seconds} s", future=future) if seconds else "now"


def _told(length: str, *, future: bool) -> str:
    return f"in {length}" if future else f"{length} ago"


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _money(microdollars: int | None) -> str:
    """Return dollars and cents; parts of a cent where there are any and they are not nothing."""
    if microdollars is None:
        return "no price known"
    whole_cents = microdollars % 10_000 == 0 or abs(microdollars) >= 10_000_000
    return f"${microdollars / 1_000_000:,.{2 if whole_cents else 4}f}"


def _length(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "-"
    if milliseconds < 1_000:
        return f"{milliseconds} ms"
    seconds = milliseconds / 1_000
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _short(name: str) -> str:
    """Return a fact's name without its stream and its version."""
    return name.removesuffix(".v1").partition(".")[2].replace("_", " ")


def _clipped(path: str) -> str:
    """Return a path in a state with its ids as short as ids are shown."""
    return _ID.sub(r"\1", path)


_TEMPLATES.filters |= {
    "stamp": _stamp, "money": _money, "spaced": terms.spaced, "length_of": _length,
    "short": _short, "clipped": _clipped, "ending": terms.ending, "danger": terms.danger,
    "step": terms.step,
}  # fmt: skip
