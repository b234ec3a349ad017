"""`parley replay`: what a conversation was at any moment, folded anew from its facts."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from getpass import getuser
from typing import Annotated, Any

import typer

from contracts.base import Contract
from contracts.conversation import MessageReceived, SmsDelivered, SmsRequested, SmsSent
from contracts.identity import conversation_stream
from contracts.recorded import Recorded
from deploy.commands.replay_scenarios import replay_scenarios
from deploy.failure import NOT_FOUND, USAGE, Failure
from deploy.here import settings_here
from deploy.progress import following
from deploy.showing import Json, note, show, show_json, show_table
from services.runtime.told import told

NAME = "replay"
commands = typer.Typer(no_args_is_help=True, help="Fold or decide the past anew; play scenarios.")


@commands.callback()
def group() -> None:
    """Fold or decide the past anew; play scenarios."""


commands.command("scenarios")(replay_scenarios)


@commands.command("conversation")
def replay_conversation(
    conversation_id: Annotated[str, typer.Argument(help="The conversation's id.")],
    *,
    at: Annotated[str | None, typer.Option(help="A version, or an ISO time.")] = None,
    json: Json = False,
) -> None:
    """Show a conversation's facts and the state they lead to, now or as it was then."""
    facts = asyncio.run(_history(conversation_stream(conversation_id)))
    if not facts:
        raise Failure(f"There is no conversation {conversation_id}.", NOT_FOUND)
    seen = facts if at is None else until(facts, at)
    from domain.conversation import conversation

    state = conversation.fold(recorded.fact for recorded in seen)
    version = seen[-1].version if seen else 0
    if json:
        record: dict[str, Any] = {
            "conversation_id": conversation_id,
            "version": version,
            "state": told(state),
            "lines": lines_of(seen),
        }
        show_json(record | {"facts": [record_of(one) for one in seen]})
        return
    show_table(("version", "at", "fact", "cause"), [record_of(one) for one in seen])
    show(f"State at version {version}:")
    for name, value in told(state).items():
        show(f"  {name}: {value}")


@commands.command("policy")
def replay_policy(
    *,
    since: Annotated[str | None, typer.Option(help="Decisions since then: an ISO time.")] = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show texts; needs --why.")] = False,
    why: Annotated[str | None, typer.Option(help="Why the texts have to be read.")] = None,
    by: Annotated[str | None, typer.Option(help="Who reads them, if not the user here.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with one that was interrupted.")
    ] = False,
    json: Json = False,
) -> None:
    """Decide every recorded text and draft again by today's rules; show only what differs."""
    if reveal and not why:
        raise Failure("--reveal is written down with its reason: say it with --why.", USAGE)
    moment = None if since is None else _moment(since)
    reader = (by or getuser(), why or "") if reveal else None
    try:
        summary, found = asyncio.run(_replayed(moment, reader, resume=resume))
    except KeyboardInterrupt:
        note("Interrupted. `parley replay policy --resume`, with the same --since, goes on.")
        raise
    if json:
        for each in found:
            show_json(each)
        show_json(summary)
        return
    show_table(("what", "at", "stream", "version", "text", "was", "now"), found)
    show(
        f"{summary['texts']} texts and {summary['drafts']} drafts were decided again:"
        f" {summary['differ']} come out otherwise; {summary['erased']} are erased."
    )


async def _replayed(
    since: datetime | None, reader: tuple[str, str] | None, *, resume: bool
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    from services.runtime.outside import clock_of, open_journal_of
    from services.runtime.policy_replay import replayed, reveal, shown

    settings = settings_here()
    with following("facts replayed") as progress:
        replay = await replayed(settings, since, progress, resume=resume)
    found = replay.found
    if reader is not None:
        journal = await open_journal_of(settings)
        try:
            await reveal(journal, found, *reader, clock_of(settings).now())
        finally:
            await journal.aclose()
    summary = {
        "texts": replay.texts,
        "drafts": replay.drafts,
        "erased": replay.erased,
        "differ": len(found),
    }
    return summary, [shown(each, revealed=reader is not None) for each in found]


def until(facts: Sequence[Recorded[Contract]], at: str) -> Sequence[Recorded[Contract]]:
    """Return the facts up to a version or a time; raises `Failure` if it is neither."""
    if at.isdecimal():
        return [one for one in facts if one.version <= int(at)]
    moment = _moment(at)
    return [one for one in facts if one.at <= moment]


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Failure(f"{text} is neither a version nor a time.", USAGE) from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def record_of(recorded: Recorded[Contract]) -> dict[str, Any]:
    """Return a fact as it is shown."""
    return {
        "version": recorded.version,
        "position": recorded.position,
        "at": recorded.at,
        "fact": recorded.fact.name,
        "cause": recorded.cause,
        "correlation": recorded.correlation,
        "content": recorded.fact.model_dump(mode="json"),
    }


def lines_of(facts: Sequence[Recorded[Contract]]) -> list[dict[str, Any]]:
    """
    Return the transcript that the facts alone tell, in the order in which it was said.

    A text of ours counts once the carrier has it: what was withheld or failed nobody read.
    """
    sent = {
        recorded.fact.sms_id
        for recorded in facts
        if isinstance(recorded.fact, SmsSent | SmsDelivered)
    }
    lines: list[dict[str, Any]] = []
    for recorded in facts:
        fact = recorded.fact
        if isinstance(fact, MessageReceived):
            line = {"author": "person", "at": fact.received_at, "sid": fact.sid}
            lines.append(line | {"text": fact.text})
        elif isinstance(fact, SmsRequested) and fact.sms_id in sent:
            line = {"author": "agent", "at": fact.at, "sms_id": fact.sms_id}
            lines.append(line | {"text": fact.text})
    return sorted(lines, key=lambda line: line["at"])


async def _history(stream: str) -> Sequence[Recorded[Contract]]:
    from services.runtime.outside import open_journal_of

    journal = await open_journal_of(settings_here())
    try:
        return await journal.history(stream)
    finally:
        await journal.aclose()
