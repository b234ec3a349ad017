"""The context package: everything the next shift is told of a conversation, within 48 kB."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from contracts import conversation as c
from contracts.base import Contract
from contracts.shift import ContextPackage, Cost, MemoryChange, TranscriptLine
from domain.conversation.state import Conversation
from domain.person.state import Person
from domain.policy import Policy
from domain.shift.story import Said, Story, read
from domain.shift.summary import intents, open_questions, summary

MOST_BYTES = 48_000
_MEMORIES = 20
_CONCERNS = 20
_MICRO_A_CENT = 10_000


@dataclass(frozen=True, slots=True)
class Pack:
    """The command: package an ended conversation under a fresh id (32 hexadecimal characters)."""

    conversation_id: str
    fresh_id: str
    at: datetime


def built(
    state: Conversation,
    facts: Sequence[Contract],
    person: Person,
    command: Pack,
    policy: Policy,
) -> ContextPackage:
    """Return the package of an ended conversation, from all its facts."""
    begun = next(fact for fact in facts if isinstance(fact, c.ConversationStarted))
    over = next(fact for fact in facts if isinstance(fact, c.ConversationEnded))
    outline = ContextPackage(
        package_id=str(UUID(command.fresh_id)),
        conversation_id=command.conversation_id,
        user_id=None,
        project_id=begun.project_id,
        initiated_by=begun.initiated_by,
        escalation_id=begun.escalation_id,
        started_at=begun.at,
        ended_at=over.at,
        end_reason=over.reason,
        summary=None,
    )
    if is_gone(state, person):
        return outline
    story = read(facts)
    inbound = story.heard_segments * policy.inbound(person.country)
    told = outline.model_copy(
        update={
            "user_id": person.user_id,
            "summary": summary(story, over.reason, over.at - begun.at),
            "intents": intents(story),
            "open_questions": open_questions(story, over.reason),
            "transcript": _transcript(story),
            "memory": _memory(story),
            "safety": story.concerns[-_CONCERNS:],
            "cost": _cost(story.texts_cost + inbound, story.model_cost),
            "escalation_id": begun.escalation_id or next(iter(story.escalations), None),
            "escalation_ids": story.escalations,
        }
    )
    return within(told, MOST_BYTES)


def is_gone(state: Conversation, person: Person) -> bool:
    """Return whether the words of a conversation were erased with the person who said them."""
    return person.erased or person.generation != state.generation


def within(package: ContextPackage, most: int) -> ContextPackage:
    """Return the package in at most so many bytes of JSON: its oldest lines are cut."""
    excess = _size(package) - most
    if excess <= 0:
        return package
    lines = list(package.transcript)
    while lines and excess > 0:
        # The comma between two lines goes with the older.
        excess -= _size(lines.pop(0)) + bool(lines)
    return package.model_copy(update={"transcript": tuple(lines), "truncated": True})


def _size(told: ContextPackage | TranscriptLine) -> int:
    return len(told.model_dump_json().encode())


def _transcript(story: Story) -> tuple[TranscriptLine, ...]:
    return tuple(_line(seq, line) for seq, line in enumerate(story.said, 1))


def _line(seq: int, line: Said) -> TranscriptLine:
    return TranscriptLine.model_validate(
        {
            "seq": seq,
            "from": line.author,
            "text": line.text,
            "at": line.at,
            "message_sid": line.sid,
        }
    )


def _memory(story: Story) -> tuple[MemoryChange, ...]:
    changes = [MemoryChange(key=key, value=value) for key, value in story.memory.items()]
    return tuple(changes[-_MEMORIES:])


def _cost(texts: int, models: int) -> Cost:
    dollars = Decimal(models).scaleb(-6).normalize()
    return Cost(sms_cents=-(-texts // _MICRO_A_CENT), model_usd=f"{dollars:f}")
