"""`parley check`: are the settings good, does every neighbour answer, what is missing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass

import typer

from deploy.failure import GOOD, REFUSED, failure_of
from deploy.here import settings_here
from deploy.showing import Json, show_json, show_table
from services.runtime.settings import Settings, SettingsRefused

NAME = "check"
_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: good if `problem` is empty."""

    subject: str
    good: bool
    problem: str = ""


def command(*, json: Json = False) -> None:
    """Look at the settings and at every neighbour; exit code 4 if something is missing."""
    findings = asyncio.run(look())
    good = all(finding.good for finding in findings)
    if json:
        show_json({"good": good, "findings": [asdict(finding) for finding in findings]})
    else:
        rows = [
            {"": "good" if one.good else "BAD", "what": one.subject, "why": one.problem}
            for one in findings
        ]
        show_table(("", "what", "why"), rows)
    raise typer.Exit(GOOD if good else REFUSED)


async def look() -> Sequence[Finding]:
    """Return what was found; nothing is changed."""
    try:
        settings = settings_here()
    except SettingsRefused as refusal:
        return [Finding("settings", good=False, problem=line) for line in refusal.sentences]
    except Exception as error:
        return [Finding("settings", good=False, problem=str(failure_of(error)))]
    findings = [Finding("settings", good=True)]
    asked = ("relay", "sender", "policy_gate")
    missing = dict.fromkeys(line for process in asked for line in settings.missing(process))
    findings += [Finding("settings", good=False, problem=line) for line in missing]
    looks = {"database": _database, "bus": _bus, "carrier": _carrier, "model": _model}
    findings += await asyncio.gather(
        *(_looked(subject, ask, settings) for subject, ask in looks.items())
    )
    return findings


async def _looked(
    subject: str, ask: Callable[[Settings], Awaitable[str]], settings: Settings
) -> Finding:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            problem = await ask(settings)
    except TimeoutError:
        problem = f"No answer in {_PATIENCE_S:.0f} seconds."
    except Exception as error:
        problem = str(failure_of(error))
    return Finding(subject, good=not problem, problem=problem)


async def _database(settings: Settings) -> str:
    from services.runtime.outside import open_journal_of

    if not settings.database_url:
        return "Not looked at: its address is not set."
    journal = await open_journal_of(settings)
    try:
        await journal.head()
    finally:
        await journal.aclose()
    return ""


async def _bus(settings: Settings) -> str:
    from services.runtime.outside import open_bus

    if not settings.nats_url:
        return "Not looked at: its address is not set."
    bus = await open_bus(settings, "check")
    try:
        return await bus.ready() or ""
    finally:
        await bus.aclose()


async def _carrier(settings: Settings) -> str:
    from services.runtime.outside import open_sms

    if settings.missing("sender"):
        return "Not looked at: its settings are not complete."
    sms = open_sms(settings)
    try:
        await sms.fetch("SM" + "0" * 32)
    finally:
        await sms.aclose()
    return ""


async def _model(settings: Settings) -> str:
    from services.runtime.outside import open_judge_of, open_model_of

    model = open_model_of(settings)
    await model.aclose()
    judge = open_judge_of(settings)
    if judge is not None:
        await judge.aclose()
    return ""
