"""
What may be remembered of a person: every key, how sensitive it is, how values merge.

A key that is not here is not kept, whoever proposes it.  `safety:*` is the harness's own, and
`eligibility:*` is shown to the model only where the answer is yes or no: what somebody earns or
owns is for the benefits screener, not for a provider of models.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Family = Literal["profile", "care", "eligibility", "assessment", "safety"]
Sensitivity = Literal["personal", "health", "restricted"]
Merge = Literal["singleton", "set", "append"]
Form = Literal[
    "text", "name", "age", "count", "money", "yes_no", "zip", "state", "language", "often"
]
Sight = Literal["model", "harness"]

SET_SEPARATOR = "; "
LONGEST_SINGLETON = 120
LONGEST_COLLECTED = 400


@dataclass(frozen=True, slots=True)
class KeyContract:
    """
    One key of memory.

    A `singleton` is superseded by a newer explicit value; a `set` gains members; `append` keeps
    every value in its order.  `form` is what a value looks like once it is put in order
    (`domain.person.memory_values`); `model_writes` says whether the model may propose it at all.
    """

    key: str
    meaning: str
    sensitivity: Sensitivity
    merge: Merge = "singleton"
    form: Form = "text"
    model_writes: bool = True

    @property
    def family(self) -> str:
        """The part before the colon."""
        return self.key.partition(":")[0]

    @property
    def sight(self) -> Sight:
        """Who may see it: of what is restricted the model sees yes and no, and nothing else."""
        return "harness" if self.sensitivity == "restricted" and self.form != "yes_no" else "model"


def _keys(*contracts: KeyContract) -> Mapping[str, KeyContract]:
    return MappingProxyType({contract.key: contract for contract in contracts})


KEYS: Mapping[str, KeyContract] = _keys(
    KeyContract("profile:first_name", "what the person is called", "personal", form="name"),
    KeyContract(
        "profile:preferred_name", "what the person wants to be called", "personal", form="name"
    ),
    KeyContract("profile:pronouns", "how to speak of the person", "personal"),
    KeyContract("profile:language", "the language they want", "personal", form="language"),
    KeyContract("profile:zip_code", "where to look for help", "personal", form="zip"),
    KeyContract("profile:state", "the state or province they live in", "personal", form="state"),
    KeyContract("profile:city", "the town they live in", "personal"),
    KeyContract("profile:work", "their own work and its hours", "personal"),
    KeyContract("profile:check_in", "how often they want to be asked", "personal", form="often"),
    KeyContract("profile:contact_times", "when they can read a text", "personal"),
    KeyContract("profile:support_people", "who helps them", "personal", "set"),
    KeyContract("profile:preferences", "what they like and do not like", "personal", "set"),
    KeyContract("care:recipient", "whom they care for", "health"),
    KeyContract("care:recipient_name", "what the one cared for is called", "health", form="name"),
    KeyContract("care:recipient_age", "how old they are", "health", form="age"),
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
    KeyContract("eligibility:state", "the state that decides", "restricted", form="state"),
    KeyContract(
        "eligibility:household_size", "how many live together", "restricted", form="count"
    ),
    KeyContract(
        "eligibility:household_income_monthly", "income a month", "restricted", form="money"
    ),
    KeyContract(
        "eligibility:household_assets", "savings and property", "restricted", form="money"
    ),
    KeyContract("eligibility:applicant_age", "the person's age", "restricted", form="age"),
    KeyContract(
        "eligibility:care_recipient_age", "age of the one cared for", "restricted", form="age"
    ),
    KeyContract(
        "eligibility:disability", "whether they have a disability", "restricted", form="yes_no"
    ),
    KeyContract(
        "eligibility:care_recipient_disability",
        "whether the other has",
        "restricted",
        form="yes_no",
    ),
    KeyContract("eligibility:veteran_status", "whether they served", "restricted", form="yes_no"),
    KeyContract(
        "eligibility:care_recipient_veteran",
        "whether the other served",
        "restricted",
        form="yes_no",
    ),
    KeyContract("eligibility:caregiver_relationship", "the relation that counts", "restricted"),
    KeyContract(
        "eligibility:cohabitation", "whether they live together", "restricted", form="yes_no"
    ),
    KeyContract(
        "eligibility:employer_size", "how many the employer employs", "restricted", form="count"
    ),
    KeyContract(
        "eligibility:employment_hours_yearly", "hours worked in a year", "restricted", form="count"
    ),
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


def contract_of(key: str) -> KeyContract | None:
    """Return the contract of a key, or of the key it stands for; None for one that is not kept."""
    return KEYS.get(ALIASES.get(key, key))


def writable(key: str) -> KeyContract | None:
    """Return the contract of a key, or of the key it stands for, that the model may propose."""
    contract = contract_of(key)
    return contract if contract is not None and contract.model_writes else None


def members(value: str) -> tuple[str, ...]:
    """Return the members of a set, or the runs of what is appended to, oldest first."""
    return tuple(member for member in value.split(SET_SEPARATOR) if member)


def merged(contract: KeyContract, before: str | None, value: str) -> str:
    """Return what is remembered after one more value; the oldest members go when it is full."""
    if contract.merge == "singleton":
        return value
    known = list(members(before or ""))
    for member in members(value):
        known = _joined(contract, known, member)
    while len(SET_SEPARATOR.join(known)) > LONGEST_COLLECTED and len(known) > 1:
        known.pop(0)
    return SET_SEPARATOR.join(known)


def _joined(contract: KeyContract, known: list[str], member: str) -> list[str]:
    """Unite a member with a set, whatever its capitals; append it to anything else."""
    if contract.merge == "append":
        return [*known, member]
    said = member.casefold()
    if any(said == each.casefold() for each in known):
        return known
    return [*known, member]
