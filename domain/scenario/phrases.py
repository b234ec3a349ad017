"""What must or must not be in a text: words as they are, or a pattern between slashes."""

import re
from typing import Annotated

from pydantic import AfterValidator


def _compiles(phrase: str) -> str:
    if not phrase:
        raise ValueError("an empty phrase is in every text")
    if _is_pattern(phrase):
        try:
            re.compile(phrase[1:-1])
        except re.error as error:
            raise ValueError(f"{phrase} is no pattern: {error}") from None
    return phrase


Phrase = Annotated[str, AfterValidator(_compiles)]


def _is_pattern(phrase: str) -> bool:
    return len(phrase) > 2 and phrase[0] == phrase[-1] == "/"


def is_in(phrase: str, text: str) -> bool:
    """Return whether a phrase is in a text; upper and lower case are the same."""
    if _is_pattern(phrase):
        return re.search(phrase[1:-1], text, re.IGNORECASE | re.MULTILINE) is not None
    return phrase.casefold() in text.casefold()
