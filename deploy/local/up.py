"""`parley up`: everything on this machine, in one command, from nothing."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import layout as layouts
from deploy.local import preparing
from deploy.local.cannot_start import CannotStart
from deploy.local.children import last_lines
from deploy.local.credentials import Credentials, credentials_of
from deploy.local.forked import Forked, before_forks, end_all, fork, fresh_log
from deploy.local.importing import importing
from deploy.local.kept import Kept
from deploy.local.layout import Layout
from deploy.local.ports import LOOPBACK
from deploy.local.servers import Servers
from deploy.local.state_folder import Addresses, StateFolder
from deploy.local.twilio_simulator import INSTANT, Pace, SimulatorConfig, serve
from deploy.local.wound_clock import WoundClock
from services.runtime import running
from services.runtime.access.tokens import fresh_token, link
from services.runtime.processes import installed
from services.runtime.running import DAMAGED, Places
from services.runtime.settings import PREFIX, Settings, read_settings

SIMULATOR = "simulator"
_ENDING = (signal.SIGTERM, signal.SIGINT)
_WATCHED = (*_ENDING, signal.SIGCHLD)
_TICK_S = 0.25
_READY_S = 60.0
_HEALTH = "health.json"
_UNDONE = {
    "prepare": "The streams and tables could not be made",
    "recover": "The database that came from a backup could not be recovered",
}
# A carrier waits for its webhook to be answered; everything else may take its turn.
_PROMPT = "ingress"
# What we recommend to enter at Twilio, too: a webhook that found nobody is posted again.
_OVERRIDES = "rc=5&rp=ct,rt,5xx"

Say = Callable[[str], None]


class Damaged(CannotStart):
    """A service found damage and refuses to run."""


class _ToldToEnd(Exception):
    """SIGTERM or Ctrl-C came before everything was ready."""


@dataclass(slots=True)
class Up:
    """One run of everything; `say` tells the person in the terminal."""

    given: Mapping[str, str]
    state: StateFolder
    say: Say
    ready: Callable[[], None]
    restored: bool = False
    names: tuple[str, ...] = ()
    servers: Servers | None = None
    processes: dict[str, Forked] = field(default_factory=dict[str, Forked])

    def run(self) -> int:
        """Start everything, keep it alive until SIGTERM or Ctrl-C, stop it in order."""
        layouts.refuse_real_carrier(self.given)
        read_settings(self.given)
        self.names = installed()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        try:
            with contextlib.suppress(_ToldToEnd), contextlib.ExitStack() as stack:
                self._run(stack)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return running.GOOD

    def _run(self, stack: contextlib.ExitStack) -> None:
        own = credentials_of(self.state)
        layout = layouts.choose(self.given, self.names)
        stack.callback(layout.close)
        servers = Servers(self.given, self.state.path, self._logs(), own.nats_password)
        stack.callback(servers.stop)
        self.servers = servers
        with importing(self.names):
            servers.start()
        settings = layouts.settings_for(
            self.given, self.state, own, layout, servers.database_url, servers.nats_url
        )
        WoundClock(self.state.path / "clock").close()
        before_forks()
        invitation = fresh_token()
        self._prepare(settings, invitation)
        stack.callback(self._stop, settings)
        self._start(settings, layout, own)
        self._await_ready()
        self._tell(settings, layout, servers, invitation)
        self._keep([*servers.kept(), *self._kept(settings, layout, own)])
        self.say("Stopping.")

    # Starting

    def _logs(self) -> Path:
        folder = self.state.path / "logs"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def _prepare(self, settings: Settings, invitation: str) -> None:
        """Prepare in a process of its own: a loop here would be copied by every fork."""
        self._do("prepare", lambda: preparing.prepare(settings, invitation))

    def _do(self, what: str, job: Callable[[], None]) -> None:
        """Do something in a process of its own, to its end.  Raises `CannotStart`."""
        log = fresh_log(self._logs() / f"{what}.log")

        def work(ready: Callable[[], None]) -> int:
            job()
            ready()
            return 0

        process = fork(what, work, log)
        while process.running:
            self._pulse(_TICK_S)
        if process.code != 0:
            raise CannotStart(f"{_UNDONE[what]}: {last_lines(log)} (more in {log})")

    def _start(self, settings: Settings, layout: Layout, own: Credentials) -> None:
        for name in (SIMULATOR, *self.names):
            fresh_log(self._logs() / f"{name}.log")
            self._fork(name, settings, layout, own)
            if name == SIMULATOR and self.restored:
                self._restore(settings)

    def _restore(self, settings: Settings) -> None:
        """Make a database that came from a backup fit to go on, before any service starts."""

        def recover() -> None:
            # Only here: the next start, and everybody else's, needs nothing of it.
            from deploy.recovering import recover_restored  # noqa: PLC0415

            asyncio.run(recover_restored(settings))

        self._do("recover", recover)

    def _fork(self, name: str, settings: Settings, layout: Layout, own: Credentials) -> None:
        supervisor = os.getpid()

        def work(ready: Callable[[], None]) -> int:
            if name == SIMULATOR:
                layout.close(but=(layout.simulator,))
                config = _simulator(settings, self.state.path, own)
                asyncio.run(serve(config, 0, ready=lambda _: ready(), listening=layout.simulator))
                return running.GOOD
            places = _places(name, layout, ready, supervisor)
            return running.run(name, self._own(name, settings), places)

        others = tuple(self.processes.values())
        log = self._logs() / f"{name}.log"
        self.processes[name] = fork(name, work, log, others=others, prompt=name == _PROMPT)

    def _own(self, name: str, settings: Settings) -> Settings:
        """Return the settings with a process's own user of the queue."""
        assert self.servers is not None
        return settings.model_copy(update={"nats_url": self.servers.nats_url_of(name)})

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _READY_S
        waiting = dict(self.processes)
        while waiting:
            self._pulse(0.01)
            for name, process in tuple(waiting.items()):
                if process.is_ready(0.0):
                    del waiting[name]
                elif not process.running:
                    raise self._refusal(process)
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"Not ready after {_READY_S:.0f} s: {', '.join(waiting)}."
                    f" See the logs in {self._logs()}."
                )

    def _refusal(self, process: Forked) -> CannotStart:
        log = self._logs() / f"{process.name}.log"
        kind = Damaged if process.code == DAMAGED else CannotStart
        return kind(f"{process.name} did not start: {_last_reason(log)} (more in {log})")

    def _tell(self, settings: Settings, layout: Layout, servers: Servers, invitation: str) -> None:
        console = f"http://{LOOPBACK}:{layouts.port_of(layout.console)}"
        simulator = f"http://{LOOPBACK}:{layouts.port_of(layout.simulator)}"
        health = {
            name: f"http://{LOOPBACK}:{layouts.port_of(one)}"
            for name, one in layout.health.items()
        }
        (self.state.path / _HEALTH).write_text(json.dumps(health, indent=2) + "\n")
        self.state.write_addresses(
            Addresses(
                ingress=f"http://{LOOPBACK}:{layouts.port_of(layout.ingress)}",
                console=console,
                simulator=simulator,
                phone=f"{simulator}/phone",
                nats=servers.nats_url,
                database=servers.database_url,
                twilio={
                    "account_sid": settings.twilio_account_sid,
                    "auth_token": settings.auth_tokens()[0],
                    "number": settings.twilio_phone_number,
                },
            )
        )
        numbers = ", ".join(number for number, _ in preparing.DEMO_PEOPLE)
        self.ready()
        self.say(f"Phone    {simulator}/phone   (or: parley text)")
        self.say(f"Console  {link(settings.console_url or console, invitation)}")
        self.say("         (signs you in, once, within 15 minutes; later: make console)")
        self.say(f"Text {settings.twilio_phone_number} from one of {numbers}.  Ctrl-C stops.")

    # Running

    def _keep(self, kept: list[Kept]) -> None:
        now = time.monotonic()
        for one in kept:
            one.started_at = now
        with contextlib.suppress(_ToldToEnd):
            while True:
                self._pulse(min((one.due_s() for one in kept), default=_TICK_S))
                for one in kept:
                    happened = one.look()
                    if happened is not None:
                        self.say(happened)

    def _kept(self, settings: Settings, layout: Layout, own: Credentials) -> list[Kept]:
        def one(name: str) -> Kept:
            return Kept(
                name,
                lambda: self.processes[name].running,
                lambda: self._fork(name, settings, layout, own),
            )

        return [one(name) for name in self.processes]

    def _pulse(self, patience: float) -> None:
        """Wait a moment, or less if a child ends; raises `_ToldToEnd`."""
        received = signal.sigtimedwait(_WATCHED, patience)
        if received is not None and received.si_signo in _ENDING:
            raise _ToldToEnd

    def _stop(self, settings: Settings) -> None:
        """End the services, which drain against a carrier and servers that still answer."""
        (self.state.path / _HEALTH).unlink(missing_ok=True)
        services = tuple(one for name, one in self.processes.items() if name != SIMULATOR)
        end_all(services, settings.drain_seconds + 3.0)
        end_all(tuple(one for name, one in self.processes.items() if name == SIMULATOR), 5.0)


def up(
    environment: Mapping[str, str],
    say: Say = print,
    ready: Callable[[], None] = lambda: None,
    *,
    restored: bool = False,
) -> int:
    """
    Run everything until SIGTERM or Ctrl-C; return the exit code.

    `ready` is called when every service is, and the addresses are written.  `restored` says that
    the database came from an older backup: then it is recovered before any service starts.

    Raises `CannotStart`, with a sentence, and `SettingsRefused`.
    """
    given = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    folder = read_settings(given).state_dir
    with StateFolder(folder) as state:
        return Up(given, state, say, ready, restored).run()


def _places(name: str, layout: Layout, ready: Callable[[], None], supervisor: int) -> Places:
    """Return the sockets of one process; it closes those of the others."""
    app = {"ingress": layout.ingress, "console": layout.console}.get(name)
    health = layout.health[name]
    layout.close(but=(health,) if app is None else (app, health))
    return Places(app, health, ready, supervisor)


def _simulator(settings: Settings, state: Path, own: Credentials) -> SimulatorConfig:
    folder = state / SIMULATOR
    folder.mkdir(mode=0o700, exist_ok=True)
    return SimulatorConfig(
        account_sid=own.account_sid,
        auth_token=own.auth_token,
        numbers=(settings.twilio_phone_number,),
        inbound_url=f"{settings.public_url}/twilio/inbound#{_OVERRIDES}",
        state_dir=folder,
        clock_path=settings.clock_file or state / "clock",
        opt_out_owner=settings.opt_out_owner,
        price_microdollars=settings.price_microdollars,
        pace=INSTANT if settings.simulator_pace == "instant" else Pace(),
        carrier_delay_ms=settings.simulator_delay_ms,
    )


def _last_reason(log: Path) -> str:
    """Return why a service said that it refuses, or its last lines."""
    said = last_lines(log)
    with contextlib.suppress(OSError, ValueError, KeyError):
        for line in reversed(log.read_text().splitlines()):
            if '"why"' in line:
                return str(json.loads(line)["why"])
    return said or "it said nothing"
