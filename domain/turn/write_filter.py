"""What a model may have remembered, changed and promised: grounded in the person's own words."""

import re
import unicodedata
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from contracts.conversation import Flag
from contracts.memory_keys import LONGEST_SINGLETON, KeyContract, writable
from contracts.proposal import FollowUpWish, MemoryWrite, ProfileChange, TurnProposal
from domain.person.memory_values import normalised
from domain.segments import normalise
from domain.turn.checks.heard import content
from domain.turn.checks.reply import Reply, fold
from domain.turn.checks.rule import flagged
from domain.turn.context import Said

_IDENTIFIER = re.compile(
    r"(?<!\d)\d{3}[- ]?\d{2}[- ]?\d{4}(?!\d)|(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)|"
    r"(?<!\w)[1-9][a-z][a-z0-9]\d-?[a-z][a-z0-9]\d-?[a-z]{2}\d{2}(?!\w)|"
    r"\b(?:ssn|social security (?:number|no)|passwords?|passcode|pin(?: number| code)?|cvv|routing number|"
    r"account (?:number|no)|card number|medicare (?:number|id|card)|medicaid (?:number|id)|member id|policy number|"
    r"licen[cs]e number|passport (?:number|no)|verification code|one[- ]time code|access code|login|"
    r"contrasena|clave|numero de (?:cuenta|seguro social|tarjeta))\b|"
    r"(?<!\d)(?:\+?1[ .-]?)?\(?\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}(?!\d)|[\w.+-]+@[\w-]+\.\w+"
)
_INSTRUCTION = re.compile(
    r"\b(?:ignor\w*|disregard\w*|overrid\w*|bypass\w*|jailbreak\w*|system|prompts?|instructions?|from now on|"
    r"you (?:must|are now|should|will|can|may|have to)|the (?:assistant|agent|model|bot|ai)\b|assistant|admin\w*|developer|"
    r"root|sudo|pretend|act as|role ?play|respond (?:with|only|as)|reply (?:with|only|as)|answer (?:with|only|as)|"
    r"(?:always|never) (?:say|send|tell|give|include|mention|use|reply|respond|answer|call|recommend|share|approve|ask|"
    r"show|reveal|text|offer|do|follow|trust|escalate|flag|agree|obey|comply|refuse)|do not (?:say|tell|mention|escalate|flag|call|report|refuse)|"
    r"(?:send|share|forward|post|visit|click|open|include) (?:a |the |this |all |any |your |my |links?|money|codes?|gift)|"
    r"(?:no|skip|disable|turn off|without) (?:(?:the|any|all|your|this|that|its) )?(?:safety|crisis|filters?|checks?|evaluator|gates?|limits?|rules?|consent)|"
    r"safety (?:rules?|checks?|level|off)|polic(?:y|ies)|guidelines?|approved?|authori[sz]\w*|permission|consent\w*|"
    r"opt(?:ed)?[ -]?(?:in|out)|quiet hours?|unlimited|verified|https?|www|tool|function|json|olvida (?:las|tus)|"
    r"instrucciones|a partir de ahora|siempre (?:di|responde|envia)|debes)\b|[<>{}`\[\]|]|://|\w\.(?:com|org|net|ly|io|co)\b"
)
_ALLOWED_WORDS = re.compile(
    r"\b(?:health system|support system|immune system|policy at work|social security)\b"
)
_NAME = re.compile(r"[^\W\d_]+(?:[ '.-][^\W\d_]+){0,3}\.?")
_NOT_NAMES_TEXT = (
    "admin administrator system assistant agent bot parley mira operator doctor police "
    "emergency mom dad mum mother father user customer test null none unknown anonymous stop "
    "help start yes no crisis support staff moderator me you "
)
_NOT_NAMES = frozenset(_NOT_NAMES_TEXT.split())
_PLACES: Mapping[str, tuple[str, ...]] = {
    "America/New_York": ("eastern", "est", "edt", " et", "new york", "nyc", "boston", "florida", "miami", "atlanta", "georgia",
                         "philadelphia", "ohio", "carolina", "virginia", "jersey", "pennsylvania", "massachusetts"),
    "America/Chicago": ("central", "cst", "cdt", " ct", "chicago", "illinois", "texas", "houston", "dallas", "austin",
                        "minnesota", "wisconsin", "missouri", "louisiana", "nashville"),
    "America/Denver": ("mountain", "mst", "mdt", " mt", "denver", "colorado", "utah", "montana", "new mexico"),
    "America/Phoenix": ("arizona", "phoenix", "tucson", "mountain", "mst"),
    "America/Los_Angeles": ("pacific", "pst", "pdt", " pt", "california", "los angeles", "la", "san francisco", "oregon",
                            "seattle", "portland", "nevada", "washington", "san diego"),
    "America/Anchorage": ("alaska", "anchorage", "akst"),
    "Pacific/Honolulu": ("hawaii", "honolulu", "hst"),
    "Europe/London": ("london", "uk", "england", "gmt", "bst", "scotland", "wales", "britain", "manchester"),
    "Europe/Dublin": ("ireland", "dublin"),
    "Europe/Madrid": ("spain", "madrid", "espana", "barcelona"),
    "America/Toronto": ("toronto", "ontario", "eastern", "ottawa", "montreal", "quebec"),
    "America/Vancouver": ("vancouver", "british columbia", "pacific"),
    "America/Mexico_City": ("mexico",),
}  # fmt: skip
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")
_LEAST_SHARED = 0.5
_HIDDEN = ("Cc", "Cf", "Co", "Cs", "Cn")


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of a proposal's effects, and why the rest is not."""

    memory: tuple[MemoryWrite, ...] = ()
    profile: tuple[ProfileChange, ...] = ()
    follow_ups: tuple[FollowUpWish, ...] = ()
    flags: tuple[Flag, ...] = ()


def kept(proposal: TurnProposal, own: Sequence[Said], *, check_ins: bool = True) -> Kept:
    """
    Return the effects that may be committed; `own` is what the person wrote themselves.

    Each value is what one text states, put in order; what is remembered already is united with it
    where it is committed (`domain.person.remembering`).  Without `check_ins` the person does not
    want to be asked how they are.
    """
    texts = {said.sid: said.text for said in own if said.author == "person" and said.sid}
    flags: list[Flag] = []
    writes: list[MemoryWrite] = []
    for write in proposal.memory_writes:
        judged = _write(write, texts)
        if isinstance(judged, str):
            flags.append(flagged("memory_refused", judged, write.key))
        else:
            writes.append(judged)
    changes: dict[str, ProfileChange] = {}
    for change in proposal.profile_changes:
        refused = _change(change, texts)
        if refused is not None:
            flags.append(flagged("profile_refused", refused, change.field))
        else:
            changes[change.field] = change
    wishes: list[FollowUpWish] = []
    for wish in proposal.follow_ups:
        unwanted = wish.kind == "check_in" and not check_ins
        refused = "not_agreed" if unwanted else _wish(wish)
        if refused is not None:
            flags.append(flagged("follow_up_refused", refused, wish.kind))
        else:
            wishes.append(wish)
    return Kept(tuple(writes), tuple(changes.values()), tuple(wishes), tuple(flags))


def _write(write: MemoryWrite, texts: Mapping[str, str]) -> MemoryWrite | str:
    contract = writable(write.key)
    if contract is None:
        return "key_not_allowed"
    value = " ".join(normalise(write.value).split())
    refused = unfit(value) or _ungrounded(value, texts.get(write.evidence_sid), contract)
    if refused is not None:
        return refused
    if len(value) > LONGEST_SINGLETON:
        return "too_long"
    ordered = normalised(contract, value)
    if ordered is None:
        return "not_a_value"
    return write.model_copy(update={"key": contract.key, "value": ordered})


def unfit(value: str) -> str | None:
    """Return why a value may not be kept whatever it is grounded in."""
    if not value:
        return "empty"
    if any(unicodedata.category(letter) in _HIDDEN for letter in value):
        return "hidden_characters"
    words = fold(value)
    if _IDENTIFIER.search(words):
        return "identifier"
    if _INSTRUCTION.search(_ALLOWED_WORDS.sub(" ", words)):
        return "instruction"
    return None


def _ungrounded(value: str, evidence: str | None, contract: KeyContract) -> str | None:
    """Return why a value does not follow from the text that it cites."""
    if evidence is None:
        return "evidence_not_the_persons"
    cited, said = fold(evidence), fold(value)
    figures = set(_NUMBERS.findall(said))
    if figures - set(_NUMBERS.findall(cited)) and not _spelled(figures, cited):
        return "figure_not_in_evidence"
    words = content(said)
    if not words:
        return None if figures or said in cited else "not_in_evidence"
    shared = words & content(cited)
    if not shared or len(shared) < len(words) * _LEAST_SHARED:
        return "not_in_evidence"
    if contract.key == "care:conditions" and len(shared) < len(words):
        return "not_in_evidence"
    return None


_NUMERALS = "zero one two three four five six seven eight nine ten eleven twelve"
_SPELLED = dict(enumerate(_NUMERALS.split()))


def _spelled(figures: set[str], cited: str) -> bool:
    return all(
        figure in cited or (figure.isdigit() and _SPELLED.get(int(figure), "\0") in cited.split())
        for figure in figures
    )


def _change(change: ProfileChange, texts: Mapping[str, str]) -> str | None:
    evidence = texts.get(change.evidence_sid)
    if evidence is None:
        return "evidence_not_the_persons"
    refused = unfit(change.value)
    if refused is not None:
        return refused
    if change.field == "timezone":
        return _zone(change.value, fold(evidence))
    name = fold(change.value)
    if not _NAME.fullmatch(change.value) or name in _NOT_NAMES:
        return "not_a_name"
    if not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", fold(evidence)):
        return "not_in_evidence"
    return None


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _zone(value: str, evidence: str) -> str | None:
    """Return why a time zone may not be set: the person must have named it, or a place in it."""
    if value not in _zones() or "/" not in value or value.startswith("Etc/"):
        return "not_a_zone"
    city = fold(value.rpartition("/")[2].replace("_", " "))
    named = (city, *_PLACES.get(value, ()))
    if any(re.search(rf"(?<!\w){re.escape(place.strip())}(?!\w)", evidence) for place in named):
        return None
    return "not_in_evidence"


def _wish(wish: FollowUpWish) -> str | None:
    refused = unfit(" ".join(normalise(wish.purpose).split()))
    if refused is not None:
        return refused
    return None if content(Reply(wish.purpose).folded) else "empty"
