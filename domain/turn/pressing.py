"""Which texts must not wait behind others: those of a danger, or the wish to be left alone."""

from contracts.sms import INBOUND_SUBJECT, INBOUND_URGENT_SUBJECT
from domain.turn.classifier import classify
from domain.turn.keywords import free_opt_out, is_stop


def lane_of(text: str) -> str:
    """
    Return the subject of the queue on which a text waits to be heard.

    A rule that breaks on a text must not keep the text out: such a one goes with the urgent ones,
    and where the gates break on it again it is put aside for a person to see.
    """
    try:
        urgent = pressing(text)
    except Exception:
        urgent = True
    return INBOUND_URGENT_SUBJECT if urgent else INBOUND_SUBJECT


def pressing(text: str) -> bool:
    """
    Return whether a text by itself is one that gates of safety or of opting out would answer.

    It is a guess at the order of hearing and no more: the gates read the text again, with what
    was said before it.
    """
    if is_stop(text) or free_opt_out(text):
        return True
    return classify(text).danger is not None
