"""The forms of the pages: the same actions as the API's, told in fields and answered by a page."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.runtime.console import shapes
from services.runtime.console.acts import LARGEST_TABLE
from services.runtime.console.api import Action, checked, named
from services.runtime.console.problems import Refused
from services.runtime.console.rendering import Now, is_ours, rendered
from services.runtime.console.reviewer import reviewer
from services.runtime.request_body import read_form

_MOST_FIELDS = 20
# A form's encoding takes up to three bytes for one.
_LARGEST = 3 * LARGEST_TABLE
_OWN = frozenset({"token", "back"})


def routes(actions: Sequence[Action], now: Now) -> list[Route]:
    """Return a route for the form of each action."""
    return [Route(each.path, _endpoint(each, now), methods=["POST"]) for each in actions]


def _endpoint(action: Action, now: Now) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        by = reviewer(request)
        named(request)
        fields = await _fields(request)
        if not is_ours(request, fields.get("token", "")):
            raise Refused(403, "This form is of another page. Load it again and send it again.")
        done: Any = await action.do(request, _wanted(action, fields), by)
        if isinstance(done, shapes.Imported):
            return rendered(request, "imported.html", now, position=0, waiting={}, told=done)
        return RedirectResponse(_back(fields.get("back", "/"), done), 303)

    return endpoint


async def _fields(request: Request) -> dict[str, str]:
    body = await read_form(request, _LARGEST)
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, errors="strict",
            max_num_fields=_MOST_FIELDS,
        )  # fmt: skip
    except ValueError:
        raise Refused(400, "The form cannot be read.") from None
    return dict(pairs)


def _wanted(action: Action, fields: dict[str, str]) -> Any:
    if action.asks is None:
        return fields.get("table", "")
    given = {name: value for name, value in fields.items() if name not in _OWN and value.strip()}
    return checked(action.asks, given)


def _back(path: str, done: shapes.Done) -> str:
    """Return where to go on: a page of ours, whatever the form says."""
    here = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path.replace("{id}", done.id) if here and path.isascii() else "/"
