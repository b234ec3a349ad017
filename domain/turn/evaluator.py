"""A draft is judged: what of it may be sent and kept, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from contracts.conversation import Flag
from contracts.failure_taxonomy import FLAGS
from contracts.labels import Labels
from contracts.proposal import (
    FollowUpWish,
    MemoryWrite,
    ProfileChange,
    SafetyLevel,
    TurnProposal,
)
from domain.segments import normalise
from domain.turn import write_filter
from domain.turn.checks.autonomy import autonomy
from domain.turn.checks.care import care
from domain.turn.checks.claims import claims
from domain.turn.checks.contacts import contacts
from domain.turn.checks.crisis import crisis
from domain.turn.checks.danger import danger_kinds
from domain.turn.checks.form import form
from domain.turn.checks.heard import Heard, remembered, spoken_by
from domain.turn.checks.identity import identity
from domain.turn.checks.leaks import leaks
from domain.turn.checks.promises import Backed, promises
from domain.turn.checks.reply import Reply
from domain.turn.checks.reserved import reserved
from domain.turn.context import Resource, Said
from domain.turn.reading import Danger

RULE_SET = "evaluator-1"

Action = Literal["approve", "repair", "fallback"]

_LEVELS: tuple[SafetyLevel, ...] = ("none", "watch", "needs_human")
_FLOOR: Mapping[str, SafetyLevel] = {
    "low": "none",
    "elevated": "watch",
    "high": "needs_human",
    "critical": "needs_human",
}
# Flags which say that the person is in danger, whatever the classifier thought.
_RAISING = frozenset(
    {
        "crisis_resource_missing",
        "crisis_false_reassurance",
        "crisis_downgrade",
        "means_information",
        "harm_intent_unaddressed",
        "emergency_routing_missing",
        "protective_routing_missing",
        "caregiver_safety_unaddressed",
    }
)


_UNKNOWN = Labels()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """
    What a draft answers, and what is known.

    `pending` are the person's texts that it answers, `earlier` the lines before; `resources` the
    only contacts that may be sent; with `repairs` 0 the model may be asked once more.
    """

    pending: tuple[Said, ...] = ()
    earlier: tuple[Said, ...] = ()
    labels: Labels = _UNKNOWN
    phase: str = "active"
    country: str | None = None
    resources: tuple[Resource, ...] = ()
    repairs: int = 0
    max_segments: int = 3
    safety_case_open: bool = False
    memory: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be committed of a draft; the effects count only with `approve`."""

    action: Action
    text: str
    memory: tuple[MemoryWrite, ...]
    profile: tuple[ProfileChange, ...]
    follow_ups: tuple[FollowUpWish, ...]
    safety: SafetyLevel
    complete: bool
    flags: tuple[Flag, ...]
    rule_set: str = RULE_SET


def judge(proposal: TurnProposal, around: Circumstances) -> Verdict:
    """Return the verdict on a proposal."""
    text = normalise(proposal.reply).strip()
    heard = heard_in(around)
    own = (*around.earlier, *around.pending)
    effects = write_filter.kept(
        proposal, own, check_ins=around.memory.get("profile:check_in") != "never"
    )
    demanded = highest(_FLOOR[around.labels.risk], "needs_human" if heard.kinds else "none")
    safety = highest(proposal.safety, demanded)
    backed = Backed(
        follow_up=bool(effects.follow_ups),
        memory=bool(effects.memory or effects.profile),
        human=safety == "needs_human",
    )
    found = (*examine(proposal.reply, heard, backed, around.max_segments), *effects.flags)
    if found and not _RAISING.isdisjoint(flag.flag for flag in found):
        safety = "needs_human"
    open_case = around.safety_case_open or around.phase == "crisis" or safety == "needs_human"
    return Verdict(
        action=action_for(found, around.repairs),
        text=text,
        memory=effects.memory,
        profile=effects.profile,
        follow_ups=effects.follow_ups,
        safety=safety,
        complete=proposal.conversation == "ended" and not open_case,
        flags=found,
    )


def examine(raw: str, heard: Heard, backed: Backed, max_segments: int) -> tuple[Flag, ...]:
    """Return everything that is found in a reply, the gravest first."""
    reply = Reply(normalise(raw).strip())
    flags = crisis(reply, heard)
    flags += identity(reply, heard)
    flags += claims(reply, heard)
    flags += promises(reply, heard, backed)
    flags += autonomy(reply, heard)
    flags += contacts(reply, heard)
    flags += leaks(reply, heard)
    flags += reserved(reply, heard)
    flags += form(reply, heard, raw, max_segments)
    flags += care(reply, heard)
    return tuple(sorted(flags, key=_gravity))


def heard_in(around: Circumstances, danger: Danger | None = None) -> Heard:
    """Return the circumstances as the rules read them."""
    asked = spoken_by(around.pending, "person")
    before = remembered(around.earlier, around.memory)
    kinds = danger_kinds(asked, danger)
    return Heard(
        asked=asked,
        before=before,
        told=spoken_by(around.earlier, "agent"),
        labels=around.labels,
        phase=around.phase,
        country=around.country,
        resources=around.resources,
        danger=danger,
        earlier_danger=around.safety_case_open or bool(danger_kinds(before, None)),
        kinds=kinds,
    )


def action_for(flags: tuple[Flag, ...], repairs: int) -> Action:
    """
    Return what is done about the flags: one repair, then the fallback.

    What a repaired draft still has of the milder kind is sent all the same: a second question
    is better than no answer.
    """
    wrong = [flag for flag in flags if flag.act != "warn"]
    if any(not FLAGS[flag.flag].repairable for flag in wrong):
        return "fallback"
    if repairs == 0:
        return "repair" if wrong else "approve"
    return "fallback" if any(FLAGS[flag.flag].insists for flag in wrong) else "approve"


def highest(*levels: SafetyLevel) -> SafetyLevel:
    """Return the highest of some safety levels: a level only rises."""
    return max(levels, key=_LEVELS.index)


def _gravity(flag: Flag) -> int:
    return ("block", "repair", "warn").index(flag.act)
