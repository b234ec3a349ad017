"""
The console: what can be seen and done by whoever runs this; pages in a browser, and JSON.

Texts are shown with their conversation and nowhere else, to who may read them or said why they
must; what is done here becomes facts, decided by the domain like everything else.
Programs come with an access key, people with a session; `domain/access.py` says who may what.
"""

import contextlib
from collections.abc import AsyncGenerator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from domain.access import Right
from services.runtime.access.doors import Doors
from services.runtime.console import api, forms, problems
from services.runtime.console.acts import Acts
from services.runtime.console.door import Door, require
from services.runtime.console.events import Movements
from services.runtime.console.guard import Guard
from services.runtime.console.pages import Pages
from services.runtime.console.questions import Questions
from services.runtime.console.sight import Sight
from services.runtime.console.signing_in import SigningIn
from services.runtime.console.views import Views
from services.runtime.erasure_watch import ErasureWatch
from services.runtime.health import Reasons, health_app
from services.runtime.outside import Outside, open_ledger
from services.runtime.ports import Unavailable
from services.runtime.process import Process
from services.runtime.settings import SettingsRefused, is_loopback


def build(outside: Outside) -> Process:
    """
    Return the process.

    Raises `SettingsRefused` for a host that others reach without an address of https in front:
    cookies and texts would travel in the clear.
    """
    settings = outside.settings
    if not _is_here(settings.console_host) and not settings.console_url.startswith("https:"):
        raise SettingsRefused(
            [
                "PARLEY_CONSOLE_HOST lets others reach the console: set PARLEY_CONSOLE_URL to the"
                " https address of the proxy in front of it, or keep 127.0.0.1."
            ]
        )
    clock = outside.clock
    doors = Doors(settings, lambda: clock.now() - clock.wound())
    views = Views(settings.database_url)
    sight = Sight(outside.journal, doors.reveals, doors.now)
    questions = Questions(outside.journal, views, sight)
    acts = Acts(outside, views, sight)
    movements = Movements(questions.position, doors.still)
    watch = ErasureWatch(open_ledger(settings), views)

    async def reasons() -> dict[str, str]:
        try:
            await questions.position()
        except Unavailable as error:
            return {"database": str(error)}
        return {}

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        yield
        await views.aclose()
        await doors.aclose()

    app = Starlette(
        routes=[
            *api.routes(questions, acts),
            *Pages(questions, outside.clock, settings).routes(),
            *forms.routes(api.actions(acts), outside.clock.now),
            *SigningIn(doors).routes(),
            Route("/events", movements.stream, methods=["GET"]),
            *_health(reasons),
        ],
        exception_handlers=dict(problems.handlers()),
        middleware=[Middleware(Guard, settings.console_url), Middleware(Door, doors)],
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return Process(
        "console",
        loops=(movements.until_drained, watch.run),
        app=app,
        host=settings.console_host,
        port=settings.console_port,
        reasons=reasons,
    )


def _health(reasons: Reasons) -> list[BaseRoute]:
    """Return the health routes; metrics count what people do, and need a right here."""
    routes = [one for one in health_app("console", [reasons]).routes if isinstance(one, Route)]
    counted = next(one.endpoint for one in routes if one.path == "/metrics")

    async def metrics(request: Request) -> Response:
        require(request, Right.OPERATIONS_READ)
        answer: Response = await counted(request)
        return answer

    return [
        *(one for one in routes if one.path != "/metrics"),
        Route("/metrics", metrics, methods=["GET"]),
    ]


def _is_here(host: str) -> bool:
    return is_loopback(f"http://[{host}]" if ":" in host else f"http://{host}")
