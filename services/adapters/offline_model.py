"""
The model that needs no network: honest templates, the same answer to the same words.

It goes the whole way of any model (proposal, evaluator, commit).  It never claims to know, and
claims no action that is not among its proposals.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import RequestUsage

from domain.turn.context import Context, Said

NAME = "offline-1"

_CLOSING = re.compile(
    r"^\W*(done|bye+|goodbye|that'?s all|all set|finished|good ?night|adios|listo|hasta luego)\b",
    re.IGNORECASE,
)
_THANKS = re.compile(r"^\W*(thanks?|thank you|thx|ty|gracias|ok(ay)? thanks?)\b", re.IGNORECASE)
_GREETING = re.compile(
    r"^\W*(hi+|hello+|hey+|good (morning|afternoon|evening)|hola|buenas?)\b\W*$", re.IGNORECASE
)
_SPANISH = re.compile(
    r"[ñ¿¡]|\b(hola|gracias|necesito|ayuda|mi (mama|mamá|papa|papá|madre|padre)|estoy|quiero|"
    r"por favor|como|cómo|tengo|buenas)\b",
    re.IGNORECASE,
)
_DISTRESS = re.compile(
    r"\b(exhaust\w*|tired|overwhelm\w*|alone|lonely|cry\w*|stress\w*|burn\w* out|guilty|scared|"
    r"can'?t (sleep|cope|do this|take)|so hard|struggl\w*|cansad[ao]|agotad[ao])\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b(?i:my name is|call me|me llamo)\s+([A-ZÁÉÍÓÚÑ][\w'-]{1,30})")
_CONDITION = re.compile(
    r"\b(?:my|mi)\s+(mom|mother|dad|father|husband|wife|son|daughter|grandma|grandpa|partner|"
    r"mama|mamá|papa|papá)\s+(?:has|tiene)\s+(dementia|alzheimer'?s|parkinson'?s|cancer|als|ms|"
    r"diabetes|demencia)\b",
    re.IGNORECASE,
)
_TOPICS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("respite", re.compile(r"\b(respite|a break|time off|day care|descanso)\b", re.IGNORECASE)),
    ("benefits", re.compile(r"\b(benefit\w*|medicaid|medicare|pay for|afford)\b", re.IGNORECASE)),
    (
        "transport",
        re.compile(r"\b(a ride|rides|transport\w*|drive (her|him|them))\b", re.IGNORECASE),
    ),
    ("meals", re.compile(r"\b(meals?|food|groceries|comida)\b", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class _Reply:
    text: str
    ended: bool = False
    watch: bool = False


_ENGLISH: dict[str, tuple[str, ...]] = {
    "greeting": (
        "Hello. What's going on today?",
        "Hi. What would help most right now?",
    ),
    "closing": (
        "All right, I'll leave it here. Text me whenever you want to.",
        "Okay, that's it for now. You can text me any time.",
    ),
    "thanks": (
        "Glad you told me. Is there one more thing on your mind?",
        "You're welcome. What's the next thing you're facing?",
    ),
    "distress": (
        "That sounds like a lot to carry. Which part weighs the most tonight?",
        "No wonder you're worn out. What would make the next hour a bit easier?",
        "That sounds really hard. What happened today that made it so?",
    ),
    "no_resource": (
        "I don't have a place for that in my list, and I won't guess one. Which town are you in?",
        "I can't look that up by myself and won't guess. What have you tried so far?",
    ),
    "question": (
        "I don't have an answer to that which I can stand behind, so I won't guess. "
        "What would be different for you if you knew?",
        "I can't look that up, and a guess could do harm. Whom have you asked about it so far?",
        "That's beyond what I can tell for sure. What matters most about it to you?",
    ),
    "name": ("Good to know you, {name}. What's going on today?",),
    "fact": ("Thank you for telling me about your {who}. What's the hardest part right now?",),
    "other": (
        "I hear you. What would be the most useful thing to sort out first?",
        "Got it. Which part of that should we look at first?",
        "That's a lot in one text. What's the one thing you'd like handled first?",
    ),
}
_IN_SPANISH: dict[str, tuple[str, ...]] = {
    "greeting": ("Hola. Que pasa hoy?",),
    "closing": ("De acuerdo, lo dejo aqui. Escribe cuando quieras.",),
    "thanks": ("De nada. Hay algo mas que te preocupe?",),
    "distress": ("Eso suena muy duro. Que es lo que mas pesa ahora?",),
    "no_resource": ("No tengo un lugar para eso en mi lista y no voy a inventar. Donde vives?",),
    "question": ("No lo se con certeza y no quiero adivinar. A quien has preguntado ya?",),
    "name": ("Mucho gusto, {name}. Que pasa hoy?",),
    "fact": ("Gracias por contarme. Que es lo mas dificil ahora?",),
    "other": ("Te leo. Por donde empezamos?",),
}


def answered(context: Context) -> dict[str, Any]:
    """Return the proposal for a turn, as the arguments of its output tool."""
    if not context.pending:
        return {"reply": f"I said I'd come back to this: {_need(context)[:120]}. How did it go?"}
    words = " ".join(said.text.strip() for said in context.pending)
    reply = _replied(words, context)
    proposal: dict[str, Any] = {
        "reply": reply.text,
        "conversation": "ended" if reply.ended else "continue",
        "safety": "watch" if reply.watch else "none",
    }
    return {**proposal, **_kept(context.pending)}


def _replied(words: str, context: Context) -> _Reply:
    phrases = _IN_SPANISH if _SPANISH.search(words) else _ENGLISH
    last = context.pending[-1].text
    name, fact = _NAME.search(words), _CONDITION.search(words)
    if _CLOSING.search(last):
        return _Reply(_one_of(phrases["closing"], words), ended=True)
    if _DISTRESS.search(words):
        return _Reply(_one_of(phrases["distress"], words))
    topic = next((topic for topic, pattern in _TOPICS if pattern.search(words)), None)
    if topic is not None:
        return _Reply(_resource(topic, context) or _one_of(phrases["no_resource"], words))
    if name is not None:
        return _Reply(_one_of(phrases["name"], words).format(name=name.group(1)))
    if fact is not None:
        return _Reply(_one_of(phrases["fact"], words).format(who=fact.group(1).lower()))
    if _THANKS.search(last):
        return _Reply(_one_of(phrases["thanks"], words))
    if _GREETING.search(last):
        return _Reply(_one_of(phrases["greeting"], words))
    kind = "question" if "?" in words else "other"
    return _Reply(_one_of(phrases[kind], words))


def _resource(topic: str, context: Context) -> str | None:
    found = next((each for each in context.resources if each.topic == topic), None)
    if found is None:
        return None
    return f"One place that may help with that is {found.name}: {found.contact}."


def _kept(pending: Sequence[Said]) -> dict[str, Any]:
    writes: list[dict[str, str]] = []
    changes: list[dict[str, str]] = []
    for said in pending:
        if said.sid is None:
            continue
        if found := _CONDITION.search(said.text):
            writes.append(
                {"key": "care:condition", "value": found.group(2), "evidence_sid": said.sid}
            )
            writes.append(
                {"key": "care:recipient", "value": found.group(1), "evidence_sid": said.sid}
            )
        if found := _NAME.search(said.text):
            changes.append(
                {"field": "preferred_name", "value": found.group(1), "evidence_sid": said.sid}
            )
    return {"memory_writes": writes[:5], "profile_changes": changes[-1:]}


def _need(context: Context) -> str:
    found = re.search(r"^Need: (.*)$", context.brief, re.MULTILINE)
    return found.group(1) if found else "how things are going"


def _one_of(phrases: tuple[str, ...], words: str) -> str:
    """Return one of the phrases, always the same for the same words."""
    return phrases[hashlib.sha256(words.encode()).digest()[0] % len(phrases)]


def offline_model(context_of: Callable[[], Context]) -> FunctionModel:
    """Return the model; `context_of` gives the context of the turn that is being run."""

    def respond(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        del messages
        proposal = answered(context_of())
        call = ToolCallPart(info.output_tools[0].name, proposal)
        tokens = len(str(proposal["reply"])) // 4
        usage = RequestUsage(input_tokens=0, output_tokens=tokens)
        return ModelResponse(parts=[call], model_name=NAME, usage=usage)

    return FunctionModel(respond, model_name=NAME)
