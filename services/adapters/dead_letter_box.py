"""Dead letters: a copy on the queue to replay, and a fact in the journal for a person to see."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import nats.errors
import nats.js.errors
from nats.js import JetStreamContext

from contracts.dead_letter import DeadLettered
from contracts.identity import dead_letter_stream
from contracts.recorded import Cause
from domain.counting import counted
from services.adapters import streams
from services.runtime.handling import Delivery
from services.runtime.ports import Entry, Journal, Letter, Unavailable

_AWAY = (nats.errors.Error, OSError, TimeoutError)
_PUBLISH_S = 3.0
_PAGE = 100  # that many are read at once
# No process of ours may speak for the agent; the server says so by saying nothing.
_OF_THE_AGENT = ", or the agent's words are an operator's to replay (parley dead-letters replay)"


class DeadLetterBox:
    """
    The stream DLQ.

    A letter's headers say where it came from and why, never what is in it.  Raises `Unavailable`.
    """

    def __init__(self, stream: JetStreamContext, journal: Journal) -> None:
        self._stream = stream
        self._journal = journal

    async def put_aside(self, delivery: Delivery, reason: str) -> None:
        """Keep a copy of a message and say so in the journal; once, however often it is asked."""
        letter = letter_id(delivery.stream, delivery.consumer, delivery.sequence)
        headers = {
            "Nats-Msg-Id": f"dead:{letter}",
            "Dlq-Letter": letter,
            "Dlq-Stream": delivery.stream,
            "Dlq-Consumer": delivery.consumer,
            "Dlq-Subject": delivery.subject,
            "Dlq-Sequence": str(delivery.sequence),
            "Dlq-Attempts": str(delivery.deliveries),
            "Dlq-Reason": reason.replace("\n", " ")[:300],
            "Dlq-At": datetime.now(UTC).isoformat(),
        }
        subject = f"dlq.{delivery.stream}.{delivery.consumer}"
        try:
            await self._stream.publish(
                subject, delivery.body, timeout=_PUBLISH_S, stream=streams.DLQ, headers=headers
            )
        except _AWAY as error:
            raise Unavailable(f"the dead letters are away: {type(error).__name__}") from None
        await self._say(letter, delivery, reason)

    async def _say(self, letter: str, delivery: Delivery, reason: str) -> None:
        stream = dead_letter_stream(letter)
        said = await self._journal.read(counted, stream)
        if said.version:
            return
        now = datetime.now(UTC)
        fact = DeadLettered(
            stream=delivery.stream,
            consumer=delivery.consumer,
            subject=delivery.subject,
            sequence=delivery.sequence,
            attempts=delivery.deliveries,
            reason=reason,
            at=now,
        )
        cause = Cause(f"{delivery.stream}:{delivery.sequence}", letter)
        await self._journal.save([Entry(stream, 0, "", (fact,), None)], cause, now)

    async def letters(self, after: int = 0) -> Sequence[Letter]:
        """Return a page of the letters that wait behind a sequence, oldest first."""
        try:
            state = (await self._stream.stream_info(streams.DLQ)).state
            found: list[Letter] = []
            begin = max(state.first_seq, after + 1)
            # What was decided about left gaps; they are asked for along with the rest.
            while begin <= state.last_seq and not found:
                end = min(begin + _PAGE, state.last_seq + 1)
                asked = await asyncio.gather(*map(self._message, range(begin, end)))
                found = [_letter(each.seq, each.headers or {}) for each in asked if each]
                begin = end
        except _AWAY as error:
            raise Unavailable(f"NATS is away: {type(error).__name__}") from None
        return found

    async def replay(self, letter: Letter) -> None:
        """Publish the copy where it came from, under a new id."""
        message = await self._message(letter.sequence)
        if message is None:
            raise LookupError("no such dead letter")
        fresh = f"again:{letter.stream}.{letter.source_sequence}:{datetime.now(UTC).timestamp()}"
        try:
            await self._stream.publish(
                letter.subject,
                message.data or b"",
                timeout=_PUBLISH_S,
                headers={"Nats-Msg-Id": fresh},
            )
        except _AWAY as error:
            hint = _OF_THE_AGENT if letter.stream == streams.AGENT_IN else ""
            raise Unavailable(f"NATS is away: {type(error).__name__}{hint}") from None

    async def remove(self, letter: Letter) -> None:
        """Delete the copy."""
        try:
            await self._stream.delete_msg(streams.DLQ, letter.sequence)
        except nats.js.errors.NotFoundError:
            return
        except _AWAY as error:
            raise Unavailable(f"NATS is away: {type(error).__name__}") from None

    async def _message(self, sequence: int) -> Any:
        try:
            return await self._stream.get_msg(streams.DLQ, seq=sequence)
        except nats.js.errors.NotFoundError:
            return None


def letter_id(stream: str, consumer: str, sequence: int) -> str:
    """Return the id of a dead letter: `<stream>.<consumer>.<sequence>`."""
    return f"{stream}.{consumer}.{sequence}"


def _letter(sequence: int, headers: dict[str, str]) -> Letter:
    return Letter(
        sequence=sequence,
        stream=headers.get("Dlq-Stream", ""),
        consumer=headers.get("Dlq-Consumer", ""),
        subject=headers.get("Dlq-Subject", ""),
        source_sequence=int(headers.get("Dlq-Sequence", 0)),
        reason=headers.get("Dlq-Reason", ""),
        attempts=int(headers.get("Dlq-Attempts", 0)),
        at=datetime.fromisoformat(headers.get("Dlq-At", "1970-01-01T00:00:00+00:00")),
    )
