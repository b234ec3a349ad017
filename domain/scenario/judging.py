"""What a scenario expected and what came of it, compared: a sentence for each difference."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from contracts import conversation as c
from contracts.base import Contract
from contracts.follow_up import FollowUpScheduled
from contracts.labels import Labels
from contracts.safety import SafetyCaseOpened
from domain import segments
from domain.scenario.forbidden import broken
from domain.scenario.form import Expect, Scenario, Sent, Step
from domain.scenario.phrases import is_in
from domain.scenario.playing import GoesRound, Seen, played
from domain.scenario.spans import spoken

_LONGEST_SAID = 60


@dataclass(frozen=True, slots=True)
class Difference:
    """
    One thing that was not as it should be.

    `step` counts the steps of all sessions from 1, and `said` is what it did; 0 and empty for
    what is wrong with the scenario as a whole.
    """

    step: int
    said: str
    why: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A scenario that was played, and how it differs from what it expected."""

    scenario: Scenario
    differences: tuple[Difference, ...]
    steps: int
    texts: int

    @property
    def passed(self) -> bool:
        """Whether everything came as expected."""
        return not self.differences


def judge(scenario: Scenario) -> Judged:
    """Play a scenario and return what was not as it should be."""
    try:
        whole = played(scenario)
    except GoesRound as error:
        return Judged(scenario, (Difference(0, "", str(error)),), 0, 0)
    found = [
        Difference(number, _said(seen.step), why)
        for number, seen in enumerate(whole.seen, 1)
        for why in _differences(seen)
    ]
    found += [Difference(0, "", f"{one.check}: {one.why}") for one in broken(whole)]
    return Judged(scenario, tuple(found), len(whole.seen), len(whole.left))


def _said(step: Step) -> str:
    if step.says is not None:
        text = step.says or "(no words)"
        short = text if len(text) <= _LONGEST_SAID else f"{text[:_LONGEST_SAID]}..."
        return f'"{short}"'
    if step.passes is not None:
        return f"{spoken(step.passes)} pass"
    if step.needs is not None:
        return f"the agent needs {step.needs.id}"
    acts = {
        "the agent cancels": step.cancels,
        "taken over by": step.takes_over,
        "handed back by": step.hands_back,
        "a reviewer writes": step.writes,
        "ended by": step.ends,
        "a reviewer resolves:": step.resolves,
    }
    return next(f"{what} {value}" for what, value in acts.items() if value is not None)


def _differences(seen: Seen) -> Iterator[str]:
    if seen.refused:
        yield f"that was not possible: {seen.refused}"
    if seen.unwritten:
        yield (
            "the model was asked although no answer of it is written"
            if not seen.step.model
            else f"the model was asked once more than the {len(seen.step.model)} answers written"
        )
    if seen.unasked:
        yield f"{seen.unasked} of {len(seen.step.model)} answers written were never asked for"
    for check in _CHECKS:
        yield from check(seen.step.expect, seen)


def _same(name: str, value: Callable[[Seen], object]) -> Callable[[Expect, Seen], Iterator[str]]:
    def compare(expect: Expect, seen: Seen) -> Iterator[str]:
        wanted = getattr(expect, name)
        if wanted is None:
            return
        found = value(seen)
        if found != (None if wanted == "none" and name in _NONE else wanted):
            yield f"{name} should be {_plain(wanted)}, and is {_plain(found)}"

    return compare


# Where `none` is written for what is not there.
_NONE = frozenset({"safety", "case", "asking"})


def _plain(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "none"
    return str(value)


def _facts(seen: Seen, kind: type[Any]) -> list[Any]:
    return [one.fact for one in seen.happened if isinstance(one.fact, kind)]


def _first(seen: Seen, kind: type[Contract], field: str) -> object:
    return next((getattr(fact, field) for fact in _facts(seen, kind)), None)


def _gate(seen: Seen) -> object:
    gate = _first(seen, c.TurnAnswered, "gate")
    return gate or ("model" if _facts(seen, c.TurnAdmitted) else None)


def _label(name: str) -> Callable[[Seen], object]:
    def value(seen: Seen) -> object:
        labels: list[Labels] = [
            one.labels for one in (*_facts(seen, c.TurnAnswered), *_facts(seen, c.TurnAdmitted))
        ]
        return getattr(labels[0], name) if labels else None

    return value


def _danger(name: str) -> Callable[[Seen], object]:
    return lambda seen: None if seen.danger is None else getattr(seen.danger, name)


def _mode(seen: Seen) -> object:
    return next((fact.trace.mode for fact in _facts(seen, c.TurnCommitted)), None)


def _verdicts(seen: Seen) -> tuple[str, ...]:
    judged = (
        one.fact for one in seen.happened if isinstance(one.fact, c.DraftApproved | c.DraftRefused)
    )
    return tuple(fact.action if isinstance(fact, c.DraftRefused) else "approve" for fact in judged)


def _flags(seen: Seen) -> list[str]:
    judged = (*_facts(seen, c.DraftRefused), *_facts(seen, c.DraftApproved))
    return [flag.flag for fact in judged for flag in fact.flags]


def _flagged(expect: Expect, seen: Seen) -> Iterator[str]:
    found = _flags(seen)
    for flag in expect.flags:
        if flag not in found:
            yield f"the flag {flag} is missing; found: {_plain(sorted(set(found)))}"
    for flag in expect.flags_lack:
        if flag in found:
            yield f"the flag {flag} should not be there"


def _silence(expect: Expect, seen: Seen) -> Iterator[str]:
    if expect.silent and seen.left:
        yield f"nothing should leave, and this did: {_quoted(seen)}"
    if expect.silent is False and not seen.left:
        yield "something should leave, and nothing did"


def _quoted(seen: Seen) -> str:
    return " / ".join(repr(text.text) for text in seen.left) or "nothing"


def _content(expect: Expect, seen: Seen) -> Iterator[str]:
    whole = "\n".join(text.text for text in seen.left)
    for phrase in expect.contains:
        if not is_in(phrase, whole):
            yield f"{phrase!r} should be in what is sent: {_quoted(seen)}"
    for phrase in expect.lacks:
        if is_in(phrase, whole):
            yield f"{phrase!r} should not be in what is sent: {_quoted(seen)}"


def _texts(expect: Expect, seen: Seen) -> Iterator[str]:
    if expect.texts is None:
        return
    if len(expect.texts) != len(seen.left):
        kinds = _plain([text.kind for text in seen.left])
        yield f"{len(expect.texts)} texts should leave, and {len(seen.left)} did ({kinds})"
        return
    for number, (wanted, text) in enumerate(zip(expect.texts, seen.left, strict=True), 1):
        for why in _text(wanted, text):
            yield f"text {number}: {why}"


def _text(wanted: Sent, text: c.SmsRequested) -> Iterator[str]:
    size = segments.count(text.text).segments
    for name, expected, found in (
        ("kind", wanted.kind, text.kind),
        ("priority", wanted.priority, text.priority),
        ("segments", wanted.segments, size),
    ):
        if expected is not None and expected != found:
            yield f"{name} should be {expected}, and is {found}"
    for phrase in wanted.contains:
        if not is_in(phrase, text.text):
            yield f"{phrase!r} should be in it: {text.text!r}"
    for phrase in wanted.lacks:
        if is_in(phrase, text.text):
            yield f"{phrase!r} should not be in it: {text.text!r}"


def _prompted(expect: Expect, seen: Seen) -> Iterator[str]:
    whole = "\n".join(seen.prompts)
    for phrase in expect.shown:
        if not is_in(phrase, whole):
            yield f"{phrase!r} should be shown to the model"
    for phrase in expect.hidden:
        if is_in(phrase, whole):
            yield f"{phrase!r} should be hidden from the model"


def _remembered(expect: Expect, seen: Seen) -> Iterator[str]:
    for key, value in expect.memory.items():
        found = seen.person.memory.get(key)
        if found != value:
            yield f"{key} should be {_plain(value)}, and is {_plain(found)}"


def _promised(expect: Expect, seen: Seen) -> Iterator[str]:
    wanted = expect.follow_up
    if wanted is None:
        return
    found: Sequence[FollowUpScheduled] = _facts(seen, FollowUpScheduled)
    if wanted == "none":
        if found:
            yield f"no follow-up should be promised, and {found[0].kind} is"
        return
    same = [one for one in found if one.kind == wanted.kind]
    if not same:
        yield f"the follow-up {wanted.kind} should be promised, found: {[o.kind for o in found]}"
        return
    asked = next(one.at for one in seen.happened if one.fact is same[0])
    after = same[0].due_at - asked
    if wanted.after is not None and after != wanted.after:
        yield f"the follow-up should come after {spoken(wanted.after)}, not {spoken(after)}"
    if wanted.purpose is not None and not is_in(wanted.purpose, same[0].purpose):
        yield f"{wanted.purpose!r} should be its purpose: {same[0].purpose!r}"


def _agent_told(expect: Expect, seen: Seen) -> Iterator[str]:
    for escalation_id, status in expect.escalations.items():
        found = seen.told.get(escalation_id)
        if found != status:
            yield f"the agent should hear {status} of {escalation_id}, and hears {_plain(found)}"


_VALUES: Mapping[str, Callable[[Seen], object]] = MappingProxyType(
    {
        "gate": _gate,
        "safety": _danger("safety"),
        "danger": _danger("kind"),
        "tier": _danger("tier"),
        "domain": _label("domain"),
        "risk": _label("risk"),
        "urgency": _label("urgency"),
        "mode": _mode,
        "verdicts": _verdicts,
        "case": lambda seen: _first(seen, SafetyCaseOpened, "kind"),
        "deferred": lambda seen: _first(seen, c.SmsDeferred, "reason"),
        "withheld": lambda seen: _first(seen, c.SmsWithheld, "reason"),
        "phase": lambda seen: seen.person.phase,
        "loop_stage": lambda seen: seen.person.loop_stage,
        "consent": lambda seen: seen.person.consent,
        "timezone": lambda seen: seen.person.timezone,
        "asking": lambda seen: seen.person.asking,
        "name": lambda seen: seen.person.display_name,
        "conversation": lambda seen: seen.talk.status,
        "ended": lambda seen: seen.talk.ended,
    }
)
_CHECKS: tuple[Callable[[Expect, Seen], Iterator[str]], ...] = (
    *(_same(name, value) for name, value in _VALUES.items()),
    _flagged,
    _silence,
    _content,
    _texts,
    _prompted,
    _remembered,
    _promised,
    _agent_told,
)
