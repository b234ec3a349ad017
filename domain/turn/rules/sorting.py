"""Alternatives sorted by their first letter, so that a pattern tries few of them at each word."""

_BEHIND = "?*+{"
_OPEN, _CLOSED = "([", ")]"


def by_letter(alternatives: str) -> str:
    """
    Return alternatives that match the same words, those of one first letter together.

    Of two that match at one place the longer may be found instead of the first: use it where only
    that something matches counts.
    """
    letters: dict[str, list[str]] = {}
    others: list[str] = []
    for one in _split(alternatives):
        if one[:1].isalpha() and one[1:2] not in _BEHIND:
            letters.setdefault(one[0], []).append(one[1:])
        else:
            others.append(one)
    sorted_ = [f"{letter}(?:{'|'.join(rest)})" for letter, rest in letters.items()]
    return "|".join((*others, *sorted_))


def _split(alternatives: str) -> list[str]:
    found, deep, at = [""], 0, 0
    while at < len(alternatives):
        letter = alternatives[at]
        if letter == "\\":
            letter += alternatives[at + 1]
        deep += (letter in _OPEN) - (letter in _CLOSED)
        if letter == "|" and not deep:
            found.append("")
        else:
            found[-1] += letter
        at += len(letter)
    return found
