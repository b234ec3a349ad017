"""Everything that is kept of one person, for themselves or for whoever asks on their behalf."""

from collections.abc import Iterator, Sequence
from typing import Any

from contracts.base import Contract
from contracts.conversation import TurnAdmitted, TurnAnswered, TurnCommitted
from contracts.identity import (
    conversation_stream,
    escalation_stream,
    follow_up_stream,
    person_stream,
    safety_stream,
)
from contracts.recorded import Recorded
from domain.person.erasure import belongings
from services.runtime.contacts import shown
from services.runtime.ports import Journal


async def everything_of(journal: Journal, who: str) -> dict[str, Any]:
    """
    Return every fact of a person's streams, oldest first, as a JSON document.

    That is their own stream, their conversations, and the safety cases, follow-ups and
    escalations that belong to those.  What was erased reads `[erased]`.
    """
    own = await journal.history(person_stream(who))
    owned = belongings([each.fact for each in own])
    facts: list[Recorded[Contract]] = list(own)
    streams = [conversation_stream(each) for each in owned.conversations]
    streams += [escalation_stream(each) for each in sorted(owned.escalations)]
    for stream in streams:
        facts += await journal.history(stream)
    for turn in dict.fromkeys(_turns(facts)):
        for stream in (safety_stream(turn), follow_up_stream(turn)):
            facts += await journal.history(stream)
    facts.sort(key=lambda each: each.position)
    return {"person_id": who, "facts": [_told(each) for each in facts]}


def _turns(facts: Sequence[Recorded[Contract]]) -> Iterator[str]:
    for each in facts:
        if isinstance(each.fact, TurnAdmitted | TurnAnswered | TurnCommitted):
            yield each.fact.turn_id


def _told(recorded: Recorded[Contract]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "position": recorded.position,
        "stream": recorded.stream,
        "version": recorded.version,
        "at": recorded.at,
        "fact": recorded.fact.name,
        "content": recorded.fact.model_dump(mode="json"),
    }
    wording = shown(recorded.fact)
    return told if wording is None else told | {"shown": wording}
