"""The proof of a consent or of its end: what was said, where, when, under which wording."""

from typing import Annotated, Literal

from pydantic import AwareDatetime

from contracts.base import Part
from contracts.personal import Pii

Source = Literal[
    "sms", "form", "cli", "csv", "paper", "provider", "scheduler", "listing", "console"
]


class Evidence(Part):
    """
    One record of consent given, asked, taken back or run out.

    `words` are the person's own (or the operator's note), `sid` the text that carried them,
    `wording` the version of the text that was shown, `address_hash` a keyed hash of the address
    a form came from.  The record must outlive the consent: 47 CFR 64.1200 puts the burden of
    proof on the sender.
    """

    source: Source
    at: AwareDatetime
    words: Annotated[str, Pii] | None = None
    sid: str | None = None
    wording: str | None = None
    address_hash: str | None = None
