"""A person asks to have something forgotten: what of it, read from their own words."""

import re
from collections.abc import Mapping

from contracts.memory_keys import KEYS
from domain.turn.words import collapsed

_ASKED = re.compile(
    r"^(?:hey |ok |okay |actually |no )*(?:please |can you |could you |would you |i want you to |"
    r"i need you to |i'd like you to |por favor )*"
    r"(?:please )?(?:forget|delete|erase|remove|wipe|borra|elimina|olvida)\s+(?P<what>.+)$"
)
# "Forget it" drops a subject; it does not ask for anything to be deleted.
_DROPPED = re.compile(r"^(?:it|that|this|about it|about that|about this|i said anything|lo|eso)\b")
_ALL = re.compile(
    r"^(?:everything|all(?: of it| that)?\b|what(?:ever)? (?:you|i)\b(?!.*\babout my\b)|"
    r"(?:all )?my (?:data|info\w*|history|memory|memories|records?|details)|me\b|todo|mis datos|"
    r"anything)"
)
_ABOUT: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(rf"\b(?:{words})\b"), keys)
    for words, keys in (
        (r"my name|what i'm called|mi nombre", ("profile:first_name", "profile:preferred_name")),
        (r"(?:her|his|their|mom'?s|dad'?s) name", ("care:recipient_name",)),
        (r"zip|post ?code|postal", ("profile:zip_code",)),
        (r"address|where i live|city|town|state", ("profile:city", "profile:state",
                                                   "profile:zip_code", "eligibility:state")),
        (r"meds?|medic\w+|pills?|prescriptions?", ("care:meds_mentioned",)),
        (r"diagnos\w+|conditions?|illness\w*|dementia|alzheimer'?s|cancer|diabetes",
         ("care:conditions",)),
        (r"doctors?|clinic\w*|nurses?", ("care:clinicians",)),
        (r"income|money|salary|earn\w*|wages?", ("eligibility:household_income_monthly",)),
        (r"savings?|assets|house|property", ("eligibility:household_assets",)),
        (r"job|work|employer", ("profile:work", "eligibility:employer_size",
                                "eligibility:employment_hours_yearly")),
        (r"insurance|medicaid|medicare", ("eligibility:insurance",)),
        (r"veteran|military|service", ("eligibility:veteran_status",
                                       "eligibility:care_recipient_veteran")),
        (r"ages?|how old", ("care:recipient_age", "eligibility:care_recipient_age",
                            "eligibility:applicant_age")),
        (r"mood|feeling|stress|sleep", ("assessment:mood", "assessment:stress",
                                        "assessment:sleep")),
        (r"situation", ("care:situation",)),
        (r"mom|mother|dad|father|husband|wife|partner|son|daughter|mama|papa|grand\w+",
         tuple(key for key in KEYS if key.startswith("care:"))),
    )
)  # fmt: skip


def asked_to_forget(text: str, memory: Mapping[str, str]) -> tuple[str, ...]:
    """
    Return the remembered keys that a text asks to have forgotten; none for any other text.

    Only a text that begins with the wish counts: "she forgets her pills" asks for nothing.
    """
    found = _ASKED.match(collapsed(text))
    if found is None or _DROPPED.match(found["what"]):
        return ()
    what = found["what"]
    if _ALL.match(what):
        return tuple(sorted(key for key in memory if not key.startswith("safety:")))
    named = next((keys for words, keys in _ABOUT if words.search(what)), ())
    return tuple(sorted(key for key in named if key in memory))
