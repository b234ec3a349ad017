"""A text as the tier reads it: words in plain spelling, and the marks that part sentences."""

import re
import unicodedata

from domain.turn.rules.spelling import plain

# Nothing behind so many tokens of a very long text is looked at.
LONGEST = 90
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[.!?,]|[\U0001f300-\U0001faff\u2600-\u27bf]")
_MARKS = re.compile(r"[’‘`´ʼ]")


def tokens(text: str) -> list[str]:
    """Return words in plain spelling, of numbers how long they are, and `.`, `,`, `?`, `!`."""
    line: list[str] = []
    for word in _TOKEN.findall(_bare(text)):
        line += plain(word)
    return line[:LONGEST]


def written(text: str) -> list[str]:
    """Return for each of the `tokens` of a text the word as it was written, in lower case."""
    said = [word for word in _TOKEN.findall(_bare(text)) for _ in plain(word)]
    return said[:LONGEST]


def _bare(text: str) -> str:
    text = text.lower().replace("w/o", "without")
    if text.isascii():
        return text
    marked = unicodedata.normalize("NFKC", _MARKS.sub("'", text))
    parts = unicodedata.normalize("NFD", marked)
    return "".join(part for part in parts if unicodedata.category(part) != "Mn")
