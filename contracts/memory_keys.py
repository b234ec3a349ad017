"""
What may be remembered of a person: every key, how sensitive it is, how values merge.

A key that is not here is not kept, whoever proposes it.  `safety:*` is the harness's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Family = Literal["profile", "care", "eligibility", "assessment", "safety"]
Sensitivity = Literal["personal", "health", "restricted"]
Merge = Literal["singleton", "set", "append"]

SET_SEPARATOR = "; "
LONGEST_SINGLETON = 120
# What `MemoryWrite.value` can hold: a merged value is written like any other.
LONGEST_COLLECTED = 200


@dataclass(frozen=True, slots=True)
class KeyContract:
    """
    One key of memory.

    A `singleton` is superseded by a newer explicit value; a `set` gains members; `append` keeps
    every value in its order.  `model_writes` says whether the model may propose it at all.
    """

    key: str
    meaning: str
    sensitivity: Sensitivity
    merge: Merge = "singleton"
    model_writes: bool = True

    @property
    def family(self) -> str:
        """The part before the colon."""
        return self.key.partition(":")[0]


def _keys(*contracts: KeyContract) -> Mapping[str, KeyContract]:
    return MappingProxyType({contract.key: contract for contract in contracts})


KEYS: Mapping[str, KeyContract] = _keys(
    KeyContract("profile:first_name", "what the person is called", "personal"),
    KeyContract("profile:preferred_name", "what the person wants to be called", "personal"),
    KeyContract("profile:pronouns", "how to speak of the person", "personal"),
    KeyContract("profile:language", "the language they want", "personal"),
    KeyContract("profile:zip_code", "where to look for help", "personal"),
    KeyContract("profile:state", "the state or province they live in", "personal"),
    KeyContract("profile:city", "the town they live in", "personal"),
    KeyContract("profile:work", "their own work and its hours", "personal"),
    KeyContract("profile:check_in", "when and how often they want to hear from us", "personal"),
    KeyContract("profile:contact_times", "when they can read a text", "personal"),
    KeyContract("profile:support_people", "who helps them", "personal", "set"),
    KeyContract("profile:preferences", "what they like and do not like", "personal", "set"),
    KeyContract("care:recipient", "whom they care for", "health"),
    KeyContract("care:recipient_name", "what the one cared for is called", "health"),
    KeyContract("care:recipient_age", "how old they are", "health"),
    KeyContract("care:relationship", "what they are to each other", "health"),
    KeyContract("care:living_situation", "who lives with whom", "health"),
    KeyContract("care:conditions", "conditions the person named; never inferred", "health", "set"),
    KeyContract("care:meds_mentioned", "medicines the person named", "health", "set"),
    KeyContract("care:clinicians", "doctors, nurses and clinics they named", "health", "set"),
    KeyContract("care:mobility", "how the one cared for gets about", "health"),
    KeyContract("care:routines", "what a day looks like", "health", "set"),
    KeyContract("care:appointments", "visits that are planned", "health", "set"),
    KeyContract("care:what_helps", "what has worked", "health", "set"),
    KeyContract("care:what_tried", "what was tried", "health", "set"),
    KeyContract("care:stressors", "what weighs most", "health", "set"),
    KeyContract("care:goals", "what they are working towards", "health", "set"),
    KeyContract("care:open_loop", "what is still to be done", "health", "set"),
    KeyContract("care:situation", "the situation in their own words", "health"),
    KeyContract("eligibility:state", "the state that decides", "restricted"),
    KeyContract("eligibility:household_size", "how many live together", "restricted"),
    KeyContract("eligibility:household_income_monthly", "income a month", "restricted"),
    KeyContract("eligibility:household_assets", "savings and property", "restricted"),
    KeyContract("eligibility:applicant_age", "the person's age", "restricted"),
    KeyContract("eligibility:care_recipient_age", "age of the one cared for", "restricted"),
    KeyContract("eligibility:disability", "whether they have a disability", "restricted"),
    KeyContract("eligibility:care_recipient_disability", "whether the other has", "restricted"),
    KeyContract("eligibility:veteran_status", "whether they served", "restricted"),
    KeyContract("eligibility:care_recipient_veteran", "whether the other served", "restricted"),
    KeyContract("eligibility:caregiver_relationship", "the relation that counts", "restricted"),
    KeyContract("eligibility:cohabitation", "whether they live together", "restricted"),
    KeyContract("eligibility:employer_size", "how many the employer employs", "restricted"),
    KeyContract("eligibility:employment_hours_yearly", "hours worked in a year", "restricted"),
    KeyContract("eligibility:insurance", "which insurance they named", "restricted", "set"),
    KeyContract(
        "eligibility:citizenship", "asked only by the harness", "restricted", model_writes=False
    ),
    KeyContract("assessment:stress", "how heavy it is, in their words", "health", "append"),
    KeyContract("assessment:sleep", "how they sleep, in their words", "health", "append"),
    KeyContract("assessment:mood", "how they feel, in their words", "health", "append"),
    KeyContract(
        "assessment:score", "a run of a questionnaire", "health", "append", model_writes=False
    ),
    KeyContract(
        "safety:event", "the harness's own record", "restricted", "append", model_writes=False
    ),
)


# What models call a key, too.
ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "care:condition": "care:conditions",
        "care:name": "care:recipient_name",
        "care:age": "care:recipient_age",
        "care:medications": "care:meds_mentioned",
        "care:meds": "care:meds_mentioned",
        "care:relation": "care:relationship",
        "profile:name": "profile:first_name",
        "profile:zip": "profile:zip_code",
    }
)


def writable(key: str) -> KeyContract | None:
    """Return the contract of a key, or of the key it stands for, that the model may propose."""
    contract = KEYS.get(ALIASES.get(key, key))
    return contract if contract is not None and contract.model_writes else None


def merged(contract: KeyContract, before: str | None, value: str) -> str:
    """Return what is remembered after one more value; the oldest members go when it is full."""
    if contract.merge == "singleton" or not before:
        return value
    members = before.split(SET_SEPARATOR)
    if contract.merge == "set" and value.casefold() in (member.casefold() for member in members):
        return before
    members.append(value)
    while len(SET_SEPARATOR.join(members)) > LONGEST_COLLECTED and len(members) > 1:
        members.pop(0)
    return SET_SEPARATOR.join(members)
