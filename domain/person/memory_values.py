"""Values of memory put in order, so that the same answer is remembered in the same words."""

import re
from collections.abc import Callable, Mapping

from contracts.memory_keys import Form, KeyContract, members
from domain.person.states import STATES

_UNITS_TEXT = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS_TEXT = "twenty thirty forty fifty sixty seventy eighty ninety"
_NUMBERS: Mapping[str, int] = {
    **{word: number for number, word in enumerate(_UNITS_TEXT.split())},
    **{word: 10 * number for number, word in enumerate(_TENS_TEXT.split(), 2)},
}
_FIGURES = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_THOUSANDS = re.compile(r"(?<=\d)\s?(?:k|thousand|mil)\b")
_SPELLED_THOUSANDS = re.compile(r"\b(\w+) thousand\b")
_YEARLY = re.compile(r"\b(?:(?:a|per|each|every) year|yearly|annual\w*|al ano)\b|/\s?ye?a?r")
_WEEKLY = re.compile(r"\b(?:(?:a|per|each|every) week|weekly)\b|/\s?week")
_PER_HOUR = re.compile(r"\b(?:an|per) hour|hourly\b|/\s?ho?u?r")
_ZIP = re.compile(r"(?<!\d)\d{5}(?!\d)")
_CODE = re.compile(
    r"\b[A-Z]\d[A-Z] ?\d[A-Z]\d\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|(?<!\d)\d{4}(?!\d)"
)
_NO = re.compile(r"\b(?:no|not|never|isn't|doesn't|don't|didn't|wasn't|hasn't|none|nunca)\b")
_LANGUAGES: Mapping[str, str] = {
    "english": "en", "ingles": "en", "en": "en", "spanish": "es", "espanol": "es", "es": "es",
    "french": "fr", "francais": "fr", "fr": "fr", "portuguese": "pt", "portugues": "pt",
    "pt": "pt", "german": "de", "deutsch": "de", "de": "de", "chinese": "zh", "mandarin": "zh",
    "cantonese": "yue", "vietnamese": "vi", "tagalog": "tl", "korean": "ko", "arabic": "ar",
    "russian": "ru", "polish": "pl", "italian": "it", "haitian creole": "ht", "creole": "ht",
}  # fmt: skip
_OFTEN: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("never", re.compile(r"\b(?:never|no|not|none|stop|don't|without|nunca)\b")),
    ("daily", re.compile(r"\b(?:daily|days?|mornings?|evenings?|nights?|diario|dias?)\b")),
    ("monthly", re.compile(r"\b(?:monthly|months?|mes)\b")),
    ("weekly", re.compile(r"\b(?:week\w*|\w+days?|semanas?|yes|sure|ok|okay|si)\b")),
)
_ACCENTS = str.maketrans("áéíóúüñç", "aeiouunc")
_OLDEST = 120
_MOST = 1_000_000
_MONTHS = 12
# 52 weeks of 12 months.
_WEEKS = 52 / 12


def normalised(contract: KeyContract, value: str) -> str | None:
    """Return a value as it is kept under a key, or None where it is no such value."""
    words = " ".join(value.split())
    if not words:
        return None
    if contract.merge == "set":
        return "; ".join(dict.fromkeys(_member(member) for member in members(words))) or None
    return _FORMS[contract.form](words)


def _member(value: str) -> str:
    return value.strip(" .,;") or value


def _text(value: str) -> str | None:
    return value.strip(" ,;") or None


def _name(value: str) -> str | None:
    """Write a name with a capital where somebody typed none; what has capitals stays."""
    words = value.strip(" .,;!").split()
    if not words or any(letter.isdigit() for letter in value):
        return None
    plain = value == value.lower() or (value == value.upper() and len(value) > 2)
    return " ".join(word.capitalize() if plain else word for word in words)


def _whole(value: str) -> int | None:
    """Return the first number of a value, in figures or in words up to ninety-nine."""
    words = _folded(value)
    figures = _FIGURES.search(words)
    if figures is not None:
        return round(float(figures.group().replace(",", "")))
    for first, second in zip((*words.split(), ""), (*words.split()[1:], "", ""), strict=False):
        left, _, right = first.partition("-")
        if left in _NUMBERS:
            rest = _NUMBERS.get(right or second, 0)
            return _NUMBERS[left] + (rest if _NUMBERS[left] >= 20 and rest < 10 else 0)
    return None


def _age(value: str) -> str | None:
    years = _whole(value)
    return str(years) if years is not None and 0 < years <= _OLDEST else None


def _count(value: str) -> str | None:
    number = _whole(value)
    return str(number) if number is not None and number <= _MOST else None


def _money(value: str) -> str | None:
    """Return whole dollars, an income in dollars a month; an hourly wage says neither."""
    words = _folded(value)
    if _PER_HOUR.search(words):
        return None
    spelled = _SPELLED_THOUSANDS.search(words)
    amount = _FIGURES.search(words)
    if amount is not None:
        dollars = float(amount.group().replace(",", ""))
        dollars *= 1000 if _THOUSANDS.match(words, amount.end()) else 1
    elif spelled is not None and spelled.group(1) in _NUMBERS:
        dollars = 1000.0 * _NUMBERS[spelled.group(1)]
    else:
        return None
    if _YEARLY.search(words):
        dollars /= _MONTHS
    elif _WEEKLY.search(words):
        dollars *= _WEEKS
    return str(round(dollars))


def _yes_no(value: str) -> str | None:
    return "no" if _NO.search(_folded(value)) else "yes"


def _zip(value: str) -> str | None:
    found = _ZIP.search(value)
    if found is not None:
        return found.group()
    code = _CODE.search(value.upper())
    return code.group() if code is not None else None


def _state(value: str) -> str | None:
    """Return a state of the United States as its two letters; other regions as they are."""
    words = _folded(value).strip(" .,")
    return STATES.get(words) or (value.upper() if value.upper() in STATES.values() else value)


def _language(value: str) -> str | None:
    return _LANGUAGES.get(_folded(value).strip(" ."))


def _often(value: str) -> str | None:
    """Return how often: daily, weekly, monthly or never."""
    words = _folded(value)
    return next((often for often, said in _OFTEN if said.search(words)), None)


def _folded(value: str) -> str:
    return value.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").translate(_ACCENTS)


_FORMS: Mapping[Form, Callable[[str], str | None]] = {
    "text": _text,
    "name": _name,
    "age": _age,
    "count": _count,
    "money": _money,
    "yes_no": _yes_no,
    "zip": _zip,
    "state": _state,
    "language": _language,
    "often": _often,
}
