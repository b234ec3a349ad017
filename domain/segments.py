"""
The length of a text as the carrier bills it, and the form in which it is cheapest.

GSM 03.38: 160 septets in one segment, 153 in each of several, because every part of a long text
carries a header; characters of the extension table take two septets and are never split over
segments.  One character outside that alphabet turns the whole text to UCS-2: 70 UTF-16 units,
67 in each of several, a surrogate pair never split.  Source: 3GPP TS 23.038 and Twilio's
segment calculator, with which these figures agree; Twilio uses no national shift tables.
"""

import re
import unicodedata
from dataclasses import dataclass

from contracts.texts import Encoding

_GSM7_SINGLE, _GSM7_PART = 160, 153
_UCS2_SINGLE, _UCS2_PART = 70, 67

_EXTENDED = frozenset("^{}\\[~]|€\f")
_GSM7 = _EXTENDED | frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)

_PLAINER: dict[str, str] = (
    dict.fromkeys("‘’‚‛′‵ʼʹ´`＇", "'")
    | dict.fromkeys("“”„‟″‶«»＂", '"')
    | dict.fromkeys("‐‑‒–—―−﹣－", "-")
    | dict.fromkeys("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{FIGURE SPACE}\t\v\f", " ")
    | dict.fromkeys(
        "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u205f\u3000", " "
    )
    | dict.fromkeys("\u2028\u2029\x85", "\n")
    | dict.fromkeys("\N{ZERO WIDTH SPACE}\N{WORD JOINER}\N{SOFT HYPHEN}\ufeff", "")
    | {"…": "...", "•": "-", "‹": "<", "›": ">", "⁄": "/"}
)
_TO_PLAIN = str.maketrans(_PLAINER)
# Control characters of ASCII and Latin-1 except line feed, and surrogates without their partner.
_UNSENDABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n?")


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text takes: `units` are septets (`gsm7`) or UTF-16 units (`ucs2`)."""

    encoding: Encoding
    units: int
    segments: int


def count(text: str) -> Segments:
    """Return how a text is encoded and into how many segments; an empty text takes none."""
    letters = frozenset(text)
    if letters <= _GSM7:
        return _counted(text, "gsm7", letters & _EXTENDED, _GSM7_SINGLE, _GSM7_PART)
    pairs = frozenset(letter for letter in letters if letter > "\uffff")
    return _counted(text, "ucs2", pairs, _UCS2_SINGLE, _UCS2_PART)


def normalise(text: str) -> str:
    r"""
    Return a text as it should leave: the same words, without what only costs or cannot be sent.

    Typographic quotes, dashes, spaces and the ellipsis become those of GSM 03.38, so that one
    curly quote does not double the price; letters are composed (NFC); control characters and
    lone surrogates go, line ends become `\n`.  Normalising twice changes nothing more.
    """
    if text.isascii() and text.isprintable() and "`" not in text:
        return text
    lines = _LINE_ENDS.sub("\n", text).translate(_TO_PLAIN)
    composed = unicodedata.normalize("NFC", _UNSENDABLE.sub("", lines))
    return composed.translate(_TO_PLAIN)


def price(text: str, micros_per_segment: int) -> int:
    """Return what a text costs in micro-dollars."""
    return count(text).segments * micros_per_segment


def _counted(
    text: str, encoding: Encoding, double: frozenset[str], single: int, part: int
) -> Segments:
    units = len(text) + (sum(letter in double for letter in text) if double else 0)
    if units <= single:
        return Segments(encoding, units, 1 if units else 0)
    if not double:
        return Segments(encoding, units, -(-units // part))
    return Segments(encoding, units, _parts(text, double, part))


def _parts(text: str, double: frozenset[str], room: int) -> int:
    parts, used = 1, 0
    for letter in text:
        size = 2 if letter in double else 1
        if used + size > room:
            parts, used = parts + 1, 0
        used += size
    return parts
