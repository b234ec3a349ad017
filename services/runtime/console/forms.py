"""The forms of the pages: the same actions as the API's, told in fields and answered by a page."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from services.runtime.console import shapes
from services.runtime.console.api import Action, checked, named
from services.runtime.console.door import refuse_foreign, require
from services.runtime.console.form_fields import fields_of, our_page
from services.runtime.console.rendering import Now, rendered
from services.runtime.request_body import LARGEST_TABLE, RequestRefused

_OWN = frozenset({"token", "back"})
# What is told of at length instead of by the page that the form leads back to.
_SHOWN: Mapping[type[Any], str] = {
    shapes.Imported: "imported.html", shapes.Forgot: "erased.html",
}  # fmt: skip


def routes(actions: Sequence[Action], now: Now) -> list[Route]:
    """Return a route for the form of each action."""
    return [Route(each.path, _endpoint(each, now), methods=["POST"]) for each in actions]


def _endpoint(action: Action, now: Now) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        by = require(request, action.right)
        named(request)
        fields = await fields_of(request, table=action.asks is None)
        refuse_foreign(request, fields)
        done: Any = await action.do(request, _wanted(action, fields), by)
        shown = _SHOWN.get(type(done))
        if shown is not None:
            return rendered(request, shown, now=now, told=done)
        return RedirectResponse(_back(fields.get("back", "/"), done), 303)

    return endpoint


def _wanted(action: Action, fields: dict[str, str]) -> Any:
    if action.asks is None:
        table = fields.get("upload") or fields.get("table", "")
        if len(table.encode()) > LARGEST_TABLE:
            raise RequestRefused(413)
        return table
    given = {name: value for name, value in fields.items() if name not in _OWN and value.strip()}
    return checked(action.asks, given)


def _back(path: str, done: shapes.Done) -> str:
    """Return where to go on: a page of ours, whatever the form says."""
    return our_page(path).replace("{id}", done.id)
