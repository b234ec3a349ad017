"""The facts of a one-time code, by which a number that nobody knows becomes a user's."""

from typing import ClassVar

from pydantic import AwareDatetime

from contracts.base import Contract
from contracts.identity import PersonId


class LinkCodeIssued(Contract):
    """An operator made a code for a user; its stream is named by a keyed hash of the code."""

    name: ClassVar[str] = "linkcode.issued.v1"
    user_id: str
    at: AwareDatetime
    expires_at: AwareDatetime


class LinkCodeUsed(Contract):
    """Somebody texted the code: their number is the user's from now on."""

    name: ClassVar[str] = "linkcode.used.v1"
    person_id: PersonId
    at: AwareDatetime


LinkCodeFact = LinkCodeIssued | LinkCodeUsed
