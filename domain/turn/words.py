"""A text as words: normalised so that spelling on a phone does not matter."""

import re
import unicodedata
from functools import lru_cache

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'"})


class _Bare(dict[int, int | None]):
    """Takes the marks off letters: a table that learns each letter when it is first met."""

    def __missing__(self, letter: int) -> int | None:
        self[letter] = bare = None if unicodedata.category(chr(letter)) == "Mn" else letter
        return bare


_BARE = _Bare()
_NOT_WORD = re.compile(r"[^\w']+", re.UNICODE)
_EDGES = re.compile(r"(?<!\w)'|'(?!\w)")


def plain(text: str) -> str:
    """
    Return a text in compatibility form, lower case, without accents, one space between words.

    Letters keep their apostrophes (`don't`); everything else that is not a letter or a digit,
    emoji included, becomes a space.
    """
    if text.isascii():  # nothing to compose, to fold or to bare, in nine texts of ten
        bare = text.lower().replace("`", "'")
    else:
        folded = unicodedata.normalize("NFKC", text).casefold().translate(_APOSTROPHES)
        bare = unicodedata.normalize("NFD", folded).translate(_BARE)
    return _EDGES.sub(" ", _NOT_WORD.sub(" ", bare).replace("_", " ")).strip()


@lru_cache(maxsize=16)  # one text is read by several, one after the other
def collapsed(text: str) -> str:
    """Return `plain(text)` with runs of spaces made one."""
    return " ".join(plain(text).split())


def within_one(left: str, right: str) -> bool:
    """Return whether two words differ by at most one letter added, dropped, changed or swapped."""
    if left == right:
        return True
    if abs(len(left) - len(right)) > 1:
        return False
    if len(left) == len(right):
        differing = [i for i in range(len(left)) if left[i] != right[i]]
        if len(differing) == 1:
            return True
        return (
            len(differing) == 2
            and differing[1] == differing[0] + 1
            and left[differing[0]] == right[differing[1]]
            and left[differing[1]] == right[differing[0]]
        )
    short, long = sorted((left, right), key=len)
    return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
