"""What the model is given for one turn, from what the person and the conversation are now."""

from collections.abc import Iterable, Mapping

from contracts.labels import Brief
from domain.conversation.state import Conversation, Line, OpenTurn
from domain.person.remembering import screened, visible
from domain.person.state import Earlier, Person
from domain.turn.benefits import screen
from domain.turn.budget import fitted
from domain.turn.context import Context, Said
from domain.turn.missing import ASKED
from domain.turn.resources import guidance_for, resources_for
from domain.turn.skills import Skill, chosen

# The model's own bound on what a text may hold; the rest is in the journal.
LONGEST_TEXT = 1_600
_RECORDS_SHOWN = 24


def said(lines: Iterable[Line]) -> tuple[Said, ...]:
    """Return transcript lines as the classifier and the model read them, in their order."""
    return tuple(Said(line.author, line.text[:LONGEST_TEXT], line.sid) for line in lines)


def bundle(person: Person, conversation: Conversation, turn: OpenTurn) -> Context:
    """Return the context of the open turn, within the bound of tokens."""
    seen = dict(visible(person.memory))
    before = conversation.said_before(turn.covers_from)
    screening = screen(person.country, screened(person.memory))
    whole = Context(
        turn_id=turn.turn_id,
        brief=spoken(turn.brief),
        state=_state(person),
        memory=seen,
        history=said(line for line in before if line.place > conversation.condensed_through),
        pending=said(conversation.pending(turn.covers_from, turn.covers_through)),
        resources=resources_for(person.country, turn.labels.domain),
        feedback=tuple(f"{flag.flag}: {flag.span}" for flag in turn.feedback),
        skills=tuple(skill.body for skill in skills_of(person, conversation, turn)),
        guidance=guidance_for(person.country, turn.labels.domain),
        earlier=conversation.condensed,
        before=tuple((_day(one), one.recap) for one in person.earlier),
        shown=selected(seen, turn.brief),
        screening=screening,
    )
    return fitted(whole)


def selected(memory: Mapping[str, str], brief: Brief) -> tuple[str, ...]:
    """Return which records are shown: what the brief names first, then the rest by its key."""
    named = [key for key in brief.memory_to_use if key in memory]
    return tuple(dict.fromkeys((*named, *sorted(memory))))[:_RECORDS_SHOWN]


def skills_of(person: Person, conversation: Conversation, turn: OpenTurn) -> tuple[Skill, ...]:
    """Return the guidance packs of a turn; the trace names the same ones."""
    pending = conversation.pending(turn.covers_from, turn.covers_through)
    return chosen(turn.labels, person.phase, (line.text for line in pending))


def spoken(brief: Brief) -> str:
    """Return a brief as the sentences a chief of staff would say."""
    lines = [f"Priority: {brief.priority}", f"Need: {brief.need}"]
    if brief.recipient_risk:
        lines.append(f"Risk to the one cared for: {brief.recipient_risk}")
    if brief.memory_to_use:
        lines.append(f"Use what is remembered: {', '.join(brief.memory_to_use)}")
    if brief.memory_to_capture:
        lines.append(f"Worth remembering: {', '.join(brief.memory_to_capture)}")
    if brief.unknown:
        lines.append(f"Not known yet: {', '.join(ASKED[need] for need in brief.unknown)}")
    lines.append(brief.next_step)
    return "\n".join(lines)


def _day(one: Earlier) -> str:
    return "earlier" if one.at is None else f"{one.at:%Y-%m-%d}"


def _state(person: Person) -> dict[str, str]:
    known = {
        "phase": person.phase,
        "loop_stage": person.loop_stage,
        "name": person.display_name or "",
        "timezone": person.timezone or "",
        "country": person.country or "",
    }
    return {key: value for key, value in known.items() if value}
