"""A text as the rules read it: folded without losing a place, and cut into sentences."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property, lru_cache

from domain.turn.checks.cues import CueIndex

_APOSTROPHES = str.maketrans("’‘`´ʼ", "'''''")
# Letters of other alphabets that pass for Latin ones.
_LOOKALIKES = str.maketrans("асеіјорѕтухкмнвԁɡⅼοαѵ", "aceijopstyxkmhbdgloav")
# It begins with the letters that can end a sentence, which the search then skips to.
_BREAK = re.compile(r"[.!?;\n](?:(?<=[.!?])[\"')\]]*\s+|(?<=[!?])(?=[a-z])|(?<=;)\s+|(?<=\n)\n*)")
_DIGIT = re.compile(r"[0-9]")
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")


@lru_cache(maxsize=4096)
def _folded(letter: str) -> str:
    compatible = unicodedata.normalize("NFKC", letter)
    plain = unicodedata.normalize("NFD", compatible)[:1].casefold()
    return plain if len(plain) == 1 else letter


def fold(text: str) -> str:
    """Return a text in lower case without accents, letter for letter in the same places."""
    if text.isascii():
        return text.lower()
    straight = text.translate(_APOSTROPHES)
    return "".join(map(_folded, straight)).translate(_LOOKALIKES)


class Reply:
    """A reply: `text` as it would leave, `folded` as the rules read it, place for place."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold(text)
        self._possible: frozenset[str] | None = None

    def possible(self, index: CueIndex) -> frozenset[str]:
        """Return which patterns of an index could match; found out once."""
        if self._possible is None:
            self._possible = index.possible(self.folded)
        return self._possible

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each sentence begins."""
        return (0, *(found.end() for found in _BREAK.finditer(self.folded)))

    def bounds(self, place: int) -> tuple[int, int]:
        """Return where the sentence around a place begins and ends."""
        at = bisect_right(self.starts, place)
        end = self.starts[at] if at < len(self.starts) else len(self.folded)
        return self.starts[at - 1], end

    @cached_property
    def digits(self) -> int:
        """How many digits are in it."""
        return len(_DIGIT.findall(self.folded))

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """The sentences, folded and stripped."""
        return tuple(sentence for sentence in map(str.strip, self._cut()) if sentence)

    def _cut(self) -> Iterator[str]:
        ends = (*self.starts[1:], len(self.folded))
        return (self.folded[begin:end] for begin, end in zip(self.starts, ends, strict=True))

    @cached_property
    def words(self) -> frozenset[str]:
        """The different words."""
        return frozenset(_WORD.findall(self.folded))
