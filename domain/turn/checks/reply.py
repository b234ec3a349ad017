"""A text as the rules read it: folded without losing a place, and cut into sentences."""

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache

from domain.turn.checks.cues import CueIndex

_APOSTROPHES = str.maketrans("’‘`´ʼ", "'''''")
# Letters of other alphabets that pass for Latin ones.
_LOOKALIKES = str.maketrans("асеіјорѕтухкмнвԁɡⅼοαѵ", "aceijopstyxkmhbdgloav")
# It begins with the letters that can end a sentence, which the search then skips to.
_BREAK = re.compile(r"[.!?;\n](?:(?<=[.!?])[\"')\]]*\s+|(?<=[!?])(?=[a-z])|(?<=;)\s+|(?<=\n)\n*)")

_DIGITS = frozenset("0123456789")


@lru_cache(maxsize=4096)
def _folded(letter: str) -> str:
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    compatible = unicodedata.normalize("NFKC", letter)
    plain = unicodedata.normalize("NFD", compatible)[:1].casefold()
    return plain if len(plain) == 1 else letter


def fold(text: str) -> str:
    """Return a text in lower case without accents, letter for letter; all digits are 0 to 9."""
    if text.isascii():
        return text.lower()
    straight = text.translate(_APOSTROPHES)
    return "".join(map(_folded, straight)).translate(_LOOKALIKES)


class Reply:
    """
    A reply: `text` as it would leave, `folded` as the rules read it, place for place.

    `ways` are the bits of the patterns that could match, once they were asked for.
    """

    __slots__ = ("_digits", "_letters", "_sentences", "_starts", "folded", "text", "ways")

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold(text)
        self.ways: int | None = None
        self._starts: tuple[int, ...] | None = None
        self._sentences: tuple[str, ...] | None = None
        self._letters: frozenset[str] | None = None
        self._digits: int | None = None

    def possible(self, index: CueIndex) -> int:
        """Return the bits of the patterns of an index that could match; found out once."""
        if self.ways is None:
            self.ways = index.possible(self.folded)
        return self.ways

    @property
    def starts(self) -> tuple[int, ...]:
        """Where each sentence begins."""
        if self._starts is None:
            self._starts = (0, *(found.end() for found in _BREAK.finditer(self.folded)))
        return self._starts

    def bounds(self, place: int) -> tuple[int, int]:
        """Return where the sentence around a place begins and ends."""
        starts = self.starts
        at = bisect_right(starts, place)
        return starts[at - 1], starts[at] if at < len(starts) else len(self.folded)

    @property
    def letters(self) -> frozenset[str]:
        """The different characters, folded."""
        if self._letters is None:
            self._letters = frozenset(self.folded)
        return self._letters

    @property
    def digits(self) -> int:
        """How many digits are in it."""
        if self._digits is None:
            here = self.letters & _DIGITS
            self._digits = sum(map(self.folded.count, here)) if here else 0
        return self._digits

    @property
    def sentences(self) -> tuple[str, ...]:
        """The sentences, folded and stripped."""
        if self._sentences is None:
            text, starts = self.folded, self.starts
            cut = map(slice, starts, (*starts[1:], len(text)))
            stripped = [text[part].strip() for part in cut]
            self._sentences = tuple(sentence for sentence in stripped if sentence)
        return self._sentences
