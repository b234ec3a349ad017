"""Numbers, links and named places to turn to: only what was given, only of the right country."""

import re
from collections.abc import Iterable
from functools import lru_cache

from contracts.conversation import Flag
from domain.turn.checks.heard import Heard
from domain.turn.checks.reply import Reply, fold
from domain.turn.checks.rule import Cued, Rule, flagged, matches, rule
from domain.turn.context import Resource
from domain.turn.resources import lines_of

_EUROPE = frozenset(
    {"ES", "IE", "FR", "DE", "IT", "PT", "NL", "BE", "AT", "SE", "DK", "FI", "PL", "GB"}
)
# Lines of a whole country that may be named without having been looked up, and where they answer.
PUBLIC_LINES: dict[str, frozenset[str]] = {
    "911": frozenset({"US", "CA", "MX"}),
    "988": frozenset({"US", "CA"}),
    "741741": frozenset({"US", "CA"}),
    "686868": frozenset({"CA"}),
    "999": frozenset({"GB", "IE"}),
    "112": _EUROPE,
    "116123": frozenset({"GB", "IE"}),
    "85258": frozenset({"GB"}),
    "08000684141": frozenset({"GB"}),
    "50808": frozenset({"IE"}),
    "000": frozenset({"AU"}),
    "131114": frozenset({"AU"}),
    "1737": frozenset({"NZ"}),
    "111": frozenset({"NZ", "GB"}),
    "024": frozenset({"ES"}),
    "211": frozenset({"US", "CA"}),
    "311": frozenset({"US", "CA"}),
    "811": frozenset({"CA"}),
}
SUICIDE_LINES = frozenset(
    {"988", "741741", "686868", "116123", "85258", "08000684141", "50808", "131114", "1737", "024"}
)

_LINK = re.compile(
    r"\b(?:https?://|www\.)[^\s,;)\"']+|\b[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:com|org|net|gov|edu|io|ly|"
    r"co|us|uk|info|app|me|gl|to|link|xyz|shop|online|site|ru|cn|biz|care|health|help|ai|dev|tv|cc|"
    r"gov\.uk|org\.uk|co\.uk|nhs\.uk|ca|au|nz|ie|es|mx|de|fr)(?:/[^\s,;)\"']*)?(?![\w@.-]*\w)|"
    r"\b[\w.+-]+@[\w-]+\.\w+|\b\w+ ?(?:\[\.\]|\(dot\)| dot ) ?(?:com|org|net|ly|gov|io)\b"
)
_DOMAIN_LIKE = re.compile(r"\.[a-z]")
_LINK_LIKE = ("@", " dot ", "://", "[.]", "(dot)")
_SHORTENER = re.compile(
    r"\b(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|ow\.ly|is\.gd|buff\.ly|cutt\.ly|rb\.gy|rebrand\.ly|tiny\.cc|"
    r"shorturl\.at|lnkd\.in|t\.ly|v\.gd|bl\.ink|s\.id|qr\.ae|adf\.ly|short\.io|soo\.gd|shorte\.st)\b"
)
_LONG_NUMBER = re.compile(
    r"(?<![\w$.,/-])\+?\(?\d(?:[\s().-]{0,3}\d){6,14}(?![\w/])|\b(?:1-)?[89]\d\d-[a-z0-9-]{4,12}\b|\b\d{3}-[a-z]{4,}(?:-[a-z]+)*\b"
)
_SHORT_NUMBER = re.compile(
    r"\b(?:call|dial|text|phone|ring|message|reach|contact|to|at|or|and|marca|llama|al|el|number|line|is)\s+(?:\w+\s+){0,3}?(\d{3,6}(?: \d{2,4}){0,3})"
    r"(?![\d:%./,-]\d|\w|\s*(?:am|pm|a\.m|p\.m|dollars|hours?|minutes?|days?|weeks?|months?|years?|mg|people|times|"
    r"texts?|pounds|percent|calories|steps|miles|feet|ft|lbs?|miligramos|ml|in the|o'clock))"
)  # fmt: skip
# 911, 988, 999, 741741, 686868, 112, 116 123, 13 11 14, 1737, 85258, 811, 0800 068 4141, 024, 50808,
# 211 and 311, told by their first digit, so that the search skips to digits.
_KNOWN_SHORT = re.compile(
    r"[0-9](?<![\d$.,:/#-].)(?:(?<=9)(?:11|88|99)|(?<=7)41741|(?<=6)86868|(?<=1)(?:12|16 ?123|3 ?11 ?14|737)|"
    r"(?<=8)(?:5258|11)|(?<=0)(?:800 ?068 ?4141|24)|(?<=5)0808|(?<=[23])11)"
    r"(?![\d%:/-]|,\d|\.\d|\s*(?:mg|ml|days|dollars|am|pm))"
)
_KNOWN_CALLED = re.compile(r"\b(?:call|dial|ring) (000|111)\b")
_LONG_FROM, _SHORTEST_LINE = 7, 3
_MONEY_OR_DATE = re.compile(
    r"^\d{4}[ -]\d{4}$|^\d{1,2}[.-]\d{1,2}[.-]\d{2,4}$|^\d{4}-\d{2}-\d{2}$"
)
_LOCAL_WORDS = re.compile(
    r"\b(?:in the (?:us|u\.s\.|united states|uk)|if you(?:'re| are) in the|local emergency|where you (?:are|live)|"
    r"your country|findahelpline)\b"
)

_US_ONLY = (
    r"(?:medicaid|medi-?cal|medicare part|social security (?:administration|office|disability)|ssdi?|snap benefits|"
    r"food stamps|fmla|the va|va (?:caregiver|benefits|hospital|clinic|medical)|aid and attendance|"
    r"area agency on aging|eldercare locator|adult protective services|aps|liheap|tricare|hipaa|section 8|"
    r"ship counselor|401k)"
)
_UK_ONLY = (
    r"(?:nhs|carer'?s allowance|attendance allowance|\bpip\b|universal credit|council (?:tax|assessment)|carers uk|"
    r"age uk|carer'?s assessment|your gp\b|citizens advice|samaritans|a&e|childline)"
)
_ABROAD: dict[str, tuple[Rule, ...]] = {
    "US": (
        rule(
            "british",
            "resource_wrong_jurisdiction",
            rf"\b{_UK_ONLY}",
            unless_before=r"\b(?:not|no|unlike)\b[^.!?]*$",
        ),
    ),
    "GB": (
        rule(
            "american",
            "resource_wrong_jurisdiction",
            rf"\b{_US_ONLY}\b",
            unless_before=r"\b(?:not|no|unlike)\b[^.!?]*$",
        ),
    ),
}
_ELSEWHERE = (
    rule(
        "foreign",
        "resource_wrong_jurisdiction",
        rf"\b(?:{_US_ONLY}|{_UK_ONLY})\b",
        unless_before=r"\b(?:not|no|unlike)\b[^.!?]*$",
    ),
)
# Shared names: what exists in two countries is wrong in neither.
_SHARED = {
    "CA": re.compile(r"\bhipaa|\b401k"),
    "AU": re.compile(r"\bmedicare|your gp\b"),
    "IE": re.compile(r"your gp\b|samaritans|a&e|childline"),
    "NZ": re.compile(r"your gp\b|a&e"),
}

_KIND = (
    r"(?:Program(?:me)?|Fund|Grant|Foundation|Network|Initiative|Act|Benefit|Allowance|Hotline|Helpline|"
    r"Association|Alliance|Center|Centre|Institute|Coalition|Council|Bureau|Agency|Collaborative|Scheme|Voucher|"
    r"Waiver|Stipend|Registry|Project|Society|Trust|Lifeline|Services|Credit|Relief)"
)
_NAMED = Cued(
    rf"\b(?:[A-Z][\w&'-]+\s+(?:(?:of|for|and|on|the|de|to)\s+)*){{1,5}}{_KIND}\b",
    needs=_KIND.lower(),
)
_KNOWN_NAMES = re.compile(
    r"area agency on aging|agencies on aging|alzheimer'?s|family caregiver alliance|eldercare locator|va caregiver|caregiver "
    r"support program|caregiver action|meals on wheels|adult protective|child protective|crisis text|suicide|"
    r"988|medicaid|medicare|medi-cal|social security|ship|state health insurance|legal (?:aid|services)|domestic violence|"
    r"poison|aid and attendance|family and medical leave|samaritans|carers|nhs|age uk|lifeline|parkinson|cancer "
    r"(?:society|care|council)|heart association|stroke|als|multiple sclerosis|ms society|autism|epilepsy|kidney|"
    r"diabetes|mental (?:health|illness)|nami|aarp|red cross|salvation army|catholic charities|united way|"
    r"snap|liheap|pace|hospice|social services|senior (?:center|services)|aging|veterans?|family services|"
    r"department of|hcbs|home and community|respite (?:center|network|locator)|arch national respite|"
    r"adult day|day (?:center|program)|independent living|disability|citizens advice|headway|dementia uk|admiral|"
    r"carer'?s|attendance allowance|universal credit|human services|health services|protective services|"
    r"emergency services|long[- ]term care|ombudsman|brain injury|down syndrome|cerebral palsy|muscular dystrophy|"
    r"easter ?seals|lutheran|jewish family|community (?:center|services|health)|food bank|tax credit|child care|"
    r"earned income|paid family leave|national council on aging|benefits ?check|american|veterans affairs"
)  # fmt: skip


def contacts(reply: Reply, heard: Heard) -> list[Flag]:
    """Return the flags of numbers, links and names that the harness did not give."""
    flags = _links(reply, heard)
    if reply.digits:
        allowed = _digits_of(heard)
        flags += _numbers(reply, allowed)
        flags += _jurisdiction(reply, heard, allowed)
    flags += _programmes(reply, heard)
    flags += _named(reply, heard)
    return flags


def lines_named(reply: Reply) -> frozenset[str]:
    """Return the crisis and emergency lines that a reply names, as digits."""
    if reply.digits < _SHORTEST_LINE:
        return frozenset()
    text = reply.folded
    named = _KNOWN_SHORT.findall(text)
    if "000" in text or "111" in text:
        named += _KNOWN_CALLED.findall(text)
    return frozenset(number.replace(" ", "") for number in named)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _digits_of(heard: Heard) -> frozenset[str]:
    """Return the numbers that may be sent: those given, and the fixed lines of the country."""
    return _allowed(heard.country, heard.resources)


@lru_cache(maxsize=256)
def _allowed(country: str | None, resources: tuple[Resource, ...]) -> frozenset[str]:
    lines = lines_of(country)
    given = (lines.crisis, lines.emergency, lines.protection)
    return frozenset(
        _digits(number)[-10:]
        for contact in (*(resource.contact for resource in resources), *given)
        for number in re.findall(r"\+?[\d(][\d\s().-]*\d", contact)
    )


def _links(reply: Reply, heard: Heard) -> list[Flag]:
    text = reply.folded
    if not _DOMAIN_LIKE.search(text) and not any(map(text.__contains__, _LINK_LIKE)):
        return []
    given = " ".join(fold(resource.contact) for resource in heard.resources)
    flags: list[Flag] = []
    for match in _LINK.finditer(reply.folded):
        link = match.group().rstrip(".")
        if _SHORTENER.search(link):
            flags.append(flagged("link_not_given", "shortener", link))
        elif not _given(link, given):
            flags.append(flagged("link_not_given", "unknown", link))
    return flags[:2]


def _given(link: str, given: str) -> bool:
    """Return whether a link is one that was given, to the letter, or without its scheme."""
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", link).rstrip("/")
    known = {
        re.sub(r"^(?:https?://)?(?:www\.)?", "", part).rstrip("/.,")
        for part in given.split()
        if "." in part
    }
    return bare in known


def _numbers(reply: Reply, allowed: frozenset[str]) -> list[Flag]:
    text = reply.folded
    flags: list[Flag] = []
    long = reply.digits >= _LONG_FROM or (reply.digits >= _SHORTEST_LINE and "-" in text)
    for match in _LONG_NUMBER.finditer(text) if long else ():
        written = match.group().strip()
        number = _digits(written)
        vanity = any(letter.isalpha() for letter in written)
        if _MONEY_OR_DATE.match(written) or (not vanity and number[-10:] in allowed):
            continue
        if number in PUBLIC_LINES:
            continue
        flags.append(flagged("number_not_given", "phone", written))
    for match in _SHORT_NUMBER.finditer(text) if reply.digits >= _SHORTEST_LINE else ():
        number = _digits(match.group(1))
        if len(number) >= _LONG_FROM:
            continue
        if (
            number in PUBLIC_LINES
            or number in allowed
            or (len(number) == 4 and number[:2] in ("19", "20"))
        ):
            continue
        flags.append(flagged("number_not_given", "short_code", match.group()))
    return flags[:2]


def _jurisdiction(reply: Reply, heard: Heard, given: frozenset[str]) -> list[Flag]:
    """Flag a crisis or emergency line that does not answer where the person is."""
    for number in sorted(lines_named(reply).difference(given)):
        places = PUBLIC_LINES.get(number)
        if places is None or heard.country in places:
            continue
        if heard.country is None and _LOCAL_WORDS.search(reply.folded):
            continue
        return [flagged("crisis_wrong_jurisdiction", "line", number)]
    return []


def _programmes(reply: Reply, heard: Heard) -> list[Flag]:
    if heard.country is None:
        return []
    shared = _SHARED.get(heard.country)
    return [
        flagged(row.flag, row.rule, match.group())
        for row, match in matches(_ABROAD.get(heard.country, _ELSEWHERE), reply)
        if (shared is None or not shared.search(match.group()))
        and match.group() not in heard.knows
    ]


def _named(reply: Reply, heard: Heard) -> list[Flag]:
    """Flag a programme with a name of its own that nobody gave and that is not a known one."""
    if not _NAMED.possible(reply):
        return []
    given = _names(heard.resources)
    for match in _NAMED.pattern.finditer(reply.text):
        name = re.sub(r"^(?:your|the|a|call|try|ask|contact) ", "", fold(match.group()))
        if " " not in name:
            continue
        whole = fold(reply.text[match.start() : match.end() + 24])
        if _KNOWN_NAMES.search(whole) or _KNOWN_NAMES.search(name) or name in heard.knows:
            continue
        if any(name in one or one in name for one in given):
            continue
        return [flagged("resource_unverified", "name", match.group())]
    return []


def _names(resources: Iterable[object]) -> list[str]:
    return [fold(getattr(resource, "name", "")) for resource in resources]
