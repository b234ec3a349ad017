"""What was said already is not said again."""

from collections.abc import Sequence


def silenced(reply: str | None, kind: str, said: Sequence[str]) -> bool:
    """
    Return whether an answer is not to be given (again): the carrier shows what was said since.

    An answer to somebody in danger is held back only where that very text was sent.
    """
    if reply is not None and kind == "crisis":
        return reply.strip() in {text.strip() for text in said}
    return bool(said)
