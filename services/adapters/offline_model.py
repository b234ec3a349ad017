"""
The model that needs no network: honest templates, the same answer to the same words.

It reads the same messages as any other model, looks places up with the same tool, and its
proposal is judged like any other.  It never claims to know, and claims no deed that is not among
its proposals.
"""

import hashlib
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import RequestUsage

from domain.follow_up.promises import CHECKING, CHECKING_IN
from domain.turn.asking import LEFT_OUT
from domain.turn.prompt import REFUSED
from services.adapters import offline_reading as read
from services.adapters.offline_phrases import ENGLISH, SPANISH, Phrases
from services.adapters.offline_reading import Text

NAME = "offline-2"

_FRAME = re.compile(r'<sms id="([^"]*)">(.*?)</sms>', re.DOTALL)
# How a turn begins that nobody's text asked for, by what the brief says of it.
_BEGUN = {"checking": CHECKING, "asking": CHECKING_IN}
_LAST_QUESTION = re.compile(r"(?:^|(?<=[.!])\s+)[^.!?]*\?$")
_NEED = re.compile(r"^Need: (.*)$", re.MULTILINE)
# What is quoted back must cost no segment, hold no number or link, close no quote, and not be
# addressed to us: an insult or an order is not repeated.
_QUOTABLE = re.compile(
    r"(?!.*\w\.\w)(?!.*\b(?:you\w*|u|ur|ignore|instructions?|prompt|system|tu|te)\b)"
    r"[A-Za-z ',.?!éñ¿¡-]{2,}",
    re.IGNORECASE,
)
_QUOTE_LETTERS = 42
_MOST_QUOTED = 4
_LONGEST_NEED = 160


@dataclass(frozen=True, slots=True)
class _Asked:
    """A turn as read from the messages; `found` is what the tool found, None before it ran."""

    texts: tuple[Text, ...]
    need: str
    again: bool
    asked_for: bool
    begun_as: str
    found: Sequence[dict[str, str]] | None


@dataclass(slots=True)
class _Proposal:
    reply: str
    ended: bool = False
    watch: bool = False
    follow_ups: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def arguments(self, texts: Sequence[Text]) -> dict[str, Any]:
        """Return the arguments of the output tool, with what the texts state."""
        return {
            "reply": self.reply,
            "conversation": "ended" if self.ended else "continue",
            "safety": "watch" if self.watch else "none",
            "follow_ups": self.follow_ups,
            "memory_writes": _writes(texts),
            "profile_changes": _changes(texts),
        }


def offline_model() -> FunctionModel:
    """Return the model; it may stand anywhere that a provider's model may."""
    return FunctionModel(_respond, model_name=NAME)


async def _respond(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    asked = _asked(messages, info.instructions or "")
    topic = _wanted(asked)
    if topic is not None and asked.found is None and info.function_tools:
        call = ToolCallPart("find_resource", {"topic": topic})
    else:
        proposal = _proposal(asked, topic)
        if asked.asked_for:
            proposal.reply = _without_question(proposal.reply)
        call = ToolCallPart(info.output_tools[0].name, proposal.arguments(asked.texts))
    read_letters = sum(len(text.words) for text in asked.texts)
    usage = RequestUsage(input_tokens=read_letters // 4, output_tokens=len(str(call.args)) // 4)
    return ModelResponse(parts=[call], usage=usage)


def _without_question(reply: str) -> str:
    """Return a reply without the question that it ends with, if anything else is left."""
    told = _LAST_QUESTION.sub("", reply)
    return told if told and "?" not in told else reply


def _asked(messages: Sequence[ModelMessage], instructions: str) -> _Asked:
    """Return the turn: the last texts, and what a tool found since."""
    texts: tuple[Text, ...] = ()
    found: Sequence[dict[str, str]] | None = None
    for message in messages:
        if not isinstance(message, ModelRequest):
            continue
        for part in message.parts:
            if isinstance(part, UserPromptPart):
                texts, found = _texts(part), None
            elif isinstance(part, ToolReturnPart) and part.tool_name == "find_resource":
                found = part.content if isinstance(part.content, list) else []
    need = _NEED.search(instructions)
    return _Asked(
        texts=texts,
        need=html.unescape(need.group(1)).strip(" .") if need else "",
        again=REFUSED in instructions,
        asked_for=LEFT_OUT in instructions,
        begun_as=next(
            (kind for kind, said in _BEGUN.items() if said in instructions), "reminding"
        ),
        found=found,
    )


def _texts(part: UserPromptPart) -> tuple[Text, ...]:
    content = [part.content] if isinstance(part.content, str) else part.content
    return tuple(
        Text(html.unescape(sid), html.unescape(words).strip())
        for piece in content
        if isinstance(piece, str)
        for sid, words in _FRAME.findall(piece)
    )


def _wanted(asked: _Asked) -> str | None:
    """Return the topic that a place should be looked up for."""
    if asked.again or not asked.texts or read.closes(asked.texts[-1].words):
        return None
    topics = (read.topic(text.words) for text in asked.texts)
    return next((topic for topic in topics if topic is not None), None)


def _proposal(asked: _Asked, topic: str | None) -> _Proposal:
    words = " ".join(text.words for text in asked.texts)
    phrases = SPANISH if read.spanish(words or asked.need) else ENGLISH
    if not asked.texts:
        kind = asked.begun_as if asked.need and not asked.again else "asking"
        need = asked.need[:_LONGEST_NEED]
        return _Proposal(_said(phrases, kind, asked.need, need=need))
    watch = read.gravely(words) or read.hurt(words)
    if asked.again and not (read.asks_who(words) or read.hurt(words)):
        return _Proposal(_said(phrases, "redraft", words), watch=watch)
    last = asked.texts[-1].words
    if read.closes(last):
        return _Proposal(_said(phrases, "closing", words), ended=True)
    proposal = _one(asked, topic, phrases, words)
    lead = _lead(asked.texts, phrases, words)
    if lead:
        proposal.reply = f"{lead} {proposal.reply}"
    proposal.watch = watch
    return proposal


def _one(asked: _Asked, topic: str | None, phrases: Phrases, words: str) -> _Proposal:
    """Return the answer to what weighs most in the texts."""
    if read.asks_who(words):
        return _Proposal(_said(phrases, "identity", words))
    reminder = read.reminder(asked.texts[-1].words)
    if reminder is not None:
        said = _said(
            phrases, "reminder", words, hours=str(reminder.hours), purpose=reminder.purpose
        )
        wish = {
            "kind": "reminder",
            "after_hours": reminder.hours,
            "purpose": reminder.purpose,
        }
        return _Proposal(said, follow_ups=[wish])
    if read.hurt(words):
        return _Proposal(_said(phrases, "hurt", words))
    if topic is not None:
        return _Proposal(_place(asked, phrases, words))
    if read.distressed(words):
        return _Proposal(_said(phrases, "distress", words))
    return _Proposal(_stated(asked.texts, phrases, words) or _plain(asked.texts, phrases, words))


def _place(asked: _Asked, phrases: Phrases, words: str) -> str:
    lead = f"{_said(phrases, 'distress_lead', words)} " if read.distressed(words) else ""
    if not asked.found:
        return lead + _said(phrases, "no_resource", words)
    first = asked.found[0]
    name, contact = str(first.get("name", "")), str(first.get("contact", ""))
    return lead + _said(phrases, "resource", words, name=name, contact=contact)


def _stated(texts: Sequence[Text], phrases: Phrases, words: str) -> str | None:
    """Return the answer to somebody who states a fact that is kept."""
    for text in texts:
        if found := read.condition(text.words):
            who, condition = found
            return _said(phrases, "condition", words, who=who, condition=condition)
        if name := read.name(text.words):
            return _said(phrases, "name", words, name=name)
        if recipient := read.recipient(text.words):
            return _said(phrases, "recipient", words, who=recipient)
        if zone := read.zone(text.words):
            return _said(phrases, "timezone", words, zone=zone[0])
    return None


def _plain(texts: Sequence[Text], phrases: Phrases, words: str) -> str:
    """Return the answer to what no pattern knows."""
    telling = [text.words for text in texts if not read.greets(text.words)]
    if len(telling) > 1 and "?" not in words:
        return _said(phrases, "which_first", words)
    last = (telling or [texts[-1].words])[-1]
    small = (
        ("greeting", read.greets(last)),
        ("thanks", read.thanks(last)),
        ("assent", read.assents(last)),
        ("refusal", read.refuses(last)),
    )
    kind = next((name for name, fits in small if fits), None)
    if kind is not None:
        return _said(phrases, kind, words)
    kind = "question" if "?" in words else "other"
    quote = _quoted(last) if len(telling) == 1 else None
    if quote is None:
        return _said(phrases, f"{kind}_plain", words)
    return _said(phrases, kind, words, quote=quote)


def _lead(texts: Sequence[Text], phrases: Phrases, words: str) -> str | None:
    """Return the words that show a burst was read whole, or None for a single text."""
    telling = [text for text in texts if not read.greets(text.words)]
    if len(telling) < 2:
        return None
    count = len(telling)
    quotes = [quote for text in telling if (quote := _quoted(text.words)) is not None]
    if count > _MOST_QUOTED or len(quotes) < count:
        kind = "both_plain" if count == 2 else "many"
        return _said(phrases, kind, words, count=str(count))
    kind = "both" if count == 2 else "several"
    return _said(phrases, kind, words, count=str(count), quotes=", ".join(quotes))


def _quoted(words: str) -> str | None:
    """Return the beginning of a text in quotes, or None for what should not be repeated."""
    line = " ".join(words.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())
    if len(line) > _QUOTE_LETTERS:
        line = line[:_QUOTE_LETTERS].rpartition(" ")[0].rstrip(" ,.-") + ".."
    return f'"{line.rstrip(".,!") or line}"' if _QUOTABLE.fullmatch(line) else None


def _writes(texts: Sequence[Text]) -> list[dict[str, str]]:
    writes: list[dict[str, str]] = []
    for text in texts:
        found = read.condition(text.words)
        who = found[0] if found else read.recipient(text.words)
        if who is not None:
            writes.append({"key": "care:recipient", "value": who, "evidence_sid": text.sid})
        if found is not None:
            writes.append({"key": "care:conditions", "value": found[1], "evidence_sid": text.sid})
    return writes[:5]


def _changes(texts: Sequence[Text]) -> list[dict[str, str]]:
    changes: dict[str, dict[str, str]] = {}
    for text in texts:
        stated = {"preferred_name": read.name(text.words)}
        if zone := read.zone(text.words):
            stated["timezone"] = zone[1]
        for what, value in stated.items():
            if value is not None:
                changes[what] = {"field": what, "value": value, "evidence_sid": text.sid}
    return list(changes.values())


def _said(phrases: Phrases, kind: str, words: str, **slots: str) -> str:
    """Return one wording of a kind, always the same for the same words."""
    wordings = phrases[kind]
    chosen = hashlib.sha256(words.encode()).digest()[0] % len(wordings)
    return wordings[chosen].format(**slots)
