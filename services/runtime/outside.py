"""The outside world, connected: the one place that knows which adapter stands for which port."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, cast

from domain.policy import Policy
from services.adapters.clock import SystemClock, WoundClock
from services.adapters.journal import AsyncJournal, open_journal, unchecked_journal
from services.adapters.relay_state import PostgresRelayState
from services.runtime.ports import (
    Bus,
    Clock,
    ErasureLedger,
    Journal,
    Judge,
    Letters,
    Model,
    Numbers,
    RelayState,
    Signer,
    Sms,
    Unavailable,
    Webhooks,
)
from services.runtime.settings import Settings

if TYPE_CHECKING:
    from services.adapters.bus import NatsBus

SENDING = frozenset({"sender", "scheduler", "recover"})
ERASING = frozenset({"console"})
HEARING = frozenset({"ingress"})
REVIEWING = frozenset({"console"})
BUS_S = 3.0
THINKING = frozenset({"turn_runner"})
JUDGING = frozenset({"evaluator"})


@dataclass(frozen=True, slots=True)
class Outside:
    """The ports a process works with."""

    settings: Settings
    policy: Policy
    journal: Journal
    bus: Bus
    sms: Sms
    model: Model
    clock: Clock
    numbers: Numbers
    relay_state: RelayState
    webhooks: Webhooks
    letters: Letters
    judge: Judge | None = None


@contextlib.asynccontextmanager
async def connect(settings: Settings, process: str) -> AsyncGenerator[Outside]:
    """
    Connect a process to its neighbours, and to no others; close everything at the end.

    Raises `Unavailable` where a neighbour does not answer, `WrongSecret` where PEPPER or
    MASTER_KEY are not those of the journal.
    """
    async with contextlib.AsyncExitStack() as stack:
        journal = await _journal(settings, process)
        stack.push_async_callback(journal.aclose)
        bus = await open_bus(settings, process, journal)
        stack.push_async_callback(bus.aclose)
        sms = _sms_for(settings, process)
        model: Model = open_model_of(settings) if process in THINKING else _absent("model")
        if not isinstance(sms, _Absent):
            stack.push_async_callback(sms.aclose)
        if process in THINKING:
            stack.push_async_callback(model.aclose)
        judge = open_judge_of(settings) if process in JUDGING else None
        if judge is not None:
            stack.push_async_callback(judge.aclose)
        yield Outside(
            settings=settings,
            policy=settings.policy(),
            journal=journal,
            bus=bus,
            sms=sms,
            model=model,
            clock=clock_of(settings),
            numbers=numbers_here(),
            relay_state=PostgresRelayState(settings.database_url),
            webhooks=_webhooks(settings) if process in HEARING else _absent("webhooks"),
            letters=_letters(bus, journal) if process in REVIEWING else _absent("dead letters"),
            judge=judge,
        )


async def open_journal_of(settings: Settings) -> AsyncJournal:
    """Return the journal, its schema made and its secrets checked."""
    return await open_journal(settings.database_url, settings.secrets())


async def _journal(settings: Settings, process: str) -> AsyncJournal:
    try:
        return await open_journal_of(settings)
    except Unavailable:
        if process != "ingress":
            raise
        # Texts are kept while PostgreSQL is away: the bus alone must answer.
        return unchecked_journal(settings.database_url, settings.secrets())


def clock_of(settings: Settings) -> Clock:
    """Return the machine's clock, or the one that a local deployment can wind."""
    if settings.clock_file is None:
        return SystemClock()
    return WoundClock(settings.clock_file)


def _letters(bus: "NatsBus", journal: Journal) -> Letters:
    from services.adapters.dead_letter_box import DeadLetterBox  # noqa: PLC0415

    return DeadLetterBox(bus.stream, journal)


def _webhooks(settings: Settings) -> Webhooks:
    from services.adapters.webhook import Account, TwilioWebhooks  # noqa: PLC0415

    return TwilioWebhooks(
        Account(
            settings.twilio_account_sid,
            settings.twilio_phone_number,
            settings.twilio_messaging_service_sid,
            settings.auth_tokens(),
            settings.public_url,
            settings.shared_keys(),
        )
    )


def numbers_here() -> Numbers:
    """Return the world's numbering plans."""
    from services.adapters.numbers import NumberingPlans  # noqa: PLC0415

    return NumberingPlans()


async def open_bus(settings: Settings, process: str, journal: Journal | None = None) -> "NatsBus":
    """
    Return the message queue, connected under the process's name.

    Hearing needs the `journal`, in which dead letters are told of.
    """
    from services.adapters.bus import connect_bus  # noqa: PLC0415

    try:
        # By itself the client would try for ever, and nobody could say why nothing happens.
        async with asyncio.timeout(BUS_S):
            return await connect_bus(settings, process, journal)
    except TimeoutError:
        raise Unavailable(f"NATS is away: no connection in {BUS_S:.0f} s") from None


def open_sms(settings: Settings) -> Sms:
    """Return the carrier; nothing is asked of it yet."""
    # Only where texts are sent: the package takes its time to import.
    from services.adapters.twilio import Sender, TwilioSms  # noqa: PLC0415

    return TwilioSms(
        settings.twilio_account_sid,
        settings.auth_tokens()[0],
        Sender(
            settings.twilio_phone_number or None, settings.twilio_messaging_service_sid or None
        ),
        settings.public_url,
        api_url=settings.twilio_api_url or None,
        deadline_s=settings.attempt_deadline_seconds,
        edge=settings.twilio_edge or None,
        region=settings.twilio_region or None,
    )


def _sms_for(settings: Settings, process: str) -> Sms:
    if process in SENDING or (process in ERASING and has_carrier(settings)):
        return open_sms(settings)
    absent: Sms = _absent("carrier")
    return absent


def signer_of(settings: Settings) -> Signer:
    """Return who signs for this deployment."""
    from services.adapters.signing import Ed25519Signer  # noqa: PLC0415

    return Ed25519Signer(settings.secrets().master_key)


def open_ledger(settings: Settings) -> ErasureLedger:
    """Return the ledger of erasures; its file is made with the first line."""
    from services.adapters.erasure_ledger import FileLedger  # noqa: PLC0415

    return FileLedger(settings.erasure_ledger or settings.state_dir / "erasures.jsonl")


def has_carrier(settings: Settings) -> bool:
    """Return whether an account is set that a carrier can be asked with."""
    sender = settings.twilio_phone_number or settings.twilio_messaging_service_sid
    return bool(settings.twilio_account_sid and settings.twilio_auth_tokens and sender)


def open_model_of(settings: Settings) -> Model:
    """Return the language model with its fallbacks; nothing is asked of it yet."""
    from services.adapters.model import open_model  # noqa: PLC0415

    return open_model(settings.model, settings.model_fallback or None, _keys(settings))


def open_judge_of(settings: Settings) -> Judge | None:
    """Return the second model that judges drafts, or None where none is set."""
    if not settings.judge:
        return None
    from services.adapters.model_judge import open_judge  # noqa: PLC0415

    return open_judge(settings.judge, _keys(settings), timeout_s=settings.judge_seconds)


def _keys(settings: Settings) -> dict[str, str]:
    named = {
        "google": settings.google_api_key,
        "openai": settings.openai_api_key,
        "anthropic": settings.anthropic_api_key,
    }
    return {name: key.get_secret_value() for name, key in named.items() if key is not None}


class _Absent:
    def __init__(self, what: str) -> None:
        self._what = what

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError(f"this process was not given the {self._what}")


def _absent(what: str) -> Any:
    return cast("Any", _Absent(what))
