"""
What the harness answers itself once every gate has let a text pass: no model is needed for it.

A wish to be forgotten, and the plain answer to a question of getting to know each other.
"""

import re
from dataclasses import dataclass

from contracts import person as p
from contracts.base import Contract
from contracts.follow_up import FollowUpScheduled
from domain.follow_up.promises import CHECK_IN, check_ins
from domain.gates.situation import Ruling, Situation
from domain.person import profile
from domain.person.remembering import Noted, forgotten, remembered
from domain.person.state import Person, evolve
from domain.turn.forgetting import asked_to_forget
from domain.turn.words import collapsed
from domain.turn.write_filter import unfit

FORGOTTEN = (
    "Done: I no longer go by what I had noted about that. The texts we exchanged are still on "
    "record; to have those erased too, write to whoever runs this line."
)
NOTHING_KNOWN = "I have nothing noted about that, so there was nothing to delete."
SETTLED = "Thank you, that's all I wanted to ask. What's on your mind today?"
_SETTLED_SPANISH = "Gracias, era todo lo que queria preguntar. En que piensas hoy?"
UNCHECKED = "All right, no more check-ins from me. You can write whenever you want to."
_LONGEST_WISH = 14
_NO_CHECK_INS = re.compile(
    r"(?:please |ok |no )*(?:stop|no more|cancel|end|quit|don't send|i don't want|i want no)"
    r"(?: me)?(?: the| these| those| your| any| more| any more| daily| weekly| monthly)*"
    r" (?:check ?ins?|checking in)(?: on me| please| any ?more| thanks| thank you)*"
)


@dataclass(frozen=True, slots=True)
class Plain:
    """
    What follows from a text besides the model's turn, or in its place.

    With a `ruling` the harness has answered; without, `person` are facts to be saved with the
    admission of the turn.  `follow_up` is the first of the check-ins that they agreed to.
    """

    ruling: Ruling | None = None
    person: tuple[Contract, ...] = ()
    follow_up: FollowUpScheduled | None = None


def plain(now: Situation, person_id: str, conversation_id: str) -> Plain:
    """Return what the harness makes of a text that no gate has ruled on."""
    talk = now.conversation
    if now.reading.danger is not None or talk.open_turn is not None or talk.taken_by is not None:
        return Plain()
    return (
        _forget(now)
        or _no_check_ins(now, conversation_id)
        or _profile(now, person_id, conversation_id)
        or Plain()
    )


def _forget(now: Situation) -> Plain | None:
    if len(now.text.split()) > _LONGEST_WISH:
        return None
    keys = asked_to_forget(now.text, now.person.memory)
    if not keys:
        return None
    facts = forgotten(now.person.memory, keys, now.sid)
    return Plain(
        Ruling(gate="forget", reply=FORGOTTEN, kind="reply", priority="normal", person=facts)
    )


def _no_check_ins(now: Situation, conversation_id: str) -> Plain | None:
    """Take back the check-ins alone: what is promised already is dropped when it is due."""
    if not _NO_CHECK_INS.fullmatch(collapsed(now.text)):
        return None
    note = Noted(CHECK_IN, "never", now.sid)
    facts = remembered(now.person.memory, (note,), conversation_id)
    return Plain(
        Ruling(gate="check_ins", reply=UNCHECKED, kind="reply", priority="normal", person=facts)
    )


def _profile(now: Situation, person_id: str, conversation_id: str) -> Plain | None:
    answer = profile.answer(now.person, now.text, now.received_at)
    if answer is None or (answer.value is not None and unfit(answer.value)):
        return None
    if not answer.question.free and not _calm(now, answer):
        return None
    facts = _answered(now, answer, conversation_id)
    person = _after(now.person, facts)
    if answer.question.free and answer.value is not None:
        return Plain(person=(*facts, *profile.moved_on(person)))
    spanish = profile.speaks_spanish(now.person, now.text)
    following = profile.next_question(person)
    if following is None:
        facts = (*facts, *profile.moved_on(person))
        reply = _SETTLED_SPANISH if spanish else SETTLED
    else:
        facts = (*facts, profile.asked(following, now.at))
        reply = f"{_thanks(answer, spanish=spanish)} {_worded(person, following, spanish=spanish)}"
    ruling = Ruling(gate="profile", reply=reply, kind="reply", priority="normal", person=facts)
    agreed = answer.question.question == "check_in" and answer.value is not None
    follow_up = (
        check_ins(person_id, conversation_id, answer.value or "", now.at) if agreed else None
    )
    return Plain(ruling, follow_up=follow_up)


def _calm(now: Situation, answer: profile.Answer) -> bool:
    """Return whether a text is about nothing else: an illness is no name, distress no answer."""
    labels = now.reading.labels
    named = answer.question.question == "name" and answer.value is not None
    plain_name = labels.domain in ("smalltalk", "account_or_identity")
    return labels.risk == "low" and (plain_name or not named)


def _worded(person: Person, question: profile.Question, *, spanish: bool) -> str:
    return profile.worded(person, question, spanish=spanish)


def _thanks(answer: profile.Answer, *, spanish: bool) -> str:
    if answer.value is None:
        return "De acuerdo." if spanish else "That's fine."
    name = f", {answer.value}" if answer.question.question == "name" else ""
    return f"Gracias{name}." if spanish else f"Thank you{name}."


def _answered(
    now: Situation, answer: profile.Answer, conversation_id: str
) -> tuple[Contract, ...]:
    outcome = p.ProfileSettled(
        question=answer.question.question,
        outcome="skipped" if answer.value is None else "answered",
    )
    if answer.value is None:
        return (outcome,)
    if answer.key is None:
        zone = p.ProfileChanged(
            field="timezone", value=answer.value, zones=(answer.value,), evidence_sid=now.sid
        )
        return (zone, outcome)
    note = Noted(answer.key, answer.value, now.sid)
    kept = remembered(now.person.memory, (note,), conversation_id)
    if answer.question.question != "name":
        return (*kept, outcome)
    named = p.ProfileChanged(field="preferred_name", value=answer.value, evidence_sid=now.sid)
    return (*kept, named, outcome)


def _after(person: Person, facts: tuple[Contract, ...]) -> Person:
    for fact in facts:
        person = evolve(person, fact)
    return person
