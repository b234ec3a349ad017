"""The simulator as a web application, and its server."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from queue import SimpleQueue

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deploy.local.twilio_simulator import controls, page, phones, rest
from deploy.local.twilio_simulator.account import API_VERSION, SimulatorConfig
from deploy.local.twilio_simulator.calls import CallLog
from deploy.local.twilio_simulator.carrier import Carrier
from deploy.local.twilio_simulator.refusals import Refused, refusal
from deploy.local.twilio_simulator.store import MessageStore
from deploy.local.twilio_simulator.webhooks import Webhooks
from deploy.local.wound_clock import WoundClock

_GRACE_S = 3
_IDLE_S = 75


def build(config: SimulatorConfig) -> Starlette:
    """
    Return the application.

    Its state folder holds `simulator.db`.  Dropping connections on request (`cut_after`, `hang`)
    needs the server of `serve`.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        clock = WoundClock(config.clock_path)
        store = MessageStore(config.state_dir / "simulator.db")
        async with Webhooks(config.auth_token, CallLog(store, clock)) as webhooks:
            carrier = Carrier(config, store, clock, webhooks)
            app.state.carrier = carrier
            carrier.start()
            yield
            carrier.agenda.close()
        store.close()
        clock.close()

    app = Starlette(
        routes=[*rest.ROUTES, *phones.ROUTES, *controls.ROUTES, *page.ROUTES],
        lifespan=lifespan,
        exception_handlers={Refused: _refused, HTTPException: _failed},
    )
    app.router.redirect_slashes = False
    return app


async def serve(
    config: SimulatorConfig,
    port: int,
    stop: asyncio.Event | None = None,
    ready: Callable[[int], None] | None = None,
    listening: socket.socket | None = None,
) -> None:
    """
    Serve the simulator on the loopback address, or on a `listening` socket, until told to end.

    That is SIGINT or SIGTERM.

    With `stop` signals are left alone, and it serves until `stop` is set.  Port 0 takes a free
    one; `ready` hears the port once requests are answered.  Raises `SystemExit` if the port is
    taken.
    """
    server = _Server(build(config), port, ready, catch_signals=stop is None)
    sockets = None if listening is None else [listening]
    if stop is None:
        await server.serve(sockets)
        return
    serving = asyncio.create_task(server.serve(sockets))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving


@contextlib.contextmanager
def running(config: SimulatorConfig) -> Generator[str]:
    """Serve the simulator in a thread on a free port, for tests; gives its URL."""
    ports: SimpleQueue[int | None] = SimpleQueue()
    loops: SimpleQueue[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = SimpleQueue()

    async def work() -> None:
        stop = asyncio.Event()
        loops.put((asyncio.get_running_loop(), stop))
        await serve(config, 0, stop, ports.put)

    def run() -> None:
        try:
            asyncio.run(work())
        finally:
            ports.put(None)

    thread = threading.Thread(target=run, name="twilio-simulator")
    thread.start()
    loop, stop = loops.get()
    port = ports.get()
    if port is None:
        thread.join()
        raise RuntimeError("the simulator did not start")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


class _Server(uvicorn.Server):
    """Uvicorn, with connections that can be cut and streams that end when it stops."""

    def __init__(
        self,
        app: Starlette,
        port: int,
        ready: Callable[[int], None] | None,
        *,
        catch_signals: bool,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host="127.0.0.1",
                port=port,
                ws="none",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=_IDLE_S,
                timeout_graceful_shutdown=_GRACE_S,
            )
        )
        # For `cut`: nobody else knows which connection a request came on.
        app.state.connections = self.server_state.connections
        self._app = app
        self._ready = ready
        self._catch_signals = catch_signals

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Catch SIGINT and SIGTERM unless somebody else does."""
        with super().capture_signals() if self._catch_signals else contextlib.nullcontext():
            yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say where."""
        await super().startup(sockets)
        if self.started and self._ready is not None:
            self._ready(self.servers[0].sockets[0].getsockname()[1])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the live streams, then stop as usual."""
        self._app.state.carrier.end_streams()
        await super().shutdown(sockets)


async def _refused(_: Request, error: Exception) -> Response:
    return refusal(error) if isinstance(error, Refused) else _internal()


async def _failed(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return _internal()
    if request.url.path.startswith(f"/{API_VERSION}/"):
        code = {404: 20404, 405: 20004}.get(error.status_code, 20001)
        return refusal(Refused(code, error.detail, error.status_code))
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


def _internal() -> Response:
    return JSONResponse({"error": "internal error"}, 500)
