"""What becomes of what is remembered: kept, united, superseded, forgotten, and who may see it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from contracts import person as p
from contracts.memory_keys import contract_of, members, merged
from domain.person.memory_values import normalised

MemoryFact = p.MemoryKept | p.MemorySuperseded | p.MemoryForgotten


@dataclass(frozen=True, slots=True)
class Noted:
    """Something to remember under a key, with the text that states it."""

    key: str
    value: str
    evidence_sid: str


def remembered(
    memory: Mapping[str, str], notes: Iterable[Noted], conversation_id: str
) -> tuple[MemoryFact, ...]:
    """
    Return the facts by which notes are remembered, each in the light of those before it.

    A singleton that says something else supersedes; a set is united; what is appended to grows.
    What is known already, and what is no value of its key, is nothing.
    """
    now = dict(memory)
    facts: list[MemoryFact] = []
    for note in notes:
        contract = contract_of(note.key)
        value = normalised(contract, note.value) if contract is not None else None
        if contract is None or value is None:
            continue
        before = now.get(contract.key)
        after = merged(contract, before, value)
        if after == before:
            continue
        if contract.merge == "singleton" and before is not None:
            facts.append(
                p.MemorySuperseded(
                    key=contract.key,
                    evidence_sid=note.evidence_sid,
                    conversation_id=conversation_id,
                )
            )
        now[contract.key] = after
        facts.append(
            p.MemoryKept(
                key=contract.key,
                value=after,
                evidence_sid=note.evidence_sid,
                conversation_id=conversation_id,
            )
        )
    return tuple(facts)


def forgotten(
    memory: Mapping[str, str], keys: Iterable[str], evidence_sid: str
) -> tuple[MemoryFact, ...]:
    """Return the facts by which keys are forgotten; the harness's own record of danger is not."""
    return tuple(
        p.MemoryForgotten(key=key, reason="asked", evidence_sid=evidence_sid)
        for key in sorted(set(keys))
        if key in memory and not key.startswith("safety:")
    )


def visible(memory: Mapping[str, str]) -> Mapping[str, str]:
    """
    Return what the model may see: no restricted value, and what follows from them instead.

    Of what is appended to only the latest run is shown.
    """
    shown = {key: value for key, value in memory.items() if _in_sight(key)}
    for key, value in memory.items():
        contract = contract_of(key)
        if contract is not None and contract.merge == "append" and key in shown:
            shown[key] = members(value)[-1]
    return MappingProxyType({**shown, **derived(memory)})


def _in_sight(key: str) -> bool:
    contract = contract_of(key)
    return contract is not None and contract.sight == "model"


def derived(memory: Mapping[str, str]) -> dict[str, str]:
    """
    Return what follows from what is remembered, as yes and no; made anew each time, never kept.

    These are the two ages at which programmes of the United States change: 60 (Older Americans
    Act, 42 U.S.C. 3002) and 65 (Medicare, 42 U.S.C. 1395c).
    """
    facts: dict[str, str] = {}
    other = memory.get("eligibility:care_recipient_age") or memory.get("care:recipient_age")
    for whose, age in (
        ("person", memory.get("eligibility:applicant_age")),
        ("care_recipient", other),
    ):
        if age is not None and age.isdigit():
            facts[f"derived:{whose}_60_or_over"] = "yes" if int(age) >= 60 else "no"
            facts[f"derived:{whose}_65_or_over"] = "yes" if int(age) >= 65 else "no"
    for what in ("household_income_monthly", "household_assets"):
        if f"eligibility:{what}" in memory:
            facts[f"derived:{what}_known"] = "yes"
    return facts


def screened(memory: Mapping[str, str]) -> Mapping[str, str]:
    """
    Return the facts that decide about benefits, by their name without a family.

    What was told for another reason counts as well: the state somebody lives in, the age of the
    one they care for.
    """
    facts = {
        key.partition(":")[2]: value
        for key, value in memory.items()
        if key.startswith("eligibility:")
    }
    for name, key in (
        ("state", "profile:state"),
        ("care_recipient_age", "care:recipient_age"),
        ("caregiver_relationship", "care:recipient"),
    ):
        if key in memory:
            facts.setdefault(name, memory[key])
    return MappingProxyType(facts)
