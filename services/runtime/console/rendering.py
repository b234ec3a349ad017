"""How a page is made: its templates, its headers, and the token that its forms carry."""

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

SERVICES = Path(__file__).parent.parent.parent
TOKEN = "parley_console"  # noqa: S105  # the name of the cookie
_TOKEN = re.compile(r"[0-9a-f]{32}")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_TEMPLATES = Environment(
    loader=FileSystemLoader(SERVICES / "templates" / "console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
Now = Callable[[], datetime]


def rendered(
    request: Request, template: str, now: Now, status: int = 200, **shown: Any
) -> Response:
    """
    Return a page.

    Its forms carry a token that the browser also sends as a cookie of its own: another site can
    make a browser send the cookie at most, never both.
    """
    kept = request.cookies.get(TOKEN, "")
    token = kept if _TOKEN.fullmatch(kept) else secrets.token_hex(16)
    content = _TEMPLATES.get_template(template).render(
        **shown, token=token, path=request.url.path, ago=lambda at: _ago(at, now())
    )
    answer = HTMLResponse(content, status, headers=_HEADERS)
    if token != kept:
        answer.set_cookie(TOKEN, token, httponly=True, samesite="strict", path="/")
    return answer


def is_ours(request: Request, token: str) -> bool:
    """Return whether a form came from a page of ours, in this browser."""
    kept = request.cookies.get(TOKEN, "")
    return bool(_TOKEN.fullmatch(kept)) and secrets.compare_digest(kept.encode(), token.encode())


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


def _spaced(name: str) -> str:
    """Return a name of ours in words."""
    return name.replace("_", " ")


def _length(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "-"
    return f"{milliseconds} ms" if milliseconds < 1_000 else f"{milliseconds / 1_000:.1f} s"


def _short(name: str) -> str:
    """Return a fact's name without its stream and its version."""
    return name.removesuffix(".v1").partition(".")[2].replace("_", " ")


_TEMPLATES.filters |= {
    "stamp": _stamp, "money": _money, "spaced": _spaced, "length_of": _length, "short": _short,
}  # fmt: skip
