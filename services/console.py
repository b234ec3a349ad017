"""
The console: what can be seen and done by whoever runs this; pages in a browser, and JSON.

Texts are shown with their conversation and nowhere else, numbers never whole.  What is done here
becomes facts, decided by the domain like everything else.
It has no accounts yet, and therefore stays on this machine unless CONSOLE_HOST says otherwise.
"""

import contextlib
from collections.abc import AsyncGenerator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from services.runtime.console import api, forms, problems
from services.runtime.console.acts import Acts
from services.runtime.console.events import Movements
from services.runtime.console.guard import Guard
from services.runtime.console.pages import Pages
from services.runtime.console.questions import Questions
from services.runtime.console.views import Views
from services.runtime.erasure_watch import ErasureWatch
from services.runtime.health import health_app
from services.runtime.outside import Outside, open_ledger
from services.runtime.ports import Unavailable
from services.runtime.process import Process
from services.runtime.settings import SettingsRefused, is_loopback


def build(outside: Outside) -> Process:
    """
    Return the process.

    Raises `SettingsRefused` for a host that others reach: it shows what people said, and asks
    nobody who they are.  A proxy on this machine may stand in front.
    """
    settings = outside.settings
    if not _is_here(settings.console_host):
        raise SettingsRefused(
            [
                "PARLEY_CONSOLE_HOST must be of this machine alone, such as 127.0.0.1: the console"
                " shows what people said and asks nobody to sign in."
            ]
        )
    views = Views(settings.database_url)
    questions = Questions(outside.journal, views)
    acts = Acts(outside, views)
    movements = Movements(questions.position)
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

    app = Starlette(
        routes=[
            *api.routes(questions, acts),
            *Pages(questions, outside.clock).routes(),
            *forms.routes(api.actions(acts), outside.clock.now),
            Route("/events", movements.stream, methods=["GET"]),
            *health_app("console", [reasons]).routes,
        ],
        exception_handlers=dict(problems.handlers()),
        middleware=[Middleware(Guard)],
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


def _is_here(host: str) -> bool:
    return is_loopback(f"http://[{host}]" if ":" in host else f"http://{host}")
