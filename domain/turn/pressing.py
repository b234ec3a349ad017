"""Whether a text must not wait behind others: a danger, or the wish to be left alone."""

from domain.turn.classifier import classify
from domain.turn.keywords import free_opt_out, is_stop


def pressing(text: str) -> bool:
    """
    Return whether a text by itself is one that gates of safety or of opting out would answer.

    It is a guess at the order of hearing and no more: the gates read the text again, with what
    was said before it.
    """
    if is_stop(text) or free_opt_out(text):
        return True
    return classify(text).danger is not None
