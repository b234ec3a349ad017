"""A conversation's facts, read once for whoever was not there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from contracts import conversation as c
from contracts.base import Contract
from contracts.identity import ESCALATION, id_of, kind_of
from contracts.memory_keys import contract_of, merged
from contracts.proposal import MemoryWrite
from contracts.shift import Concern
from domain.turn.fallback import fallback


@dataclass(frozen=True, slots=True)
class Said:
    """
    One text; `ordinal` counts the person's from 1 and is 0 for the agent's.

    `answered` says of a person's text that an answer of substance was committed.
    """

    author: Literal["person", "agent"]
    text: str
    at: datetime
    sid: str | None
    ordinal: int = 0
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Story:
    """
    What is told of a conversation.

    `said` is in the order of the clock and holds no text of ours that will never arrive.  Money is
    in micro-dollars: `texts_cost` is what our texts were charged at, by the carrier's own price
    where it is known and by the list price until then; `heard_segments` counts the person's.
    `escalations` are those whose texts left here, in order.
    """

    said: tuple[Said, ...]
    intents: tuple[str, ...]
    memory: Mapping[str, str]
    concerns: tuple[Concern, ...]
    texts_cost: int = 0
    heard_segments: int = 0
    model_cost: int = 0
    escalations: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """What has been seen of the facts so far."""

    heard: list[c.MessageReceived] = field(default_factory=list[c.MessageReceived])
    asked: dict[str, c.SmsRequested] = field(default_factory=dict[str, c.SmsRequested])
    sids: dict[str, str] = field(default_factory=dict[str, str])
    tried: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    lost: set[str] = field(default_factory=set[str])
    spans: dict[int, c.ReplyDrafted] = field(default_factory=dict[int, c.ReplyDrafted])
    verdicts: dict[str, list[c.DraftApproved | c.DraftRefused]] = field(
        default_factory=dict[str, list[c.DraftApproved | c.DraftRefused]]
    )
    answered: set[int] = field(default_factory=set[int])
    intents: dict[str, None] = field(default_factory=dict[str, None])
    memory: dict[str, str] = field(default_factory=dict[str, str])
    concerns: list[Concern] = field(default_factory=list[Concern])
    model_cost: int = 0


def read(facts: Sequence[Contract]) -> Story:
    """Return the story of a conversation's facts, given from the first on."""
    seen = _Reading()
    for version, fact in enumerate(facts, 1):
        _take(seen, fact, version)
    return Story(
        said=tuple(sorted(_said(seen), key=lambda line: line.at)),
        intents=tuple(seen.intents),
        memory=seen.memory,
        concerns=tuple(dict.fromkeys(seen.concerns)),
        texts_cost=sum(_cost(seen, text) for text in seen.asked.values()),
        heard_segments=sum(heard.segments for heard in seen.heard),
        model_cost=seen.model_cost,
        escalations=tuple(
            dict.fromkeys(one for text in seen.asked.values() for one in _carried(text))
        ),
    )


def _cost(seen: _Reading, text: c.SmsRequested) -> int:
    """Return what a text's attempts came to; one that has not been tried yet will be once."""
    tried = seen.tried.get(text.sms_id)
    if tried is None:
        return 0 if text.sms_id in seen.lost else text.estimated_microdollars
    return sum(tried.values())


def _carried(text: c.SmsRequested) -> tuple[str, ...]:
    """Return the escalations in a text; older facts name the first one only, by the text's id."""
    own = (id_of(text.sms_id),) if kind_of(text.sms_id) == ESCALATION else ()
    return text.escalations or own


def _said(seen: _Reading) -> Iterator[Said]:
    for ordinal, heard in enumerate(seen.heard, 1):
        answered = ordinal in seen.answered
        yield Said("person", heard.text, heard.received_at, heard.sid, ordinal, answered)
    for text in seen.asked.values():
        if text.sms_id not in seen.lost:
            yield Said("agent", text.text, text.at, seen.sids.get(text.sms_id))


def _take(seen: _Reading, fact: Contract, version: int) -> None:
    match fact:
        case c.MessageReceived():
            seen.heard.append(fact)
        case c.TurnAdmitted():
            seen.intents.setdefault(fact.labels.domain)
        case c.TurnAnswered():
            seen.intents.setdefault(fact.gate)
            if fact.safety is not None:
                seen.concerns.append(Concern(kind=fact.safety.kind, tier=fact.safety.tier))
        case c.ReplyDrafted():
            seen.spans[version] = fact
            seen.model_cost += fact.usage.cost_microdollars or 0
        case c.ModelFailed():
            seen.model_cost += fact.usage.cost_microdollars or 0
        case c.DraftApproved() | c.DraftRefused():
            seen.verdicts.setdefault(fact.turn_id, []).append(fact)
            if fact.judgement is not None:
                seen.model_cost += fact.judgement.usage.cost_microdollars or 0
        case c.TurnCommitted():
            _committed(seen, fact)
        case _:
            _sent(seen, fact)


def _remembered(seen: _Reading, write: MemoryWrite) -> None:
    """Note what was kept, merged as memory is; what only the harness may see stays with it."""
    contract = contract_of(write.key)
    if contract is not None and contract.sight == "model":
        before = seen.memory.get(contract.key)
        seen.memory[contract.key] = merged(contract, before, write.value)


def _committed(seen: _Reading, fact: c.TurnCommitted) -> None:
    if fact.trace.mode != "fallback":
        seen.answered.update(range(fact.covers_from, fact.covers_through + 1))
    verdict = _verdict(seen, fact)
    if isinstance(verdict, c.DraftApproved):
        for write in verdict.memory:
            _remembered(seen, write)
        seen.memory.update({f"profile:{one.field}": one.value for one in verdict.profile})
        if verdict.safety == "needs_human":
            seen.concerns.append(Concern(kind="model_raised", tier="medium"))
    elif isinstance(verdict, c.DraftRefused):
        note = fallback(verdict.flags, None).safety
        if note is not None:
            seen.concerns.append(Concern(kind=note.kind, tier=note.tier))


def _verdict(seen: _Reading, fact: c.TurnCommitted) -> c.DraftApproved | c.DraftRefused | None:
    """Return the verdict that a commit is of: the last on a draft of just these texts."""
    if fact.trace.decision not in ("approved", "refused"):
        return None
    for verdict in reversed(seen.verdicts.get(fact.turn_id, [])):
        draft = seen.spans.get(verdict.draft_version)
        if draft is not None and draft.covers_through == fact.covers_through:
            return verdict
    return None


def _sent(seen: _Reading, fact: Contract) -> None:
    match fact:
        case c.SmsRequested():
            seen.asked[fact.sms_id] = fact
        case c.SmsSent() | c.SmsDelivered():
            seen.sids.setdefault(fact.sms_id, fact.provider_sid)
        case c.SmsWithheld() | c.SmsFailed(final=True):
            seen.lost.add(fact.sms_id)
        case _:
            pass
    _charged(seen, fact)


def _charged(seen: _Reading, fact: Contract) -> None:
    """Note what an attempt is counted at: what the carrier did not take costs nothing."""
    match fact:
        case c.SmsAttempted():
            text = seen.asked.get(fact.sms_id)
            listed = 0 if text is None else text.estimated_microdollars
            cost = listed if fact.charge is None else fact.charge.microdollars
        case c.SmsPriced():
            cost = fact.microdollars
        case c.SmsAbsent() | c.SmsFailed(status="not_sent" | "rejected"):
            cost = 0
        case _:
            return
    seen.tried.setdefault(fact.sms_id, {})[fact.attempt_id] = cost
